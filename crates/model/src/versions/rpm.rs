//! Red Hat's order (`rpmvercmp` and `labelCompare` of librpm): `[epoch:]version[-release]`.
//!
//! A missing epoch is 0; a missing release is older than any. Refused: an empty version, an epoch that is no number,
//! blanks, and what is not ASCII, which librpm compares by locale.

use super::digits::{by_value, split_while};
use std::cmp::Ordering;

#[derive(Clone, Debug)]
pub(super) struct Rpm<'a> {
    epoch: &'a str,
    version: &'a str,
    release: Option<&'a str>,
}

impl<'a> Rpm<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, &'static str> {
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) if epoch.bytes().all(|b| b.is_ascii_digit()) => (epoch, rest),
            Some(_) => return Err("the epoch is no number"),
            None => ("", text),
        };
        let (version, release) = match rest.rsplit_once('-') {
            Some((version, release)) => (version, Some(release).filter(|r| !r.is_empty())),
            None => (rest, None),
        };
        if version.is_empty() {
            return Err("the version is empty");
        }
        if !rest.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("a character is not allowed");
        }
        Ok(Self { epoch, version, release })
    }
}

pub(super) fn compare(a: &Rpm<'_>, b: &Rpm<'_>) -> Ordering {
    by_value(a.epoch, b.epoch).then_with(|| fragments(a.version, b.version)).then_with(|| {
        match (a.release, b.release) {
            (Some(a), Some(b)) => fragments(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        }
    })
}

fn fragments(mut a: &str, mut b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    while !a.is_empty() || !b.is_empty() {
        a = split_while(a, is_separator).1;
        b = split_while(b, is_separator).1;
        let (first_a, first_b) = (a.bytes().next(), b.bytes().next());
        if first_a == Some(b'~') || first_b == Some(b'~') {
            if first_a != first_b {
                return if first_a == Some(b'~') { Ordering::Less } else { Ordering::Greater };
            }
            (a, b) = (&a[1..], &b[1..]);
            continue;
        }
        if first_a == Some(b'^') || first_b == Some(b'^') {
            match (first_a, first_b) {
                (Some(b'^'), Some(b'^')) => (a, b) = (&a[1..], &b[1..]),
                (None, _) => return Ordering::Less,
                (_, None) => return Ordering::Greater,
                (Some(b'^'), _) => return Ordering::Less,
                _ => return Ordering::Greater,
            }
            continue;
        }
        if a.is_empty() || b.is_empty() {
            break;
        }
        let order;
        (order, a, b) = segment(a, b);
        if order != Ordering::Equal {
            return order;
        }
    }
    a.is_empty().cmp(&b.is_empty()).reverse()
}

/// Compares the first run of digits or of letters, and gives what is behind it. A number is newer than letters.
pub(super) fn segment<'a, 'b>(a: &'a str, b: &'b str) -> (Ordering, &'a str, &'b str) {
    let number = a.as_bytes()[0].is_ascii_digit();
    let is = |byte: u8| if number { byte.is_ascii_digit() } else { byte.is_ascii_alphabetic() };
    let ((run_a, rest_a), (run_b, rest_b)) = (split_while(a, is), split_while(b, is));
    let order = match (run_b.is_empty(), number) {
        (true, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, true) => by_value(run_a, run_b),
        (false, false) => run_a.cmp(run_b),
    };
    (order, rest_a, rest_b)
}

fn is_separator(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && byte != b'~' && byte != b'^'
}
