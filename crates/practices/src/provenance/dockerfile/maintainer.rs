//! PL720: MAINTAINER, which is no longer read by anyone.

use crate::evidence::Evidence;
use crate::fix::{Fix, in_case_of};
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Instruction, Keyword};

pub(crate) const RULE: Rule = Rule {
    code: "PL720",
    name: "maintainer",
    practice: Practice::Provenance,
    severity: Severity::Low,
    summary: "MAINTAINER, which is no longer read by anyone",
    why: "It has been deprecated since 2017. OCI's label says the same where tools look.",
    remedy: "Write `LABEL org.opencontainers.image.authors=\"…\"`.",
    example: r#"FROM debian:12
MAINTAINER Jane <jane@example.com>
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
maintainer team
^^^^^^^^^^^^^^^
---
FROM debian:12
LABEL org.opencontainers.image.authors="Jane <jane@example.com>"
---
FROM debian:12
LABEL maintainer="team""#,
    aliases: &["DL4000", "MaintainerDeprecated", "DS-0022"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let all = d.with(Keyword::Maintainer);
    const KEY: &str = "org.opencontainers.image.authors";
    let mut labels =
        d.with(Keyword::Label).filter_map(|i| if let Body::Pairs(pairs) = &i.body { Some(&pairs.pairs) } else { None });
    // Of two MAINTAINERs the last counts; which of two labels was meant nobody knows.
    let is_taken =
        labels.any(|pairs| pairs.iter().any(|p| p.key.text.contains(KEY))) || d.with(Keyword::Maintainer).count() > 1;
    let fix = |i: &Instruction| {
        let name = i.rest.text.trim_matches('"');
        let odd = name.is_empty() || name.contains(['"', '$', '\\', '`']) || name.contains(char::is_control);
        let is_one_line = d.file.source(i.span).lines().count() == 1;
        let label = in_case_of(&i.keyword.text, "LABEL");
        (!odd && is_one_line && !is_taken).then(|| Fix::replace(i.span, format!("{label} {KEY}=\"{name}\"")))
    };
    Ok(all.map(|i| d.hit(i.span, "MAINTAINER is deprecated", RULE.remedy).fixed(fix(i))).collect())
}
