//! PL321: FROM asks for the platform that it gets anyway.

use crate::evidence::Evidence;
use crate::fix::Fix;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::Span;

pub(crate) const RULE: Rule = Rule {
    code: "PL321",
    name: "platform-redundant",
    practice: Practice::Base,
    severity: Severity::Info,
    summary: "FROM asks for the platform that it gets anyway",
    why: "`$TARGETPLATFORM` is the default of every FROM.",
    remedy: "Leave the flag out.",
    example: r#"FROM --platform=$TARGETPLATFORM debian:12
     ^^^^^^^^^^^^^^^^^^^^^^^^^^
---
FROM --platform=${TARGETPLATFORM} debian:12 AS a
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
---
FROM --platform=$BUILDPLATFORM debian:12
---
FROM debian:12"#,
    aliases: &["DL3065", "RedundantTargetPlatform"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let flags = d.stages.iter().filter_map(|stage| stage.from.flag("platform"));
    let redundant = flags.filter(|flag| {
        flag.value.as_ref().is_some_and(|value| matches!(value.text.as_str(), "$TARGETPLATFORM" | "${TARGETPLATFORM}"))
    });
    let fix = |span: Span| {
        let rest = &d.file.text()[span.end..];
        let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        Fix::replace(Span::new(span.start, span.end + gap), "")
    };
    Ok(redundant.map(|flag| d.hit(flag.span, "this is the default", RULE.remedy).fixed(Some(fix(flag.span)))).collect())
}
