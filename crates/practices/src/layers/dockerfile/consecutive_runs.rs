//! PL266: two short RUNs follow each other.

use crate::dockerfile::DockerfileEvidence;
use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Instruction, Keyword};
use std::collections::HashMap;

pub(crate) const RULE: Rule = Rule {
    code: "PL266",
    name: "consecutive-runs",
    practice: Practice::Layers,
    severity: Severity::Info,
    summary: "two short RUNs follow each other",
    why: "Each RUN is a layer. What one makes and the next removes stays in the image; nothing else is saved by joining them.",
    remedy: "Join them with `&&` if the second changes or removes what the first made.",
    example: r#"FROM debian:12
RUN make
RUN make install
^^^^^^^^^^^^^^^^
---
FROM debian:12
RUN a && b
RUN c
^^^^^
RUN d
^^^^^
---
FROM debian:12
RUN make
COPY a /a
RUN make install
---
FROM debian:12
RUN make
RUN --network=none make check
RUN a && b && c"#,
    aliases: &["DL3059"],
    off: Some(
        "joining costs the build cache of the first RUN, and saves bytes only where the second removes what the first made: `plimsoll layers` says where, and how many",
    ),
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut commands: HashMap<usize, usize> = HashMap::new();
    for script in &d.scripts {
        *commands.entry(script.span.start).or_default() += script.commands.len();
    }
    let is_short = |run: &Instruction| commands.get(&run.rest.span.start).is_some_and(|count| *count <= 2);
    let mut hits = Vec::new();
    for stage in &d.stages {
        for pair in stage.instructions.windows(2) {
            let runs = pair.iter().all(|one| one.kind == Keyword::Run && is_short(one));
            if runs && flags(d, pair[0]) == flags(d, pair[1]) {
                hits.push(d.hit(pair[1].span, "this RUN could be the end of the one before", RULE.remedy));
            }
        }
    }
    Ok(hits)
}

fn flags<'a>(d: &'a DockerfileEvidence<'_>, run: &Instruction) -> Vec<&'a str> {
    run.flags.iter().map(|flag| d.file.source(flag.span)).collect()
}
