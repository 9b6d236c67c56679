//! PL221: a RUN has a pipe whose first command may fail unseen.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::shell::Script;

pub(crate) const RULE: Rule = Rule {
    code: "PL221",
    name: "pipe-without-pipefail",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "a RUN has a pipe whose first command may fail unseen",
    why: "A pipe fails only if its last command does: `curl … | tar x` builds an image even if the download broke.",
    remedy: "Set `SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]` (or ash), or begin the RUN with `set -o pipefail`.",
    example: r#"FROM debian:12
RUN curl -fsS https://example.com/a.tgz | tar xz
                                        ^
---
FROM debian:12 AS a
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN true
FROM debian:12
RUN a | b
      ^
---
FROM debian:12 AS a
SHELL ["/bin/bash", "-eo", "pipefail", "-c"]
FROM a
RUN curl -fsS https://example.com/a.tgz | tar xz
---
FROM debian:12
RUN set -euo pipefail; a | b
RUN a || b"#,
    aliases: &["DL4006", "DS-0032"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let safe = |script: &Script| {
        let in_shell = script.shell.iter().any(|word| word == "pipefail");
        in_shell
            || script.commands.iter().any(|c| c.name() == "set" && c.arguments().iter().any(|w| w.text == "pipefail"))
    };
    let unsafe_ones = d.scripts.iter().filter(|script| !safe(script));
    // One hit a script: the cure is one for all of its pipes.
    let first = unsafe_ones.filter_map(|script| script.pipes.iter().min_by_key(|pipe| pipe.bar));
    let message = "if a command before the last of this pipe fails, the build goes on";
    Ok(first.map(|pipe| d.hit(pipe.bar, message, RULE.remedy)).collect())
}
