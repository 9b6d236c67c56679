//! PL232: pip leaves its cache in the layer.

use super::removes;
use crate::evidence::Evidence;
use crate::fix::option_after;
use crate::rule::{Checked, Rule};
use crate::tagging::dockerfile::pip_unpinned::is_pip_install;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL232",
    name: "pip-cache-kept",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "pip leaves its cache in the layer",
    why: "What a layer holds stays in the image: a later RUN cannot take it out, and everyone who pulls the image carries it.",
    remedy: "Write `pip install --no-cache-dir …`, or mount a cache: `--mount=type=cache,target=/root/.cache/pip`.",
    example: r#"FROM python:3.12
RUN pip install requests==2.32.0
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
---
FROM python:3.12
RUN python -m pip install -r requirements.txt
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
---
FROM python:3.12 AS base
ENV PIP_NO_CACHE_DIR=1
FROM base
RUN pip install requests==2.32.0
---
FROM python:3.12
RUN pip install --no-cache-dir requests==2.32.0
RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.0.0
RUN pip install flask==3.0.0 && rm -rf /root/.cache"#,
    aliases: &["DL3042"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let installs = d.commands().filter(|(_, command)| is_pip_install(command));
    let kept = installs.filter(|(script, command)| {
        let off = |text: &str| {
            !matches!(text.trim_matches(['"', '\'']).to_lowercase().as_str(), "0" | "off" | "false" | "no")
        };
        let env = d.env(script.stage);
        let set =
            env.iter().any(|p| p.key.text == "PIP_NO_CACHE_DIR" && p.value.as_ref().is_some_and(|v| off(&v.text)));
        let cleaned = removes(script, ".cache")
            || script
                .commands
                .iter()
                .any(|c| c.name().starts_with("pip") && c.operands().next().is_some_and(|w| w.text == "cache"));
        !set && !cleaned && !command.has("--no-cache-dir") && !d.mounted(script, ".cache")
    });
    Ok(kept
        .map(|(_, c)| {
            let hit = d.hit(c.span, "what pip downloaded stays in this layer", RULE.remedy);
            hit.fixed(option_after(c, "install", "--no-cache-dir"))
        })
        .collect())
}
