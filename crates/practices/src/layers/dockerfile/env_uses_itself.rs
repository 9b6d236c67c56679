//! PL249: ENV uses a variable that the same ENV sets.

use crate::dockerfile::DockerfileEvidence;
use crate::evidence::Evidence;
use crate::fix::{Fix, in_case_of};
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Instruction, Keyword, Pair, expand};
use sources::{Edit, Span};
use std::collections::HashSet;

pub(crate) const RULE: Rule = Rule {
    code: "PL249",
    name: "env-uses-itself",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "ENV uses a variable that the same ENV sets",
    why: "All values of one ENV are filled in before any of them is set, so that the variable has its old value, or none.",
    remedy: "Write two ENVs, in order.",
    example: r#"FROM debian:12
ENV HOME_DIR=/app BIN=$HOME_DIR/bin
                      ^^^^^^^^^^^^^
---
FROM debian:12
ENV A=1 \
    B="${A}2"
      ^^^^^^^
---
FROM debian:12
ENV HOME_DIR=/app
ENV BIN=$HOME_DIR/bin
---
FROM debian:12
ENV PATH=/opt:$PATH A='$PATH'"#,
    aliases: &["DL3044"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for instruction in d.with(Keyword::Env) {
        let Body::Pairs(pairs) = &instruction.body else { continue };
        let mut before: HashSet<&str> = HashSet::new();
        for pair in &pairs.pairs {
            let Some(value) = &pair.value else { continue };
            let Ok(expanded) = expand(&value.text, d.file.escape(), &|_| None) else { continue };
            if let Some(used) = expanded.uses.iter().find(|one| before.contains(one.name.as_str())) {
                let message =
                    format!("`{}` does not have the value that this ENV gives it", model::escaped(&used.name));
                hits.push(d.hit(value.span, message, RULE.remedy).fixed(split(d, instruction, pair)));
            }
            before.insert(&pair.key.text);
        }
    }
    Ok(hits)
}

/// A second ENV from this pair on. Its value becomes another one, which is what was meant, and only a person can tell.
fn split(d: &DockerfileEvidence<'_>, instruction: &Instruction, pair: &Pair) -> Option<Fix> {
    let Body::Pairs(pairs) = &instruction.body else { return None };
    let before = pairs.pairs.iter().rfind(|other| other.span.end <= pair.span.start)?;
    let gap = Span::new(before.span.end, pair.span.start);
    let blank = |c: char| c.is_ascii_whitespace() || c == d.file.escape();
    let line_end = if d.file.source(instruction.whole).contains("\r\n") { "\r\n" } else { "\n" };
    let keyword = in_case_of(&instruction.keyword.text, "ENV");
    let is_free =
        d.file.source(gap).chars().all(blank) && d.file.source(instruction.span).starts_with(&instruction.keyword.text);
    is_free.then(|| Fix::risky(vec![Edit::new(gap, format!("{line_end}{keyword} "))]))
}
