//! PL234: a package manager of a language or of Arch leaves its cache in the layer.

use super::{removes, shipped};
use crate::evidence::Evidence;
use crate::fix::append;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::shell::Command;

pub(crate) const RULE: Rule = Rule {
    code: "PL234",
    name: "package-cache-kept",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "a package manager of a language or of Arch leaves its cache in the layer",
    why: "What a layer holds stays in the image: a later RUN cannot take it out, and everyone who pulls the image carries it.",
    remedy: "Clean up in the same RUN, or mount a cache.",
    example: r#"FROM node:20
RUN yarn install
    ^^^^^^^^^^^^
---
FROM archlinux:base
RUN pacman -Syu --noconfirm git
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^
---
FROM node:20
RUN yarn install && yarn cache clean
RUN --mount=type=cache,target=/root/.npm npm ci
---
FROM node:20 AS build
RUN npm ci
FROM node:20
RUN npm ci && npm cache clean --force"#,
    aliases: &["DL3060"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for script in d.scripts.iter().filter(|script| shipped(d, script.stage)) {
        for (tool, verbs, clean, folder, remedy) in TOOLS {
            let does = |c: &Command, words: &[&str]| {
                c.name() == *tool
                    && c.arguments().iter().any(|word| words.iter().any(|verb| word.text.starts_with(verb)))
            };
            let Some(install) = script.commands.iter().find(|c| does(c, verbs)) else { continue };
            let cleaned = script.commands.iter().any(|c| does(c, clean)) || install.has("--no-cache");
            if !cleaned && !removes(script, folder) && !d.mounted(script, folder) {
                let hit = d.hit(install.span, format!("what {tool} downloaded stays in this layer"), *remedy);
                let command = remedy.strip_prefix("end the same RUN with `").and_then(|rest| rest.strip_suffix('`'));
                // Programs may run from yarn's cache (Plug'n'Play), and conda's environments from its packages.
                let is_safe = !["yarn", "conda", "mamba"].contains(tool);
                let fix = command.and_then(|command| append(d, script, command)).map(|fix| fix.if_safe(is_safe));
                hits.push(hit.fixed(fix));
            }
        }
    }
    Ok(hits)
}

/// A tool, what installs, what cleans, a part of its cache's path, and the cure.
type Tool = (&'static str, &'static [&'static str], &'static [&'static str], &'static str, &'static str);

const TOOLS: &[Tool] = &[
    ("yarn", &["install", "add"], &["cache"], "yarn", "end the same RUN with `yarn cache clean`"),
    ("npm", &["install", "ci", "i"], &["cache"], ".npm", "end the same RUN with `npm cache clean --force`"),
    ("pnpm", &["install", "add", "i"], &["prune", "store"], "pnpm", "end the same RUN with `pnpm store prune`"),
    (
        "uv",
        &["sync", "install"],
        &["cache", "clean"],
        "uv",
        "write `uv --no-cache …`, or mount a cache at /root/.cache/uv",
    ),
    ("poetry", &["install", "add"], &["cache"], "pypoetry", "write `poetry install --no-cache`"),
    ("conda", &["install", "create", "env"], &["clean"], "pkgs", "end the same RUN with `conda clean -afy`"),
    ("mamba", &["install", "create", "env"], &["clean"], "pkgs", "end the same RUN with `mamba clean -afy`"),
    ("pacman", &["-S"], &["-Sc"], "/pacman", "end the same RUN with `rm -rf /var/cache/pacman/pkg/*`"),
    (
        "composer",
        &["install", "require", "update"],
        &["clear-cache", "clearcache"],
        "composer",
        "end the same RUN with `composer clear-cache`",
    ),
    (
        "cargo",
        &["install"],
        &["cache"],
        "cargo/registry",
        "build in a stage of its own, or mount a cache at /usr/local/cargo/registry",
    ),
];
