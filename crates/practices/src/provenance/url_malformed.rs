//! PL708: a link that is none.

use super::labels::{self, PREFIX, Stated};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL708",
    name: "url-malformed",
    practice: Practice::Provenance,
    severity: Severity::Low,
    summary: "a stated link is not an absolute URL",
    why: "`source`, `url` and `documentation` are links that registries and dashboards show. `git@host:path` and a \
          bare `host/path` cannot be followed.",
    remedy: "Write the whole URL, with its scheme.",
    example: r#"LABEL org.opencontainers.image.source="git@example.com:my/api"       # breaks the rule
LABEL org.opencontainers.image.source="https://example.com/my/api"   # does not"#,
    aliases: &["DL3052"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let mut bad = labels::of(evidence, &["source", "url", "documentation"])?;
    bad.retain(|s| !is_absolute_url(s.value));
    Ok(bad.iter().map(hit).collect())
}

fn hit(stated: &Stated<'_>) -> Hit {
    Hit::new(
        format!("the stated {} is not an absolute URL", stated.key),
        stated.to_string(),
        format!("write {PREFIX}{} as a whole URL, such as `https://example.com/my/api`", stated.key),
    )
}

/// A scheme, `://`, a host, and nothing that a URL may not hold.
pub(crate) fn is_absolute_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let scheme_is_good = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>\"`{}|\\^".contains(c);
    scheme_is_good && host.starts_with(|c: char| c.is_alphanumeric() || c == '[') && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    fn count(value: &str) -> usize {
        let mut bench = Bench::good();
        bench.label("source", Some(value));
        bench.hits(check).len()
    }

    #[test]
    fn only_whole_urls_pass() {
        for value in [
            "git@example.com:my/api",
            "example.com/my/api",
            "https://",
            "https:///x",
            "${URL}",
            "https://a b",
            "1://x",
            "https://exa\u{1b}mple",
        ] {
            assert_eq!(count(value), 1, "{value}");
        }
        for value in ["https://example.com", "git+ssh://git@example.com/x", "https://[::1]:80/x?y#z", ""] {
            assert_eq!(count(value), 0, "{value}");
        }
    }
}
