//! PL265: the image says of itself in no way whether it works.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::Keyword;

pub(crate) const RULE: Rule = Rule {
    code: "PL265",
    name: "no-healthcheck",
    practice: Practice::Layers,
    severity: Severity::Info,
    summary: "no HEALTHCHECK in what the last stage is made of",
    why: "Docker and Swarm restart or leave out a container whose check fails; without one, a program that hangs counts as running.",
    remedy: "Write `HEALTHCHECK CMD …`, or `HEALTHCHECK NONE` to say that there is none on purpose.",
    example: r#"FROM debian:12
^^^^^^^^^^^^^^
CMD ["app"]
---
FROM debian:12 AS a
HEALTHCHECK CMD ["true"]
FROM debian:12
^^^^^^^^^^^^^^
---
FROM debian:12 AS a
HEALTHCHECK CMD ["true"]
FROM a
CMD ["app"]
---
FROM debian:12
HEALTHCHECK NONE"#,
    aliases: &["DL3057", "DS-0026", "CIS-DI-0006"],
    off: Some(
        "Kubernetes does not read HEALTHCHECK, a job needs none, and the base image may have one that this file does not show",
    ),
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let Some(last) = d.stages.last() else { return Ok(Vec::new()) };
    let lineage = d.lineage(last.index);
    let mut instructions = lineage.iter().filter_map(|n| d.stages.get(*n)).flat_map(|stage| &stage.instructions);
    let checked = instructions.any(|instruction| instruction.kind == Keyword::Healthcheck);
    let hit = || d.hit(last.from.span, "nothing here tells whether the container works", RULE.remedy);
    Ok((!checked).then(hit).into_iter().collect())
}
