//! PL103: a tag that names a line of releases, or no release at all.

use super::tag::{self, TagKind};
use super::{by_digest, pointed_to};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL103",
    name: "series-tag",
    practice: Practice::Tagging,
    severity: Severity::Low,
    summary: "the tag names a line of releases or a flavour, not one release",
    why: "A tag such as `1`, `1.4` or `20-slim` follows its line: each patch release moves it. That is useful in a \
          `FROM` line that is rebuilt on purpose, and leaves a deployment without certainty of what it runs.",
    remedy: "Deploy by digest, or by the full version.",
    example: r"my-api:1.4      # breaks the rule
my-api:1.4.2    # does not",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let reference = evidence.needs_reference()?;
    let Some(tag) = reference.tag().filter(|_| reference.digest().is_none()) else { return Ok(Vec::new()) };
    let what = match tag::kind(tag) {
        TagKind::Series => "names a line of releases, which moves with each of them",
        TagKind::Name => "names no release, so nothing keeps it where it is",
        TagKind::Version | TagKind::Moving => return Ok(Vec::new()),
    };
    let message = format!("the tag {} {what}", quoted(tag));
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
    fn lines_of_releases_break_it() {
        assert_eq!(count("node:20-slim"), 1);
        assert_eq!(count("my-api:1"), 1);
        assert_eq!(count("debian:bookworm"), 1);
        assert_eq!(count("my-api:1.4.2"), 0);
        assert_eq!(count("my-api:latest"), 0);
        assert_eq!(count("my-api"), 0);
        assert_eq!(count(&format!("node:20-slim@{}", model::Digest::of(b""))), 0);
    }
}
