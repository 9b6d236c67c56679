//! PL702: nothing states the image's created.

use super::labels;
use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL702",
    name: "no-created",
    practice: Practice::Provenance,
    severity: Severity::Low,
    summary: "no label or annotation states when the image was built",
    why: "The date says how much of what was mended since can be in the image. The config has a date of its own, which \
          reproducible builds set to a constant.",
    remedy: "Set `org.opencontainers.image.created` to the time of the build, by RFC 3339.",
    example: r#"LABEL org.opencontainers.image.created="2024-06-01T12:00:00Z"   # does not break the rule"#,
    aliases: &["DL3049"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    labels::missing(evidence, "created", "build-date", "$(date -u +%Y-%m-%dT%H:%M:%SZ)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn only_its_absence_breaks_it() {
        let mut bench = Bench::good();
        assert!(bench.hits(check).is_empty());
        bench.label("created", Some(""));
        assert!(bench.hits(check).is_empty());
        bench.label("created", None);
        assert_eq!(bench.hits(check)[0].message, "the image does not state when it was built");
    }
}
