//! Commands and words, with their places.

use super::*;
use crate::dockerfile::Dockerfile;
use proptest::prelude::*;

/// The words of all commands, each as it stands in the file, and `=text` where that says something else.
#[track_caller]
fn check(text: &str, expected: &[&str]) -> Vec<Script> {
    let file = Dockerfile::parse(text).unwrap();
    let found = scripts(&file);
    let word = |w: &Word| {
        let source = file.source(w.span);
        if source == w.text { source.to_owned() } else { format!("{source}={}", w.text) }
    };
    let commands = found.iter().flat_map(|s| &s.commands);
    let lines: Vec<String> = commands.map(|c| c.words.iter().map(word).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(lines, expected, "{text}");
    found
}

#[test]
fn words_stand_where_they_are() {
    check(
        "FROM a\nRUN apt-get update && apt-get install -y \"a b\" 'c'$X \\\n  # note\n  é || true\n",
        &["apt-get update", "apt-get install -y \"a b\"=a b 'c'$X=c$X é", "true"],
    );
    check("# escape=`\nFROM a\r\nRUN a `\r\n b\r\n", &["a b"]);
    check(
        "FROM a\nRUN X=1 Y=$(cat /f | wc -l) cmd $(inner \"q $(deep)\")\n",
        &["cmd $(inner \"q $(deep)\")", "cat /f", "wc -l", "inner \"q $(deep)\"=q $(deep)", "deep"],
    );
}

#[test]
fn wrappers_stand_before() {
    let scripts = check(
        "FROM a\nRUN sudo -u x env A=b apt-get update; exec /usr/bin/curl x; sudo\n",
        &["apt-get update", "/usr/bin/curl x", "sudo"],
    );
    let command = &scripts[0].commands[0];
    assert_eq!(command.before.iter().map(|w| w.text.as_str()).collect::<Vec<_>>(), ["sudo", "-u", "x", "env", "A=b"]);
    assert_eq!((scripts[0].commands[1].name(), command.joined.as_deref()), ("curl", Some(";")));
}

#[test]
fn constructs_pipes_and_redirections() {
    let scripts = check(
        "FROM a\nRUN if [ -f x ]; then a | b > /c 2>&1; fi; for i in 1 2; do d $i; done; ( e; f ) && export A=b\n",
        &["[", "a", "b", "d $i", "e", "f", "export A=b"],
    );
    assert_eq!(scripts[0].pipes.len(), 1);
    let b = scripts[0].commands.iter().find(|c| c.name() == "b").unwrap();
    assert_eq!(b.redirects.len(), 2);
    assert!(!scripts[0].broken);
}

#[test]
fn a_comment_takes_the_continued_lines_with_it() {
    let scripts = check("FROM a\nRUN a # note \\\n && b\n", &["a"]);
    assert_eq!(scripts[0].comments.len(), 1);
}

#[test]
fn heredocs_by_who_runs_them() {
    check("FROM a\nRUN <<EOF\napt-get update\n# c\nb\nEOF\n", &["apt-get update", "b"]);
    check("FROM a\nRUN <<-EOF\n\t#!/usr/bin/env bash\n\tb | c\n\tEOF\n", &["b", "c"]);
    check("FROM a\nRUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF\n", &[]);
    check("FROM a\nRUN bash <<EOF\nb\nEOF\n", &["b", "bash"]);
    check("FROM a\nRUN cat <<EOF > /f && d\nb c\nEOF\n", &["cat", "d"]);
    check("FROM a\nRUN python3 <<EOF\nb c\nEOF\n", &["python3"]);
}

#[test]
fn shells_of_stages() {
    check("FROM a AS x\nSHELL [\"pwsh\", \"-c\"]\nRUN Get-Item x\nFROM x\nRUN Get-Item y\nFROM b\nRUN c\n", &["c"]);
    check("FROM mcr.example/windows/servercore\nRUN dir c:\\\n", &[]);
    check("FROM a\nRUN [\"b\", \"c\"]\nONBUILD RUN d e\nCMD f\n", &["d e"]);
    let scripts = check("FROM a\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN a\n", &["a"]);
    assert_eq!((scripts[0].shell.len(), scripts[0].instruction), (4, 2));
}

#[test]
fn options() {
    let scripts = check("FROM a\nRUN a -xzf b --yes --opt=c -- -d\n", &["a -xzf b --yes --opt=c -- -d"]);
    let command = &scripts[0].commands[0];
    let has = ["-x", "-f", "--yes", "--opt", "-d", "-y", "--ye"].map(|option| command.has(option));
    assert_eq!(has, [true, true, true, true, false, false, false]);
}

proptest! {
    #[test]
    fn no_script_panics_and_every_place_is_in_the_file(body in "[a-z $(){}|&;<>#\"'`\\\\\n=\\-\\[\\]é!]{0,60}") {
        let text = format!("FROM a\nRUN {body}\nRUN <<E\n{body}\nE\n");
        let file = Dockerfile::parse(&text).unwrap();
        for script in scripts(&file) {
            for command in &script.commands {
                prop_assert!(text.get(command.span.range()).is_some());
                prop_assert!(command.words.iter().all(|word| text.get(word.span.range()).is_some()));
            }
        }
    }
}
