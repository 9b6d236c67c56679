//! PL324: an image comes from a registry that the policy does not list.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::images;

pub(crate) const RULE: Rule = Rule {
    code: "PL324",
    name: "registry-not-trusted",
    practice: Practice::Base,
    severity: Severity::High,
    summary: "an image comes from a registry that the policy does not list",
    why: "Whoever can push to a registry decides what is built from it. A team that knows its registries sees a stranger's at once.",
    remedy: "Take the image from a registry that the policy lists, or add this one to `trusted-registries`.",
    example: r#"FROM quay.io/team/app:1.4
     ^^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
COPY --from=ghcr.example/tool:2 /tool /tool
            ^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
COPY --from=registry.corp.example/tool:2 /tool /tool
---
FROM scratch
FROM docker.io/library/nginx:1.27"#,
    aliases: &["DL3026"],
    off: None,
    settings: "[base]\ntrusted-registries = [\"docker.io\", \"*.corp.example\"]",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let trusted = &d.asks.trusted_registries;
    if trusted.is_empty() {
        return Ok(Vec::new());
    }
    let mut hits = Vec::new();
    for mention in images(d.file) {
        let Some(reference) = &mention.names else { continue };
        let registry = reference.registry();
        if !trusted.iter().any(|one| one.is_match(registry)) {
            let message =
                format!("the registry `{}` is not among those that the policy trusts", model::escaped(registry));
            hits.push(d.hit(mention.span, message, RULE.remedy));
        }
    }
    Ok(hits)
}
