//! PL268: COPY names what `.dockerignore` leaves out.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Keyword};

pub(crate) const RULE: Rule = Rule {
    code: "PL268",
    name: "copy-ignored",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "COPY names what `.dockerignore` leaves out",
    why: "What `.dockerignore` names is not sent to the builder: the COPY fails, or copies less than it says.",
    remedy: "Take the line out of `.dockerignore`, or copy something else.",
    example: r#"# with `target` and `*.log` in .dockerignore
FROM debian:12
COPY target/app /app
     ^^^^^^^^^^
---
# with `target` and `*.log` in .dockerignore
FROM debian:12
ADD src ./build.log /logs/
        ^^^^^^^^^^^
---
# with `target` and `*.log` in .dockerignore
FROM debian:12
COPY src/target logs/build.log /app/
---
# with `target` and `*.log` in .dockerignore
FROM debian:12 AS build
FROM debian:12
COPY --from=build target /app
ADD https://example.com/target /app/"#,
    aliases: &["CopyIgnoredFile"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let Some(ignored) = &d.ignored else { return Ok(Vec::new()) };
    let mut hits = Vec::new();
    for (_, instruction) in d.all().filter(|(_, i)| matches!(i.kind, Keyword::Copy | Keyword::Add)) {
        let Body::Files(files) = &instruction.body else { continue };
        if instruction.flag("from").is_some() {
            continue;
        }
        let odd = |text: &str| {
            text.contains(['$', '*', '?', '[', '\\'])
                || text.contains("://")
                || text.contains('@')
                || text.starts_with("<<")
        };
        for source in files.sources.iter().filter(|source| !odd(&source.text)) {
            if let Some(line) = ignored.line(source.text.trim_matches(['"', '\''])) {
                hits.push(d.hit(
                    source.span,
                    format!("`.dockerignore` leaves this out in its line {line}"),
                    RULE.remedy,
                ));
            }
        }
    }
    Ok(hits)
}
