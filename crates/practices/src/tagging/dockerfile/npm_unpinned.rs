//! PL141: npm packages are installed without a version.

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
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let packages = d.commands().filter(|(_, command)| command.name() == "npm");
    let packages = packages.flat_map(|(_, command)| loose(command));
    let hit = |word: &Word| {
        d.hit(word.span, format!("`{}` is installed without a version", model::escaped(&word.text)), RULE.remedy)
    };
    Ok(packages.map(hit).collect())
}

fn loose(command: &Command) -> Vec<&Word> {
    let mut operands = command.operands();
    if !operands.next().is_some_and(|verb| ["install", "i", "add"].contains(&verb.text.as_str())) {
        return Vec::new();
    }
    let takes_value = ["--prefix", "--registry", "--cache", "--tag", "--loglevel", "-C", "-w", "--workspace"];
    let words = command.arguments();
    let is_value = |word: &Word| {
        words.windows(2).any(|pair| pair[1].span == word.span && takes_value.contains(&pair[0].text.as_str()))
    };
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
