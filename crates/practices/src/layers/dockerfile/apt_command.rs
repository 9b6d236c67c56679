//! PL235: `apt` is used, which is made for people at a terminal.

use crate::evidence::Evidence;
use crate::fix::Fix;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL235",
    name: "apt-command",
    practice: Practice::Layers,
    severity: Severity::Info,
    summary: "`apt` is used, which is made for people at a terminal",
    why: "Its output and options may change between releases, as it says itself. `apt-get` and `apt-cache` are made for scripts.",
    remedy: "Write `apt-get`.",
    example: r#"FROM debian:12
RUN apt update && apt-get install -y curl
    ^^^
---
FROM debian:12
RUN sudo apt install -y curl
         ^^^
---
FROM debian:12
RUN apt-get update && apt-cache policy
---
FROM debian:12
RUN echo apt install"#,
    aliases: &["DL3027"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let named = d.commands().filter(|(_, command)| command.name() == "apt");
    Ok(named
        .map(|(_, c)| {
            let same = ["update", "install", "upgrade", "remove", "purge", "autoremove"]
                .iter()
                .any(|verb| c.does("apt", verb));
            let name = &c.words[0];
            let is_bare = same && d.file.source(name.span) == "apt";
            let hit = d.hit(name.span, "`apt` is for people at a terminal", "write `apt-get`");
            hit.fixed(is_bare.then(|| Fix::replace(name.span, "apt-get")))
        })
        .collect())
}
