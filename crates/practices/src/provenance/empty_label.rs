//! PL705: a label that says nothing.

use super::labels::{self, PREFIX, Stated};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, MOST_HITS, Rule};
use crate::words::clipped;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL705",
    name: "empty-label",
    practice: Practice::Provenance,
    severity: Severity::Low,
    summary: "one of OCI's labels is there and empty",
    why: "An empty label passes for provenance in a check that only looks for the key. Mostly a build argument was not \
          given, and the build went on without it.",
    remedy: "Give the label a value, or leave it out.",
    example: r#"LABEL org.opencontainers.image.revision="$REVISION"   # breaks the rule if REVISION is not given"#,
    aliases: &["DL3051"],
    off: None,
    settings: "",
    check,
};

/// Keys that only some images have a use for, so that an empty one is no lapse.
const OPTIONAL: [&str; 4] = ["description", "licenses", "documentation", "vendor"];

fn check(evidence: &Evidence<'_>) -> Checked {
    let empty = |s: &&Stated<'_>| s.value.is_empty() && !OPTIONAL.contains(&s.key);
    Ok(labels::all(evidence)?.iter().filter(empty).take(MOST_HITS).map(hit).collect())
}

fn hit(stated: &Stated<'_>) -> Hit {
    let key = clipped(stated.key);
    Hit::new(
        format!("the image's {key} is stated and empty"),
        stated.to_string(),
        format!("give {PREFIX}{key} a value (was a build argument forgotten?), or leave it out"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn empty_and_blank_ones_break_it() {
        let mut bench = Bench::good();
        assert!(bench.hits(check).is_empty());
        bench.label("revision", Some(""));
        bench.label("version", Some("  "));
        bench.label("licenses", Some(""));
        insta::assert_snapshot!(bench.said(check), @"
        the image's revision is stated and empty
          proof: the label org.opencontainers.image.revision is ``
          remedy: give org.opencontainers.image.revision a value (was a build argument forgotten?), or leave it out
        the image's version is stated and empty
          proof: the label org.opencontainers.image.version is ``
          remedy: give org.opencontainers.image.version a value (was a build argument forgotten?), or leave it out
        ");
    }
}
