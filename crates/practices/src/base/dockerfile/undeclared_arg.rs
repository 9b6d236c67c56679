//! PL322: FROM uses an ARG that nobody declares before it.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::Span;
use sources::dockerfile::{Body, PLATFORM_ARGS, distance, expand};
use std::collections::BTreeSet;

pub(crate) const RULE: Rule = Rule {
    code: "PL322",
    name: "undeclared-arg",
    practice: Practice::Base,
    severity: Severity::High,
    summary: "FROM uses an ARG that nobody declares before it",
    why: "FROM sees only ARGs that stand before the first FROM. Another variable is empty, and the base's name is broken or, worse, another one.",
    remedy: "Declare it before the first FROM, with a default.",
    example: r#"FROM debian:${VERSION}
            ^^^^^^^^^^
---
ARG VERSION=12
FROM debian:${VERSOIN}
            ^^^^^^^^^^
---
ARG VERSION=12
FROM debian:${VERSION} AS a
FROM --platform=$BUILDPLATFORM a-${TARGETARCH}
---
FROM debian:${VERSION:-12}"#,
    aliases: &["UndefinedArgInFrom"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let pairs = d.file.global_args().filter_map(|i| match &i.body {
        Body::Args(pairs) => Some(pairs),
        _ => None,
    });
    let declared: BTreeSet<&str> = pairs.flatten().map(|pair| pair.key.text.as_str()).collect();
    let mut hits = Vec::new();
    for stage in &d.stages {
        let words = [stage.image, stage.from.flag_value("platform")];
        for word in words.into_iter().flatten() {
            let Ok(expanded) = expand(&word.text, d.file.escape(), &|_| None) else { continue };
            let unknown = expanded.uses.iter().filter(|one| one.operator.is_none());
            for one in unknown
                .filter(|one| !declared.contains(one.name.as_str()) && !PLATFORM_ARGS.contains(&one.name.as_str()))
            {
                let start = word.span.start + one.range.start;
                let span = if word.span.len() == word.text.len() {
                    Span::new(start, start + one.range.len())
                } else {
                    word.span
                };
                let near = declared.iter().take(100).find(|name| distance(name, &one.name) <= 2);
                let remedy =
                    near.map_or(RULE.remedy.to_owned(), |name| format!("did you mean `{}`?", model::escaped(name)));
                hits.push(d.hit(
                    span,
                    format!("no `ARG {}` stands before the first FROM", model::escaped(&one.name)),
                    remedy,
                ));
            }
        }
    }
    Ok(hits)
}
