//! PL290: a comment turns a rule off without saying why.

use crate::evidence::Evidence;
use crate::pragmas::pragmas;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL290",
    name: "ignore-without-reason",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "a comment turns a rule off without saying why",
    why: "In a year nobody knows whether the reason still holds.",
    remedy: "Write it after the code: `# plimsoll ignore=PL221 the download is checked below`.",
    example: r#"FROM debian:12
# plimsoll ignore=PL224
                  ^^^^^
RUN cd /src && make
---
FROM debian:12
# plimsoll ignore=PL221,cd-in-run
                  ^^^^^
                        ^^^^^^^^^
RUN cd /src && a | b
---
FROM debian:12
# plimsoll ignore=PL224 the makefile asks for it
RUN cd /src && make
---
FROM debian:12
# hadolint ignore=DL3003
RUN cd /src && make"#,
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let bare = pragmas(d).into_iter().filter(|pragma| pragma.reason.as_deref() == Some(""));
    Ok(bare.map(|pragma| d.hit(pragma.span, "no reason is given", RULE.remedy)).collect())
}
