//! Pins in Dockerfiles, byte for byte: `before` with every image pinned to the same digest must be `after`.

use super::mention::Mention;
use super::*;

const D: &str = "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const OLD: &str = "@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn mentions(text: &str) -> Vec<Mention> {
    images(&Dockerfile::parse(text).unwrap())
}

/// `«»` in `text` is where the digest goes; a text without them is left alone.
#[track_caller]
fn check(text: &str, whys: &[&str]) {
    let before = text.replace(['«', '»'], "");
    let after = text.replace("«»", D).replace(&format!("«{OLD}»"), D);
    let mut edited = before.clone();
    let found = mentions(&before);
    let mut spans: Vec<Span> = found.iter().filter_map(|m| m.image.as_ref().ok()).map(|i| i.digest_span()).collect();
    spans.sort();
    spans.dedup();
    for span in spans.into_iter().rev() {
        edited.replace_range(span.range(), D);
    }
    assert_eq!(edited, after, "{before}");
    let said: Vec<String> = found.iter().filter_map(|m| m.image.as_ref().err()).map(ToString::to_string).collect();
    assert_eq!(said, whys, "{before}");
    // The edited file names the same images, all pinned.
    let again = mentions(&edited);
    assert_eq!(again.len(), found.len(), "{edited}");
    for (old, new) in found.iter().zip(&again) {
        let (Ok(old), Ok(new)) = (&old.image, &new.image) else { continue };
        assert_eq!((old.reference.name(), old.reference.tag()), (new.reference.name(), new.reference.tag()));
        assert_eq!(new.reference.digest().map(ToString::to_string).as_deref(), Some(&D[1..]));
        let tag = new.tag.map(|span| span.of(&edited).to_owned());
        assert!(tag.is_none() || tag.as_deref() == new.reference.tag(), "{tag:?} in {edited}");
    }
}

#[test]
fn from() {
    check("FROM node:20«»\nRUN x\n", &[]);
    check("\u{feff}FROM node:20«»\r\nRUN x\r\n", &[]);
    check("# escape=`\nfrom --platform=linux/amd64 `\n  Node.example:5000/a/node«» as b\n", &[]);
    check(&format!("FROM node:20«{OLD}» AS a\n"), &[]);
    check("FROM node:20«»\nFROM node:latest«»\n", &[]);
    check("FROM \"node:20«»\"\n", &[]);
    check("FROM no\\\nde:20\n", &["the name is broken over lines"]);
    check("FROM Node\n", &["`Node` is not an image reference: a repository must be lower case"]);
}

#[test]
fn stages_and_scratch() {
    check("FROM a«» AS Build\nFROM build AS c\nFROM scratch\n", &["it is the stage `build`", "`scratch` is no image"]);
    check("FROM b«»\nFROM a«» AS b\n", &[]);
    check(
        "FROM a«»\nFROM x«»\nCOPY --from=0 /a /b\nCOPY --from=7 /a /b\n",
        &["it is stage 0", "there is no stage 7 before it"],
    );
    check(
        "FROM a«» AS b\nFROM x«»\nCOPY --from=b /a /b\nCOPY --chown=1 --from=nginx:1«» /a /b\n",
        &["it is the stage `b`"],
    );
    check("FROM a«»\nCOPY --from=$X /a /b\n", &["no variable is expanded there: name a stage instead"]);
}

#[test]
fn mounts_heredocs_and_onbuild() {
    check("FROM a«»\nRUN --mount=type=bind,from=b:1«»,target=/x --mount=from=c«» true\n", &[]);
    check(
        "FROM a«»\nRUN --mount='type=bind,\"from=b:1«»\"' <<EOF\nFROM c:1\nCOPY --from=d:2 a b\nEOF\nCOPY <<FROM /x\nFROM e\nFROM\n",
        &[],
    );
    check("FROM a«»\nRUN echo FROM b:1 \\\n# FROM c:1\n  && true\n", &[]);
    let why = "its value comes from outside: ONBUILD runs in another build, where `b` may be a stage";
    check("FROM a«»\nONBUILD COPY --from=b x y\nONBUILD RUN --mount=from=c:1«» true\n", &[why]);
}

#[test]
fn syntax() {
    check("# syntax=docker/dockerfile:1«» and more\nFROM a«»\n", &[]);
    check("# syntax = docker/dockerfile:1.7«»\r\nFROM a«»\r\n", &[]);
    check("# a comment\n# syntax=docker/dockerfile:1\nFROM a«»\n", &[]);
}

