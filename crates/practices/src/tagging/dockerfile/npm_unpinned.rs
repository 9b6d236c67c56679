//! PL141: npm packages are installed without a version.

use super::{follows, unpinned};
use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::shell::{Command, Word};

pub(crate) const RULE: Rule = Rule {
    code: "PL141",
    name: "npm-unpinned",
    practice: Practice::Tagging,
    severity: Severity::Low,
    summary: "npm packages are installed without a version",
    why: "The newest release of the day is taken, so two builds of one commit differ, and a broken or hostile release reaches you at once.",
    remedy: "Write `package@version`, or use `npm ci` with a lock file.",
    example: r#"FROM node:20
RUN npm install -g typescript && npm i express@4
                   ^^^^^^^^^^
---
FROM node:20
RUN npm i @angular/cli
          ^^^^^^^^^^^^
---
FROM node:20
RUN npm install && npm ci && npm install ./local git+ssh://git@example.com/x.git
---
FROM node:20
RUN npm install -g typescript@5.4.2 @angular/cli@17.0.0"#,
    aliases: &["DL3016"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    unpinned(evidence, RULE.remedy, |command| if command.name() == "npm" { loose(command) } else { Vec::new() })
}

fn loose(command: &Command) -> Vec<&Word> {
    let mut operands = command.operands();
    if !operands.next().is_some_and(|verb| ["install", "i", "add"].contains(&verb.text.as_str())) {
        return Vec::new();
    }
    let takes_value = ["--prefix", "--registry", "--cache", "--tag", "--loglevel", "-C", "-w", "--workspace"];
    let is_value = |word: &Word| follows(command, word, &takes_value);
    let held = |text: &str| {
        let name = text.strip_prefix('@').unwrap_or(text);
        name.contains(['@', '$'])
            || text.starts_with(['.', '/'])
            || text.contains("://")
            || text.ends_with(".tgz")
            || (!text.starts_with('@') && text.contains('/'))
    };
    operands.filter(|word| !is_value(word) && !held(&word.text)).collect()
}
