//! PL244: ENV or LABEL without `=`.

use crate::dockerfile::DockerfileEvidence;
use crate::evidence::Evidence;
use crate::fix::Fix;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::Span;
use sources::dockerfile::{Body, Pair};

pub(crate) const RULE: Rule = Rule {
    code: "PL244",
    name: "legacy-key-value",
    practice: Practice::Layers,
    severity: Severity::Info,
    summary: "ENV or LABEL without `=`",
    why: "`ENV key value` takes the rest of the line, so that `ENV A=1` and `ENV A 1 B 2` surprise each other. BuildKit calls it legacy.",
    remedy: "Write `key=value`, in quotes if the value holds blanks.",
    example: r#"FROM debian:12
ENV PATH /opt/bin:$PATH
    ^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
LABEL maintainer team
      ^^^^^^^^^^^^^^^
---
FROM debian:12
ENV PATH=/opt/bin:$PATH A="b c"
---
FROM debian:12
ENV A= \
  B=1
ARG C"#,
    aliases: &["LegacyKeyValueFormat"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for (_, instruction) in d.all() {
        let Body::Pairs(pairs) = &instruction.body else { continue };
        if let Some(pair) = pairs.pairs.first().filter(|pair| pairs.legacy && pair.value.is_some()) {
            let message = format!("this {} is in the legacy form without `=`", instruction.kind.word());
            hits.push(d.hit(pair.span, message, RULE.remedy).fixed(with_equals(d, pair)));
        }
    }
    Ok(hits)
}

/// `key=value`, in quotes if it holds blanks. A value that has quotes of its own is left to a person.
fn with_equals(d: &DockerfileEvidence<'_>, pair: &Pair) -> Option<Fix> {
    let value = pair.value.as_ref()?;
    let text = value.text.as_str();
    let is_plain = !text.is_empty() && !text.contains(['"', '\'', '\\', '`', '#']) && !text.contains(char::is_control);
    let is_one_line = d.file.source(pair.span).lines().count() == 1 && d.file.source(value.span) == text;
    let quote = if text.contains(char::is_whitespace) { "\"" } else { "" };
    let gap = Span::new(pair.key.span.end, value.span.end);
    (is_plain && is_one_line && !pair.key.text.contains('='))
        .then(|| Fix::replace(gap, format!("={quote}{text}{quote}")))
}
