//! PL291: a comment turns off a rule that finds nothing there.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL291",
    name: "unused-ignore",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "a comment turns off a rule that finds nothing there",
    why: "It hides the day on which the rule finds something.",
    remedy: "Remove it.",
    example: r#"FROM debian:12
# plimsoll ignore=PL224 the makefile asks for it
                  ^^^^^
RUN make
---
# check=skip=JSONArgsRecommended
             ^^^^^^^^^^^^^^^^^^^
FROM debian:12
CMD ["a"]
---
FROM debian:12
# hadolint ignore=DL3003,SC2086
RUN cd /src && make
---
# check=skip=all
FROM debian:12"#,
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    // What the others left unused is known only after all of them looked; see `lint`.
    let _ = d;
    Ok(Vec::new())
}
