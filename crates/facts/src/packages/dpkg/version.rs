//! dpkg's order of versions (deb-version(7)), as far as dependencies need it.

use std::cmp::Ordering;

/// Compares two versions: epoch, upstream version, revision.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let ((epoch_a, up_a, rev_a), (epoch_b, up_b, rev_b)) = (split(a), split(b));
    number(epoch_a)
        .cmp(&number(epoch_b))
        .then_with(|| parts(up_a.as_bytes(), up_b.as_bytes()))
        .then_with(|| parts(rev_a.as_bytes(), rev_b.as_bytes()))
}

fn split(version: &str) -> (&str, &str, &str) {
    let (epoch, rest) = version.split_once(':').unwrap_or(("0", version));
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    (epoch, upstream, revision)
}

/// Digits by value, however many they are.
fn number(digits: &str) -> (usize, &str) {
    let digits = digits.trim_start_matches('0');
    (digits.len(), digits)
}

/// Runs of other characters and runs of digits in turn.
fn parts(mut a: &[u8], mut b: &[u8]) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        let (text_a, text_b) = (run(&mut a, |c| !c.is_ascii_digit()), run(&mut b, |c| !c.is_ascii_digit()));
        let longest = text_a.len().max(text_b.len());
        for i in 0..longest {
            match weight(text_a.get(i)).cmp(&weight(text_b.get(i))) {
                Ordering::Equal => {}
                other => return other,
            }
        }
        let (digits_a, digits_b) = (run(&mut a, u8::is_ascii_digit), run(&mut b, u8::is_ascii_digit));
        let value = |digits| number(std::str::from_utf8(digits).unwrap_or_default());
        match value(digits_a).cmp(&value(digits_b)) {
            Ordering::Equal => {}
            other => return other,
        }
    }
    Ordering::Equal
}

fn run<'a>(text: &mut &'a [u8], is: fn(&u8) -> bool) -> &'a [u8] {
    let end = text.iter().position(|b| !is(b)).unwrap_or(text.len());
    let (run, rest) = text.split_at(end);
    *text = rest;
    run
}

/// `~` before the end, the end before letters, letters before all else.
fn weight(byte: Option<&u8>) -> i32 {
    match byte {
        None => 0,
        Some(b'~') => -1,
        Some(b) if b.is_ascii_alphabetic() => i32::from(*b),
        Some(b) => i32::from(*b) + 256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deb_version_7() {
        for (less, more) in [
            ("1.0", "1.1"),
            ("1.9", "1.10"),
            ("1.0~rc1", "1.0"),
            ("1.0~~", "1.0~"),
            ("1.0", "1.0a"),
            ("1.0a", "1.0+"),
            ("9.9", "1:0.1"),
            ("1.0-1", "1.0-1+deb12u1"),
            ("1.0-1", "1.0-1.1"),
            ("1.0-9", "1.0-10"),
            ("0:1z0", "1z-deb~"),
            ("99999999999999999998", "99999999999999999999"),
        ] {
            assert_eq!(compare(less, more), Ordering::Less, "{less} {more}");
            assert_eq!(compare(more, less), Ordering::Greater, "{more} {less}");
        }
        for (a, b) in [("1.0", "0:1.0"), ("1.0", "1.00"), ("1.0", "1.0-0"), ("", "0")] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
    }
}
