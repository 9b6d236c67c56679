//! PL112: a text names an image by a tag that follows a line of releases.

use super::tag::{self, TagKind};
use super::texts::{by_role, each, proof, remedy};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL112",
    name: "text-series-tag",
    practice: Practice::Tagging,
    severity: Severity::Medium,
    summary: "a file names an image by a tag that follows a line of releases, or names none",
    why: "`1`, `1.4` and `bookworm` move with each release of their line. A base image may follow its line on purpose, \
          and is then rebuilt; what is deployed should be one image. In a build or a pipeline it counts as low.",
    remedy: "Keep the tag for people and let `plimsoll pin` put the digest beside it.",
    example: r"image: my-api:1.4                 # breaks the rule
image: my-api:1.4@sha256:3f29a8…  # does not",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    each(evidence, |text, mention, reference| {
        let tag = reference.tag().filter(|_| reference.digest().is_none())?;
        let what = match tag::kind(tag) {
            TagKind::Series => "names a line of releases, which moves with each of them",
            TagKind::Name => "names no release, so nothing keeps it where it is",
            TagKind::Version | TagKind::Moving => return None,
        };
        let message = format!("the tag {} {what}", quoted(tag));
        let hit = Hit::new(message, proof(text, mention, reference), remedy(text, mention, false));
        Some(hit.as_bad_as(by_role(mention, Severity::Medium, Severity::Low)))
    })
}
