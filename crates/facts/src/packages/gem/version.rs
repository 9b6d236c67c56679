//! RubyGems' order of versions, for dependencies
//! (<https://docs.ruby-lang.org/en/master/Gem/Version.html>).

use super::super::stated;
use std::cmp::Ordering;

/// One segment: letters come before numbers, so that `1.a` is older than `1.0`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Letters(String),
    /// How many digits, then the digits, without leading zeros.
    Number(usize, String),
}

const ZERO: Segment = Segment::Number(0, String::new());

/// A version in comparable form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key(Vec<Segment>);

/// Whether `text` can be a version.
pub(super) fn is_version(text: &str) -> bool {
    stated::is_word(text)
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
}

/// The comparable form of a version; `-` starts a pre-release.
pub(super) fn key(version: &str) -> Key {
    let segments = segments(version);
    let release = segments.iter().position(|s| matches!(s, Segment::Letters(_))).unwrap_or(segments.len());
    let (release, rest) = segments.split_at(release);
    Key([without_zeros(release), without_zeros(rest)].concat())
}

fn segments(version: &str) -> Vec<Segment> {
    let version = version.trim().replace('-', ".pre.");
    let mut out = Vec::new();
    let mut rest = version.as_str();
    while let Some(first) = rest.chars().next() {
        let alike = |c: char| if first.is_ascii_digit() { c.is_ascii_digit() } else { c.is_ascii_alphabetic() };
        let end = rest.find(|c| !alike(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (word, after) = rest.split_at(end);
        if first.is_ascii_digit() {
            let digits = word.trim_start_matches('0');
            out.push(Segment::Number(digits.len(), digits.to_owned()));
        } else if first.is_ascii_alphabetic() {
            out.push(Segment::Letters(word.to_owned()));
        }
        rest = after;
    }
    out
}

fn without_zeros(segments: &[Segment]) -> Vec<Segment> {
    let end = segments.iter().rposition(|s| *s != ZERO).map_or(0, |at| at + 1);
    segments[..end].to_vec()
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let longest = self.0.len().max(other.0.len());
        let at = |key: &Self, index: usize| key.0.get(index).cloned().unwrap_or(ZERO);
        (0..longest).map(|i| at(self, i).cmp(&at(other, i))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Whether `version` satisfies one requirement such as `~> 1.2`; an unreadable one is not satisfied.
pub(super) fn satisfies(version: &str, requirement: &str) -> bool {
    let requirement = requirement.trim();
    let end = requirement.find(|c: char| !"<>=!~".contains(c)).unwrap_or(requirement.len());
    let (sign, wanted) = requirement.split_at(end);
    let wanted = wanted.trim();
    if !is_version(wanted) {
        return false;
    }
    let order = key(version).cmp(&key(wanted));
    match sign {
        "" | "=" => order.is_eq(),
        "!=" => order.is_ne(),
        ">" => order.is_gt(),
        ">=" => order.is_ge(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        "~>" => order.is_ge() && shares_prefix(version, wanted),
        _ => false,
    }
}

/// Whether the release of `version` starts with all but the last segment of the release of `wanted`.
fn shares_prefix(version: &str, wanted: &str) -> bool {
    let release = |text: &str| -> Vec<Segment> {
        segments(text).into_iter().take_while(|s| matches!(s, Segment::Number(..))).collect()
    };
    let (version, wanted) = (release(version), release(wanted));
    let length = wanted.len().saturating_sub(1).max(1);
    (0..length).all(|i| version.get(i).unwrap_or(&ZERO) == wanted.get(i).unwrap_or(&ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order() {
        let rising = [
            "0.9",
            "1.0.a",
            "1.0.a.2",
            "1.0.b1",
            "1.0.rc1",
            "1.0",
            "1.0.1",
            "1.2",
            "1.10",
            "2",
            "10000000000000000000000",
        ];
        for pair in rising.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        assert_eq!(key("1.0.0"), key("1"));
        assert_eq!(key("1.0-x"), key("1.pre.x"));
    }

    #[test]
    fn requirements() {
        let check = |version, requirement, expected| {
            assert_eq!(satisfies(version, requirement), expected, "{version} {requirement}");
        };
        check("1.2.5", "~> 1.2", true);
        check("2.0", "~> 1.2", false);
        check("1.3.0", "~> 1.2.3", false);
        check("1.2.3.9", "~> 1.2.3", true);
        check("2", "~> 1", false);
        check("1.9", "~> 1", true);
        check("1.0", "1", true);
        check("1.0", "!= 1", false);
        check("1.0", "< 1.0.1", true);
        check("1.0", "?? 1", false);
        check("1.0", ">=", false);
    }
}
