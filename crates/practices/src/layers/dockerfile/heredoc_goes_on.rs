//! PL228: a heredoc goes on after a command that failed.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL228",
    name: "heredoc-goes-on",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "a heredoc goes on after a command that failed",
    why: "The shell runs the lines of a heredoc one by one and gives back what the last one said: a failure in the middle builds a broken image.",
    remedy: "Begin it with `set -e`.",
    example: r#"FROM debian:12
RUN <<EOF
    ^^^^^
apt-get update
apt-get install -y curl
EOF
---
FROM debian:12
RUN <<EOF bash
    ^^^^^
make
make install
EOF
---
FROM debian:12
RUN <<EOF
set -eux
apt-get update
apt-get install -y curl
EOF
---
FROM debian:12
SHELL ["/bin/bash", "-ec"]
RUN <<EOF
make
make install
EOF
RUN <<EOF
make && make install
EOF"#,
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for script in d.scripts.iter().filter(|script| script.heredoc) {
        let strict = |word: &str| word.starts_with('-') && !word.starts_with("--") && word.contains('e');
        let in_shell = script.shell.iter().skip(1).any(|word| strict(word) || word == "errexit");
        let set = script.commands.iter().any(|c| {
            c.name() == "set" && c.arguments().iter().any(|word| strict(&word.text) || word.text == "errexit")
        });
        // One list of `&&` stops by itself.
        let outer = script.commands.iter().filter(|command| !command.substituted);
        let loose = outer.filter(|command| !matches!(command.joined.as_deref(), Some("&&" | "||" | "|"))).count();
        if in_shell || set || loose < 2 {
            continue;
        }
        let heredoc = d.instruction(script).heredocs.iter().find(|heredoc| heredoc.body == script.span);
        hits.extend(
            heredoc.map(|h| d.hit(h.mark.span, "a failure in the middle of this heredoc is not noticed", RULE.remedy)),
        );
    }
    Ok(hits)
}
