//! pacman's order (`vercmp`): `[epoch:]version[-release]`; a release counts only if both have one.

use super::digits::{by_value, split_while};
use super::rpm::segment;
use std::cmp::Ordering;

#[derive(Clone, Debug)]
pub(super) struct Pacman<'a> {
    epoch: &'a str,
    version: &'a str,
    release: Option<&'a str>,
}

impl<'a> Pacman<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, &'static str> {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("it is empty or holds a character that is not allowed");
        }
        let (digits, rest) = split_while(text, |b| b.is_ascii_digit());
        let (epoch, rest) = match rest.strip_prefix(':') {
            Some(rest) => (digits, rest),
            None => ("", text),
        };
        let (version, release) = rest.rsplit_once('-').map_or((rest, None), |(v, r)| (v, Some(r)));
        Ok(Self { epoch, version, release })
    }
}

pub(super) fn compare(a: &Pacman<'_>, b: &Pacman<'_>) -> Ordering {
    by_value(a.epoch, b.epoch).then_with(|| fragments(a.version, b.version)).then_with(|| {
        match (a.release, b.release) {
            (Some(a), Some(b)) => fragments(a, b),
            _ => Ordering::Equal,
        }
    })
}

fn fragments(mut a: &str, mut b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    while !a.is_empty() && !b.is_empty() {
        let is_separator = |b: u8| !b.is_ascii_alphanumeric();
        let ((gap_a, rest_a), (gap_b, rest_b)) = (split_while(a, is_separator), split_while(b, is_separator));
        (a, b) = (rest_a, rest_b);
        if a.is_empty() || b.is_empty() {
            break;
        }
        if gap_a.len() != gap_b.len() {
            return gap_a.len().cmp(&gap_b.len());
        }
        // libalpm took its comparison from rpm; from here on they are the same.
        let order;
        (order, a, b) = segment(a, b);
        if order != Ordering::Equal {
            return order;
        }
    }
    last(a, b)
}

/// What is left decides: letters are older than the end (`1.0rc` before `1.0`), anything else is newer.
fn last(a: &str, b: &str) -> Ordering {
    let is_alpha = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic());
    match (a.is_empty(), b.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) if !is_alpha(b) => Ordering::Less,
        _ if is_alpha(a) => Ordering::Less,
        _ => Ordering::Greater,
    }
}
