//! PL292: a comment turns a rule off.

use crate::evidence::Evidence;
use crate::pragmas::pragmas;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL292",
    name: "ignore-used",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "a comment turns a rule off",
    why: "Where a team decides in its policy alone, a comment in a file goes around that. No comment turns this rule off.",
    remedy: "Turn the rule off in `plimsoll.toml`, for the images that need it.",
    example: r#"FROM debian:12
# hadolint ignore=DL3003
                  ^^^^^^
RUN cd /src && make
---
FROM debian:12
# plimsoll ignore=PL224 the makefile asks for it
                  ^^^^^
RUN cd /src && make
---
FROM debian:12
# all is well
RUN make
---
FROM debian:12
RUN true"#,
    aliases: &["DL1001"],
    off: Some("comments with a reason are how most teams turn a rule off in one place"),
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let hit = |span| d.hit(span, "this comment turns a rule off", RULE.remedy);
    Ok(pragmas(d).into_iter().map(|pragma| hit(pragma.span)).collect())
}
