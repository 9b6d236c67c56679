//! PL721: a label's key is not one that Docker's guidelines allow.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Keyword};

pub(crate) const RULE: Rule = Rule {
    code: "PL721",
    name: "label-key",
    practice: Practice::Provenance,
    severity: Severity::Low,
    summary: "a label's key is not one that Docker's guidelines allow",
    why: "Keys are lower-case letters, digits, `.` and `-`, begin with a letter and end with a letter or digit; `com.docker.`, `io.docker.` and `org.dockerproject.` are Docker's own.",
    remedy: "Choose a key in reverse-DNS form, or one of `org.opencontainers.image.…`.",
    example: r#"FROM debian:12
LABEL Version=1
      ^^^^^^^
---
FROM debian:12
LABEL com.docker.app=x my..key=y
      ^^^^^^^^^^^^^^
                       ^^^^^^^
---
FROM debian:12
LABEL org.opencontainers.image.source=https://example.com "com.example.a-b"=1
---
FROM debian:12
LABEL $KEY=1"#,
    aliases: &["DL3048"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for instruction in d.with(Keyword::Label) {
        let Body::Pairs(pairs) = &instruction.body else { continue };
        for pair in &pairs.pairs {
            let key = pair.key.text.trim_matches(['"', '\'']);
            let reserved = ["com.docker.", "io.docker.", "org.dockerproject."].iter().any(|own| key.starts_with(own));
            let charset = key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-');
            let ends =
                key.starts_with(|c: char| c.is_ascii_lowercase()) && key.ends_with(|c: char| c.is_ascii_alphanumeric());
            let right = charset && ends && !reserved && !key.contains("..") && !key.contains("--");
            if !right && !key.contains('$') && !key.is_empty() {
                hits.push(d.hit(pair.key.span, "this key is not one that Docker's guidelines allow", RULE.remedy));
            }
        }
    }
    Ok(hits)
}
