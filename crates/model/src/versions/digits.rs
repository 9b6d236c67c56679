//! Numbers of any length, as texts.

use std::cmp::Ordering;

/// Compares two runs of digits by their value, however long they are; an empty run is zero.
pub(super) fn by_value(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Splits what `is` accepts off the front.
pub(super) fn split_while(text: &str, is: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = text.bytes().position(|b| !is(b)).unwrap_or(text.len());
    // Only ASCII is accepted, so this is a boundary.
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Whether it is digits, at least one.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
