//! PL266: two short RUNs follow each other.

use crate::dockerfile::DockerfileEvidence;
use crate::evidence::Evidence;
use crate::fix::Fix;
use crate::layers::waste::plain_run;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Instruction, Keyword};
use sources::shell::Script;
use sources::{Edit, Span};
use std::collections::HashMap;

pub(crate) const RULE: Rule = Rule {
    code: "PL266",
    name: "consecutive-runs",
    practice: Practice::Layers,
    severity: Severity::Info,
    summary: "two short RUNs follow each other",
    why: "Each RUN is a layer. What one makes and the next removes stays in the image; nothing else is saved by joining them.",
    remedy: "Join them with `&&` if the second changes or removes what the first made.",
    example: r#"FROM debian:12
RUN make
RUN make install
^^^^^^^^^^^^^^^^
---
FROM debian:12
RUN a && b
RUN c
^^^^^
RUN d
^^^^^
---
FROM debian:12
RUN make
COPY a /a
RUN make install
---
FROM debian:12
RUN make
RUN --network=none make check
RUN a && b && c"#,
    aliases: &["DL3059"],
    off: Some(
        "joining costs the build cache of the first RUN, and saves bytes only where the second removes what the first made: `plimsoll layers` says where, and how many",
    ),
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut commands: HashMap<usize, usize> = HashMap::new();
    for script in &d.scripts {
        *commands.entry(script.span.start).or_default() += script.commands.len();
    }
    let is_short = |run: &Instruction| commands.get(&run.rest.span.start).is_some_and(|count| *count <= 2);
    let mut hits = Vec::new();
    for stage in &d.stages {
        for pair in stage.instructions.windows(2) {
            let runs = pair.iter().all(|one| one.kind == Keyword::Run && is_short(one));
            if runs && flags(d, pair[0]) == flags(d, pair[1]) {
                let hit = d.hit(pair[1].span, "this RUN could be the end of the one before", RULE.remedy);
                hits.push(hit.fixed(joined(d, pair[0], pair[1])));
            }
        }
    }
    Ok(hits)
}

fn flags<'a>(d: &'a DockerfileEvidence<'_>, run: &Instruction) -> Vec<&'a str> {
    run.flags.iter().map(|flag| d.file.source(flag.span)).collect()
}

/// Both as one RUN, where nothing but blank lines stands between them. Never safe: the first is no longer cached alone.
fn joined(d: &DockerfileEvidence<'_>, first: &Instruction, second: &Instruction) -> Option<Fix> {
    let one = |run: &Instruction| d.scripts.iter().find(|script| script.span == run.rest.span);
    let (before, after) = (plain_run(d, one(first)?.instruction)?.1, plain_run(d, one(second)?.instruction)?.1);
    let stays = |name: &str| ["cd", "export", "set", "exit", "exec", "umask", "."].contains(&name);
    let is_alone = |script: &Script| !script.commands.iter().any(|c| stays(c.name()) || !c.before.is_empty());
    let gap = Span::new(first.span.end, second.rest.span.start);
    let between = Span::new(first.span.end, second.whole.start);
    let ends = d.file.source(first.span).trim_end().ends_with([';', '&', '|', '\\', '#']);
    let is_free = d.file.source(between).trim().is_empty() && !ends && is_alone(before) && is_alone(after);
    let line_end = if d.file.source(between).contains('\r') { "\r\n" } else { "\n" };
    // `a || b` and `c ; d` would bind otherwise to what is joined to them.
    let plain = |script: &Script| script.commands.iter().all(|c| matches!(c.joined.as_deref(), None | Some("&&")));
    (is_free && plain(before) && plain(after))
        .then(|| Fix::risky(vec![Edit::new(gap, format!(" \\{line_end}    && "))]))
}
