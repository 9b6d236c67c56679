//! PL142: Ruby gems are installed without a version.

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
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let packages = d.commands().filter(|(_, command)| command.name() == "gem");
    let packages = packages.flat_map(|(_, command)| loose(command));
    let hit = |word: &Word| {
        d.hit(word.span, format!("`{}` is installed without a version", model::escaped(&word.text)), RULE.remedy)
    };
    Ok(packages.map(hit).collect())
}

fn loose(command: &Command) -> Vec<&Word> {
    let mut operands = command.operands();
    let versioned = command.has("-v") || command.has("--version");
    if versioned || !operands.next().is_some_and(|verb| ["install", "i"].contains(&verb.text.as_str())) {
        return Vec::new();
    }
    let takes_value = ["-i", "--install-dir", "-n", "--bindir", "-s", "--source", "-P", "--trust-policy"];
    let words = command.arguments();
    let is_value = |word: &Word| {
        words.windows(2).any(|pair| pair[1].span == word.span && takes_value.contains(&pair[0].text.as_str()))
    };
    operands.filter(|word| !is_value(word) && !word.text.contains([':', '$']) && !word.text.ends_with(".gem")).collect()
}
