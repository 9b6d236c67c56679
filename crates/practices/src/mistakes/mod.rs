//! The table of all rules, for people: the answer to "what is PL102", and the guide's last page.

pub mod peers;
mod rules_page;

pub use rules_page::rules_page;

use crate::rule::{self, RULES, Rule};
use model::Practice;
use std::fmt::Write as _;

/// All that is known of one rule, by code, name or a peer's name for it, as plain text; `None` if there is no such rule.
/// A peer's name may stand for several.
pub fn explain(name: &str) -> Option<String> {
    if let Some(rule) = rule::find(name) {
        return Some(explained(rule));
    }
    let all: Vec<String> = rule::find_alias(name).into_iter().map(explained).collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

fn explained(rule: &Rule) -> String {
    let mut text = format!("{} {} ({}, {})\n\n", rule.code, rule.name, rule.practice.word(), rule.severity);
    let _ = write!(text, "{}.\n\n", capital(rule.summary));
    if let Some(why) = rule.off {
        let _ = write!(text, "Off unless policy turns it on: {why}.\n\n");
    }
    let _ = write!(text, "Why: {}\n\nWhat to do: {}\n\nExample:\n{}\n", rule.why, rule.remedy, indented(rule.example));
    if !rule.aliases.is_empty() {
        let _ = write!(text, "\nKnown elsewhere as: {}\n", rule.aliases.join(", "));
    }
    text
}

/// The guide's page of mistakes, in Markdown.
pub fn guide_page() -> String {
    let mut page = String::from(
        "# 8. Mistakes\n\nEvery rule that Plimsoll knows, by practice. This page is made from the rules themselves; \
         do not edit it.\n\nA rule is named by its code or its name, in `plimsoll.toml` and everywhere else:\n\n\
         ```toml\nfail-on = \"high\"\n\n[rules]\nPL102 = \"high\"          # off, info, low, medium, high, critical\n\
         root-user = \"off\"\n```\n",
    );
    for practice in Practice::ALL {
        let rules: Vec<&Rule> = RULES.iter().filter(|r| r.practice == practice).collect();
        if !rules.is_empty() {
            section(&mut page, practice, &rules);
        }
    }
    page
}

fn section(page: &mut String, practice: Practice, rules: &[&Rule]) {
    let (number, word) = (practice.number(), practice.word());
    let _ = write!(page, "\n## {}\n\nSee [{number}. {}]({number}-{word}.md).\n\n", capital(word), capital(word));
    page.push_str("| rule | name | severity | finds |\n| --- | --- | --- | --- |\n");
    for rule in rules {
        let anchor = format!("{}-{}", rule.code.to_ascii_lowercase(), rule.name);
        let _ = writeln!(page, "| [{}](#{anchor}) | {} | {} | {} |", rule.code, rule.name, rule.severity, rule.summary);
    }
    for rule in rules {
        entry(page, rule);
    }
}

fn entry(page: &mut String, rule: &Rule) {
    let _ = write!(
        page,
        "\n### {} {}\n\n{}. Severity: {}.\n\n",
        rule.code,
        rule.name,
        capital(rule.summary),
        rule.severity
    );
    if let Some(why) = rule.off {
        let _ = write!(page, "Off unless policy turns it on: {why}.\n\n");
    }
    let _ = write!(page, "{}\n\n**What to do.** {}\n\n```text\n{}\n```\n", rule.why, rule.remedy, rule.example);
    if !rule.aliases.is_empty() {
        let _ = write!(page, "\nKnown elsewhere as {}.\n", rule.aliases.join(", "));
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn indented(text: &str) -> String {
    text.lines().map(|l| format!("  {l}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `PLIMSOLL_UPDATE=1 cargo test -p practices` writes the page anew.
    #[test]
    fn the_guides_page_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/8-mistakes.md");
        if std::env::var_os("PLIMSOLL_UPDATE").is_some() {
            std::fs::write(path, guide_page()).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == guide_page(),
            "docs/guide/8-mistakes.md is stale: run PLIMSOLL_UPDATE=1 cargo test -p practices"
        );
    }

    #[test]
    fn a_rule_is_explained_by_code_and_name() {
        assert_eq!(explain("pl101"), explain("no-tag"));
        assert_eq!(explain("PL999"), None);
        assert_eq!(explain("dl3025"), explain("shell-form"));
        assert!(explain("DL3007").is_some_and(|text| text.contains("PL131")));
        insta::assert_snapshot!(explain("PL103").unwrap(), @r"
        PL103 series-tag (tagging, low)

        The tag names a line of releases or a flavour, not one release.

        Why: A tag such as `1`, `1.4` or `20-slim` follows its line: each patch release moves it. That is useful in a `FROM` line that is rebuilt on purpose, and leaves a deployment without certainty of what it runs.

        What to do: Deploy by digest, or by the full version.

        Example:
          my-api:1.4      # breaks the rule
          my-api:1.4.2    # does not
        ");
    }
}
