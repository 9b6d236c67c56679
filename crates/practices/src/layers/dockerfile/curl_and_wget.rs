//! PL257: a stage uses both curl and wget.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL257",
    name: "curl-and-wget",
    practice: Practice::Layers,
    severity: Severity::Info,
    summary: "a stage uses both curl and wget",
    why: "Each brings libraries, and flaws, of its own; one of them is enough.",
    remedy: "Use one of the two.",
    example: r#"FROM debian:12
RUN curl -fsSO https://example.com/a
RUN wget -q https://example.com/b
    ^^^^
---
FROM debian:12
RUN wget -q https://example.com/b && curl -fsSO https://example.com/a
                                     ^^^^
---
FROM debian:12 AS a
RUN curl -fsSO https://example.com/a
FROM debian:12
RUN wget -q https://example.com/b
---
FROM debian:12
RUN apt-get install -y curl wget"#,
    aliases: &["DL4001", "DS-0014"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for stage in &d.stages {
        let used =
            d.commands().filter(|(script, c)| script.stage == stage.index && matches!(c.name(), "curl" | "wget"));
        let mut first: Option<String> = None;
        for (_, command) in used {
            let name = command.name();
            match &first {
                None => first = Some(name.to_owned()),
                Some(other) if other != name => {
                    let message = format!("this stage uses {other} already");
                    hits.push(d.hit(command.words[0].span, message, format!("use {other} here, too")));
                    break;
                }
                Some(_) => {}
            }
        }
    }
    Ok(hits)
}
