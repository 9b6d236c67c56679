//! PL104: a version tag, which is good, without the digest, which is better.

use super::tag::TagKind;
use super::{by_digest, deciding_tag, pointed_to};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL104",
    name: "no-digest",
    practice: Practice::Tagging,
    severity: Severity::Info,
    summary: "a version tag is named without the digest that would make it certain",
    why: "The guide accepts a version tag that is never used again as the least a deployment should name. Whether it \
          was used again only the registry's history tells; a digest cannot change its meaning at all. Raise this \
          rule's level where every deployment has to be pinned.",
    remedy: "Add the digest after the tag: the tag stays readable and the digest decides.",
    example: r"my-api:1.4.2                  # breaks the rule
my-api:1.4.2@sha256:3f29a8…   # does not",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let Some((reference, tag)) = deciding_tag(evidence, TagKind::Version)? else { return Ok(Vec::new()) };
    let message = format!("the version tag {} is not pinned to a digest", quoted(tag));
    Ok(vec![Hit::new(message, pointed_to(evidence, reference), by_digest(evidence, reference))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    fn count(target: &str) -> usize {
        let mut bench = Bench::good();
        bench.ask_for(target);
        bench.hits(check).len()
    }

    #[test]
    fn a_version_tag_alone_breaks_it() {
        assert_eq!(count("my-api:1.4.2"), 1);
        assert_eq!(count("my-api:latest"), 0);
        assert_eq!(count(&format!("my-api:1.4.2@{}", model::Digest::of(b""))), 0);
    }
}
