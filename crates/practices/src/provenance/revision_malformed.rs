//! PL707: a revision that names no commit.

use super::labels::{self, PREFIX};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL707",
    name: "revision-malformed",
    practice: Practice::Provenance,
    severity: Severity::Low,
    summary: "the stated revision is not a commit's hash",
    why: "A branch's name or `unknown` in this label leads nowhere: the branch moves on, and the image no longer \
          says what it was built from. A hash is 7 to 64 hexadecimal characters.",
    remedy: "Set the label to the full hash of the commit.",
    example: r#"LABEL org.opencontainers.image.revision="main"       # breaks the rule
LABEL org.opencontainers.image.revision="a1b2c3d4"   # does not"#,
    aliases: &["DL3055"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let mut bad = labels::of(evidence, &["revision"])?;
    bad.retain(|s| !(7..=64).contains(&s.value.len()) || !s.value.bytes().all(|b| b.is_ascii_hexdigit()));
    let remedy = format!("set {PREFIX}revision with `$(git rev-parse HEAD)`");
    let message = "the stated revision is not a commit's hash";
    Ok(bad.iter().map(|s| Hit::new(message.to_owned(), s.to_string(), remedy.clone())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    fn count(value: &str) -> usize {
        let mut bench = Bench::good();
        bench.label("revision", Some(value));
        bench.hits(check).len()
    }

    #[test]
    fn only_hashes_pass() {
        for value in ["main", "unknown", "a1b2c3", "$GIT_SHA", "a1b2c3d4-dirty"] {
            assert_eq!(count(value), 1, "{value}");
        }
        for value in ["a1b2c3d", "A1B2C3D4", "", &"0f".repeat(20), &"0f".repeat(32)] {
            assert_eq!(count(value), 0, "{value}");
        }
    }
}
