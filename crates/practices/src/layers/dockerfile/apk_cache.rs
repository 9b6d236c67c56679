//! PL230: apk leaves its package index in the layer.

use super::removes;
use crate::evidence::Evidence;
use crate::fix::option_after;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL230",
    name: "apk-index-kept",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "apk leaves its package index in the layer",
    why: "What a layer holds stays in the image: a later RUN cannot take it out, and everyone who pulls the image carries it.",
    remedy: "Write `apk add --no-cache …`.",
    example: r#"FROM alpine:3.20
RUN apk add curl
    ^^^^^^^^^^^^
---
FROM alpine:3.20
RUN apk update && apk --repository x add curl
                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^
---
FROM alpine:3.20
RUN apk add --no-cache curl && apk add -U --no-cache git
---
FROM alpine:3.20
RUN --mount=type=cache,target=/var/cache/apk apk add curl
RUN apk add curl && rm -rf /var/cache/apk/*"#,
    aliases: &["DL3019", "DS-0025", "DKL-DI-0004"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let adds = d.commands().filter(|(_, c)| c.name() == "apk" && c.operands().any(|word| word.text == "add"));
    let kept = adds
        .filter(|(script, c)| !c.has("--no-cache") && !d.mounted(script, "/apk") && !removes(script, "/var/cache/apk"));
    Ok(kept
        .map(|(_, c)| {
            let hit = d.hit(c.span, "the index that apk fetched stays in this layer", RULE.remedy);
            hit.fixed(option_after(c, "add", "--no-cache"))
        })
        .collect())
}
