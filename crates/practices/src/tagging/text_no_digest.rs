//! PL113: a text names a version without its digest: good, and not pinned.

use super::tag::{self, TagKind};
use super::texts::{each, proof, remedy};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL113",
    name: "text-no-digest",
    practice: Practice::Tagging,
    severity: Severity::Info,
    summary: "a file names a version without its digest",
    why: "A version tag says what is meant, and is the least that a deployment should name. Only the digest makes sure \
          that it is what runs: a registry lets a version tag be pushed again, too.",
    remedy: "Let `plimsoll pin` put the digest beside the tag.",
    example: r"image: my-api:1.4.2                 # breaks the rule
image: my-api:1.4.2@sha256:3f29a8…  # does not",
    aliases: &["CKV_K8S_43", "CKV_DOCKER_7"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    each(evidence, |text, mention, reference| {
        let tag = reference.tag().filter(|t| reference.digest().is_none() && tag::kind(t) == TagKind::Version)?;
        let message = format!("the version {} is not pinned by its digest", quoted(tag));
        Some(Hit::new(message, proof(text, mention, reference), remedy(text, mention, false)))
    })
}
