//! PL225: CMD or ENTRYPOINT is a text for a shell, which swallows signals.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Form, Keyword};

pub(crate) const RULE: Rule = Rule {
    code: "PL225",
    name: "shell-form",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "CMD or ENTRYPOINT is a text for a shell, which swallows signals",
    why: "The shell becomes process 1 and does not hand `SIGTERM` on: the program is killed after the grace period instead of ending cleanly. ENTRYPOINT in this form also ignores CMD and arguments.",
    remedy: "Write a JSON list: `CMD [\"program\", \"argument\"]`.",
    example: r#"FROM debian:12
CMD nginx -g 'daemon off;'
    ^^^^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
ENTRYPOINT exec top -b
           ^^^^^^^^^^^
CMD ["x"]
---
FROM debian:12
ENTRYPOINT ["/app"]
CMD ["--help"]
---
FROM debian:12
SHELL ["/bin/bash", "-c"]
CMD echo $HOME"#,
    aliases: &["DL3025", "JSONArgsRecommended"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for stage in &d.stages {
        // Who sets SHELL asks for one.
        let shelled =
            d.lineage(stage.index).iter().any(|n| d.stages[*n].instructions.iter().any(|i| i.kind == Keyword::Shell));
        let commands = stage.instructions.iter().filter(|i| matches!(i.kind, Keyword::Cmd | Keyword::Entrypoint));
        for instruction in commands.filter(|_| !shelled) {
            let Body::Command(Form::Shell { text, broken_json: None }) = &instruction.body else { continue };
            let message = format!("a shell runs this {} and keeps signals from it", instruction.kind.word());
            hits.push(d.hit(text.span, message, RULE.remedy));
        }
    }
    Ok(hits)
}
