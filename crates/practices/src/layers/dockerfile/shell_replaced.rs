//! PL258: a RUN links another shell to /bin/sh.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL258",
    name: "shell-replaced",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "a RUN links another shell to /bin/sh",
    why: "Programs of the base count on their own /bin/sh. `SHELL` changes the shell of the Dockerfile alone.",
    remedy: "Write `SHELL [\"/bin/bash\", \"-c\"]`.",
    example: r#"FROM debian:12
RUN ln -sf /bin/bash /bin/sh
    ^^^^^^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
RUN true; ln -snf bash /bin/sh
          ^^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
SHELL ["/bin/bash", "-c"]
RUN ln -s /bin/sh /opt/sh
---
FROM debian:12
RUN ls -l /bin/sh"#,
    aliases: &["DL4005"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let links =
        d.commands().filter(|(_, c)| c.name() == "ln" && c.operands().last().is_some_and(|w| w.text == "/bin/sh"));
    Ok(links.map(|(_, c)| d.hit(c.span, "programs of the base count on their own /bin/sh", RULE.remedy)).collect())
}
