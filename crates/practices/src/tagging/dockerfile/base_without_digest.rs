//! PL132: FROM names a version tag without the digest that makes it certain.

use super::super::tag::{self, TagKind};
use super::{bases, remedy};
use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Reference, Severity};
use sources::dockerfile::Mention;

pub(crate) const RULE: Rule = Rule {
    code: "PL132",
    name: "base-without-digest",
    practice: Practice::Tagging,
    severity: Severity::Info,
    summary: "FROM names a version tag without the digest that makes it certain",
    why: "A publisher may push a tag again, and a registry may be lied to. With the digest beside it the build takes the same bytes every time, and a tool can say when there is something newer.",
    remedy: "Run `plimsoll pin`: it writes the digest after the tag, which stays for people.",
    example: r#"FROM debian:12.5-slim
     ^^^^^^^^^^^^^^^^
---
ARG VERSION=3.20
            ^^^^
FROM alpine:$VERSION
---
FROM debian:12.5@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
---
FROM scratch
COPY app /app"#,
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let loose = bases(d).into_iter().filter(|(_, reference)| reference.digest().is_none());
    let loose = loose.filter(|(_, reference)| reference.tag().is_some_and(|tag| tag::kind(tag) != TagKind::Moving));
    let hit = |(mention, reference): (Mention, Reference)| {
        let message = format!("`{}` is named without its digest", reference.familiar());
        d.hit(mention.span, message, remedy(&mention, "run `plimsoll pin`"))
    };
    Ok(loose.map(hit).collect())
}
