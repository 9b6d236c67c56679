//! RubyGems' order (`Gem::Version`): numbers and words with dots between them; a word marks something before a release,
//! zeros before a word and at the end do not count. Refused: what `Gem::Version.correct?` refuses.

use super::digits::{by_value, split_while};
use std::cmp::Ordering;

#[derive(Clone, Debug)]
pub(super) struct Gem<'a> {
    segments: Vec<&'a str>,
}

impl<'a> Gem<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, &'static str> {
        let text = text.trim();
        let (main, dashed) = text.split_once('-').map_or((text, None), |(a, b)| (a, Some(b)));
        let is_word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_alphanumeric());
        let is_dashed = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let mut parts = main.split('.');
        let first = parts.next().unwrap_or_default();
        let numeric = !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit());
        if !numeric || !parts.all(is_word) || !dashed.is_none_or(|d| d.split('.').all(is_dashed)) {
            return Err("it is not numbers and words with dots between them");
        }
        // A dash means `.pre.`, also each one inside.
        let mut segments = Vec::new();
        scan(main, &mut segments);
        for part in dashed.into_iter().flat_map(|d| d.split('-')) {
            segments.push("pre");
            scan(part, &mut segments);
        }
        Ok(Self { segments: canonical(segments) })
    }
}

/// Runs of digits and runs of letters.
fn scan<'a>(text: &'a str, out: &mut Vec<&'a str>) {
    let mut rest = text;
    while !rest.is_empty() {
        let digit = rest.as_bytes()[0].is_ascii_digit();
        let is = |b: u8| if digit { b.is_ascii_digit() } else { b.is_ascii_alphabetic() };
        let (run, after) = split_while(rest, is);
        if run.is_empty() {
            rest = rest.get(1..).unwrap_or("");
            continue;
        }
        out.push(run);
        rest = after;
    }
}

/// Without the zeros at the end of the numbers before the first word, and at the end of all.
fn canonical(segments: Vec<&str>) -> Vec<&str> {
    let word = segments.iter().position(|s| !is_numeric(s)).unwrap_or(segments.len());
    let (numbers, rest) = segments.split_at(word);
    let trimmed = |part: &[&str]| part.iter().rposition(|s| !is_zero(s)).map_or(0, |at| at + 1);
    [&numbers[..trimmed(numbers)], &rest[..trimmed(rest)]].concat()
}

fn is_numeric(segment: &str) -> bool {
    segment.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

fn is_zero(segment: &str) -> bool {
    segment.bytes().all(|b| b == b'0')
}

pub(super) fn compare(a: &Gem<'_>, b: &Gem<'_>) -> Ordering {
    let longest = a.segments.len().max(b.segments.len());
    for i in 0..longest {
        let (left, right) = (a.segments.get(i).unwrap_or(&"0"), b.segments.get(i).unwrap_or(&"0"));
        let order = match (is_numeric(left), is_numeric(right)) {
            (true, true) => by_value(left, right),
            (false, true) => Ordering::Less,
            (true, false) => Ordering::Greater,
            (false, false) => left.cmp(right),
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}
