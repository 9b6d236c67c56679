//! An order for programs that no package manager installed, such as `20.11.1`, `1.1.1w` or `9.2p1`.
//!
//! Runs of digits compare by value and runs of letters by letter. A single letter right behind a number is a later
//! patch (`1.1.1w`, `9.2p1`), `+` and what follows does not count, and the words that mark something unfinished
//! (`alpha`, `beta`, `rc`, `pre`, `dev`) come before the end. Refused: what holds no digit.

use super::digits::{by_value, split_while};
use std::cmp::Ordering;

pub(super) fn check(text: &str) -> Result<(), &'static str> {
    if text.bytes().any(|b| b.is_ascii_digit()) { Ok(()) } else { Err("there is no number in it") }
}

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (plain(a), plain(b));
    loop {
        let ((kind_a, run_a, rest_a), (kind_b, run_b, rest_b)) = (run(a), run(b));
        let order = match (kind_a, kind_b) {
            (Kind::Number, Kind::Number) => by_value(run_a, run_b),
            // `1.0` and `1` are one version.
            (Kind::Number, Kind::End) => by_value(run_a, "0"),
            (Kind::End, Kind::Number) => by_value("0", run_b),
            (kind_a, kind_b) => kind_a.cmp(&kind_b).then_with(|| folded(run_a).cmp(folded(run_b))),
        };
        if order.is_ne() {
            return order;
        }
        if rest_a.is_empty() && rest_b.is_empty() {
            return Ordering::Equal;
        }
        (a, b) = (rest_a, rest_b);
    }
}

fn plain(text: &str) -> &str {
    let text = text.split('+').next().unwrap_or_default();
    text.trim_start_matches(['v', 'V'])
}

fn folded(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|b| b.to_ascii_lowercase())
}

/// What a run is; the order is the order of versions that are equal up to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Unfinished,
    End,
    Word,
    Number,
}

fn run(text: &str) -> (Kind, &str, &str) {
    let text = split_while(text, |b| b.is_ascii() && !b.is_ascii_alphanumeric()).1;
    let Some(&first) = text.as_bytes().first() else { return (Kind::End, "", "") };
    if first.is_ascii_digit() {
        let (run, rest) = split_while(text, |b| b.is_ascii_digit());
        return (Kind::Number, run, rest);
    }
    let (run, rest) = split_while(text, |b| !b.is_ascii() || b.is_ascii_alphabetic());
    let unfinished = ["alpha", "beta", "rc", "pre", "dev"].iter().any(|word| run.eq_ignore_ascii_case(word));
    (if unfinished { Kind::Unfinished } else { Kind::Word }, run, rest)
}
