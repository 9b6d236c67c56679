//! PL233: dnf, yum or zypper leaves its cache in the layer.

use super::removes;
use crate::evidence::Evidence;
use crate::fix::append;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::shell::Command;

pub(crate) const RULE: Rule = Rule {
    code: "PL233",
    name: "rpm-cache-kept",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "dnf, yum or zypper leaves its cache in the layer",
    why: "What a layer holds stays in the image: a later RUN cannot take it out, and everyone who pulls the image carries it.",
    remedy: "End the same RUN with `dnf clean all` (`yum clean all`, `zypper clean --all`).",
    example: r#"FROM fedora:40
RUN dnf install -y curl
    ^^^^^^^^^^^^^^^^^^^
---
FROM opensuse/leap:15
RUN zypper -n install curl
    ^^^^^^^^^^^^^^^^^^^^^^
---
FROM fedora:40
RUN dnf install -y curl && dnf clean all
RUN microdnf install -y git && rm -rf /var/cache/yum
---
FROM fedora:40
RUN --mount=type=cache,target=/var/cache/libdnf5 dnf install -y curl
RUN zypper -n in git && zypper clean --all"#,
    aliases: &["DL3032", "DL3036", "DL3040", "DS-0015", "DS-0019", "DS-0020", "DS-0027"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let names = ["dnf", "dnf5", "microdnf", "yum", "tdnf", "zypper"];
    let verbs = ["install", "in", "update", "upgrade", "groupinstall", "localinstall", "reinstall"];
    let installs = d.commands().filter(|(_, c)| {
        names.contains(&c.name()) && c.operands().next().is_some_and(|verb| verbs.contains(&verb.text.as_str()))
    });
    let kept = installs.filter(|(script, _)| {
        let cleans = |c: &Command| {
            names.contains(&c.name())
                && c.operands().next().is_some_and(|verb| matches!(verb.text.as_str(), "clean" | "cc"))
        };
        !script.commands.iter().any(cleans) && !removes(script, "/var/cache") && !d.mounted(script, "/var/cache")
    });
    Ok(kept
        .map(|(script, c)| {
            let hit = d.hit(c.span, format!("what {} downloaded stays in this layer", c.name()), RULE.remedy);
            let all = if c.name() == "zypper" { "--all" } else { "all" };
            hit.fixed(append(d, script, &format!("{} clean {all}", c.name())))
        })
        .collect())
}
