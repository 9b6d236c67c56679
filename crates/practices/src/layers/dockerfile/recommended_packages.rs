//! PL237: apt-get installs recommended packages, too.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL237",
    name: "recommended-packages",
    practice: Practice::Layers,
    severity: Severity::Info,
    summary: "apt-get installs recommended packages, too",
    why: "They are there for comfort at a desk: often half of what is installed, with flaws of its own to mend.",
    remedy: "Add `--no-install-recommends`, and name what is really needed.",
    example: r#"FROM debian:12
RUN apt-get update && apt-get install -y curl
                      ^^^^^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
RUN apt-get -y install curl git
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
RUN apt-get install -y --no-install-recommends curl
---
FROM debian:12
RUN apt-get -o APT::Install-Recommends=false install -y curl && apt-get remove -y git"#,
    aliases: &["DL3015", "DS-0029"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let installs = d
        .commands()
        .filter(|(_, c)| matches!(c.name(), "apt-get" | "apt") && c.operands().any(|word| word.text == "install"));
    let all = installs.filter(|(_, c)| {
        let off = |text: &str| text == "--no-install-recommends" || text.to_lowercase().contains("install-recommends=");
        !c.arguments().iter().any(|word| off(&word.text))
    });
    Ok(all.map(|(_, c)| d.hit(c.span, "packages that are only recommended are installed, too", RULE.remedy)).collect())
}
