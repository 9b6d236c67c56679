//! What fixes make of a text, and what they leave alone.

use crate::Policy;
use crate::examples::{examples, is_about_dockerfiles, mended};
use crate::fixed::{Fixed, Judge};
use crate::rule::RULES;
use proptest::prelude::*;
use sources::dockerfile::{Dockerfile, Item};

fn fixed(text: &str, all: bool) -> Fixed {
    let policy = Policy { all_rules: true, ..Policy::default() };
    let judge =
        Judge { path: "Dockerfile", dockerignore: None, policy: &policy, today: jiff::civil::date(2026, 11, 25) };
    judge.fix(&Dockerfile::parse(text).unwrap(), all)
}

/// The safe fixes of a text after its FROM.
fn check(text: &str, expected: &str) {
    assert_eq!(fixed(&format!("FROM a:1\n{text}\n"), false).file.text(), format!("FROM a:1\n{expected}\n"), "{text}");
}

/// Fixes that are made on request alone.
fn check_risky(text: &str, expected: &str) {
    check(text, text);
    assert_eq!(fixed(&format!("FROM a:1\n{text}\n"), true).file.text(), format!("FROM a:1\n{expected}\n"), "{text}");
}

#[test]
fn commands_get_their_options() {
    check("RUN apk add curl", "RUN apk add --no-cache curl");
    check("RUN pip install -r r.txt", "RUN pip install --no-cache-dir -r r.txt");
    check("RUN python3 -m pip install a==1", "RUN python3 -m pip install --no-cache-dir a==1");
    check("RUN useradd -u 1000000 app", "RUN useradd -l -u 1000000 app");
    check("RUN apt-get remove curl", "RUN apt-get remove -y curl");
    check("RUN apt purge curl", "RUN apt-get purge -y curl");
    check("RUN apt list", "RUN apt list");
    check("RUN zypper in a && zypper cc", "RUN zypper in -y a && zypper cc");
    check(
        "RUN apk add --no-cache wget && wget https://e.x/a",
        "RUN apk add --no-cache wget && wget --progress=dot:giga https://e.x/a",
    );
    check_risky(
        "RUN wget https://e.x/a && apk add --no-cache wget",
        "RUN wget --progress=dot:giga https://e.x/a && apk add --no-cache wget",
    );
    check_risky("RUN wget https://e.x/a", "RUN wget --progress=dot:giga https://e.x/a");
}

#[test]
fn caches_are_emptied_in_their_run() {
    let lists = "&& rm -rf /var/lib/apt/lists/*";
    check("RUN apt-get update && apt-get -y upgrade", &format!("RUN apt-get update && apt-get -y upgrade {lists}"));
    check(
        "RUN apt-get update \\\n # why\n && apt-get -y upgrade",
        &format!("RUN apt-get update \\\n # why\n && apt-get -y upgrade \\\n    {lists}"),
    );
    check("RUN dnf install a", "RUN dnf install -y a && dnf clean all");
    check("RUN yum -y install a && yum -y install b", "RUN yum -y install a && yum -y install b && yum clean all");
    check_risky("RUN yarn install", "RUN yarn install && yarn cache clean");
    check("RUN npm ci", "RUN npm ci && npm cache clean --force");
    check("RUN pacman -Syu a", "RUN pacman -Syu a && rm -rf /var/cache/pacman/pkg/*");
    for left in [
        "RUN apt-get update\nRUN apt-get install -y a",
        "RUN apt-get update && apt-get -y upgrade &",
        "RUN sudo -E apt-get update && sudo -E apt-get -y upgrade",
        "RUN <<EOF\napt-get update\napt-get -y upgrade\nEOF",
        "RUN apt-get update && apt-get -y upgrade # all",
        "RUN npm ci && exit 0",
    ] {
        check(left, left);
    }
}

#[test]
fn instructions_are_written_anew() {
    check("ADD a /a", "COPY a /a");
    check("FROM a:1\nadd --chown=1 a b /c/", "FROM a:1\nCOPY --chown=1 a b /c/");
    check("ADD --keep-git-dir a /a", "ADD --keep-git-dir a /a");
    check_risky("ADD *.x /a/", "COPY *.x /a/");
    check("COPY a b /c", "COPY a b /c/");
    check("COPY [\"a\", \"b\", \"/c\"]", "COPY [\"a\", \"b\", \"/c/\"]");
    check("CMD nginx -g", "CMD [\"nginx\", \"-g\"]");
    check("CMD exec nginx", "CMD exec nginx");
    check("CMD echo $HOME", "CMD echo $HOME");
    check_risky("ENTRYPOINT [\"a\"]\nCMD b", "ENTRYPOINT [\"a\"]\nCMD [\"b\"]");
    check_risky("ENTRYPOINT a\nCMD [\"b\"]", "ENTRYPOINT [\"a\"]\nCMD [\"b\"]");
    check("ENTRYPOINT a b", "ENTRYPOINT [\"a\", \"b\"]");
    check("CMD [\"a\"]\nCMD [\"b\"]", "CMD [\"b\"]");
    check("# told of\nCMD [\"a\"]\nCMD [\"b\"]", "# told of\nCMD [\"a\"]\nCMD [\"b\"]");
    check("MAINTAINER Jane <j@e.x>", "LABEL org.opencontainers.image.authors=\"Jane <j@e.x>\"");
    check("MAINTAINER $A", "MAINTAINER $A");
    check("ENV A b  c", "ENV A=\"b  c\"");
    check("ENV A $B", "ENV A=$B");
    check("ENV A it's", "ENV A it's");
    check("EXPOSE 80/TCP 127.0.0.1:81:82", "EXPOSE 80/tcp 82");
    check("RUN a \\\n\n && b", "RUN a \\\n && b");
    check("run a\nCMD [\"b\"]", "RUN a\nCMD [\"b\"]");
    check("FROM a:1 as Built", "FROM a:1 AS built");
    check("FROM --platform=$TARGETPLATFORM a:1", "FROM a:1");
    check("USER root\nRUN sudo make", "USER root\nRUN make");
    check_risky("RUN sudo make", "RUN make");
    check_risky("WORKDIR ./app", "WORKDIR /app");
    check_risky("ENV A=1 B=$A", "ENV A=1\nENV B=$A");
    check_risky(
        "FROM a:1 AS context\nFROM a:1\nCOPY --from=Context a /a",
        "FROM a:1 AS context-stage\nFROM a:1\nCOPY --from=context-stage a /a",
    );
}

