//! The grammar's list, item by item.

use super::*;
use proptest::prelude::*;

fn parse(text: &str) -> Dockerfile {
    let file = Dockerfile::parse(text).unwrap();
    assert_eq!(file.print(), text, "every byte comes back");
    let mut at = 0;
    for item in file.items() {
        assert_eq!(item.span().start, at, "items leave no gap");
        at = item.span().end;
    }
    file
}

/// One line for each instruction: keyword, flags, and what it says.
fn shown(file: &Dockerfile) -> String {
    let words = |words: &[Word]| words.iter().map(|w| format!("[{}]", w.text)).collect::<String>();
    let form = |form: &Form| match form {
        Form::Empty => "nothing".to_owned(),
        Form::Json(list) => format!("json {}", words(list)),
        Form::Shell { text, broken_json } => {
            format!("shell [{}]{}", text.text, if broken_json.is_some() { " broken json" } else { "" })
        }
    };
    let pair = |pair: &Pair| match &pair.value {
        Some(value) => format!("[{}]=[{}]", pair.key.text, value.text),
        None => format!("[{}]", pair.key.text),
    };
    let pairs = |list: &[Pair]| list.iter().map(pair).collect::<Vec<_>>().join(" ");
    fn line(i: &Instruction, body: String) -> String {
        let flags: String = i
            .flags
            .iter()
            .map(|f| format!(" --{}={}", f.name.text, f.value.as_ref().map_or("", |v| &v.text)))
            .collect();
        let docs: String =
            i.heredocs.iter().map(|h| format!(" <<{}{}", if h.chomp { "-" } else { "" }, h.name)).collect();
        format!("{}{flags} {body}{docs}", i.keyword.text)
    }
    fn all(
        i: &Instruction,
        form: &dyn Fn(&Form) -> String,
        words: &dyn Fn(&[Word]) -> String,
        pairs: &dyn Fn(&[Pair]) -> String,
    ) -> String {
        let body = match &i.body {
            Body::From(from) => {
                let part = |w: &Option<Word>| w.as_ref().map_or(String::new(), |w| format!("[{}]", w.text));
                format!("{}{}{}", part(&from.image), part(&from.as_word), part(&from.name))
            }
            Body::Command(command) => form(command),
            Body::Files(files) => format!(
                "{}{} to {:?}",
                if files.json { "json " } else { "" },
                words(&files.sources),
                files.target.as_ref().map(|t| &t.text)
            ),
            Body::Pairs(list) => format!("{}{}", if list.legacy { "legacy " } else { "" }, pairs(&list.pairs)),
            Body::Args(list) => pairs(list),
            Body::Words(list) => words(list),
            Body::Text => format!("[{}]", i.rest.text),
            Body::Health(kind, command) => format!("[{}] {}", kind.as_ref().map_or("", |k| &k.text), form(command)),
            Body::Onbuild(inner) => inner.as_ref().map_or("nothing".to_owned(), |inner| all(inner, form, words, pairs)),
            Body::Unknown => "unknown".to_owned(),
        };
        line(i, body)
    }
    file.instructions().map(|i| all(i, &form, &words, &pairs)).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let file = parse(text);
    assert_eq!(shown(&file), expected, "{text}");
    assert_eq!(file.problems(), [], "{text}");
}

