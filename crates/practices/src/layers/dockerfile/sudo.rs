//! PL239: a RUN uses sudo.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::shell::Command;

pub(crate) const RULE: Rule = Rule {
    code: "PL239",
    name: "sudo",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "a RUN uses sudo",
    why: "A build is root unless USER says otherwise, so sudo does nothing but get installed; and if it is needed, the image ships a way back to root.",
    remedy: "Leave it out, or write `USER root` before and the user after.",
    example: r#"FROM debian:12
RUN sudo apt-get update && apt-get install -y curl
    ^^^^
---
FROM debian:12
RUN true && sudo -u app make
            ^^^^
---
FROM debian:12
RUN apt-get install -y sudo
---
FROM debian:12
RUN echo "app ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/app"#,
    aliases: &["DL3004", "DS-0010", "DKL-DI-0001"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let named = |c: &Command| {
        c.before.iter().chain(c.words.first()).find(|word| word.text.rsplit('/').next() == Some("sudo")).cloned()
    };
    let words = d.commands().filter_map(|(_, command)| named(command));
    Ok(words.map(|word| d.hit(word.span, "sudo is not needed in a build", RULE.remedy)).collect())
}
