//! PL102: a tag that is meant to move. The guide's first common mistake.

use super::tag::TagKind;
use super::{by_digest, deciding_tag, pointed_to};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL102",
    name: "mutable-tag",
    practice: Practice::Tagging,
    severity: Severity::Medium,
    summary: "the tag is one that is meant to move, such as `latest` or a branch's name",
    why: "A tag such as `latest`, `stable` or `main` exists to be pushed again. A deployment that names it cannot say \
          which image it runs: the registry may answer differently an hour later, and a rollback has nothing to go \
          back to. Such a tag is a convenience for people, not a reference for machines.",
    remedy: "Deploy by digest, or at least by a version tag that is never used again; keep the moving tag for people.",
    example: r"my-api:latest            # breaks the rule
my-api:1.4.2             # does not
my-api:latest@sha256:3f29a8…   # does not: the digest decides",
    aliases: &["DL3007", "DS-0001", "DKL-DI-0006"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let Some((reference, tag)) = deciding_tag(evidence, TagKind::Moving)? else { return Ok(Vec::new()) };
    let message = format!("the tag {} is meant to move, so it does not say which image runs", quoted(tag));
    Ok(vec![Hit::new(message, pointed_to(evidence, reference), by_digest(evidence, reference))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;
    use crate::evidence::Missing;

    fn count(target: &str) -> usize {
        let mut bench = Bench::good();
        bench.ask_for(target);
        bench.hits(check).len()
    }

    #[test]
    fn moving_tags_break_it() {
        assert_eq!(count("my-api:latest"), 1);
        assert_eq!(count("my-api:main"), 1);
        assert_eq!(count("my-api:1.4.2"), 0);
        assert_eq!(count("my-api:20-slim"), 0);
        assert_eq!(count(&format!("my-api:latest@{}", model::Digest::of(b""))), 0);
    }

    #[test]
    fn without_a_reference_it_cannot_look() {
        let mut bench = Bench::good();
        bench.reference = None;
        assert_eq!(check(&bench.evidence()), Err(Missing::Reference));
    }

    #[test]
    fn an_image_that_was_never_pushed_has_no_digest_to_deploy() {
        let mut bench = Bench::good();
        bench.ask_for("my-api:dev");
        bench.subject = Some(model::Subject::Config(model::Digest::of(b"")));
        assert!(bench.hits(check)[0].remedy.starts_with("push the image"));
    }
}
