//! PL105: a version tag that named two things.

use super::change::told;
use super::tag::{self, TagKind};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, MOST_HITS, Rule};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL105",
    name: "version-tag-reused",
    practice: Practice::Tagging,
    severity: Severity::High,
    summary: "a version tag was pushed again with other content",
    why: "The guide's first rule lives from version tags that never mean anything else: who deployed `1.4.2` yesterday \
          and who deploys it today must run the same, and a rollback to it must find what was there. A registry lets \
          every tag move, so only the record of what it named tells.",
    remedy: "Give what was pushed again a version of its own, deploy by digest, and turn on immutable tags where the \
             registry has them.",
    example: r"my-api:1.4.2  sha256:3f29a8…  on Monday
my-api:1.4.2  sha256:90c1de…  on Tuesday   # breaks the rule",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let Some(past) = evidence.needs_past()? else { return Ok(Vec::new()) };
    if tag::kind(&past.tag) != TagKind::Version {
        return Ok(Vec::new());
    }
    let tag = quoted(&past.tag);
    let hit = |(before, after)| {
        let message = format!("the version tag {tag} was pushed again with other content");
        let remedy = match past.spans.iter().find_map(|span| span.digest) {
            Some(first) => {
                format!("push it under a new version; what {tag} named first is `{}@{first}`", past.repository)
            }
            None => "push it under a new version".to_owned(),
        };
        Hit::new(message, told(before, after), remedy)
    };
    Ok(past.changes().take(MOST_HITS).map(hit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    fn count(tag: &str, days: &[&str]) -> usize {
        Bench::with_past(tag, days).hits(check).len()
    }

    #[test]
    fn a_version_tag_names_one_thing() {
        assert_eq!(count("1.4.2", &["a"]), 0);
        assert_eq!(count("1.4.2", &["a", "b"]), 1);
        assert_eq!(count("1.4.2", &["a", "", "a"]), 0);
        assert_eq!(count("1.4.2", &["a", "", "b", "c"]), 2);
        assert_eq!(count("1.4", &["a", "b"]), 0);
        assert_eq!(count("latest", &["a", "b"]), 0);
    }

    #[test]
    fn with_a_digest_the_tag_does_not_decide() {
        let mut bench = Bench::with_past("1.4.2", &["a", "b"]);
        bench.ask_for(&format!("my-api:1.4.2@{}", model::Digest::of(b"a")));
        assert_eq!(bench.hits(check), []);
    }

    #[test]
    fn it_names_both_digests_and_what_changed() {
        let said = Bench::with_past("1.4.2", &["a", "b"]).said(check);
        for name in [b"a", b"b"] {
            assert!(said.contains(&model::Digest::of(name).to_string()), "{said}");
        }
        assert!(said.contains("labels: version 0 → 1; layers, packages: not known"), "{said}");
    }
}
