//! A `.hadolint.yaml`, taken over into a policy: what it turns off, how bad it makes things, whom it trusts, which labels
//! it wants. What cannot be taken over is said, never passed over.

use crate::asks::Shape;
use crate::policy::{Level, Policy};
use crate::rule::{self, Rule};
use globset::Glob;
use model::{Severity, escaped};
use sources::Setting;
use std::collections::BTreeMap;

/// A value that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddSetting {
    /// Its line, from 1.
    pub line: u32,
    /// What is wrong.
    pub why: String,
}

/// Adds to `policy` what these settings ask for, where it does not say otherwise itself. Gives what is not taken over.
pub fn adopt(policy: &mut Policy, settings: &[Setting]) -> Result<Vec<String>, OddSetting> {
    let (mut levels, mut notes): (BTreeMap<&'static str, Level>, Vec<String>) = Default::default();
    let trusts = policy.asks.trusted_registries.is_empty();
    for setting in settings {
        let value = setting.value.as_str();
        let odd = |why: &str| OddSetting { line: setting.at.line, why: format!("`{}` {why}", escaped(value)) };
        match setting.key.split_once('.').unwrap_or((&setting.key, "")) {
            ("ignored", "") => set(&mut levels, &mut notes, value, Level::Off),
            ("override", word) => {
                let severity = severity(word).ok_or_else(|| OddSetting {
                    line: setting.at.line,
                    why: format!("`{}` is none of `error`, `warning`, `info` and `style`", escaped(word)),
                })?;
                set(&mut levels, &mut notes, value, Level::At(severity));
            }
            ("trustedRegistries", "") if trusts => {
                let glob = Glob::new(value).map_err(|_| odd("is no pattern of a host"))?;
                policy.asks.trusted_registries.push(glob.compile_matcher());
            }
            ("trustedRegistries", "") => {}
            ("label-schema", label) => {
                let shape = Shape::ALL.into_iter().find(|shape| shape.word() == value);
                let shape = shape.ok_or_else(|| odd("is no shape of a label"))?;
                policy.asks.labels.entry(label.to_owned()).or_insert(shape);
            }
            ("strict-labels", "") => policy.asks.strict_labels |= value == "true",
            (key, _) => notes.push(format!("`{}` is not taken over", escaped(key))),
        }
    }
    for (code, level) in levels {
        policy.rules.entry(code).or_insert(level);
    }
    notes.dedup();
    Ok(notes)
}

/// One of ours may be several of theirs: it is then off, or as bad, for all of them, and that is said.
fn set(levels: &mut BTreeMap<&'static str, Level>, notes: &mut Vec<String>, id: &str, level: Level) {
    let rules = rule::find_alias(id);
    if rules.is_empty() {
        notes.push(format!("`{}` is no rule here", escaped(id)));
    }
    for rule in rules {
        let others: Vec<&str> = theirs(rule).filter(|other| !other.eq_ignore_ascii_case(id)).collect();
        if !others.is_empty() {
            let note = format!("`{}` is {} here, which is also {}", escaped(id), rule.code, others.join(", "));
            notes.push(note);
        }
        // What is ignored is ignored, whatever else is said of it.
        if levels.get(rule.code) != Some(&Level::Off) {
            levels.insert(rule.code, level);
        }
    }
}

fn theirs(rule: &Rule) -> impl Iterator<Item = &'static str> {
    rule.aliases.iter().copied().filter(|alias| alias.starts_with("DL"))
}

fn severity(word: &str) -> Option<Severity> {
    match word {
        "error" => Some(Severity::High),
        "warning" => Some(Severity::Medium),
        "info" => Some(Severity::Low),
        "style" => Some(Severity::Info),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adopted(own: &str, yaml: &str) -> (Policy, Result<Vec<String>, OddSetting>) {
        let mut policy = Policy::parse(own).unwrap();
        let notes = adopt(&mut policy, &sources::all_settings(yaml).unwrap());
        (policy, notes)
    }

    #[test]
    fn what_hadolint_is_told_is_taken_over() {
        let yaml = "ignored: [DL3025, DL4003, SC2086]\noverride:\n  error: [DL3008]\n  style: [DL3025]\n\
                    trustedRegistries:\n- docker.io\n- '*.corp'\nlabel-schema:\n  a: semver\nstrict-labels: true\nno-fail: true\n";
        let (policy, notes) = adopted("[rules]\nPL243 = \"low\"\n", yaml);
        let level = |code: &str| policy.rules.get(code).copied();
        assert_eq!(level("PL225"), Some(Level::Off));
        assert_eq!(level("PL144"), Some(Level::At(Severity::High)));
        assert_eq!(level("PL243"), Some(Level::At(Severity::Low)), "plimsoll.toml wins");
        assert_eq!(policy.asks.trusted_registries.len(), 2);
        assert!(policy.asks.strict_labels && policy.asks.labels["a"] == Shape::Semver);
        insta::assert_snapshot!(notes.unwrap().join("\n"), @r"
        `DL4003` is PL243 here, which is also DL3012, DL4004
        `SC2086` is no rule here
        `DL3008` is PL144 here, which is also DL3018, DL3033, DL3037, DL3041
        `no-fail` is not taken over
        ");
    }

    #[test]
    fn what_makes_no_sense_is_an_error_with_its_line() {
        for (yaml, line) in [
            ("\noverride:\n  bad: [DL3025]\n", 3),
            ("label-schema:\n  a: nothing\n", 2),
            ("trustedRegistries: ['[']\n", 1),
        ] {
            assert_eq!(adopted("", yaml).1.unwrap_err().line, line, "{yaml}");
        }
    }
}
