//! PL111: a text names an image by a tag that is meant to move. The guide's first common mistake, where it is made.

use super::tag::{self, TagKind};
use super::texts::{by_role, each, proof, remedy};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL111",
    name: "text-mutable-tag",
    practice: Practice::Tagging,
    severity: Severity::High,
    summary: "a file names an image by a tag that is meant to move, such as `latest`",
    why: "What a deployment file names is what runs. `latest`, `stable` or a branch's name is pushed again and again, so \
          the same file gives another image tomorrow, and a rollback to an old file does not bring the old image back. \
          Where the image is a step of a build or a pipeline, it counts as medium.",
    remedy: "Name a version, and let `plimsoll pin` put the digest beside it.",
    example: r"image: my-api:latest                # breaks the rule
image: my-api:1.4.2                 # does not
image: my-api:1.4.2@sha256:3f29a8…  # is best",
    aliases: &["DL3007", "DS-0001", "KSV-0013", "CKV_K8S_14"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    each(evidence, |text, mention, reference| {
        let tag = reference.tag().filter(|t| reference.digest().is_none() && tag::kind(t) == TagKind::Moving)?;
        let message = format!("the tag {} is meant to move, so the file does not say which image runs", quoted(tag));
        let hit = Hit::new(message, proof(text, mention, reference), remedy(text, mention, true));
        Some(hit.as_bad_as(by_role(mention, Severity::High, Severity::Medium)))
    })
}
