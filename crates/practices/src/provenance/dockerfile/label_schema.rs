//! PL722: labels that the policy asks for are missing, malformed, or not on its list.

use crate::asks::Shape;
use crate::dockerfile::DockerfileEvidence;
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Keyword, Pair};

pub(crate) const RULE: Rule = Rule {
    code: "PL722",
    name: "label-schema",
    practice: Practice::Provenance,
    severity: Severity::Medium,
    summary: "labels that the policy asks for are missing, malformed, or not on its list",
    why: "Tools that file, bill or trace images by a label need it to be there, in one form, under one key.",
    remedy: "Write the label as the policy asks for it.",
    example: r#"FROM debian:12
^^^^^^^^^^^^^^
LABEL org.opencontainers.image.version="1.4.2"
---
FROM debian:12
LABEL com.example.contact=team org.opencontainers.image.version=1.4
                          ^^^^
                                                                ^^^
---
FROM debian:12
LABEL com.example.contact=a@example.com org.opencontainers.image.version=1.4.2 com.example.other=x
                                                                               ^^^^^^^^^^^^^^^^^
---
FROM debian:12
LABEL com.example.contact="team@example.com" org.opencontainers.image.version="1.4.2-rc.1"
---
ARG VERSION
FROM debian:12 AS build
FROM debian:12 AS labelled
ARG VERSION
LABEL com.example.contact=team@example.com
FROM labelled
LABEL org.opencontainers.image.version=$VERSION"#,
    aliases: &["DL3049", "DL3050", "DL3051", "DL3052", "DL3053", "DL3054", "DL3055", "DL3056", "DL3058"],
    off: None,
    settings: "[provenance]\nstrict-labels = true\n[provenance.labels]\n\"com.example.contact\" = \"email\"\n\"org.opencontainers.image.version\" = \"semver\"",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let schema = &d.asks.labels;
    let Some(last) = d.stages.last().filter(|_| !schema.is_empty()) else { return Ok(Vec::new()) };
    let lineage = d.lineage(last.index);
    let labels: Vec<&Pair> =
        lineage.iter().rev().filter_map(|n| d.stages.get(*n)).flat_map(|stage| pairs(&stage.instructions)).collect();
    let mut hits = Vec::new();
    for (key, kind) in schema {
        match labels.iter().rfind(|pair| bare(&pair.key.text) == key) {
            None => {
                hits.push(d.hit(last.from.span, format!("the label `{}` is missing", model::escaped(key)), RULE.remedy))
            }
            Some(pair) => hits.extend(malformed(d, pair, *kind)),
        }
    }
    let listed = |pair: &&&Pair| schema.contains_key(bare(&pair.key.text)) || pair.key.text.contains('$');
    let others = labels.iter().filter(|pair| d.asks.strict_labels && !listed(pair));
    hits.extend(others.map(|pair| {
        d.hit(pair.key.span, "the policy's list of labels does not have this one", "remove it, or add it to the list")
    }));
    Ok(hits)
}

fn pairs<'a>(instructions: &[&'a sources::dockerfile::Instruction]) -> Vec<&'a Pair> {
    let labels = instructions.iter().filter(|i| i.kind == Keyword::Label);
    labels.filter_map(|i| if let Body::Pairs(pairs) = &i.body { Some(&pairs.pairs) } else { None }).flatten().collect()
}

fn bare(text: &str) -> &str {
    text.trim_matches(['"', '\''])
}

/// A value that is no literal is known only to the build.
fn malformed(d: &DockerfileEvidence<'_>, pair: &Pair, kind: Shape) -> Option<Hit> {
    let value = pair.value.as_ref()?;
    let text = bare(&value.text);
    let wrong = !text.contains('$') && !kind.holds(text);
    wrong.then(|| d.hit(value.span, format!("this is {}", kind.complaint()), RULE.remedy))
}
