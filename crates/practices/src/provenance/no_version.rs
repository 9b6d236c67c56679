//! PL703: nothing states the image's version.

use super::labels;
use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL703",
    name: "no-version",
    practice: Practice::Provenance,
    severity: Severity::Low,
    summary: "no label or annotation states the version of the packaged software",
    why: "Tags are kept by the registry and get lost with `docker save`, a copy or a new tag. A version in the image \
          goes wherever the image goes.",
    remedy: "Set `org.opencontainers.image.version` to the version of the software in the image.",
    example: r#"LABEL org.opencontainers.image.version="1.4.2"   # does not break the rule"#,
    aliases: &["DL3049"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    labels::missing(evidence, "version", "version", "1.4.2")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn only_its_absence_breaks_it() {
        let mut bench = Bench::good();
        assert!(bench.hits(check).is_empty());
        bench.label("version", Some(""));
        assert!(bench.hits(check).is_empty());
        bench.label("version", None);
        assert_eq!(bench.hits(check)[0].message, "the image does not state its version");
    }
}
