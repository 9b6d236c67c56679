//! PL254: files that COPY brought are changed by a RUN, so that the image holds them twice.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Instruction, Keyword};

pub(crate) const RULE: Rule = Rule {
    code: "PL254",
    name: "copied-twice",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "files that COPY brought are changed by a RUN, so that the image holds them twice",
    why: "A change of owner or mode copies each file into the layer of the RUN. The first copy stays below, unseen, and is pulled with the image.",
    remedy: "Let COPY do it: `COPY --chown=user:group --chmod=755 …`.",
    example: r#"FROM debian:12
COPY . /app
RUN chown -R 1000:1000 /app
    ^^^^^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
WORKDIR /srv
COPY src lib ./
RUN true && chmod -R g+w .
            ^^^^^^^^^^^^^^
---
FROM debian:12
COPY --chown=1000:1000 . /app
RUN mkdir /data && chown -R 1000 /data
---
FROM debian:12 AS build
COPY . /app
FROM debian:12
RUN chown -R 1000 /app"#,
    aliases: &[],
    off: None,
    settings: "",
    check,
};

/// How many instructions before a RUN are looked at.
const NEAR: usize = 300;

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for script in &d.scripts {
        let stage = &d.stages[script.stage];
        let start = d.instruction(script).span.start;
        if !script.commands.iter().any(|c| matches!(c.name(), "chown" | "chmod" | "chgrp")) {
            continue;
        }
        let before: Vec<_> = stage.instructions.iter().take_while(|i| i.span.start < start).copied().collect();
        let before = &before[before.len().saturating_sub(NEAR)..];
        for command in script.commands.iter().filter(|c| matches!(c.name(), "chown" | "chmod" | "chgrp")) {
            let recursive = command.has("-R") || command.has("--recursive");
            let path = |text: &str| resolved(before, text);
            let changed: Vec<String> = command.operands().skip(1).map(|word| path(&word.text)).collect();
            let hit = recursive
                .then(|| copies(before).into_iter().find(|to| changed.iter().any(|c| inside(to, c))))
                .flatten();
            hits.extend(hit.map(|to| {
                let message = format!("what COPY put into `{}` is stored a second time", model::escaped(&to));
                d.hit(command.span, message, RULE.remedy)
            }));
        }
    }
    Ok(hits)
}

/// Where COPY and ADD without owner or mode of their own put files.
fn copies(instructions: &[&Instruction]) -> Vec<String> {
    let mut targets = Vec::new();
    for (index, instruction) in instructions.iter().enumerate() {
        let Body::Files(files) = &instruction.body else { continue };
        let settled = instruction.flag("chown").is_some() && instruction.flag("chmod").is_some();
        if let Some(target) = files.target.as_ref().filter(|_| !settled) {
            targets.push(resolved(&instructions[..index], &target.text));
        }
    }
    targets
}

/// A path as the WORKDIRs before it make it.
fn resolved(instructions: &[&Instruction], path: &str) -> String {
    let folders = instructions.iter().filter(|i| i.kind == Keyword::Workdir).map(|i| i.rest.text.as_str());
    let mut whole = String::new();
    for part in folders.chain([path]) {
        let part = part.trim_matches(['"', '\'']);
        if part.starts_with('/') {
            whole.clear();
        }
        let part = part.trim_start_matches("./").trim_matches('/');
        if !part.is_empty() && part != "." {
            whole = format!("{whole}/{part}");
        }
    }
    if whole.is_empty() { "/".to_owned() } else { whole }
}

/// Whether a copied path lies in a changed folder, or holds it.
fn inside(copied: &str, changed: &str) -> bool {
    let within = |path: &str, folder: &str| {
        path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    let changed = changed.trim_end_matches("/*");
    changed != "/" && copied != "/" && (within(copied, changed) || within(changed, copied))
}
