//! PL220: BuildKit rejects the Dockerfile.

use crate::evidence::Evidence;
use crate::rule::MOST_HITS;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::Problem;

pub(crate) const RULE: Rule = Rule {
    code: "PL220",
    name: "does-not-build",
    practice: Practice::Layers,
    severity: Severity::High,
    summary: "BuildKit rejects the Dockerfile",
    why: "The build stops before it begins. The rest of the file is judged all the same.",
    remedy: "Mend what the message names.",
    example: r#"FROM debian:12
RUNN true
^^^^
---
FROM debian:12 # the base
               ^
---
FROM debian:12
RUN <<EOF
true
EOF
COPY --chown=1000:1000 --link a b /c/
---
# escape=`
FROM debian:12
RUN true `
  && true"#,
    aliases: &["DL1000", "DL3061", "DL3043"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let hit = |problem: &Problem| {
        let remedy = problem.hint.clone().unwrap_or_else(|| RULE.remedy.to_owned());
        d.hit(problem.span, problem.message.clone(), remedy)
    };
    Ok(d.file.problems().iter().take(MOST_HITS).map(hit).collect())
}
