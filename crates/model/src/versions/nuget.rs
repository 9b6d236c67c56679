//! NuGet's order (`NuGetVersion`, <https://learn.microsoft.com/nuget/concepts/package-versioning>): one to four
//! numbers, where missing ones are 0; then labels as in Semantic Versioning, without regard to case; metadata does not
//! count. Refused: floating versions (`1.*`), numbers above 2³¹ − 1, malformed labels.

use super::digits::{by_value, is_number};
use super::semver::split;
use std::cmp::Ordering;

#[derive(Clone, Debug)]
pub(super) struct Nuget<'a> {
    numbers: [i32; 4],
    labels: &'a str,
}

impl<'a> Nuget<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, &'static str> {
        let (core, labels, build) = split(text.trim());
        let mut numbers = [0; 4];
        for (i, part) in core.split('.').enumerate() {
            let slot = numbers.get_mut(i).ok_or("it has more than four numbers")?;
            if !is_number(part) {
                return Err("it is not numbers with dots between them");
            }
            *slot = part.parse().map_err(|_| "a number is above 2^31 - 1")?;
        }
        let is_label = |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !labels.into_iter().chain(build).flat_map(|l| l.split('.')).all(is_label) {
            return Err("a label is malformed");
        }
        Ok(Self { numbers, labels: labels.unwrap_or("") })
    }
}

pub(super) fn compare(a: &Nuget<'_>, b: &Nuget<'_>) -> Ordering {
    a.numbers.cmp(&b.numbers).then_with(|| match (a.labels.is_empty(), b.labels.is_empty()) {
        (false, false) => labels(a.labels, b.labels),
        (a, b) => a.cmp(&b),
    })
}

fn labels(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (Some(a), Some(b)) => label(a, b),
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn label(a: &str, b: &str) -> Ordering {
    match (is_number(a), is_number(b)) {
        (true, true) => by_value(a, b),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.bytes().map(|b| b.to_ascii_uppercase()).cmp(b.bytes().map(|b| b.to_ascii_uppercase())),
    }
}
