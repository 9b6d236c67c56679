//! PL131: FROM names a tag that is made to move.

use super::super::tag::{self, TagKind};
use super::{bases, remedy};
use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Reference, Severity};
use sources::dockerfile::Mention;

pub(crate) const RULE: Rule = Rule {
    code: "PL131",
    name: "base-latest",
    practice: Practice::Tagging,
    severity: Severity::Medium,
    summary: "FROM names a tag that is made to move",
    why: "`latest`, `stable` or `edge` point elsewhere with every release. A build that worked yesterday may fail, or silently change, today.",
    remedy: "Name a version, and pin it by digest.",
    example: r#"FROM debian:latest
     ^^^^^^^^^^^^^
---
ARG TAG=stable
        ^^^^^^
FROM nginx:${TAG}
---
FROM debian:12.5-slim
---
FROM debian:latest@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"#,
    aliases: &["DL3007", "DS-0001"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let loose = bases(d).into_iter().filter(|(_, reference)| reference.digest().is_none());
    let loose = loose.filter(|(_, reference)| reference.tag().is_some_and(|tag| tag::kind(tag) == TagKind::Moving));
    let hit = |(mention, reference): (Mention, Reference)| {
        let message = format!("the tag of `{}` moves with every release", reference.familiar());
        d.hit(mention.span, message, remedy(&mention, "name a version: `plimsoll pin` also writes its digest"))
    };
    Ok(loose.map(hit).collect())
}
