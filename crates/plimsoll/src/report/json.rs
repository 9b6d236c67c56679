//! JSON as every command writes it: indented, one newline at the end, and safe to show on a terminal.

use serde::Serialize;

/// `value` as text. The types of this room have string keys and finite numbers only, so it always can be.
pub(super) fn text(value: &impl Serialize) -> Vec<u8> {
    let mut out = serde_json::to_vec_pretty(value).unwrap_or_default();
    out.push(b'\n');
    out
}
