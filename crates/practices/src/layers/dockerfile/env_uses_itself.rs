//! PL249: ENV uses a variable that the same ENV sets.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Keyword, expand};
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
                hits.push(d.hit(value.span, message, RULE.remedy));
            }
            before.insert(&pair.key.text);
        }
    }
    Ok(hits)
}
