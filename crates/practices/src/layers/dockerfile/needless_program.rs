//! PL256: a RUN uses a program that has no use in a build.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL256",
    name: "needless-program",
    practice: Practice::Layers,
    severity: Severity::Info,
    summary: "a RUN uses a program that has no use in a build",
    why: "A build has no services, no mounts and no terminal; `ssh`, `vim`, `top` or `service` there are leftovers of a machine set up by hand.",
    remedy: "Remove it.",
    example: r#"FROM debian:12
RUN service nginx start
    ^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
RUN free -m && true
    ^^^^^^^
---
FROM debian:12
RUN apt-get install -y vim ssh
---
FROM debian:12
RUN echo service top"#,
    aliases: &["DL3001"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let names = ["free", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim"];
    let used = d.commands().filter(|(_, command)| names.contains(&command.name()));
    Ok(used.map(|(_, c)| d.hit(c.span, format!("`{}` has no use in a build", c.name()), RULE.remedy)).collect())
}
