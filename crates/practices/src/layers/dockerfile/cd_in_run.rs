//! PL224: a RUN changes the folder by `cd` alone.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL224",
    name: "cd-in-run",
    practice: Practice::Layers,
    severity: Severity::Info,
    summary: "a RUN changes the folder by `cd` alone",
    why: "The change ends with the RUN, which surprises whoever adds the next line. `WORKDIR` says it for all that follows.",
    remedy: "Put `WORKDIR` before the RUN.",
    example: r#"FROM debian:12
RUN cd /src && make
    ^^^^^^^
---
FROM debian:12
RUN cd /src
    ^^^^^^^
---
FROM debian:12
WORKDIR /src
RUN make
---
FROM debian:12
RUN make && (cd sub && make) && make"#,
    aliases: &["DL3003", "DS-0013"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    // In the middle of a RUN, or in a subshell, a change of folder is for a few commands on purpose.
    let first = d.scripts.iter().filter(|script| !script.heredoc);
    let first = first.filter_map(|script| script.commands.first().filter(|c| c.span.start == script.span.start));
    let first = first.filter(|command| command.name() == "cd" && !command.substituted);
    Ok(first.map(|command| d.hit(command.span, "the folder is changed for this RUN only", RULE.remedy)).collect())
}
