//! PL242: ARG or ENV holds a secret by its name.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use crate::secret_names::{is_harmless, is_secret};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Keyword, Pair};

pub(crate) const RULE: Rule = Rule {
    code: "PL242",
    name: "secret-in-arg-or-env",
    practice: Practice::Layers,
    severity: Severity::High,
    summary: "ARG or ENV holds a secret by its name",
    why: "Both are written into the image: ENV into its config, ARG into the history of every RUN that uses it. Whoever can pull the image can read them.",
    remedy: "Mount it: `RUN --mount=type=secret,id=NAME …`; and change the secret if one was ever built in.",
    example: r#"FROM debian:12
ARG NPM_TOKEN
    ^^^^^^^^^
RUN true
---
FROM debian:12
ENV APP=1 DB_PASSWORD=hunter2
          ^^^^^^^^^^^
---
FROM debian:12
ENV DB_PASSWORD_FILE=/run/secrets/db TOKEN_URL=https://example.com
---
FROM debian:12
ARG VERSION=1
RUN --mount=type=secret,id=npm_token true
ENV PASSWORD="#,
    aliases: &["DL3064", "SecretsUsedInArgOrEnv", "DS-0031", "CIS-DI-0010"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for (_, instruction) in d.all() {
        let pairs = match &instruction.body {
            Body::Args(pairs) => pairs,
            Body::Pairs(pairs) if instruction.kind == Keyword::Env => &pairs.pairs,
            _ => continue,
        };
        let harmless = |pair: &Pair| {
            instruction.kind == Keyword::Env
                && pair.value.as_ref().is_none_or(|v| is_harmless(&v.text) && !v.text.starts_with('$'))
        };
        for pair in pairs.iter().filter(|pair| is_secret(&pair.key.text) && !harmless(pair)) {
            let message = format!(
                "`{}` is a secret by its name, and {} writes it into the image",
                model::escaped(&pair.key.text),
                instruction.kind.word()
            );
            let mut hit = d.hit(pair.key.span, message, RULE.remedy);
            hit.proof = format!("the name `{}`; the value is not shown", model::escaped(&pair.key.text));
            hits.push(hit);
        }
    }
    Ok(hits)
}
