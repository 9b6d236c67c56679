//! PL248: a stage's name is taken, reserved, or not in lower case.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::Body;

pub(crate) const RULE: Rule = Rule {
    code: "PL248",
    name: "stage-name",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "a stage's name is taken, reserved, or not in lower case",
    why: "Names are compared in lower case, the last one of a name wins, and `scratch` and `context` mean something else: the build may take another stage than the one you read.",
    remedy: "Give each stage a name of its own, in lower case.",
    example: r#"FROM debian:12 AS Build
                  ^^^^^
---
FROM debian:12 AS build
FROM debian:12 AS build
                  ^^^^^
FROM debian:12 AS context
                  ^^^^^^^
---
FROM debian:12 AS build
FROM build AS final
---
FROM debian:12
FROM scratch"#,
    aliases: &["DL3024", "DL3063", "DuplicateStageName", "ReservedStageName", "StageNameCasing", "DS-0012"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for (index, stage) in d.stages.iter().enumerate() {
        let Body::From(from) = &stage.from.body else { continue };
        let Some(word) = &from.name else { continue };
        let shown = model::escaped(&word.text);
        if d.stages[..index].iter().any(|other| other.name == stage.name) {
            hits.push(d.hit(word.span, format!("another stage is named `{shown}`"), RULE.remedy));
        } else if matches!(stage.name.as_deref(), Some("scratch" | "context")) {
            hits.push(d.hit(word.span, format!("`{shown}` means something else to the builder"), RULE.remedy));
        } else if word.text != word.text.to_lowercase() {
            hits.push(d.hit(
                word.span,
                format!("`{shown}` is not in lower case, in which names are compared"),
                RULE.remedy,
            ));
        }
    }
    Ok(hits)
}
