//! PL223: the last USER of a stage that is shipped is root.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::Keyword;

pub(crate) const RULE: Rule = Rule {
    code: "PL223",
    name: "last-user-root",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "the last USER of a stage that is shipped is root",
    why: "Whatever breaks into the program is root in the container at once, and a flaw of the runtime away from root on the host.",
    remedy: "Create a user, and end with `USER 10001`.",
    example: r#"FROM debian:12
USER app
USER root
     ^^^^
---
FROM debian:12
USER 0:0
     ^^^
---
FROM debian:12
USER root
RUN true
USER 10001
---
FROM debian:12 AS build
USER root
FROM debian:12
USER 10001"#,
    aliases: &["DL3002", "DS-0002", "CIS-DI-0001"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let Some(last) = d.stages.last() else { return Ok(Vec::new()) };
    // The stage itself, else the nearest one that it builds on.
    let lineage = d.lineage(last.index);
    let user = lineage.iter().find_map(|n| d.stages[*n].instructions.iter().rfind(|i| i.kind == Keyword::User));
    let Some(user) = user else { return Ok(Vec::new()) };
    let name = user.rest.text.split(':').next().unwrap_or_default();
    let root = matches!(name, "root" | "0");
    Ok(root.then(|| d.hit(user.rest.span, "the image runs as root", RULE.remedy)).into_iter().collect())
}
