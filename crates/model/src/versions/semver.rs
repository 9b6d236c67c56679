//! Semantic Versioning 2.0 (<https://semver.org>): three numbers, labels, and build metadata that does not count.
//!
//! As npm reads it (`v` or `=` in front and blanks around are allowed, numbers up to 2⁵³ − 1), as Cargo does (strict,
//! numbers of 64 bits), or as Go's module system does (see `go`).

use super::digits::{by_value, is_number, split_while};
use std::cmp::Ordering;

#[derive(Clone, Debug)]
pub(super) struct Semver<'a> {
    pub(super) numbers: [&'a str; 3],
    pub(super) labels: &'a str,
}

const SHAPE: &str = "it is not three numbers, labels and build metadata";

impl<'a> Semver<'a> {
    pub(super) fn npm(text: &'a str) -> Result<Self, &'static str> {
        let text = text.trim();
        let text = text.strip_prefix('=').unwrap_or(text).trim_start();
        let text = text.strip_prefix('v').unwrap_or(text).trim_start();
        let version = Self::strict(text)?;
        let most = "9007199254740991";
        if version.numbers.iter().any(|n| by_value(n, most).is_gt()) {
            return Err("a number is above 2^53 - 1");
        }
        Ok(version)
    }

    pub(super) fn cargo(text: &'a str) -> Result<Self, &'static str> {
        let version = Self::strict(text)?;
        if version.numbers.iter().any(|n| n.parse::<u64>().is_err()) {
            return Err("a number needs more than 64 bits");
        }
        Ok(version)
    }

    fn strict(text: &'a str) -> Result<Self, &'static str> {
        let (core, labels, build) = split(text);
        let mut numbers = core.split('.');
        let mut next = || numbers.next().filter(|n| is_plain_number(n)).ok_or(SHAPE);
        let version = Self { numbers: [next()?, next()?, next()?], labels: labels.unwrap_or("") };
        if numbers.next().is_some() {
            return Err(SHAPE);
        }
        check_labels(labels, build)?;
        Ok(version)
    }
}

/// The numbers, the labels after the first `-`, and the metadata after `+`.
pub(super) fn split(text: &str) -> (&str, Option<&str>, Option<&str>) {
    let (rest, build) = text.split_once('+').map_or((text, None), |(a, b)| (a, Some(b)));
    let (core, labels) = rest.split_once('-').map_or((rest, None), |(a, b)| (a, Some(b)));
    (core, labels, build)
}

pub(super) fn check_labels(labels: Option<&str>, build: Option<&str>) -> Result<(), &'static str> {
    let is_label = |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let is_number_or_text = |l: &str| is_label(l) && (!is_number(l) || is_plain_number(l));
    let good = labels.is_none_or(|l| l.split('.').all(is_number_or_text));
    if good && build.is_none_or(|b| b.split('.').all(is_label)) { Ok(()) } else { Err("a label is malformed") }
}

/// Digits without a leading zero.
pub(super) fn is_plain_number(text: &str) -> bool {
    is_number(text) && (text.len() == 1 || !text.starts_with('0'))
}

pub(super) fn compare(a: &Semver<'_>, b: &Semver<'_>) -> Ordering {
    let numbers = a.numbers.iter().zip(b.numbers).map(|(a, b)| by_value(a, b)).find(|o| o.is_ne());
    numbers.unwrap_or_else(|| labels(a.labels, b.labels))
}

/// A version with labels comes before the same without.
pub(super) fn labels(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let (mut left, mut right) = (a.split('.'), b.split('.'));
            loop {
                let order = match (left.next(), right.next()) {
                    (None, None) => return Ordering::Equal,
                    (a, b) if a.is_none() || b.is_none() => return a.is_some().cmp(&b.is_some()),
                    (a, b) => label(a.unwrap_or_default(), b.unwrap_or_default()),
                };
                if order.is_ne() {
                    return order;
                }
            }
        }
    }
}

/// Numbers by value and before texts; texts by ASCII.
fn label(a: &str, b: &str) -> Ordering {
    match (is_number(a), is_number(b)) {
        (true, true) => by_value(a, b),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.cmp(b),
    }
}

/// Up to three numbers as Go's tools write them: the missing ones are 0.
pub(super) fn loose_numbers(core: &str) -> Option<[&str; 3]> {
    let mut numbers = ["0"; 3];
    for (i, part) in core.split('.').enumerate() {
        let (digits, rest) = split_while(part, |b| b.is_ascii_digit());
        if !rest.is_empty() || !is_plain_number(digits) {
            return None;
        }
        *numbers.get_mut(i)? = digits;
    }
    Some(numbers)
}
