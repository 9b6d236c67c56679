//! PL243: a CMD, ENTRYPOINT or HEALTHCHECK is overridden in the same stage.

use crate::evidence::Evidence;
use crate::fix::remove;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::Keyword;

pub(crate) const RULE: Rule = Rule {
    code: "PL243",
    name: "overridden-instruction",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "a CMD, ENTRYPOINT or HEALTHCHECK is overridden in the same stage",
    why: "Only the last one counts. The earlier one is a leftover, or somebody believes that both run.",
    remedy: "Remove the one that does not count.",
    example: r#"FROM debian:12
CMD ["a"]
^^^^^^^^^
CMD ["b"]
---
FROM debian:12
ENTRYPOINT ["a"]
^^^^^^^^^^^^^^^^
RUN true
entrypoint ["b"]
HEALTHCHECK NONE
---
FROM debian:12
ENTRYPOINT ["a"]
CMD ["b"]
---
FROM debian:12 AS a
CMD ["a"]
FROM a
CMD ["b"]"#,
    aliases: &["DL3012", "DL4003", "DL4004", "MultipleInstructionsDisallowed", "DS-0007", "DS-0016", "DS-0023"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for stage in &d.stages {
        for kind in [Keyword::Cmd, Keyword::Entrypoint, Keyword::Healthcheck] {
            let mut all: Vec<_> = stage.instructions.iter().filter(|i| i.kind == kind).collect();
            let Some(last) = all.pop() else { continue };
            let line = d.file.lines().line(last.span.start);
            let message = format!("this {} does not count: line {line} overrides it", kind.word());
            hits.extend(all.into_iter().map(|i| d.hit(i.span, message.clone(), RULE.remedy).fixed(remove(d, i))));
        }
    }
    Ok(hits)
}
