//! PL110: a text names an image without a tag and without a digest.

use super::texts::{by_role, each, proof, remedy};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL110",
    name: "text-no-tag",
    practice: Practice::Tagging,
    severity: Severity::High,
    summary: "a file names an image without tag and digest, so it means `latest`",
    why: "A file that says only `my-api` asks for whatever `latest` is at that moment. Two machines that apply the same \
          file an hour apart may run different images, and the file's history does not show it. Where the image is a \
          step of a build or a pipeline and not what is deployed, it counts as medium.",
    remedy: "Name a version, and let `plimsoll pin` put the digest beside it.",
    example: r"image: my-api                       # breaks the rule
image: my-api:1.4.2@sha256:3f29a8…  # does not",
    aliases: &["DL3006", "KSV-0013", "CKV_K8S_14"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    each(evidence, |text, mention, reference| {
        if reference.tag().is_some() || reference.digest().is_some() {
            return None;
        }
        let message = format!("{} names no tag and no digest, so it means `latest`", quoted(&mention.written));
        let hit = Hit::new(message, proof(text, mention, reference), remedy(text, mention, true));
        Some(hit.as_bad_as(by_role(mention, Severity::High, Severity::Medium)))
    })
}