#[test]
fn arguments() {
    check("ARG IMG=node:20«»\nFROM ${IMG}\n", &[]);
    check("ARG A=1 IMG=\"node:20«»\" B\nFROM $IMG AS a\nFROM $IMG AS b\n", &[]);
    check("ARG TAG=20«»\nFROM node:$TAG\n", &[]);
    check("ARG REPO=node\nARG TAG=20«»\nFROM ${REPO}:${TAG}\n", &[]);
    check("ARG REG=r.example\nFROM $REG/node:20«»\n", &[]);
    check("ARG REG=r.example\nFROM $REG/node«»\n", &[]);
    check("FROM ${X:-node:20«»}\n", &[]);
    check("ARG X\nFROM ${X:-node:20«»}\n", &[]);
    check("ARG X=node:22«»\nFROM ${X:-node:20}\n", &[]);
    check("FROM node:${TAG:-20«»}\n", &[]);
    check("ARG V=20«»\nARG IMG=node:$V\nFROM $IMG\n", &[]);
    check(&format!("ARG TAG=20«{OLD}»\nFROM node:$TAG\n"), &[]);
    check(&format!("ARG TAG=20\nFROM node:$TAG«{OLD}»\n"), &[]);
    check("ARG A=node:20«»\nARG A=$A\nFROM $A\n", &[]);
    check("ARG X=old\nARG X=node:20«»\nFROM $X\n", &[]);
}

/// Where no digest may be written, it is known all the same what is named.
#[test]
fn what_is_left_alone_is_named() {
    let named = |text: &str| -> Vec<Option<String>> {
        mentions(text).iter().map(|m| m.names.as_ref().map(|r| r.as_typed().to_owned())).collect()
    };
    let some = |name: &str| Some(name.to_owned());
    assert_eq!(named("ARG V=latest\nFROM a:$V\nFROM b:$V\n"), [some("a:latest"), some("b:latest")]);
    assert_eq!(named("ARG V=20\nFROM node:${V}-slim\n"), [some("node:20-slim")]);
    assert_eq!(named("ARG X\nFROM $X\nFROM scratch\nFROM a AS s\nFROM s\n"), [None, None, some("a"), None]);
}

#[test]
fn arguments_that_take_no_digest() {
    check("ARG X\nFROM $X\n", &["its value comes from outside: `ARG X` in line 1 has no default"]);
    check("FROM $X\n", &["its value comes from outside: no `ARG X` stands before the first FROM"]);
    check("FROM node:20-$TARGETARCH\n", &["its value comes from outside: `TARGETARCH` depends on the platform"]);
    check(
        "ARG V=20\nFROM node:${V}-slim\n",
        &["a digest would change something else too: the tag is made of `V` and `-slim`"],
    );
    let two = "a digest would change something else too: `V` makes another image in line";
    check("ARG V=20\nFROM node:$V\nFROM python:$V\n", &[&format!("{two} 3"), &format!("{two} 2")]);
    let taken = "a digest would change something else too: the `ARG` in line 3 takes `V` into a stage";
    check("ARG V=20\nFROM node:$V\nARG V\nRUN echo $V\n", &[taken]);
    check(
        "ARG V=20.1\nFROM node:${V%.*}\n",
        &["a digest would change something else too: the value of `V` is cut or replaced there"],
    );
    check(
        "ARG D=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nFROM node@$D\n",
        &["a digest would change something else too: its digest is a variable's value"],
    );
    check("FROM ${X\n", &["missing `}` after `${`"]);
}

#[test]
fn hostile_files_come_to_an_end() {
    let chain: String = (1..5000).map(|n| format!("ARG A{n}=$A{}\n", n - 1)).collect();
    assert!(mentions(&format!("ARG A0=a\n{chain}FROM $A4999\n"))[0].image.is_err());
    let doubling: String = (1..5000).map(|n| format!("ARG A{n}=$A{0}$A{0}\n", n - 1)).collect();
    assert!(mentions(&format!("ARG A0=a\n{doubling}FROM $A4999\n"))[0].image.is_err());
    let many: String = (0..4000).map(|n| format!("ARG A{n}=a:{n}\n")).collect();
    let froms: String = (0..4000).map(|n| format!("FROM $A{n} AS s{n}\nCOPY --from=s{n} a b\n")).take(1900).collect();
    assert_eq!(mentions(&format!("{many}{froms}")).len(), 3800);
    let lines = "USER a\n".repeat(MOST_INSTRUCTIONS + 1);
    assert_eq!(Dockerfile::parse(&lines), Err(Refusal::TooMany));
}
