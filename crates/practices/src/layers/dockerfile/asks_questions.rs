//! PL236: a package manager asks for a yes that nobody gives.

use crate::evidence::Evidence;
use crate::fix::option_after;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL236",
    name: "asks-questions",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "a package manager asks for a yes that nobody gives",
    why: "A build has no terminal: the command takes the missing answer for no, and the build fails.",
    remedy: "Add `-y`.",
    example: r#"FROM debian:12
RUN apt-get update && apt-get install curl
                      ^^^^^^^^^^^^^^^^^^^^
---
FROM fedora:40
RUN dnf install curl
    ^^^^^^^^^^^^^^^^
---
FROM debian:12
RUN apt-get install -y curl && apt-get -qq install git && apt-get install --assume-yes vim
---
FROM fedora:40
RUN dnf -y install curl && zypper --non-interactive install git && yes | apt-get install vim"#,
    aliases: &["DL3014", "DL3030", "DL3034", "DL3038", "DS-0021"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let asks = d.commands().filter(|(script, c)| {
        let verb = c.operands().next().map_or("", |word| word.text.as_str());
        let (names, verbs, yes): (&[&str], &[&str], &[&str]) = match c.name() {
            "apt-get" | "apt" => (
                &["apt-get", "apt"],
                &["install", "upgrade", "dist-upgrade", "remove", "purge", "autoremove"],
                &["-y", "--yes", "--assume-yes", "-qq", "-q=2"],
            ),
            "dnf" | "yum" | "microdnf" | "dnf5" | "tdnf" => (
                &["dnf", "yum", "microdnf", "dnf5", "tdnf"],
                &["install", "update", "upgrade", "remove"],
                &["-y", "--assumeyes"],
            ),
            "zypper" => (
                &["zypper"],
                &["install", "in", "update", "up", "remove"],
                &["-n", "--non-interactive", "-y", "--no-confirm"],
            ),
            _ => return false,
        };
        let piped = script.pipes.iter().any(|pipe| pipe.span.holds(c.span) && pipe.bar.end <= c.span.start);
        let answered = yes.iter().any(|option| c.has(option))
            || c.options().any(|w| w.text.matches('q').count() > 1 && w.text.starts_with("-q"));
        names.contains(&c.name()) && verbs.contains(&verb) && !answered && !piped
    });
    Ok(asks
        .map(|(_, c)| {
            let hit = d.hit(c.span, format!("{} waits for a yes that nobody gives", c.name()), RULE.remedy);
            let verb = c.operands().next().map_or("", |word| word.text.as_str());
            hit.fixed(option_after(c, verb, "-y"))
        })
        .collect())
}
