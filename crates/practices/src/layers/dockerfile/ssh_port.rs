//! PL261: EXPOSE names the port of an SSH server.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Keyword};

pub(crate) const RULE: Rule = Rule {
    code: "PL261",
    name: "ssh-port",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "EXPOSE names the port of an SSH server",
    why: "A way into the container beside the program: with keys and flaws of its own, and no record of what was changed through it.",
    remedy: "Use `docker exec` or `kubectl exec`, and leave the server out.",
    example: r#"FROM debian:12
EXPOSE 22
       ^^
---
FROM debian:12
EXPOSE 80 22/tcp
          ^^^^^^
---
FROM debian:12
EXPOSE 2222 22/udp
---
FROM debian:12
EXPOSE 80"#,
    aliases: &["DS-0004"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for instruction in d.with(Keyword::Expose) {
        let Body::Words(words) = &instruction.body else { continue };
        let ssh = words.iter().filter(|word| matches!(word.text.as_str(), "22" | "22/tcp"));
        hits.extend(ssh.map(|word| d.hit(word.span, "this is the port of an SSH server", RULE.remedy)));
    }
    Ok(hits)
}
