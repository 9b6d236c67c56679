//! PL706: a build date that is none.

use super::labels::{self, PREFIX};
use super::time::rfc3339;
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL706",
    name: "created-malformed",
    practice: Practice::Provenance,
    severity: Severity::Low,
    summary: "the stated build date is not a date and time by RFC 3339",
    why: "The key's specification asks for RFC 3339, and tools that sort or compare images by it fail on anything \
          else.",
    remedy: "Write the date as in `2024-06-01T12:00:00Z`.",
    example: r#"LABEL org.opencontainers.image.created="1 June 2024"            # breaks the rule
LABEL org.opencontainers.image.created="2024-06-01T12:00:00Z"   # does not"#,
    aliases: &["DL3053"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let mut bad = labels::of(evidence, &["created"])?;
    bad.retain(|s| rfc3339(s.value).is_none());
    let remedy = format!("set {PREFIX}created with `$(date -u +%Y-%m-%dT%H:%M:%SZ)`");
    let message = "the stated build date is not a date and time by RFC 3339";
    Ok(bad.iter().map(|s| Hit::new(message.to_owned(), s.to_string(), remedy.clone())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn only_rfc_3339_passes() {
        let mut bench = Bench::good();
        assert!(bench.hits(check).is_empty());
        bench.label("created", Some("1 June 2024\u{1b}"));
        insta::assert_snapshot!(bench.said(check), @r"
        the stated build date is not a date and time by RFC 3339
          proof: the label org.opencontainers.image.created is `1 June 2024\x1b`
          remedy: set org.opencontainers.image.created with `$(date -u +%Y-%m-%dT%H:%M:%SZ)`
        ");
        bench.label("created", Some(""));
        assert!(bench.hits(check).is_empty());
    }
}
