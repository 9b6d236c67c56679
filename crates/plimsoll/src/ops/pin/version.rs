//! A newer version of the same tag: the same words around it, a higher number.

/// How far an update may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Allow {
    /// `1.4.2` to `1.4.9`.
    Patch,
    /// `1.4.2` to `1.9.0`.
    Minor,
    /// `1.4.2` to `2.0.0`.
    Major,
}

/// A tag that holds a version: what stands before it, its numbers, and the variant after it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Version<'t> {
    before: &'t str,
    numbers: Vec<u64>,
    /// Which of them begin with a zero, as those of a date do and those of a version never.
    zeros: Vec<bool>,
    variant: &'t str,
}

/// The highest of `tags` that is a newer version of `tag` within `allow`; the same prefix, as many numbers, and exactly
/// the same variant (`-alpine3.20` is not `-alpine3.21`).
pub(crate) fn newer<'t>(tag: &str, tags: &'t [String], allow: Allow) -> Option<&'t str> {
    let current = parse(tag)?;
    let fits = |other: &Version<'_>| {
        let kept = match allow {
            Allow::Major => 0,
            Allow::Minor => 1,
            Allow::Patch => 2,
        };
        other.before == current.before
            && other.variant == current.variant
            && other.numbers.len() == current.numbers.len()
            && other.zeros.iter().zip(&current.zeros).all(|(other, own)| *own || !other)
            && other.numbers.iter().take(kept).eq(current.numbers.iter().take(kept))
            && other.numbers > current.numbers
    };
    let candidates = tags.iter().filter_map(|tag| Some((parse(tag)?, tag.as_str())));
    candidates.filter(|(version, _)| fits(version)).max_by(|a, b| a.0.numbers.cmp(&b.0.numbers)).map(|(_, tag)| tag)
}

/// `v1.4.2-alpine`: from the first digit that begins the tag or follows a letter's end, to the last number.
fn parse(tag: &str) -> Option<Version<'_>> {
    let start = tag.find(|c: char| c.is_ascii_digit())?;
    let (before, rest) = tag.split_at(start);
    if !before.is_empty() && !before.ends_with(['v', '-', '_']) {
        return None;
    }
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
    let (version, variant) = rest.split_at(end);
    if !(variant.is_empty() || variant.starts_with(['-', '_', '+'])) {
        return None;
    }
    // A date or a build number moves by other rules than a version.
    let numbers: Vec<u64> = version.split('.').map(|n| n.parse().ok()).collect::<Option<_>>()?;
    let zeros = version.split('.').map(|number| number.len() > 1 && number.starts_with('0')).collect();
    let fits = numbers.len() <= 4 && (numbers.len() > 1 || version.len() <= 4);
    fits.then_some(Version { before, numbers, zeros, variant })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tag: &str, allow: Allow, tags: &[&str], expected: Option<&str>) {
        let tags: Vec<String> = tags.iter().map(|t| (*t).to_owned()).collect();
        assert_eq!(newer(tag, &tags, allow), expected, "{tag} {allow:?}");
    }

    #[test]
    fn an_update_stays_within_what_is_allowed() {
        let tags = ["1.4.2", "1.4.10", "1.4.9", "1.5.0", "1.12.1", "2.0.0", "latest", "1", "1.4"];
        check("1.4.2", Allow::Patch, &tags, Some("1.4.10"));
        check("1.4.2", Allow::Minor, &tags, Some("1.12.1"));
        check("1.4.2", Allow::Major, &tags, Some("2.0.0"));
        check("2.0.0", Allow::Major, &tags, None);
    }

    #[test]
    fn a_date_is_no_newer_version() {
        let tags = ["1.4.9", "1.09.1", "1.9.0", "2.0.0", "2024.01.01", "24.04", "24.10"];
        check("1.4.2", Allow::Minor, &tags, Some("1.9.0"));
        check("1.4.2", Allow::Major, &tags, Some("2.0.0"));
        check("22.04", Allow::Major, &tags, Some("24.10"));
    }

    #[test]
    fn a_variant_stays() {
        let tags = ["20.1.0-slim", "20.2.0", "20.2.0-alpine3.20", "20.2.0-slim-bookworm", "20.1.5-slim", "20.3.0-rc.1"];
        check("20.1.0-slim", Allow::Major, &tags, Some("20.1.5-slim"));
        check("20.1.0-alpine3.20", Allow::Major, &tags, Some("20.2.0-alpine3.20"));
        check("20.1.0-alpine3.19", Allow::Major, &tags, None);
        check("20.1.0", Allow::Major, &tags, Some("20.2.0"));
    }

    #[test]
    fn a_prefix_and_precision_stay() {
        check("v1.2.3", Allow::Major, &["1.2.4", "v1.2.4", "v1.3"], Some("v1.2.4"));
        check("1.2", Allow::Major, &["1.3", "1.3.1", "2"], Some("1.3"));
        check("20", Allow::Major, &["21", "22", "20241101"], Some("22"));
        check("20", Allow::Minor, &["21"], None);
    }

    #[test]
    fn what_is_no_version_is_left() {
        for tag in ["latest", "bookworm", "20240601", "sha-a1b2c3d", "1.4.2beta", "pg16x"] {
            check(tag, Allow::Major, &["2.0.0", "20250101", "zz"], None);
        }
        check("99999999999999999999.1", Allow::Major, &["2.0"], None);
    }
}