/// A file that BuildKit rejects: the complaints, each as `line:column: message`.
#[track_caller]
fn rejected(text: &str, expected: &[&str]) {
    let file = parse(text);
    let found: Vec<String> = file
        .problems()
        .iter()
        .map(|p| {
            let at = file.position(p.span.start);
            format!("{}:{}: {}", at.line, at.column, p.message)
        })
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn directives() {
    let file =
        parse("\u{feff}# Syntax = docker/dockerfile:1 \n#escape=`\n# check=skip=all\n# other=1\nFROM a`\n AS b\n");
    let directives = ["syntax", "escape", "check"].map(|n| file.directive(n).map(|d| file.source(d.value.span)));
    assert_eq!(directives, [Some("docker/dockerfile:1"), Some("`"), Some("skip=all")]);
    assert_eq!((file.escape(), shown(&file)), ('`', "FROM [a][AS][b]".to_owned()));
    assert_eq!(file.position(file.directive("syntax").unwrap().name.span.start), Position { line: 1, column: 3 });
    rejected("# escape=`\n# escape=`\nFROM a", &["2:3: only one `escape` directive can be used"]);
    rejected("# EsCaPe=x\nFROM a", &["1:10: the escape character must be `\\` or a backtick"]);
    check("# a comment\n# escape=`\nFROM a\\\n", "FROM [a]");
    check("\n# escape=`\nFROM a \\\n\n", "FROM [a]");
    check("#!/usr/bin/env x\n# escape=`\nFROM a \\\n", "FROM [a]");
    check("# escape=\nFROM a \\\n", "FROM [a]");
}

#[test]
fn continuations() {
    check("FROM a\nRUN a \\  \n  b\\\nc", "FROM [a]\nRUN shell [a   bc]");
    check("FROM a\nRUN a \\\r\n  # comment \\\r\n\r\n  b\r\nUSER x\r\n", "FROM [a]\nRUN shell [a   b]\nUSER [x]");
    check("FROM a\nRUN x\\\\\nUSER b", "FROM [a]\nRUN shell [x\\\\]\nUSER [b]");
    check("FROM a\nRUN a\\\n\\\nb", "FROM [a]\nRUN shell [ab]");
    check("FROM a\nRUN a \\", "FROM [a]\nRUN shell [a]");
    check("FR\\\nOM a", "FROM [a]");
    check("FROM a\n  RUN b\n\tRUN c", "FROM [a]\nRUN shell [b]\nRUN shell [c]");
    let file = parse("FROM a\nRUN a \\\n# one\n\n   # two\n b");
    let run = file.instructions().last().unwrap();
    let comments: Vec<&str> = run.comments.iter().map(|c| file.source(*c)).collect();
    assert_eq!((comments, run.empty_lines.len()), (vec!["# one", "# two"], 1));
    assert_eq!(file.source(run.span), "RUN a \\\n# one\n\n   # two\n b");
    rejected("FROM a\rRUN b\r", &["1:8: FROM takes one argument, or three: `image AS name`"]);
}

#[test]
fn words_have_places_across_continuations() {
    let text = "FROM a\nENV A=1 \\\n  LÖNG=\"x \\\n y\" \\\n  # c\n  C=3\n";
    let file = parse(text);
    let Body::Pairs(pairs) = &file.instructions().last().unwrap().body else { panic!() };
    let places: Vec<(&str, &str)> =
        pairs.pairs.iter().map(|p| (file.source(p.key.span), file.source(p.value.as_ref().unwrap().span))).collect();
    assert_eq!(places, [("A", "1"), ("LÖNG", "\"x \\\n y\""), ("C", "3")]);
    assert_eq!(file.position(pairs.pairs[1].value.as_ref().unwrap().span.start), Position { line: 3, column: 8 });
}

#[test]
fn from() {
    check(
        "from --platform=$BUILDPLATFORM a:1@sha256:0 as Build",
        "from --platform=$BUILDPLATFORM [a:1@sha256:0][as][Build]",
    );
    check("ARG A=1 B C='x y'\nFROM ${A:-b}", "ARG [A]=[1] [B] [C]=['x y']\nFROM [${A:-b}]");
    rejected("FROM x # c", &["1:8: FROM takes one argument, or three: `image AS name`"]);
    rejected("FROM x AS", &["1:8: FROM takes one argument, or three: `image AS name`"]);
    rejected("FROM x y z", &["1:8: FROM takes one argument, or three: `image AS name`"]);
    rejected("FROM", &["1:5: FROM needs an image"]);
    rejected("FROM x AS 1a", &["1:11: `1a` is no name for a stage"]);
    rejected("FROM --foo=b x", &["1:6: FROM has no flag `--foo`"]);
    rejected("RUN a\nFROM x\nRUN b", &["1:1: RUN stands before the first FROM"]);
    rejected("", &["1:1: file with no instructions"]);
    rejected("# only\n", &["2:1: file with no instructions"]);
}

#[test]
fn flags_end_where_buildkit_ends_them() {
    check(
        "FROM a\nRUN --network=none --mount=type=ssh a --b",
        "FROM [a]\nRUN --network=none --mount=type=ssh shell [a --b]",
    );
    check("FROM a\nRUN -- --network=none", "FROM [a]\nRUN shell [--network=none]");
    check(
        "FROM a\nCOPY --chown=\"a b\" --link --exclude=x --exclude=y c d",
        "FROM [a]\nCOPY --chown=a b --link= --exclude=x --exclude=y [c] to Some(\"d\")",
    );
    check("FROM a\nRUN --network=no\\ne x", "FROM [a]\nRUN --network=none shell [x]");
    rejected("FROM a\nRUN --foo x", &["2:5: RUN has no flag `--foo`"]);
    rejected("FROM a\nCOPY --from=a --from=b c d", &["2:15: `--from` is given twice"]);
    rejected("FROM a\nCOPY --from c d", &["2:6: `--from` needs a value"]);
    rejected("FROM a\nCOPY --link=x c d", &["2:6: `--link` is `true` or `false`"]);
    rejected("FROM a\nCOPY --form=b c d", &["2:6: COPY has no flag `--form`"]);
}

#[test]
fn mounts_have_places() {
    let text = "FROM a\nRUN --mount=type=cache,target=/x,\\\n  sharing=locked --mount='type=bind,\"src=a,b\",RO' --mount=from=b:1 true";
    let file = parse(text);
    let run = file.instructions().last().unwrap();
    let fields: Vec<(&str, &str)> = run
        .mounts()
        .flat_map(|m| &m.fields)
        .map(|f| (file.source(f.key.span), f.value.as_ref().map_or("", |v| file.source(v.span))))
        .collect();
    let expected = [
        ("type", "cache"),
        ("target", "/x"),
        ("sharing", "locked"),
        ("type", "bind"),
        ("src", "a,b"),
        ("RO", ""),
        ("from", "b:1"),
    ];
    // The continuation's indentation belongs to the key, as it does for BuildKit.
    let fields: Vec<_> = fields.into_iter().map(|(k, v)| (k.trim(), v)).collect();
    assert_eq!(fields[..2], expected[..2]);
    rejected("FROM a\nRUN --mount=from=$X true", &["2:18: a mount's `from` takes no variable"]);
    rejected("FROM a\nRUN --mount=type=\\\"bind true", &["2:5: the mount's commas and quotes do not read as CSV"]);
    let file = parse("FROM a\nRUN --mount='type=bind,\"src=a,b\",RO' --mount=from=b:1 true");
    let run = file.instructions().last().unwrap();
    let kinds: Vec<_> = run.mounts().map(|m| (m.kind(), m.from().map(|f| file.source(f.span)))).collect();
    assert_eq!(kinds, [("bind".to_owned(), None), ("bind".to_owned(), Some("b:1"))]);
    assert_eq!(run.mounts().next().unwrap().value(&["src"]).map(|v| file.source(v.span)), Some("a,b"));
}

#[test]
fn json_or_shell() {
    check("FROM a\nCMD [ \"a\", \"b c\" ]", "FROM [a]\nCMD json [a][b c]");
    check("FROM a\nENTRYPOINT []", "FROM [a]\nENTRYPOINT json ");
    check("FROM a\nCMD ['a']", "FROM [a]\nCMD shell [['a']] broken json");
    check("FROM a\nCMD [\"a\",]", "FROM [a]\nCMD shell [[\"a\",]] broken json");
    check("FROM a\nRUN [ -f x ] || true", "FROM [a]\nRUN shell [[ -f x ] || true] broken json");
    check("FROM a\nRUN [\"a\", \\\n \"b\"]", "FROM [a]\nRUN json [a][b]");
    check("FROM a\nRUN", "FROM [a]\nRUN nothing");
    check("FROM a\nCOPY [\"a b\", \"c\"]", "FROM [a]\nCOPY json [a b] to Some(\"c\")");
    check("FROM a\nVOLUME [\"/a\", \"/b\"]\nVOLUME /c /d", "FROM [a]\nVOLUME [/a][/b]\nVOLUME [/c][/d]");
    rejected("FROM a\nCMD [\"a\", 1]", &["2:11: a JSON list may hold strings only"]);
    rejected("FROM a\nSHELL bash", &["2:7: SHELL takes a JSON list"]);
    rejected("FROM a\nVOLUME [\"\"]", &["2:9: VOLUME has a name that is blank"]);
    let file = parse("FROM a\nCMD [\"a\", 'b']");
    let Body::Command(Form::Shell { broken_json, .. }) = &file.instructions().last().unwrap().body else { panic!() };
    assert_eq!(file.position(broken_json.unwrap()), Position { line: 2, column: 11 });
}

#[test]
fn key_values() {
    check("FROM a\nENV A b  c = d", "FROM [a]\nENV legacy [A]=[b  c = d]");
    check("FROM a\nENV A=b\\ c D=\"e f\" G=", "FROM [a]\nENV [A]=[b\\ c] [D]=[\"e f\"] [G]=[]");
    check("FROM a\nLABEL \"a.b\"=\"c\"", "FROM [a]\nLABEL [\"a.b\"]=[\"c\"]");
    rejected("FROM a\nENV A=b C", &["2:9: `C` has no `=`"]);
    rejected("FROM a\nENV A", &["2:5: ENV needs a value"]);
    rejected("FROM a\nENV", &["2:1: ENV needs an argument"]);
    rejected("FROM a\nENV =x", &["2:5: ENV has a name that is blank"]);
    rejected("FROM a\nARG =x", &["2:5: ARG has a name that is blank"]);
}

#[test]
fn health() {
    check(
        "FROM a\nHEALTHCHECK --interval=30s --retries=3 cmd [\"a\"]",
        "FROM [a]\nHEALTHCHECK --interval=30s --retries=3 [cmd] json [a]",
    );
    check("FROM a\nHEALTHCHECK none", "FROM [a]\nHEALTHCHECK [none] nothing");
    rejected("FROM a\nHEALTHCHECK", &["2:1: HEALTHCHECK needs an argument"]);
    rejected("FROM a\nHEALTHCHECK NONE x", &["2:13: HEALTHCHECK NONE takes no arguments"]);
    rejected("FROM a\nHEALTHCHECK curl x", &["2:13: HEALTHCHECK cannot be `curl`"]);
    rejected("FROM a\nHEALTHCHECK CMD", &["2:13: HEALTHCHECK CMD has no command"]);
    rejected("FROM a\nHEALTHCHECK --interval=30 CMD a", &["2:24: `30` is no value for this flag"]);
    rejected("FROM a\nHEALTHCHECK --retries=-1 CMD a", &["2:23: `-1` is no value for this flag"]);
}

#[test]
fn onbuild() {
    check("FROM a\nONBUILD RUN --network=none b", "FROM [a]\nONBUILD RUN --network=none shell [b]");
    check(
        "FROM a\nonbuild copy <<E /x\nb\nE\nUSER c",
        "FROM [a]\nonbuild copy [<<E] to Some(\"/x\") <<E <<E\nUSER [c]",
    );
    rejected("FROM a\nONBUILD ONBUILD RUN x", &["2:9: ONBUILD is not allowed after ONBUILD"]);
    rejected("FROM a\nONBUILD FROM x", &["2:9: FROM is not allowed after ONBUILD"]);
    rejected("FROM a\nONBUILD", &["2:1: ONBUILD needs an argument"]);
    let file = parse("FROM a\nONBUILD \\\n RUN b \\\n  c");
    let Body::Onbuild(Some(inner)) = &file.instructions().last().unwrap().body else { panic!() };
    assert_eq!((file.source(inner.span), inner.line.text()), ("RUN b \\\n  c", "RUN b   c"));
    assert_eq!(file.source(inner.line.span(4..9)), "b \\\n  c");
}

#[test]
fn heredocs() {
    check("FROM a\nRUN <<EOF\nFROM b\nEOF\nUSER x", "FROM [a]\nRUN shell [<<EOF] <<EOF\nUSER [x]");
    check("FROM a\nRUN cat <<EOF > f\nx\nEOF\n# c\nUSER x", "FROM [a]\nRUN shell [cat <<EOF > f] <<EOF\nUSER [x]");
    check("FROM a\nADD <<-A <<'B' /d/\n\ta\n\tA\nb\nB\r\n", "FROM [a]\nADD [<<-A][<<'B'] to Some(\"/d/\") <<-A <<B");
    check("FROM a\nRUN [\"<<EOF\"]", "FROM [a]\nRUN json [<<EOF]");
    check("FROM a\nCMD <<EOF", "FROM [a]\nCMD shell [<<EOF]");
    rejected("FROM a\nRUN <<EOF\nx\n", &["2:5: unterminated heredoc: no line says `EOF`"]);
    rejected("FROM a\nCOPY x <<EOF\ny\nEOF", &["2:8: a heredoc cannot be the destination"]);
    let file = parse("FROM a\nCOPY <<-A <<'B' /d/\n\ta\n\tA\nb$x\nB\r\n");
    let copy = file.instructions().last().unwrap();
    let docs: Vec<_> =
        copy.heredocs.iter().map(|h| (file.source(h.mark.span), file.source(h.body), h.expand)).collect();
    assert_eq!(docs, [("<<-A", "\ta\n", true), ("<<'B'", "b$x\n", false)]);
}

#[test]
fn the_rest_is_read_after_an_error() {
    let file = parse("FROM a\nRUNN x\nCOPY y\nUSER z");
    assert_eq!(shown(&file), "FROM [a]\nRUNN unknown\nCOPY [y] to None\nUSER [z]");
    rejected(
        "FROM a\nRUNN x\nCOPY y\nUSER",
        &[
            "2:1: unknown instruction `RUNN`",
            "3:1: COPY needs a source and a destination",
            "4:1: USER needs an argument",
        ],
    );
    assert_eq!(file.problems()[0].hint.as_deref(), Some("did you mean `RUN`?"));
}

#[test]
fn limits() {
    let long = format!("FROM a\nRUN {}\n", "x".repeat(65_531));
    assert_eq!(parse(&long).problems(), []);
    rejected(&long.replace("RUN x", "RUN xx"), &["2:1: the line is longer than 65535 bytes"]);
    assert_eq!(Dockerfile::parse(&" ".repeat(LARGEST + 1)), Err(Refusal::TooLarge(LARGEST + 1)));
    assert_eq!(Dockerfile::read(b"FROM a\nRUN \xff"), Err(Refusal::NotUtf8 { line: 2, offset: 11 }));
}

fn fragment() -> impl Strategy<Value = String> {
    let pieces = [
        "FROM a",
        "FROM ",
        "RUN ",
        "ENV ",
        "COPY ",
        "LABEL",
        "ARG ",
        "ONBUILD ",
        "HEALTHCHECK CMD ",
        "CMD [\"a\", \"b\"]",
        "A=b",
        "\"x y\"",
        "'",
        "\"",
        "\\\n",
        "`\n",
        "\n",
        "\r\n",
        "# c",
        "# escape=`\n",
        " ",
        "\t",
        "<<EOF",
        "<<-'E'",
        "\nEOF\n",
        "\n\tE\n",
        "--mount=type=cache,target=/x",
        "--",
        "$X",
        "${X:-",
        "}",
        "${A/b/c}",
        "[",
        "]",
        ",",
        "é",
        "\u{feff}",
        "\u{a0}",
        "=",
        "AS b",
        "\0",
    ];
    let any = prop_oneof![4 => proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    proptest::collection::vec(any, 0..40).prop_map(|pieces| pieces.concat())
}

fn spans(instruction: &Instruction, text: &str) {
    let mut words: Vec<&Word> = vec![&instruction.keyword, &instruction.rest];
    words.extend(instruction.flags.iter().flat_map(|f| [Some(&f.name), f.value.as_ref()]).flatten());
    words.extend(instruction.mounts().flat_map(|m| &m.fields).flat_map(|f| [Some(&f.key), f.value.as_ref()]).flatten());
    match &instruction.body {
        Body::Files(files) => words.extend(files.sources.iter().chain(&files.target)),
        Body::Words(list) | Body::Command(Form::Json(list)) => words.extend(list),
        Body::Args(list) => words.extend(list.iter().flat_map(|p| [Some(&p.key), p.value.as_ref()]).flatten()),
        Body::Pairs(list) => words.extend(list.pairs.iter().flat_map(|p| [Some(&p.key), p.value.as_ref()]).flatten()),
        Body::Onbuild(Some(inner)) => spans(inner, text),
        _ => {}
    }
    for word in words {
        assert!(instruction.whole.holds(word.span) && text.get(word.span.range()).is_some(), "{word:?} in {text:?}");
    }
}

proptest! {
    #[test]
    fn any_text_comes_back_and_nothing_panics(text in fragment()) {
        let file = parse(&text);
        for instruction in file.instructions() {
            spans(instruction, &text);
        }
        for mention in images(&file) {
            prop_assert!(text.get(mention.span.range()).is_some());
            if let Ok(image) = mention.image {
                prop_assert!(text.is_char_boundary(image.end) && text.get(image.digest_span().range()).is_some());
            }
        }
        for problem in file.problems() {
            prop_assert!(text.get(problem.span.range()).is_some());
        }
    }
}
