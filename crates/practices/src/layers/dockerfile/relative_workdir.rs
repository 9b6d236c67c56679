//! PL240: WORKDIR is relative and nothing says to what.

use super::is_absolute;
use crate::evidence::Evidence;
use crate::fix::{Fix, is_plain};
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::Edit;
use sources::dockerfile::Keyword;

pub(crate) const RULE: Rule = Rule {
    code: "PL240",
    name: "relative-workdir",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "WORKDIR is relative and nothing says to what",
    why: "It depends on the base image, which may change its own working folder from one release to the next.",
    remedy: "Write the whole path.",
    example: r#"FROM debian:12
WORKDIR app
        ^^^
---
FROM debian:12
WORKDIR ./src
        ^^^^^
WORKDIR /app
---
FROM debian:12
WORKDIR /app
WORKDIR src
---
FROM debian:12 AS a
WORKDIR /app
FROM a
WORKDIR src
WORKDIR $HOME/x
WORKDIR "/y z"
WORKDIR C:\\app"#,
    aliases: &["DL3000", "WorkdirRelativePath", "DS-0009"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for stage in &d.stages {
        let parents = d.lineage(stage.index).into_iter().skip(1);
        let mut absolute = parents
            .flat_map(|n| &d.stages[n].instructions)
            .any(|i| i.kind == Keyword::Workdir && is_absolute(&i.rest.text));
        for instruction in stage.instructions.iter().filter(|i| i.kind == Keyword::Workdir) {
            let relative = !is_absolute(&instruction.rest.text);
            if relative && !absolute && !instruction.rest.text.is_empty() {
                let path = instruction.rest.text.trim_start_matches("./");
                // Most bases stand in the root, and nobody knows of this one.
                let fix = Fix::risky(vec![Edit::new(instruction.rest.span, format!("/{path}"))]);
                let fix = (is_plain(path) && !path.starts_with('.')).then_some(fix);
                let hit = d.hit(instruction.rest.span, "this folder lies wherever the base image stands", RULE.remedy);
                hits.push(hit.fixed(fix));
            }
            absolute |= !relative;
        }
    }
    Ok(hits)
}
