//! PL114: the texts pin one tag to several digests. One of them is not what people read.

use super::texts::{all, each};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Digest, Practice, Reference, Severity};
use std::collections::BTreeMap;

pub(crate) const RULE: Rule = Rule {
    code: "PL114",
    name: "text-two-digests",
    practice: Practice::Tagging,
    severity: Severity::Medium,
    summary: "files pin the same tag to different digests",
    why: "With a tag and a digest, the digest decides and the tag is for people. Where two places show the same tag and \
          run two images, the tag tells nobody what runs: one of them was moved by hand, missed by an update, or pinned \
          to one platform while the other names the index.",
    remedy: "Let `plimsoll pin --update` bring all of them to what the tag names now.",
    example: r"a.yaml  image: my-api:1.4.2@sha256:3f29a8…
b.yaml  image: my-api:1.4.2@sha256:91cc04…   # breaks the rule",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let mut known: BTreeMap<(String, String), BTreeMap<Digest, usize>> = BTreeMap::new();
    for text in all(evidence)? {
        for (key, digest) in text.mentions.iter().filter_map(|m| m.reference()).filter_map(pinned) {
            *known.entry(key).or_default().entry(digest).or_default() += 1;
        }
    }
    each(evidence, |_, mention, reference| {
        let (key, digest) = pinned(reference)?;
        let digests = known.get(&key).filter(|d| d.len() > 1)?;
        // The digest that most places have is taken for the meant one; of equals the first.
        let usual = digests.iter().max_by_key(|(d, count)| (**count, std::cmp::Reverse(**d))).map(|(d, _)| *d)?;
        let message = format!("{} is pinned to another digest than elsewhere", quoted(&format!("{}:{}", key.0, key.1)));
        let proof = format!(
            "here {digest}, elsewhere {usual}; {} names {} digests in all",
            quoted(&mention.written),
            digests.len()
        );
        let remedy =
            format!("find out which is meant, or `plimsoll pin --update`: {} names one of them", quoted(&key.1));
        (digest != usual).then(|| Hit::new(message, proof, remedy))
    })
}

fn pinned(reference: &Reference) -> Option<((String, String), Digest)> {
    Some(((reference.name(), reference.tag()?.to_owned()), *reference.digest()?))
}
