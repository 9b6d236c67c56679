//! PL222: the last USER is a name, which Kubernetes cannot tell from root.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::Keyword;

pub(crate) const RULE: Rule = Rule {
    code: "PL222",
    name: "user-by-name",
    practice: Practice::Layers,
    severity: Severity::Info,
    summary: "the last USER is a name, which Kubernetes cannot tell from root",
    why: "`runAsNonRoot` refuses an image whose user is a name, because only the image's own /etc/passwd knows its number.",
    remedy: "Write the number: `USER 10001`, or `USER 10001:10001`.",
    example: r#"FROM debian:12
USER app
     ^^^
---
FROM debian:12
USER 10001
USER node:node
     ^^^^^^^^^
---
FROM debian:12
USER 10001:10001
---
FROM debian:12 AS build
USER builder
FROM debian:12
ARG UID=1000
USER root
RUN true
USER ${UID}"#,
    aliases: &["DL3066"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let Some(last) = d.stages.last() else { return Ok(Vec::new()) };
    let last = last.instructions.iter().rfind(|instruction| instruction.kind == Keyword::User);
    let Some(user) = last else { return Ok(Vec::new()) };
    let name = user.rest.text.split(':').next().unwrap_or_default();
    let is_name =
        !name.is_empty() && name != "root" && !name.contains('$') && !name.bytes().all(|b| b.is_ascii_digit());
    let message = format!("`{}` is a name, so that Kubernetes cannot verify that it is not root", model::escaped(name));
    Ok(is_name.then(|| d.hit(user.rest.span, message, RULE.remedy)).into_iter().collect())
}
