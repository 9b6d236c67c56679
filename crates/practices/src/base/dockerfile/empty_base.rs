//! PL323: with the defaults of its ARGs, FROM names no image.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::Reference;
use model::{Practice, Severity};
use sources::dockerfile::{Body, PLATFORM_ARGS, expand};
use std::collections::HashMap;

pub(crate) const RULE: Rule = Rule {
    code: "PL323",
    name: "empty-base",
    practice: Practice::Base,
    severity: Severity::Medium,
    summary: "with the defaults of its ARGs, FROM names no image",
    why: "A build without `--build-arg` fails, or takes another base than the one that is meant.",
    remedy: "Give the ARG a default that makes a whole reference.",
    example: r#"ARG TAG
FROM debian:${TAG}
     ^^^^^^^^^^^^^
---
ARG BASE
FROM $BASE AS build
     ^^^^^
---
ARG TAG=12
FROM debian:${TAG}
---
ARG TAG
FROM debian:${TAG:-12}
ARG VARIANT
FROM debian:12"#,
    aliases: &["InvalidDefaultArgInFrom"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut values: HashMap<String, String> = HashMap::new();
    for instruction in d.file.global_args() {
        let Body::Args(pairs) = &instruction.body else { continue };
        for pair in pairs {
            let get = |name: &str| values.get(name).cloned();
            let value = pair.value.as_ref().and_then(|value| expand(&value.text, d.file.escape(), &get).ok());
            values.insert(pair.key.text.clone(), value.map(|expanded| expanded.text).unwrap_or_default());
        }
    }
    let platform = |name: &str| PLATFORM_ARGS.contains(&name).then(|| "x".to_owned());
    let get = |name: &str| values.get(name).cloned().or_else(|| platform(name));
    let mut hits = Vec::new();
    for word in d.stages.iter().filter_map(|stage| stage.image) {
        let Ok(expanded) = expand(&word.text, d.file.escape(), &get) else { continue };
        let declared = !expanded.uses.is_empty()
            && expanded.uses.iter().all(|one| get(&one.name).is_some() || one.operator.is_some());
        if declared && expanded.text.parse::<Reference>().is_err() {
            let message = format!("with the defaults, this names `{}`", model::escaped(&expanded.text));
            hits.push(d.hit(word.span, message, RULE.remedy));
        }
    }
    Ok(hits)
}
