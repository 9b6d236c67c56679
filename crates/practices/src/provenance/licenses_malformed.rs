//! PL709: a licence that is no SPDX expression.

use super::labels::{self, Stated};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use model::{Practice, Severity};

/// Longer texts are licences, not names of them.
const LONGEST: usize = 4096;

pub(crate) const RULE: Rule = Rule {
    code: "PL709",
    name: "licenses-malformed",
    practice: Practice::Provenance,
    severity: Severity::Low,
    summary: "the stated licences are not an SPDX expression",
    why: "The key's specification asks for an SPDX licence expression, so that machines can decide on it. `Apache \
          2.0` or `MIT, BSD` are words for people.",
    remedy: "Write an SPDX expression such as `Apache-2.0` or `MIT AND BSD-3-Clause`.",
    example: r#"LABEL org.opencontainers.image.licenses="Apache 2.0"   # breaks the rule
LABEL org.opencontainers.image.licenses="Apache-2.0"   # does not"#,
    aliases: &["DL3054"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let found = labels::of(evidence, &["licenses"])?;
    Ok(found.iter().filter_map(|s| fault(s.value).map(|fault| hit(s, &fault))).collect())
}

fn hit(stated: &Stated<'_>, fault: &str) -> Hit {
    Hit::new(
        "the stated licences are not an SPDX expression".to_owned(),
        format!("{stated}: {fault}"),
        "write an SPDX expression such as `Apache-2.0` or `MIT AND BSD-3-Clause`, and `LicenseRef-…` for a licence \
         that SPDX does not list"
            .to_owned(),
    )
}

/// Whether a text is an SPDX expression.
pub(crate) fn is_spdx(text: &str) -> bool {
    fault(text).is_none()
}

/// Why a text is no SPDX expression.
fn fault(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return Some(format!("it is {} bytes long", text.len()));
    }
    let error = spdx::Expression::parse(text).err()?;
    Some(model::escaped(&error.reason.to_string()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    fn count(value: &str) -> usize {
        let mut bench = Bench::good();
        bench.label("licenses", Some(value));
        bench.hits(check).len()
    }

    #[test]
    fn only_spdx_expressions_pass() {
        let nested = "(".repeat(4000);
        for value in ["Apache 2.0", "MIT, BSD", "MIT/Apache-2.0", "proprietary", "(MIT", &nested, &"x".repeat(100_000)]
        {
            assert_eq!(count(value), 1, "{value:.20}");
        }
        for value in [
            "Apache-2.0",
            "MIT AND (BSD-3-Clause OR GPL-2.0-or-later WITH Classpath-exception-2.0)",
            "LicenseRef-Ours",
            "",
        ] {
            assert_eq!(count(value), 0, "{value}");
        }
    }
}
