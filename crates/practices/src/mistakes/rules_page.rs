//! `docs/rules.md`: every rule about Dockerfiles with what it says, what makes it speak and what does not; and what
//! becomes of the ids of other programs.

use super::capital;
use super::peers::{Here, PEERS, here};
use crate::examples::{Example, examples, findings, is_about_dockerfiles, mended};
use crate::rule::{RULES, Rule};
use std::fmt::Write as _;

/// The page, in Markdown.
pub fn rules_page() -> String {
    let mut page = String::from(
        "# Rules about Dockerfiles\n\nWhat `plimsoll lint` looks for. This page is made from the rules themselves \
         (`cargo xtask rules`); do not edit it. Why each matters is in the guide, \
         [8. Mistakes](guide/8-mistakes.md), with the rules about images.\n\nEvery example is a test: `^^^` under a \
         line is a finding there. Message and remedy are those of the first example.\n\n\
         | rule | name | severity | finds |\n| --- | --- | --- | --- |\n",
    );
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| is_about_dockerfiles(rule)).collect();
    for rule in &rules {
        let anchor = format!("{}-{}", rule.code.to_ascii_lowercase(), rule.name);
        let off = if rule.off.is_some() { ", off" } else { "" };
        let summary = rule.summary.replace('|', "\\|");
        let _ = writeln!(page, "| [{}](#{anchor}) | {} | {}{off} | {summary} |", rule.code, rule.name, rule.severity);
    }
    for rule in &rules {
        entry(&mut page, rule);
    }
    page.push_str("\n## Ids of other programs\n");
    for peer in &PEERS {
        let _ = write!(page, "\n### {}\n\n| id | here |\n| --- | --- |\n", peer.name);
        for id in peer.ids {
            let _ = writeln!(page, "| {id} | {} |", words(id));
        }
    }
    page
}

fn words(id: &str) -> String {
    match here(id) {
        Here::Rules(rules) => rules.iter().map(|r| format!("{} {}", r.code, r.name)).collect::<Vec<_>>().join(", "),
        Here::Nothing(why) => format!("no rule: {why}"),
        Here::Forgotten => "no rule".to_owned(),
    }
}

fn entry(page: &mut String, rule: &Rule) {
    let blocks = examples(rule);
    let (firing, silent): (Vec<&Example<'_>>, Vec<&Example<'_>>) = blocks.iter().partition(|b| !b.marks.is_empty());
    let said = firing.first().map(|block| findings(rule, &block.text)).unwrap_or_default();
    let aliases = if rule.aliases.is_empty() { "none".to_owned() } else { rule.aliases.join(", ") };
    let _ = write!(page, "\n## {} {}\n\n{}.\n\n", rule.code, rule.name, capital(rule.summary));
    let _ = write!(page, "- severity: {}\n- aliases: {aliases}\n", rule.severity);
    if let Some(why) = rule.off {
        let _ = writeln!(page, "- off unless `plimsoll.toml` turns it on: {why}");
    }
    if let Some(first) = said.first() {
        let _ = writeln!(page, "- message: {}\n- remedy: {}", first.message, first.remedy);
    }
    if !rule.settings.is_empty() {
        let _ = write!(page, "\nJudged by the policy, here:\n\n```toml\n{}\n```\n", rule.settings);
    }
    let mended = firing.iter().find_map(|block| mended(rule, &block.text));
    let fix = match &mended {
        Some((_, true)) => "`plimsoll lint --fix` makes of the first that it can mend",
        Some((_, false)) => {
            "`plimsoll lint --fix --unsafe-fixes` makes of the first that it can mend, and not without being asked"
        }
        None => "none: it takes a person",
    };
    for (title, blocks) in [("Fires", firing), ("Does not fire", silent)] {
        let _ = write!(page, "\n{title}:\n");
        for block in blocks {
            let _ = write!(page, "\n```text\n{}\n```\n", block.drawn);
        }
    }
    let _ = write!(page, "\nFix: {fix}");
    match mended {
        Some((text, _)) => drop(write!(page, ":\n\n```dockerfile\n{}\n```\n", text.trim_end())),
        None => page.push_str(".\n"),
    }
}
