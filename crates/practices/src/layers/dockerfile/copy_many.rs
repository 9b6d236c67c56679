//! PL251: several files are copied to a target that does not end in `/`.

use crate::evidence::Evidence;
use crate::fix::Fix;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::Span;
use sources::dockerfile::{Body, Keyword};

pub(crate) const RULE: Rule = Rule {
    code: "PL251",
    name: "copy-many",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "several files are copied to a target that does not end in `/`",
    why: "BuildKit stops: several files need a folder.",
    remedy: "End the target with `/`.",
    example: r#"FROM debian:12
COPY a.txt b.txt /dir
                 ^^^^
---
FROM debian:12
COPY ["a", "b", "dir"]
                ^^^^^
---
FROM debian:12
COPY a.txt b.txt /dir/
COPY a.txt /dir
---
FROM debian:12
WORKDIR /x
COPY a b .
COPY a b $DIR
COPY a b .."#,
    aliases: &["DL3021", "DS-0011"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for instruction in d.all().map(|(_, i)| i).filter(|i| matches!(i.kind, Keyword::Copy | Keyword::Add)) {
        let Body::Files(files) = &instruction.body else { continue };
        let Some(target) = files.target.as_ref().filter(|_| files.sources.len() > 1) else { continue };
        let text = target.text.trim_matches(['"', '\'']);
        let folder =
            text.ends_with(['/', '\\']) || matches!(text, "." | "..") || text.ends_with("/.") || text.contains('$');
        if !folder {
            let quoted = d.file.source(target.span).ends_with(['"', '\'']);
            let end = Span::at(target.span.end - usize::from(quoted));
            let hit = d.hit(target.span, "several files need a folder", RULE.remedy);
            hits.push(hit.fixed(Some(Fix::replace(end, "/"))));
        }
    }
    Ok(hits)
}
