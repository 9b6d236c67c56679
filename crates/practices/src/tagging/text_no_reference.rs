//! PL115: where an image should stand, something else does.

use super::texts::{by_role, mentions};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Practice, Severity};
use sources::Obstacle;

pub(crate) const RULE: Rule = Rule {
    code: "PL115",
    name: "text-no-reference",
    practice: Practice::Tagging,
    severity: Severity::Medium,
    summary: "a file names an image by a text that is no reference",
    why: "Upper case in a repository, a tag after a digest, a digest that is too short: what looks like an image and is \
          none fails when it is needed, on the machine that pulls it.",
    remedy: "Write `registry/repository:tag@digest`, the repository in lower case.",
    example: r"image: My-API:1.4.2   # breaks the rule
image: my-api:1.4.2   # does not",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    mentions(evidence, |text, mention| {
        let Some(Obstacle::Malformed(error)) = &mention.obstacle else { return None };
        let message = format!("{} is not an image reference", quoted(&mention.written));
        let proof = format!(
            "in a place of the {} where an image stands: {}",
            text.kind.word(),
            model::escaped(&error.to_string())
        );
        let hit =
            Hit::new(message, proof, "write `registry/repository:tag@digest`, the repository in lower case".to_owned());
        Some(hit.as_bad_as(by_role(mention, Severity::Medium, Severity::Low)))
    })
}
