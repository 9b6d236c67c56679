//! PL262: COPY brings a whole file system.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::Span;
use sources::dockerfile::{Body, Files, Keyword};

pub(crate) const RULE: Rule = Rule {
    code: "PL262",
    name: "copy-root",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "COPY brings a whole file system",
    why: "What the other stage was made of comes along: its package lists, its caches, its tools. Without a target of its own it also overwrites what is there.",
    remedy: "Name what is needed.",
    example: r#"FROM debian:12 AS build
FROM alpine:3.20
COPY --from=build / /
                  ^^^
---
FROM alpine:3.20
COPY --from=debian:12 --chown=1 / /
                                ^^^
---
FROM debian:12 AS build
FROM scratch
COPY --from=build / /
---
FROM debian:12 AS build
FROM alpine:3.20
COPY --from=build /app /
COPY . /"#,
    aliases: &["DL3067"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for stage in d.stages.iter().filter(|stage| stage.image.is_none_or(|image| image.text != "scratch")) {
        for instruction in stage.instructions.iter().filter(|i| i.kind == Keyword::Copy && i.flag("from").is_some()) {
            let Body::Files(Files { sources, target: Some(target), .. }) = &instruction.body else { continue };
            if let [source] = &sources[..]
                && source.text == "/"
                && target.text == "/"
            {
                let span = Span::new(source.span.start, target.span.end);
                hits.push(d.hit(span, "all of the other file system is laid over this one", RULE.remedy));
            }
        }
    }
    Ok(hits)
}
