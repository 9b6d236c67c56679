//! `Warning: 299 - "…"`: what a registry wants its users to read
//! (<https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#warnings>).
//!
//! Warnings are reported, each once, and never acted on.

use reqwest::header::{HeaderMap, WARNING};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The most different warnings that are kept.
const KEPT: usize = 64;
const LENGTH: usize = 300;

/// The warnings so far; `true` for those that were handed out already.
#[derive(Default)]
pub(super) struct Warnings {
    seen: Mutex<(BTreeSet<String>, Vec<String>)>,
}

impl Warnings {
    /// Takes up what `host` warns of in these headers.
    pub(super) fn hear(&self, host: &str, headers: &HeaderMap) {
        for value in headers.get_all(WARNING) {
            let Some(text) = value.to_str().ok().and_then(text) else { continue };
            let said = format!("{host} warns: {}", model::escaped(&text));
            let (seen, fresh) = &mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.len() < KEPT && seen.insert(said.clone()) {
                fresh.push(said);
            }
        }
    }

    /// Those that nobody has been told yet.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner).1)
    }
}

/// The words of `299 - "words"`; other codes are for caches and not for people.
fn text(value: &str) -> Option<String> {
    let quoted = value.strip_prefix("299 - \"")?;
    let mut words = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => break,
            '\\' => words.push(chars.next()?),
            c => words.push(c),
        }
    }
    let words: String = words.trim().chars().take(LENGTH).collect();
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::super::testing::client;
    use super::super::tests::{reference, registry};
    use super::*;

    #[test]
    fn words_of_a_warning() {
        let check = |value: &str, expected: Option<&str>| assert_eq!(text(value).as_deref(), expected, "{value}");
        check(r#"299 - "it ends soon""#, Some("it ends soon"));
        check(r#"299 - "say \"when\"" "Sun, 06 Nov 1994 08:49:37 GMT""#, Some(r#"say "when""#));
        check(r#"110 - "Response is Stale""#, None);
        check(r#"299 host "x""#, None);
        check(r#"299 - "unclosed"#, None);
        check(r#"299 - """#, None);
        check("", None);
    }

    #[test]
    fn each_is_told_once_and_changes_nothing() {
        let (server, _) = registry(|sample, seen| {
            Some(sample.reply(seen).header("warning", r#"299 - "moving to r.io""#).header("warning", r#"299 - "b""#))
        });
        let (client, _) = client(None);
        let app = reference(&server, "app:1");
        client.sight(&app, "1").unwrap();
        client.sight(&app, "1").unwrap();
        let host = &server.host;
        assert_eq!(client.warnings(), [format!("{host} warns: moving to r.io"), format!("{host} warns: b")]);
        client.sight(&app, "1").unwrap();
        assert!(client.warnings().is_empty());
    }
}
