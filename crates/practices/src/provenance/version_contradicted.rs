//! PL712: a version label that the tag contradicts.

use super::labels::{self, PREFIX, Stated};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::tagging::version_in;
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL712",
    name: "version-contradicted",
    practice: Practice::Provenance,
    severity: Severity::Low,
    summary: "the stated version is not the one in the tag",
    why: "One of the two is wrong, and whoever reads it will act on it. Labels are inherited: an image that sets no \
          version of its own shows its base's. Only tags that name a full version are compared.",
    remedy: "Set the label and the tag from the same variable.",
    example: "docker build -t my-api:1.4.2 --label org.opencontainers.image.version=1.4.1 .   # breaks the rule",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    evidence.needs_config()?;
    let Some(tag) = evidence.reference.and_then(|r| r.tag()) else { return Ok(Vec::new()) };
    let Some(version) = version_in(tag) else { return Ok(Vec::new()) };
    let mut wrong = labels::of(evidence, &["version"])?;
    wrong.retain(|s| !agree(version, tag, s.value));
    Ok(wrong.iter().map(|s| hit(s, tag)).collect())
}

fn hit(stated: &Stated<'_>, tag: &str) -> Hit {
    Hit::new(
        "the stated version is not the one in the tag".to_owned(),
        format!("{stated}, and the tag is {}", quoted(tag)),
        format!("set {PREFIX}version and the tag from one variable; the label may be the base's"),
    )
}

/// Whether the numbers agree as far as both go: `1.4.2` and `v1.4.2-alpine`, `1.4.2+build5`, `1.4`. What follows the
/// numbers is not compared, since a tag cannot spell all that a version can.
fn agree(version: &str, tag: &str, label: &str) -> bool {
    let label = label.trim_start_matches(['v', 'V']);
    let (ours, theirs) = (numbers(version), numbers(label));
    let stated = theirs.iter().any(|n| !n.is_empty());
    tag == label || (stated && ours.iter().zip(&theirs).all(|(a, b)| a == b))
}

fn numbers(version: &str) -> Vec<&str> {
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    version[..end].trim_end_matches('.').split('.').collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    fn count(tag: &str, label: &str) -> usize {
        let mut bench = Bench::good();
        bench.ask_for(&format!("my-api:{tag}"));
        bench.label("version", Some(label));
        bench.hits(check).len()
    }

    #[test]
    fn other_versions_break_it() {
        assert_eq!(count("1.4.2", "22.04"), 1);
        assert_eq!(count("1.4.2", "1.4.20"), 1);
        assert_eq!(count("1.4.20", "1.4.2"), 1);
        assert_eq!(count("v1.4.2-alpine", "1.4.1"), 1);
    }

    #[test]
    fn the_same_version_in_other_words_passes() {
        for (tag, label) in [
            ("1.4.2", "1.4.2"),
            ("v1.4.2", "1.4.2"),
            ("1.4.2", "v1.4.2"),
            ("1.4.2-alpine", "1.4.2"),
            ("1.4.2", "1.4.2+build5"),
            ("1.4.2", "1.4"),
            ("1.4.2-rc.1", "1.4.2-rc.1"),
            ("17.0.2_8-jre", "17.0.2+8"),
        ] {
            assert_eq!(count(tag, label), 0, "{tag} {label}");
        }
    }

    #[test]
    fn tags_that_name_no_version_are_not_compared() {
        assert_eq!(count("latest", "22.04"), 0);
        assert_eq!(count("1.4", "22.04"), 0);
        let mut bench = Bench::good();
        bench.reference = None;
        assert!(bench.hits(check).is_empty());
    }
}
