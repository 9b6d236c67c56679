//! PL143: Go programs are installed without a version.

use super::unpinned;
use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::shell::{Command, Word};

pub(crate) const RULE: Rule = Rule {
    code: "PL143",
    name: "go-unpinned",
    practice: Practice::Tagging,
    severity: Severity::Low,
    summary: "Go programs are installed without a version",
    why: "`latest`, or nothing, is the newest release of the day, so two builds of one commit differ.",
    remedy: "Write `module@v1.2.3`.",
    example: r#"FROM golang:1.22
RUN go install example.com/tool@latest
               ^^^^^^^^^^^^^^^^^^^^^^^
---
FROM golang:1.22
RUN go get -u example.com/lib
              ^^^^^^^^^^^^^^^
---
FROM golang:1.22
RUN go install example.com/tool@v1.2.3 && go install ./... && go build .
---
FROM golang:1.22
ARG VERSION
RUN go install example.com/tool@${VERSION} && go run ./cmd/x"#,
    aliases: &["DL3062"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    unpinned(evidence, RULE.remedy, |command| if command.name() == "go" { loose(command) } else { Vec::new() })
}

fn loose(command: &Command) -> Vec<&Word> {
    let mut operands = command.operands();
    let verb = operands.next().map_or("", |verb| verb.text.as_str());
    if !["install", "get", "run"].contains(&verb) {
        return Vec::new();
    }
    // Only `install` and `get` take several; what follows a program that is run is for the program.
    let most = if verb == "run" { 1 } else { usize::MAX };
    let remote = |text: &str| text.contains('.') && text.contains('/') && !text.starts_with(['.', '/']);
    let loose =
        |text: &str| text.rsplit_once('@').is_none_or(|(_, version)| ["latest", "none", "upgrade"].contains(&version));
    operands.take(most).filter(|word| remote(&word.text) && loose(&word.text)).collect()
}
