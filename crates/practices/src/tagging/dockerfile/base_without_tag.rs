//! PL130: FROM names an image without tag or digest.

use super::{bases, remedy};
use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Reference, Severity};
use sources::dockerfile::Mention;

pub(crate) const RULE: Rule = Rule {
    code: "PL130",
    name: "base-without-tag",
    practice: Practice::Tagging,
    severity: Severity::Medium,
    summary: "FROM names an image without tag or digest",
    why: "Without a tag the builder takes `latest`: whatever the publisher calls so on the day of the build. Two builds of one commit may then differ, and nobody sees when it changed.",
    remedy: "Name a version, and pin it by digest.",
    example: r#"FROM debian
     ^^^^^^
RUN true
---
FROM --platform=linux/amd64 registry.example:5000/team/app AS build
                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
---
ARG BASE=debian:12.5
FROM ${BASE} AS build
FROM scratch
COPY --from=build /etc/os-release /
---
FROM debian:12.5-slim AS base
FROM base"#,
    aliases: &["DL3006", "DS-0001", "DKL-DI-0006"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let loose = bases(d).into_iter().filter(|(_, reference)| reference.tag().is_none());
    let loose = loose.filter(|(_, reference)| reference.digest().is_none());
    let hit = |(mention, reference): (Mention, Reference)| {
        let message = format!("`{}` is taken at whatever `latest` is on the day of the build", reference.familiar());
        d.hit(mention.span, message, remedy(&mention, "name a version: `plimsoll pin` also writes its digest"))
    };
    Ok(loose.map(hit).collect())
}
