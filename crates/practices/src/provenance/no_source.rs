//! PL704: nothing states the image's source.

use super::labels;
use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL704",
    name: "no-source",
    practice: Practice::Provenance,
    severity: Severity::Info,
    summary: "no label or annotation states where the source is",
    why: "A revision means little without the repository it is of. Registries also use this label to link an image to \
          its source.",
    remedy: "Set `org.opencontainers.image.source` to the URL of the repository.",
    example: r#"LABEL org.opencontainers.image.source="https://example.com/my-api"   # does not break the rule"#,
    aliases: &["DL3049"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    labels::missing(evidence, "source", "vcs-url", "https://…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn only_its_absence_breaks_it() {
        let mut bench = Bench::good();
        assert!(bench.hits(check).is_empty());
        bench.label("source", Some(""));
        assert!(bench.hits(check).is_empty());
        bench.label("source", None);
        assert_eq!(bench.hits(check)[0].message, "the image does not state where its source is");
    }
}
