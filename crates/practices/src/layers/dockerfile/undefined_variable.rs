//! PL267: an instruction uses a variable that nobody sets.

use crate::dockerfile::DockerfileEvidence;
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, MOST_HITS, Rule};
use model::{Practice, Severity};
use sources::Span;
use sources::dockerfile::{Body, Instruction, Keyword, PLATFORM_ARGS, Word, distance, expand};
use std::collections::BTreeSet;

pub(crate) const RULE: Rule = Rule {
    code: "PL267",
    name: "undefined-variable",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "an instruction uses a variable that nobody sets",
    why: "It is empty, without a word: `COPY app /$DIR/` copies into the root. An ARG before the first FROM is not seen in a stage, nor are those of another stage. What the base image sets is not known here, so that only a variable is named that is set elsewhere in the file, resembles one that is, or has an empty base below it.",
    remedy: "Write `ARG NAME` in this stage, before its use.",
    example: r#"ARG VERSION=1
FROM debian:12
LABEL version=$VERSION
              ^^^^^^^^
---
FROM debian:12
ENV APP_HOME=/app
WORKDIR $APP_HOEM
        ^^^^^^^^^
---
FROM scratch
COPY app /${DIR}/app
          ^^^^^^
---
ARG VERSION=1
FROM debian:12
ARG VERSION
LABEL version=$VERSION
---
FROM debian:12
ENV PATH=/opt:$PATH JAVA=$JAVA_HOME
USER ${APP_UID:-1000}
---
FROM debian:12 AS base
ARG DIR=/app
ENV A=1
FROM base
WORKDIR $DIR/$A"#,
    aliases: &["UndefinedVar"],
    off: None,
    settings: "",
    check,
};

/// What BuildKit or the container sets without being asked.
const ALWAYS: [&str; 13] = [
    "PATH",
    "HOME",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "no_proxy",
    "all_proxy",
    "SOURCE_DATE_EPOCH",
];

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut named: BTreeSet<&str> = PLATFORM_ARGS.into();
    for (_, instruction) in d.all() {
        named.extend(sets(instruction));
    }
    let (mut hits, mut after): (Vec<Hit>, Vec<BTreeSet<&str>>) = Default::default();
    for stage in &d.stages {
        let mut set = stage.parent.and_then(|parent| after.get(parent)).cloned().unwrap_or_default();
        let root = d.lineage(stage.index).last().and_then(|root| d.stages.get(*root)).and_then(|root| root.image);
        let scene = Scene { d, named: &named, is_bare: root.is_some_and(|image| image.text == "scratch") };
        for instruction in &stage.instructions {
            for word in words(instruction) {
                hits.extend(scene.unset(word, &set));
            }
            set.extend(sets(instruction));
            if hits.len() >= MOST_HITS {
                return Ok(hits);
            }
        }
        after.push(set);
    }
    Ok(hits)
}

/// The variables that an instruction sets.
fn sets(instruction: &Instruction) -> Vec<&str> {
    let pairs = match &instruction.body {
        Body::Args(pairs) => pairs,
        Body::Pairs(pairs) if instruction.kind == Keyword::Env => &pairs.pairs,
        _ => return Vec::new(),
    };
    pairs.iter().map(|pair| pair.key.text.as_str()).collect()
}

/// The words in which BuildKit expands variables.
fn words(instruction: &Instruction) -> Vec<&Word> {
    match &instruction.body {
        Body::Files(files) => files.sources.iter().chain(&files.target).collect(),
        Body::Pairs(pairs) => pairs.pairs.iter().filter_map(|pair| pair.value.as_ref()).collect(),
        Body::Args(pairs) => pairs.iter().filter_map(|pair| pair.value.as_ref()).collect(),
        Body::Words(words) => words.iter().collect(),
        Body::Text if instruction.kind != Keyword::Maintainer => vec![&instruction.rest],
        _ => Vec::new(),
    }
}

struct Scene<'a> {
    d: &'a DockerfileEvidence<'a>,
    /// All that any part of the file sets.
    named: &'a BTreeSet<&'a str>,
    /// Whether the stage builds on nothing.
    is_bare: bool,
}

impl Scene<'_> {
    fn unset(&self, word: &Word, set: &BTreeSet<&str>) -> Vec<Hit> {
        let Ok(expanded) = expand(&word.text, self.d.file.escape(), &|_| None) else { return Vec::new() };
        let unset = expanded.uses.iter().filter(|one| {
            one.operator.is_none() && !set.contains(one.name.as_str()) && !ALWAYS.contains(&one.name.as_str())
        });
        unset
            .filter_map(|one| {
                let shown = model::escaped(&one.name);
                let near =
                    || self.named.iter().take(200).find(|name| one.name.len() > 3 && distance(name, &one.name) <= 2);
                let remedy = if self.named.contains(one.name.as_str()) {
                    format!("write `ARG {shown}` in this stage, before this line")
                } else if let Some(near) = near() {
                    format!("did you mean `{}`?", model::escaped(near))
                } else if self.is_bare {
                    RULE.remedy.to_owned()
                } else {
                    return None;
                };
                let is_plain = self.d.file.source(word.span) == word.text;
                let start = word.span.start + one.range.start;
                let span = if is_plain { Span::new(start, start + one.range.len()) } else { word.span };
                Some(self.d.hit(span, format!("nothing sets `{shown}` here, so it is empty"), remedy))
            })
            .collect()
    }
}
