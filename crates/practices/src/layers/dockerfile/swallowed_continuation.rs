//! PL227: a `#` inside a RUN makes a comment of all lines that follow.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::Span;

pub(crate) const RULE: Rule = Rule {
    code: "PL227",
    name: "swallowed-continuation",
    practice: Practice::Layers,
    severity: Severity::High,
    summary: "a `#` inside a RUN makes a comment of all lines that follow",
    why: "Continued lines are one line for the shell, so a `#` after a command ends the whole RUN there. What stands below is never run, and nothing says so.",
    remedy: "Put the comment on a line of its own, where BuildKit takes it out.",
    example: r#"FROM debian:12
RUN apt-get update \
 && true # needed for the next \
         ^^^^^^^^^^^^^^^^^^^^^^^
 && rm -rf /var/lib/apt/lists/*
---
FROM debian:12
RUN make # build it \
         ^^^^^^^^^^^^
  && make install
---
FROM debian:12
RUN apt-get update \
 # needed for the next
 && rm -rf /var/lib/apt/lists/*
---
FROM debian:12
RUN make # build it
RUN echo "a # b \
  c""#,
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for script in d.scripts.iter().filter(|script| !script.heredoc) {
        let line = &d.instruction(script).line;
        for comment in &script.comments {
            // The last piece of the line that is inside the comment, if that is another than the one it begins in.
            let swallowed = line.pieces().filter(|piece| piece.start > comment.start && piece.start < comment.end);
            if swallowed.filter(|piece| !d.file.source(*piece).trim().is_empty()).count() > 0 {
                let end = d.file.text()[comment.start..].find('\n').map_or(comment.end, |at| comment.start + at);
                let span = Span::new(comment.start, end.min(comment.end));
                hits.push(d.hit(span, "the lines below belong to this comment and never run", RULE.remedy));
            }
        }
    }
    Ok(hits)
}