#[test]
fn joining_runs_is_never_safe() {
    check_risky("RUN a\n\nRUN b", "RUN a \\\n    && b");
    for left in
        ["RUN cd /a\nRUN b", "RUN a\n# c\nRUN b", "RUN a; b\nRUN c", "RUN a || b\nRUN c", "RUN --network=none a\nRUN b"]
    {
        assert!(fixed(&format!("FROM a:1\n{left}\n"), true).file.text().contains("RUN "), "{left}");
        let runs = fixed(&format!("FROM a:1\n{left}\n"), true).file.instructions().count();
        assert_eq!(runs, 3, "{left}");
    }
}

#[test]
fn fixes_compose_and_keep_every_other_byte() {
    let text = "\u{feff}# syntax=docker/dockerfile:1\r\nfrom a:1 AS Base\r\n# ü\r\nRUN apt update \\\r\n  # lists\r\n  && apt install curl\r\nENV A b\r\n\r\nCMD nginx";
    let after = fixed(text, false);
    insta::assert_debug_snapshot!(after.file.text(), @r#""\u{feff}# syntax=docker/dockerfile:1\r\nFROM a:1 AS base\r\n# ü\r\nRUN apt-get update \\\r\n  # lists\r\n  && apt-get install -y curl \\\r\n    && rm -rf /var/lib/apt/lists/*\r\nENV A=b\r\n\r\nCMD [\"nginx\"]""#);
    insta::assert_debug_snapshot!(after.made, @r#"
    [
        "PL245",
        "PL248",
        "PL235",
        "PL235",
        "PL236",
        "PL231",
        "PL244",
        "PL225",
    ]
    "#);
}

#[test]
fn an_ignored_finding_is_not_mended() {
    let text = "FROM a:1\n# plimsoll ignore=PL225 the shell is wanted\nCMD nginx\n";
    assert_eq!(fixed(text, true).file.text(), text);
}

#[test]
fn what_can_be_mended_mechanically_is() {
    let ids = "DL3000 DL3004 DL3009 DL3012 DL3014 DL3019 DL3020 DL3021 DL3025 DL3027 DL3030 DL3032 DL3034 DL3036 DL3038 DL3040 \
               DL3042 DL3044 DL3046 DL3047 DL3059 DL3060 DL3063 DL3065 DL4000 DL4003 DL4004 StageNameCasing FromAsCasing \
               ConsistentInstructionCasing NoEmptyContinuation LegacyKeyValueFormat ExposeProtoCasing ExposeInvalidFormat";
    let mut never = Vec::new();
    for id in ids.split_whitespace() {
        let rules = RULES.iter().filter(|rule| rule.aliases.contains(&id) && is_about_dockerfiles(rule));
        let mut blocks = rules.flat_map(|rule| examples(rule).into_iter().map(move |block| (rule, block)));
        if !blocks.any(|(rule, block)| mended(rule, &block.text).is_some()) {
            never.push(id);
        }
    }
    assert!(never.is_empty(), "no example of these is mended: {never:?}");
}

fn comments(file: &Dockerfile) -> Vec<String> {
    let own = file.items().iter().filter_map(|item| match item {
        Item::Comment(comment) => Some(vec![comment.span]),
        Item::Instruction(instruction) => Some(instruction.comments.clone()),
        _ => None,
    });
    own.flatten().map(|span| file.source(span).to_owned()).collect()
}

fn holds(text: &str) {
    let Ok(before) = Dockerfile::parse(text) else { return };
    for all in [false, true] {
        let after = fixed(text, all);
        assert_eq!(comments(&before), comments(&after.file), "{text}");
        assert!(after.file.problems().len() <= before.problems().len(), "{text}");
        let again = fixed(after.file.text(), all);
        assert_eq!((again.file.text(), again.made.len()), (after.file.text(), 0), "done in one go: {text}");
    }
}

#[test]
fn every_example_is_better_after_its_fixes() {
    for rule in RULES.iter().filter(|rule| is_about_dockerfiles(rule)) {
        for example in examples(rule) {
            holds(&example.text);
            holds(&example.text.replace('\n', "\r\n"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn what_is_put_together_is_mended_or_left(parts in prop::collection::vec(prop::sample::select(vec![
        "FROM a:1 as B\n", "run apt update && apt install x\n", "RUN sudo apk add y \\\n", "\n", "# c\n", "CMD a b\n", "cmd [\"x\"]\n",
        "ENV A b c\n", "ENV A=1 B=$A\n", "ADD a b c\n", "RUN <<E\npip install z\nE\n", " && yarn install\n", "MAINTAINER x\n",
        "EXPOSE 1:2/TCP\n", "WORKDIR y\n", "# hadolint ignore=DL3025\n", "COPY --from=B a b /x\n", "RUN wget https://e.x |\\\r\n", "é",
    ]), 0..12)) {
        holds(&parts.concat());
    }
}
