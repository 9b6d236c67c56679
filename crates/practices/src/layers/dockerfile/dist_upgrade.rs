//! PL255: a RUN upgrades the distribution of the base.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL255",
    name: "dist-upgrade",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "a RUN upgrades the distribution of the base",
    why: "It replaces large parts of the base below, which stay in the image unseen, and its result depends on the day. A newer base is smaller and certain.",
    remedy: "Take a newer base, and install single fixes where one is needed at once.",
    example: r#"FROM debian:12
RUN apt-get update && apt-get -y dist-upgrade
                      ^^^^^^^^^^^^^^^^^^^^^^^
---
FROM opensuse/leap:15
RUN zypper -n dup
    ^^^^^^^^^^^^^
---
FROM debian:12
RUN apt-get update && apt-get install -y curl
---
FROM debian:12
RUN echo apt-get dist-upgrade"#,
    aliases: &["DL3035", "DS-0024", "DKL-DI-0003"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let upgrades = d.commands().filter(|(_, c)| {
        let verb = c.operands().next().map_or("", |word| word.text.as_str());
        match c.name() {
            "apt-get" | "apt" | "aptitude" => matches!(verb, "dist-upgrade" | "full-upgrade"),
            "zypper" => matches!(verb, "dup" | "dist-upgrade"),
            _ => false,
        }
    });
    Ok(upgrades.map(|(_, c)| d.hit(c.span, "the base is upgraded in place", RULE.remedy)).collect())
}
