//! PL239: a RUN uses sudo.

use crate::dockerfile::DockerfileEvidence;
use crate::evidence::Evidence;
use crate::fix::Fix;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::Span;
use sources::dockerfile::Keyword;
use sources::shell::{Command, Script};

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
    let words = d.commands().filter_map(|(script, command)| Some((script, command, named(command)?)));
    Ok(words
        .map(|(script, command, word)| {
            let hit = d.hit(word.span, "sudo is not needed in a build", RULE.remedy);
            hit.fixed(without(d, command, word.span).map(|fix| fix.if_safe(is_root(d, script))))
        })
        .collect())
}

/// The command without `sudo`, where that stands right before a program and has no options.
fn without(d: &DockerfileEvidence<'_>, command: &Command, sudo: Span) -> Option<Fix> {
    let [only] = &command.before[..] else { return None };
    let next = command.words.first()?;
    let gap = Span::new(sudo.end, next.span.start);
    let is_plain = only.span == sudo && !gap.is_empty() && d.file.source(gap).bytes().all(|b| b == b' ' || b == b'\t');
    (is_plain && !next.text.starts_with('-')).then(|| Fix::replace(Span::new(sudo.start, next.span.start), ""))
}

/// Whether a USER before it says root; without one the base decides, and nobody knows.
fn is_root(d: &DockerfileEvidence<'_>, script: &Script) -> bool {
    let lineage = d.lineage(script.stage);
    let users = lineage.iter().filter_map(|n| d.stages.get(*n)).flat_map(|stage| stage.instructions.iter().rev());
    let mut before = users.filter(|one| one.kind == Keyword::User && one.span.start < script.span.start);
    let name = before.next().map(|user| user.rest.text.split(':').next().unwrap_or_default());
    matches!(name, Some("root" | "0"))
}
