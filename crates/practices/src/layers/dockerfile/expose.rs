//! PL252: EXPOSE names a port that is none, or maps one.

use crate::evidence::Evidence;
use crate::fix::Fix;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Keyword};

pub(crate) const RULE: Rule = Rule {
    code: "PL252",
    name: "expose",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "EXPOSE names a port that is none, or maps one",
    why: "A port is 1 to 65535 with `/tcp`, `/udp` or `/sctp`. EXPOSE publishes nothing, so that an address or a port of the host has no place there; BuildKit says that it will be an error.",
    remedy: "Write the container's port: `EXPOSE 8080`, `EXPOSE 53/udp`.",
    example: r#"FROM debian:12
EXPOSE 80 70000
          ^^^^^
---
FROM debian:12
EXPOSE 127.0.0.1:80:8080 53/UDP
       ^^^^^^^^^^^^^^^^^ ^^^^^^
---
FROM debian:12
EXPOSE 80 443/tcp 8000-8010 53/udp
---
FROM debian:12
ARG PORT=80
EXPOSE $PORT ${PORT}/udp"#,
    aliases: &["DL3011", "ExposeInvalidFormat", "ExposeProtoCasing", "DS-0008"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for instruction in d.with(Keyword::Expose) {
        let Body::Words(words) = &instruction.body else { continue };
        for word in words.iter().filter(|word| !word.text.contains('$')) {
            let (ports, protocol) = word.text.split_once('/').unwrap_or((&word.text, "tcp"));
            let large = |port: &str| port.parse::<u64>().is_ok_and(|port| port > 65_535);
            let message = if ports.contains(':') {
                "EXPOSE maps no port of the host"
            } else if ports.split('-').any(large) {
                "a port is at most 65535"
            } else if protocol != protocol.to_lowercase() {
                "a protocol is written in lower case"
            } else {
                continue;
            };
            let container = ports.rsplit(':').next().unwrap_or(ports);
            let range = |text: &str| text.split('-').all(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
            let tail = if word.text.contains('/') { format!("/{}", protocol.to_lowercase()) } else { String::new() };
            let is_bare = range(container) && d.file.source(word.span) == word.text;
            let fix = is_bare.then(|| Fix::replace(word.span, format!("{container}{tail}")));
            hits.push(d.hit(word.span, message, RULE.remedy).fixed(fix));
        }
    }
    Ok(hits)
}
