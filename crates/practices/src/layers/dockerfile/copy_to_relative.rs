//! PL241: COPY goes to a relative path and no WORKDIR says to what.

use super::is_absolute;
use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Keyword};

pub(crate) const RULE: Rule = Rule {
    code: "PL241",
    name: "copy-to-relative",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "COPY goes to a relative path and no WORKDIR says to what",
    why: "It depends on the base image, which may change its own working folder from one release to the next.",
    remedy: "Write the whole path, or WORKDIR before.",
    example: r#"FROM debian:12
COPY app.py .
            ^
---
FROM debian:12 AS a
WORKDIR /x
FROM debian:12
COPY --chown=1000 a b src/
                      ^^^^
---
FROM debian:12
COPY app.py /app/
WORKDIR /app
COPY app.py .
---
FROM debian:12 AS a
WORKDIR /app
FROM a
COPY app.py ./
COPY app.py $HOME"#,
    aliases: &["DL3045"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for stage in &d.stages {
        let parents = d.lineage(stage.index).into_iter().skip(1);
        let mut placed = parents.flat_map(|n| &d.stages[n].instructions).any(|i| i.kind == Keyword::Workdir);
        for instruction in &stage.instructions {
            placed |= instruction.kind == Keyword::Workdir;
            let Body::Files(files) = &instruction.body else { continue };
            let Some(target) = files.target.as_ref().filter(|target| !placed && !is_absolute(&target.text)) else {
                continue;
            };
            if instruction.kind == Keyword::Copy {
                hits.push(d.hit(target.span, "the files go wherever the base image stands", RULE.remedy));
            }
        }
    }
    Ok(hits)
}
