//! PL264: an archive is copied and a RUN unpacks it.

use crate::dockerfile::DockerfileEvidence;
use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Files, Keyword};
use sources::shell::Command;

pub(crate) const RULE: Rule = Rule {
    code: "PL264",
    name: "archive-unpacked",
    practice: Practice::Layers,
    severity: Severity::Info,
    summary: "an archive is copied and a RUN unpacks it",
    why: "The archive stays in the COPY's layer beside what was unpacked from it, so its bytes are in the image twice, also if the RUN removes it.",
    remedy: "Unpack it from `RUN --mount=type=bind,source=…,target=…`, or a tar archive by ADD.",
    example: r#"FROM debian:12
COPY app.tar.gz /tmp/
     ^^^^^^^^^^
RUN tar -xzf /tmp/app.tar.gz -C /opt
---
FROM debian:12
COPY dist/app.zip /tmp/app.zip
     ^^^^^^^^^^^^
RUN unzip /tmp/app.zip -d /opt && rm /tmp/app.zip
---
FROM debian:12
COPY app.tar.gz /downloads/
RUN sha256sum /downloads/app.tar.gz && tar -czf /out.tgz /etc
---
FROM debian:12
ADD app.tar.gz /opt/
RUN --mount=type=bind,source=b.tar,target=/b.tar tar -xf /b.tar"#,
    aliases: &["DL3010"],
    off: None,
    settings: "",
    check,
};

const ENDS: [&str; 10] =
    [".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tbz2", ".txz", ".zip", ".jar"];

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for (stage, instruction) in d.all().filter(|(_, instruction)| instruction.kind == Keyword::Copy) {
        let Body::Files(files) = &instruction.body else { continue };
        for source in files.sources.iter().filter(|source| ENDS.iter().any(|end| source.text.ends_with(end))) {
            if stage.is_some_and(|stage| is_unpacked(d, stage, instruction.span.end, files, &source.text)) {
                hits.push(d.hit(source.span, "a RUN unpacks this archive, and both stay in the image", RULE.remedy));
            }
        }
    }
    Ok(hits)
}

/// Whether a later RUN of the stage names the copied file in a command that unpacks.
fn is_unpacked(d: &DockerfileEvidence<'_>, stage: usize, after: usize, files: &Files, source: &str) -> bool {
    let name = source.rsplit('/').next().unwrap_or(source);
    let target = files.target.as_ref().map_or("", |target| target.text.as_str());
    let names = |command: &Command| {
        let mut words = command.arguments().iter();
        words.any(|word| word.text.rsplit('/').next() == Some(name) || (word.text == target && !target.ends_with('/')))
    };
    let later = d.commands().filter(|(script, _)| script.stage == stage && script.span.start > after);
    later.into_iter().any(|(_, command)| unpacks(command) && names(command))
}

fn unpacks(command: &Command) -> bool {
    let first = command.arguments().first().map_or("", |word| word.text.as_str());
    match command.name() {
        "tar" | "bsdtar" => {
            command.has("-x")
                || command.has("--extract")
                || (!first.starts_with('-') && first.contains('x') && first.len() < 6)
        }
        "unzip" => true,
        _ => false,
    }
}
