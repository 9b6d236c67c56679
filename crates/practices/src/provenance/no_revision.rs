//! PL701: nothing states the image's revision.

use super::labels;
use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL701",
    name: "no-revision",
    practice: Practice::Provenance,
    severity: Severity::Low,
    summary: "no label or annotation states the source revision",
    why: "The revision is what leads from a running container back to the exact source it was built from. Without it, \
          that has to be looked up somewhere else, for as long as somewhere else exists.",
    remedy: "Set `org.opencontainers.image.revision` to the commit that was built.",
    example: r#"LABEL org.opencontainers.image.revision="a1b2c3d4"   # does not break the rule"#,
    aliases: &["DL3049"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    labels::missing(evidence, "revision", "vcs-ref", "$(git rev-parse HEAD)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn only_its_absence_breaks_it() {
        let mut bench = Bench::good();
        assert!(bench.hits(check).is_empty());
        bench.label("revision", Some(""));
        assert!(bench.hits(check).is_empty());
        bench.label("revision", None);
        assert_eq!(bench.hits(check)[0].message, "the image does not state from which source revision it was built");
    }
}
