//! PL238: package lists are fetched in one RUN and used in another.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL238",
    name: "update-alone",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "package lists are fetched in one RUN and used in another",
    why: "The RUN that fetches them is cached for as long as its text is the same, so that a later install takes old lists: it fails, or installs what has known flaws.",
    remedy: "Update and install in one RUN.",
    example: r#"FROM debian:12
RUN apt-get update
    ^^^^^^^^^^^^^^
RUN apt-get install -y curl
---
FROM alpine:3.20
RUN apk update
    ^^^^^^^^^^
---
FROM debian:12
RUN apt-get update && apt-get install -y curl
---
FROM fedora:40
RUN dnf update -y
RUN apk update && apk upgrade"#,
    aliases: &["DS-0017", "CIS-DI-0007"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for script in &d.scripts {
        let update = script.commands.iter().find(|c| {
            ["apt-get", "apt", "apk", "aptitude"].iter().any(|name| c.does(name, "update"))
                || c.does("zypper", "refresh")
        });
        let Some(update) = update else { continue };
        let more = [
            "install",
            "upgrade",
            "dist-upgrade",
            "full-upgrade",
            "add",
            "build-dep",
            "download",
            "source",
            "in",
            "up",
            "dup",
        ];
        let used = script.commands.iter().any(|c| {
            c.span.start > update.span.start
                && c.name() == update.name()
                && c.operands().any(|w| more.contains(&w.text.as_str()))
        });
        let apt = |name: &str| matches!(name, "apt" | "apt-get" | "aptitude" | "apt-cache");
        let kin = apt(update.name())
            && script
                .commands
                .iter()
                .any(|c| c.span.start > update.span.start && (apt(c.name()) || c.name().contains("install")));
        if !used && !kin && !d.mounted(script, "/var/") {
            hits.push(d.hit(update.span, "the lists fetched here are old when another RUN uses them", RULE.remedy));
        }
    }
    Ok(hits)
}
