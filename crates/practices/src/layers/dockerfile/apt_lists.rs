//! PL231: apt leaves its package lists in the layer.

use super::{removes, shipped};
use crate::evidence::Evidence;
use crate::fix::append;
use crate::layers::waste::needs_lists;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::shell::Command;

pub(crate) const RULE: Rule = Rule {
    code: "PL231",
    name: "apt-lists-kept",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "apt leaves its package lists in the layer",
    why: "What a layer holds stays in the image: a later RUN cannot take it out, and everyone who pulls the image carries it.",
    remedy: "End the same RUN with `rm -rf /var/lib/apt/lists/*`.",
    example: r#"FROM debian:12
RUN apt-get update && apt-get install -y curl
    ^^^^^^^^^^^^^^
---
FROM debian:12
RUN apt-get update && apt-get install -y curl && rm -rf /tmp/x
    ^^^^^^^^^^^^^^
---
FROM debian:12
RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
RUN apt-get update && apt-get install -y git && apt-get dist-clean
---
FROM debian:12 AS build
RUN apt-get update && apt-get install -y gcc
FROM debian:12
RUN --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y curl"#,
    aliases: &["DL3009", "DKL-DI-0005"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let kept = d.scripts.iter().filter(|script| shipped(d, script.stage)).filter(|script| {
        let cleaned = script
            .commands
            .iter()
            .any(|c| c.name() == "apt-get" && c.operands().any(|w| w.text == "dist-clean" || w.text == "distclean"));
        !cleaned && !removes(script, "/var/lib/apt") && !d.mounted(script, "/var/lib/apt")
    });
    let update = kept.filter_map(|script| {
        let mut commands = script.commands.iter();
        let update = commands.find(|c| ["apt-get", "apt", "aptitude"].iter().any(|name| c.does(name, "update")));
        update.map(|update| (script, update))
    });
    let fix = |script| match needs_lists(d, script) {
        true => None,
        false => append(d, script, "rm -rf /var/lib/apt/lists/*"),
    };
    let hit = |c: &Command| d.hit(c.span, "the lists that apt fetched stay in this layer", RULE.remedy);
    Ok(update.map(|(script, c)| hit(c).fixed(fix(script))).collect())
}
