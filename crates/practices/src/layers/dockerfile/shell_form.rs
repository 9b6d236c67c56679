//! PL225: CMD or ENTRYPOINT is a text for a shell, which swallows signals.

use crate::dockerfile::DockerfileEvidence;
use crate::evidence::Evidence;
use crate::fix::{Fix, is_plain};
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Form, Instruction, Keyword, Word};

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
CMD node server.js
    ^^^^^^^^^^^^^^
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
            let fix = as_list(d, text).map(|fix| fix.if_safe(!is_given_to_another(d, stage.index, instruction)));
            hits.push(d.hit(text.span, message, RULE.remedy).fixed(fix));
        }
    }
    Ok(hits)
}

/// Words that a shell knows and no folder of programs has.
const BUILT_IN: [&str; 14] = [
    ".", "alias", "cd", "command", "eval", "exec", "export", "read", "set", "source", "trap", "type", "ulimit", "umask",
];

/// The list of the same words, where the shell would do nothing but start the program.
fn as_list(d: &DockerfileEvidence<'_>, text: &Word) -> Option<Fix> {
    let words: Vec<&str> = text.text.split(' ').filter(|word| !word.is_empty()).collect();
    let first = words.first()?;
    let is_program = !first.contains('=') && !BUILT_IN.contains(first);
    let is_literal = words.iter().all(|word| is_plain(word)) && d.file.source(text.span) == text.text;
    let list: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let fix = Fix::replace(text.span, format!("[{}]", list.join(", ")));
    // What cmd knows by itself is another list.
    (is_program && is_literal).then(|| fix.if_safe(d.file.escape() == '\\'))
}

/// Whether it and another make one command: an ENTRYPOINT gets other words from CMD, and as a list gets any at all.
fn is_given_to_another(d: &DockerfileEvidence<'_>, stage: usize, instruction: &Instruction) -> bool {
    let lineage = d.lineage(stage);
    let mut all = lineage.iter().filter_map(|n| d.stages.get(*n)).flat_map(|stage| &stage.instructions);
    let other = if instruction.kind == Keyword::Cmd { Keyword::Entrypoint } else { Keyword::Cmd };
    all.any(|one| one.kind == other)
}
