//! PL142: Ruby gems are installed without a version.

use super::{follows, unpinned};
use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::shell::{Command, Word};

pub(crate) const RULE: Rule = Rule {
    code: "PL142",
    name: "gem-unpinned",
    practice: Practice::Tagging,
    severity: Severity::Low,
    summary: "Ruby gems are installed without a version",
    why: "The newest release of the day is taken, so two builds of one commit differ, and a broken or hostile release reaches you at once.",
    remedy: "Write `gem:version`, or install from a Gemfile.lock.",
    example: r#"FROM ruby:3.3
RUN gem install bundler rake:13.1.0
                ^^^^^^^
---
FROM ruby:3.3
RUN gem i rails --no-document
          ^^^^^
---
FROM ruby:3.3
RUN gem install bundler -v 2.5.6
---
FROM ruby:3.3
RUN gem install bundler:2.5.6 ./local.gem && gem update --system"#,
    aliases: &["DL3028"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    unpinned(evidence, RULE.remedy, |command| if command.name() == "gem" { loose(command) } else { Vec::new() })
}

fn loose(command: &Command) -> Vec<&Word> {
    let mut operands = command.operands();
    let versioned = command.has("-v") || command.has("--version");
    if versioned || !operands.next().is_some_and(|verb| ["install", "i"].contains(&verb.text.as_str())) {
        return Vec::new();
    }
    let takes_value = ["-i", "--install-dir", "-n", "--bindir", "-s", "--source", "-P", "--trust-policy"];
    let is_value = |word: &Word| follows(command, word, &takes_value);
    operands.filter(|word| !is_value(word) && !word.text.contains([':', '$']) && !word.text.ends_with(".gem")).collect()
}
