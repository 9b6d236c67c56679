//! Debian's order (deb-version(7)): `[epoch:]upstream[-revision]`.
//!
//! Refused, as dpkg refuses them: an empty text, an epoch that is no number, a colon or dash with nothing behind it,
//! blanks inside. Characters that dpkg only warns of are refused too, since no archive accepts them; a version that
//! does not begin with a digit is compared, as dpkg does.

use super::digits::{by_value, split_while};
use std::cmp::Ordering;

#[derive(Clone, Debug)]
pub(super) struct Dpkg<'a> {
    epoch: u32,
    upstream: &'a str,
    revision: &'a str,
}

impl<'a> Dpkg<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, &'static str> {
        let text = text.trim_matches([' ', '\t', '\n', '\r']);
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) => (epoch_of(epoch)?, rest),
            None => (0, text),
        };
        let (upstream, revision) = match rest.rsplit_once('-') {
            Some((_, "")) => return Err("the revision is empty"),
            Some((upstream, revision)) => (upstream, revision),
            None => (rest, ""),
        };
        if upstream.is_empty() {
            return Err("the version is empty");
        }
        let may = |extra: &'static [u8]| move |b: u8| b.is_ascii_alphanumeric() || extra.contains(&b);
        if !upstream.bytes().all(may(b".-+~:")) || !revision.bytes().all(may(b".+~")) {
            return Err("a character is not allowed");
        }
        Ok(Self { epoch, upstream, revision })
    }
}

fn epoch_of(text: &str) -> Result<u32, &'static str> {
    let number: i32 = text.parse().map_err(|_| "the epoch is no number")?;
    u32::try_from(number).map_err(|_| "the epoch is negative")
}

pub(super) fn compare(a: &Dpkg<'_>, b: &Dpkg<'_>) -> Ordering {
    a.epoch
        .cmp(&b.epoch)
        .then_with(|| fragments(a.upstream, b.upstream))
        .then_with(|| fragments(a.revision, b.revision))
}

/// Runs of other characters by [`weight`], runs of digits by value, by turns.
fn fragments(mut a: &str, mut b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    loop {
        let (text_a, rest_a) = split_while(a, |b| !b.is_ascii_digit());
        let (text_b, rest_b) = split_while(b, |b| !b.is_ascii_digit());
        let (digits_a, next_a) = split_while(rest_a, |b| b.is_ascii_digit());
        let (digits_b, next_b) = split_while(rest_b, |b| b.is_ascii_digit());
        let order = texts(text_a.as_bytes(), text_b.as_bytes()).then_with(|| by_value(digits_a, digits_b));
        if order != Ordering::Equal || (next_a.is_empty() && next_b.is_empty()) {
            return order;
        }
        (a, b) = (next_a, next_b);
    }
}

fn texts(a: &[u8], b: &[u8]) -> Ordering {
    let longest = a.len().max(b.len());
    let at = |text: &[u8], i: usize| text.get(i).map_or(0, |&b| weight(b));
    (0..longest).map(|i| at(a, i).cmp(&at(b, i))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}

/// `~` before the end of a run, which is 0; then letters, then everything else.
fn weight(byte: u8) -> i32 {
    match byte {
        b'~' => -1,
        byte if byte.is_ascii_alphabetic() => i32::from(byte),
        byte => i32::from(byte) + 256,
    }
}
