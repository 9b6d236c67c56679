//! The help's list of commands, each below the practice of the guide that it serves.
//!
//! The argument parser knows one list of commands alone, so the list is written here, from the parser's own names and
//! descriptions. A command without a place here does not pass the tests.

use clap::Command;

/// What is for every practice, or for none.
const FIRST: (&str, &[&str]) = ("Every practice", &["check", "inspect", "ls", "cat", "diff"]);
const LAST: (&str, &[&str]) = ("This program", &["cache", "completions"]);

/// The practices in the guide's order, as far as there is a command for them.
const PRACTICES: [(&str, &[&str]); 5] = [
    ("Tagging", &["resolve", "pin", "tags", "running", "tag", "promote", "untag", "copy", "login", "logout", "ledger"]),
    ("Layers", &["lint", "layers"]),
    ("Scanning", &["scan", "decide", "db"]),
    ("SBOM", &["sbom", "affected"]),
    ("Provenance", &["sign", "attest", "verify"]),
];

/// How wide the names are shown, and where a description breaks.
const NAME: usize = 11;
const WIDTH: usize = 98;

/// The command line with its commands grouped.
pub(super) fn grouped(command: Command) -> Command {
    let styles = command.get_styles().clone();
    let (header, literal) = (styles.get_header(), styles.get_literal());
    let mut list = String::new();
    for (heading, names) in groups() {
        list.push_str(&format!("{header}{heading}:{header:#}\n"));
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let indent = format!("\n  {:NAME$}  ", "");
            let about = broken(about.trim_end_matches('.'), WIDTH - NAME - 4).join(&indent);
            list.push_str(&format!("  {literal}{name:NAME$}{literal:#}  {about}\n"));
        }
        list.push('\n');
    }
    command.help_template(format!(
        "{{before-help}}{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{list}{header}Options:{header:#}\n\
         {{options}}{{after-help}}"
    ))
}

fn groups() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    [FIRST].into_iter().chain(PRACTICES).chain([LAST])
}

/// The words in lines of at most `width` characters, where words allow.
fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// House rule: the headings are the guide's words, in the guide's order.
    const WORDS: [&str; 8] = ["tagging", "layers", "base", "scanning", "sbom", "rebuilds", "provenance", "mistakes"];

    #[test]
    fn every_command_has_one_place() {
        let command = super::super::Cli::command();
        let mut there: Vec<&str> =
            command.get_subcommands().filter(|c| !c.is_hide_set()).map(Command::get_name).collect();
        let mut placed: Vec<&str> = groups().flat_map(|(_, names)| names).copied().collect();
        there.sort_unstable();
        placed.sort_unstable();
        assert_eq!(placed, there);
    }

    #[test]
    fn headings_are_the_words_of_the_guide_in_its_order() {
        let places: Vec<Option<usize>> =
            PRACTICES.iter().map(|(h, _)| WORDS.iter().position(|word| *word == h.to_lowercase())).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
    }

    #[test]
    fn lines_break_at_words() {
        assert_eq!(broken("one two three", 7), ["one two", "three"]);
        assert_eq!(broken("unbreakable", 3), ["unbreakable"]);
        assert_eq!(broken("", 3), [""; 0]);
    }
}
