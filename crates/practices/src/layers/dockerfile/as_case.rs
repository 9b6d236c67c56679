//! PL246: AS and FROM are written in different cases.

use crate::evidence::Evidence;
use crate::fix::Fix;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::Body;

pub(crate) const RULE: Rule = Rule {
    code: "PL246",
    name: "as-case",
    practice: Practice::Layers,
    severity: Severity::Info,
    summary: "AS and FROM are written in different cases",
    why: "One case lets a reader see where the stage's name is.",
    remedy: "Write both in the same case.",
    example: r#"FROM debian:12 as build
               ^^
---
from debian:12 AS build
               ^^
---
FROM debian:12 AS build
---
from debian:12 as build"#,
    aliases: &["FromAsCasing"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for stage in &d.stages {
        let Body::From(from) = &stage.from.body else { continue };
        let keyword = &stage.from.keyword.text;
        let Some(word) = &from.as_word else { continue };
        let upper = *keyword == keyword.to_uppercase();
        let wanted = if upper { "AS" } else { "as" };
        if (upper || *keyword == keyword.to_lowercase()) && word.text != wanted {
            let message =
                format!("`{}` is not in the case of `{}`", model::escaped(&word.text), model::escaped(keyword));
            let hit = d.hit(word.span, message, format!("write `{wanted}`"));
            hits.push(hit.fixed(Some(Fix::replace(word.span, wanted))));
        }
    }
    Ok(hits)
}
