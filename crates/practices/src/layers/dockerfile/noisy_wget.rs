//! PL259: wget draws its progress into the build's log.

use crate::evidence::Evidence;
use crate::fix::option_after_name;
use crate::rule::{Checked, Rule};
use crate::words::LISTED;
use model::{Practice, Severity};
use sources::shell::{Command, Script};

pub(crate) const RULE: Rule = Rule {
    code: "PL259",
    name: "noisy-wget",
    practice: Practice::Layers,
    severity: Severity::Info,
    summary: "wget draws its progress into the build's log",
    why: "Every tick is a line where there is no terminal: thousands of them hide what matters.",
    remedy: "Add `--progress=dot:giga`, or `-q`.",
    example: r#"FROM debian:12
RUN wget https://example.com/a.tgz
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
RUN wget -O a.tgz https://example.com/a.tgz
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
RUN wget -q https://example.com/a && wget --progress=dot:giga https://example.com/b && wget -nv https://example.com/c
---
FROM debian:12
RUN wget -qO- https://example.com/a && wget --version"#,
    aliases: &["DL3047"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let noisy = d.commands().filter(|(_, c)| {
        let quiet =
            ["--progress", "-q", "--quiet", "--no-verbose", "-nv", "-o", "--output-file", "-a", "--append-output"];
        let short = |text: &str| text.starts_with('-') && !text.starts_with("--") && text.contains('q');
        let fetches =
            c.operands().any(|word| word.text.contains("://") || word.text.contains('$') || word.text.contains('.'));
        c.name() == "wget"
            && fetches
            && !c
                .options()
                .any(|w| quiet.iter().any(|q| w.text == *q || w.text.starts_with(&format!("{q}="))) || short(&w.text))
    });
    // BusyBox has a wget without that option: only one that was installed before is known to have it.
    let installs = |c: &Command| {
        let words: Vec<&str> = c.operands().map(|word| word.text.as_str()).collect();
        words.iter().any(|verb| matches!(*verb, "install" | "add" | "in")) && words.contains(&"wget")
    };
    let installed = d.commands().filter(|(_, c)| installs(c)).map(|(script, c)| (script.stage, c.span.end));
    let installed: Vec<(usize, usize)> = installed.take(LISTED).collect();
    let is_known = |script: &Script, c: &Command| {
        let lineage = d.lineage(script.stage);
        installed.iter().any(|(stage, end)| *end <= c.span.start && lineage.contains(stage))
    };
    let hit = |c: &Command| d.hit(c.span, "its progress fills the build's log", RULE.remedy);
    let fix = |script: &Script, c: &Command| {
        option_after_name(c, "--progress=dot:giga").map(|fix| fix.if_safe(is_known(script, c)))
    };
    Ok(noisy.map(|(script, c)| hit(c).fixed(fix(script, c))).collect())
}
