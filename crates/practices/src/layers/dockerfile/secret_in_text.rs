//! PL263: the Dockerfile holds a secret by its shape.

use crate::evidence::Evidence;
use crate::rule::MOST_HITS;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::Span;
use std::ops::Range;

pub(crate) const RULE: Rule = Rule {
    code: "PL263",
    name: "secret-in-dockerfile",
    practice: Practice::Layers,
    severity: Severity::Critical,
    summary: "the Dockerfile holds a secret by its shape",
    why: "Whoever can read the repository or pull the image has it: a RUN is written into the history, an ENV into the config. Taking the line out does not help, since both keep what was there.",
    remedy: "Change the secret where it was issued, then mount the new one: `RUN --mount=type=secret,id=NAME …`.",
    example: r#"FROM debian:12
RUN curl -H "Authorization: token ghp_16C7e42F292c6912E7710c838347Ae178B4a" https://api.github.com
                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
RUN git clone https://robot:gl0ssy-Harbor7@git.example.com/team/app.git
                      ^^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
RUN git clone https://robot:${TOKEN}@git.example.com/team/app.git
ENV AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
---
FROM debian:12
RUN echo ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx && curl https://user@example.com/a:b@c"#,
    aliases: &["DS-0031", "CIS-DI-0010"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for instruction in d.file.instructions() {
        let text = d.file.source(instruction.whole);
        let found = shapes(text).into_iter().chain(passwords(text));
        for (range, what) in found.take(MOST_HITS - hits.len().min(MOST_HITS)) {
            let start = instruction.whole.start;
            let span = Span::new(start + range.start, start + range.end);
            let mut hit = d.hit(span, format!("{what} is written here"), RULE.remedy);
            hit.proof = format!("{} characters in the shape of one; the value is not shown", range.len());
            hits.push(hit);
        }
    }
    Ok(hits)
}

/// How a secret begins, how many characters follow, and what it is.
const SHAPES: [(&str, Range<usize>, &str); 11] = [
    ("ghp_", 36..37, "a token of GitHub"),
    ("gho_", 36..37, "a token of GitHub"),
    ("ghs_", 36..37, "a token of GitHub"),
    ("github_pat_", 82..83, "a token of GitHub"),
    ("glpat-", 20..60, "a token of GitLab"),
    ("npm_", 36..37, "a token of npm"),
    ("AKIA", 16..17, "a key of AWS"),
    ("AIza", 35..36, "a key of Google"),
    ("xoxb-", 40..120, "a token of Slack"),
    ("sk_live_", 24..120, "a key of Stripe"),
    ("dckr_pat_", 27..60, "a token of Docker Hub"),
];

/// Words in the shape of a secret. An example (`…EXAMPLE`, `xxxx`) is none.
pub(crate) fn shapes(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let of_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let mut found = Vec::new();
    for (prefix, lengths, what) in &SHAPES {
        for (start, _) in text.match_indices(prefix) {
            let before = text[..start].chars().next_back().is_some_and(of_word);
            let rest = &text[start + prefix.len()..];
            let length = rest.find(|c: char| !of_word(c)).unwrap_or(rest.len());
            let value = &rest[..length];
            let varied = value.bytes().any(|b| b.is_ascii_digit()) && value.bytes().any(|b| b.is_ascii_alphabetic());
            if !before && lengths.contains(&length) && varied && !value.contains("EXAMPLE") {
                found.push((start..start + prefix.len() + length, *what));
            }
        }
    }
    if let Some(start) = text.find("-----BEGIN ")
        && text[start..].lines().next().is_some_and(|line| line.contains("PRIVATE KEY-----"))
    {
        found.push((start..start + "-----BEGIN ".len(), "a private key"));
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}

/// `user:password@` in URLs.
pub(crate) fn passwords(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '<' | '>' | '`' | '?' | '#');
    let authority = |(at, _): (usize, &str)| {
        let start = at + "://".len();
        let rest = &text[start..];
        let rest = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let (user_and_password, _) = rest.rsplit_once('@')?;
        let (user, password) = user_and_password.split_once(':')?;
        let placeholder = ["password", "pass", "secret", "token", "xxx", "example"]
            .iter()
            .any(|word| password.eq_ignore_ascii_case(word));
        let secret =
            password.len() >= 4 && !password.contains(['$', '{', '%', '*']) && !placeholder && !user.contains('$');
        secret.then(|| (start..start + user_and_password.len(), "a password"))
    };
    text.match_indices("://").filter_map(authority).collect()
}
