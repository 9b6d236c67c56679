//! PL320: FROM holds the base to one platform.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL320",
    name: "platform-constant",
    practice: Practice::Base,
    severity: Severity::Low,
    summary: "FROM holds the base to one platform",
    why: "The image is built for that platform wherever it is built, so that it does not run, or runs emulated, on another.",
    remedy: "Leave it out, or write `--platform=$BUILDPLATFORM` for a stage that only builds.",
    example: r#"FROM --platform=linux/amd64 debian:12
                ^^^^^^^^^^^
---
FROM --platform=linux/arm64/v8 debian:12 AS build
                ^^^^^^^^^^^^^^
---
FROM --platform=$BUILDPLATFORM golang:1.22 AS build
---
FROM --platform=linux/amd64 debian:12 AS tools-amd64
FROM debian:12"#,
    aliases: &["DL3029", "FromPlatformFlagConstDisallowed"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for stage in &d.stages {
        let Some(platform) = stage.from.flag_value("platform").filter(|platform| !platform.text.contains('$')) else {
            continue;
        };
        // A stage that has the platform in its name is one of several on purpose.
        let parts = platform.text.split('/').take(2);
        let named = stage
            .name
            .as_ref()
            .is_some_and(|name| parts.into_iter().any(|part| !part.is_empty() && name.contains(part)));
        if !named {
            hits.push(d.hit(platform.span, "the base is this one platform's wherever it is built", RULE.remedy));
        }
    }
    Ok(hits)
}
