//! PL248: a stage's name is taken, reserved, or not in lower case.

use crate::dockerfile::DockerfileEvidence;
use crate::evidence::Evidence;
use crate::fix::Fix;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::Edit;
use sources::dockerfile::{Body, Keyword, Word};

pub(crate) const RULE: Rule = Rule {
    code: "PL248",
    name: "stage-name",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "a stage's name is taken, reserved, or not in lower case",
    why: "Names are compared in lower case, the last one of a name wins, and `scratch` and `context` mean something else: the build may take another stage than the one you read.",
    remedy: "Give each stage a name of its own, in lower case.",
    example: r#"FROM debian:12 AS Build
                  ^^^^^
---
FROM debian:12 AS build
FROM debian:12 AS build
                  ^^^^^
FROM debian:12 AS context
                  ^^^^^^^
---
FROM debian:12 AS build
FROM build AS final
---
FROM debian:12
FROM scratch"#,
    aliases: &["DL3024", "DL3063", "DuplicateStageName", "ReservedStageName", "StageNameCasing", "DS-0012"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for (index, stage) in d.stages.iter().enumerate() {
        let Body::From(from) = &stage.from.body else { continue };
        let Some(word) = &from.name else { continue };
        let shown = model::escaped(&word.text);
        if d.stages[..index].iter().any(|other| other.name == stage.name) {
            hits.push(d.hit(word.span, format!("another stage is named `{shown}`"), RULE.remedy));
        } else if matches!(stage.name.as_deref(), Some("scratch" | "context")) {
            let hit = d.hit(word.span, format!("`{shown}` means something else to the builder"), RULE.remedy);
            hits.push(hit.fixed(renamed(d, index, word)));
        } else if word.text != word.text.to_lowercase() {
            let message = format!("`{shown}` is not in lower case, in which names are compared");
            // Whoever refers to it is understood in any case.
            let fix = Fix::replace(word.span, word.text.to_lowercase());
            hits.push(d.hit(word.span, message, RULE.remedy).fixed(Some(fix)));
        }
    }
    Ok(hits)
}

/// Another name for a stage, here and in each `COPY --from` of a later stage. Whoever names it from outside, by
/// `--target`, has to follow. Where FROM or a mount names it, what is meant is not certain.
fn renamed(d: &DockerfileEvidence<'_>, index: usize, word: &Word) -> Option<Fix> {
    let name = word.text.to_lowercase();
    let new = format!("{name}-stage");
    let is_name = |text: &str| text.eq_ignore_ascii_case(&name);
    let later = || d.stages.iter().skip(index + 1);
    let in_from = later().any(|stage| stage.image.is_some_and(|image| is_name(&image.text)));
    let mut all = later().flat_map(|stage| &stage.instructions);
    let in_mount = all.any(|i| i.mounts().any(|mount| mount.from().is_some_and(|from| is_name(&from.text))));
    let is_taken = d.stages.iter().any(|stage| stage.name.as_ref() == Some(&new));
    let copies = later().flat_map(|stage| &stage.instructions).filter(|i| i.kind == Keyword::Copy);
    let references = copies.filter_map(|copy| copy.flag_value("from")).filter(|from| is_name(&from.text));
    let mut edits: Vec<Edit> = references.map(|from| Edit::new(from.span, new.clone())).collect();
    edits.push(Edit::new(word.span, new.clone()));
    (!in_from && !in_mount && !is_taken).then(|| Fix::risky(edits))
}
