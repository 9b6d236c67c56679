//! PL250: COPY --from names its own stage, or one that is not there.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Keyword, distance, stage_of};

pub(crate) const RULE: Rule = Rule {
    code: "PL250",
    name: "copy-from",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "COPY --from names its own stage, or one that is not there",
    why: "A stage cannot copy from itself, and a name that is no earlier stage is taken for an image in a registry: a slip of the pen fetches a stranger's image.",
    remedy: "Name an earlier stage, or an image with its tag.",
    example: r#"FROM debian:12 AS build
COPY --from=build /a /b
            ^^^^^
---
FROM debian:12 AS build
FROM debian:12
COPY --from=biuld /a /b
            ^^^^^
---
FROM debian:12 AS build
FROM debian:12
COPY --from=build /a /b
COPY --from=0 /a /c
---
FROM debian:12
COPY --from=nginx:1.25 /a /b
COPY --from=registry.example/team/x /a /b"#,
    aliases: &["DL3022", "DL3023", "DS-0006"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for (index, stage) in d.stages.iter().enumerate() {
        for word in stage.instructions.iter().filter(|i| i.kind == Keyword::Copy).filter_map(|i| i.flag_value("from")) {
            let earlier = stage_of(&d.stages[..index], &word.text).is_some();
            let image = word.text.contains([':', '/', '@', '$']);
            let shown = model::escaped(&word.text);
            if stage.name.as_deref() == Some(word.text.to_lowercase().as_str()) && !earlier {
                hits.push(d.hit(word.span, format!("`{shown}` is the stage itself"), RULE.remedy));
            } else if !earlier && !image {
                let near = d.stages[..index]
                    .iter()
                    .filter_map(|s| s.name.as_deref())
                    .find(|name| distance(name, &word.text) <= 2);
                let remedy = near.map_or(RULE.remedy.to_owned(), |name| format!("did you mean `{name}`?"));
                hits.push(d.hit(
                    word.span,
                    format!("`{shown}` is no earlier stage, so it is fetched as an image"),
                    remedy,
                ));
            }
        }
    }
    Ok(hits)
}
