//! PL720: MAINTAINER, which is no longer read by anyone.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::Keyword;

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
    Ok(all.map(|i| d.hit(i.span, "MAINTAINER is deprecated", RULE.remedy)).collect())
}
