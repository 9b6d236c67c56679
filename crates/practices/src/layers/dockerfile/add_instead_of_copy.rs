//! PL229: ADD copies local files, for which COPY is made.

use crate::evidence::Evidence;
use crate::fix::{Fix, in_case_of};
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Keyword};

pub(crate) const RULE: Rule = Rule {
    code: "PL229",
    name: "add-instead-of-copy",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "ADD copies local files, for which COPY is made",
    why: "ADD unpacks archives and fetches URLs by the look of its source. COPY does one thing, so a reader knows what happens.",
    remedy: "Write COPY.",
    example: r#"FROM debian:12
ADD app.py /app/
^^^
---
FROM debian:12
ADD --chown=1000 src/ lib/ /app/
^^^
---
FROM debian:12
COPY app.py /app/
ADD rootfs.tar.xz /
---
FROM debian:12
ADD https://example.com/a.tgz /tmp/
ADD git@example.com:team/repo.git /src
ADD https://example.com/team/repo.git#v1 /src
ADD <<EOF /etc/motd
hello
EOF"#,
    aliases: &["DL3020", "DS-0005", "CIS-DI-0009"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for instruction in d.with(Keyword::Add) {
        let Body::Files(files) = &instruction.body else { continue };
        let local = |text: &str| {
            let remote = text.contains("://") || text.contains('@') || text.starts_with("<<") || text.contains('$');
            let archive =
                [".tar", ".tgz", ".gz", ".xz", ".bz2", ".zst", ".txz", ".tbz2", ".tbz", ".tzst", ".lzma", ".Z"];
            !remote && !archive.iter().any(|end| text.ends_with(end))
        };
        let heredocs = !instruction.heredocs.is_empty();
        if !heredocs && files.target.is_some() && files.sources.iter().all(|source| local(&source.text)) {
            let hit = d.hit(instruction.keyword.span, "only local files are copied here", "write `COPY` in its place");
            // A pattern may match archives, which ADD unpacks; some flags are ADD's alone.
            let is_open = files.sources.iter().any(|source| source.text.contains(['*', '?', '[']));
            let own = ["checksum", "keep-git-dir", "unpack"].iter().any(|flag| instruction.flag(flag).is_some());
            let copy = in_case_of(&instruction.keyword.text, "COPY");
            let fix = Fix::replace(instruction.keyword.span, copy).if_safe(!is_open);
            hits.push(hit.fixed((!own).then_some(fix)));
        }
    }
    Ok(hits)
}
