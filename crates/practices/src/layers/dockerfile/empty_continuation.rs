//! PL247: an empty line stands between continued lines.

use crate::evidence::Evidence;
use crate::fix::Fix;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::Span;

pub(crate) const RULE: Rule = Rule {
    code: "PL247",
    name: "empty-continuation",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "an empty line stands between continued lines",
    why: "BuildKit goes on after it today and says that it will be an error.",
    remedy: "Remove the empty line, or put a comment there.",
    example: r#"FROM debian:12
RUN true \

^
 && true
---
FROM debian:12
ENV A=1 \
  B=2 \
   
^^^
  C=3
---
FROM debian:12
RUN true \
# a comment
 && true
---
FROM debian:12

RUN <<EOF

true
EOF"#,
    aliases: &["NoEmptyContinuation"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for instruction in d.file.instructions() {
        for line in &instruction.empty_lines {
            let text = d.file.source(*line).trim_end_matches(['\r', '\n']);
            let span = Span::new(line.start, line.start + text.len());
            let hit = d.hit(span, "an empty line does not end the instruction above", RULE.remedy);
            hits.push(hit.fixed(Some(Fix::replace(*line, ""))));
        }
    }
    Ok(hits)
}
