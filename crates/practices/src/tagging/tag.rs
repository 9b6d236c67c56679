//! What a tag's own text promises. A registry lets every tag move; this says which ones are meant to.

/// How far a tag's name is from naming one build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagKind {
    /// One release or build: `1.4.2`, `2024-06-01`, `sha-a1b2c3d`.
    Version,
    /// A line of releases: `1`, `1.4`, `20-slim`.
    Series,
    /// Meant to move: `latest`, `main`, `pr-7`.
    Moving,
    /// A name that says neither: `bookworm`, `slim`.
    Name,
}

/// Words of tags that are pushed again and again.
const MOVING: [&str; 30] = [
    "latest",
    "stable",
    "unstable",
    "main",
    "master",
    "trunk",
    "head",
    "tip",
    "edge",
    "nightly",
    "daily",
    "weekly",
    "dev",
    "devel",
    "develop",
    "development",
    "canary",
    "next",
    "current",
    "rolling",
    "lts",
    "mainline",
    "snapshot",
    "prod",
    "production",
    "staging",
    "test",
    "testing",
    "preview",
    "insiders",
];
/// First words of branch and pull request names.
const BRANCHES: [&str; 12] =
    ["feature", "feat", "fix", "bugfix", "hotfix", "branch", "pr", "mr", "merge", "chore", "renovate", "dependabot"];
/// Words that make even a version move.
const ALWAYS_MOVING: [&str; 2] = ["latest", "snapshot"];

/// What kind of tag this is, from its text alone.
pub(super) fn kind(tag: &str) -> TagKind {
    let tag = tag.to_ascii_lowercase();
    let words: Vec<&str> = tag.split(['-', '_']).filter(|w| !w.is_empty()).collect();
    let any = |list: &[&str]| words.iter().any(|w| list.contains(w));
    if any(&ALWAYS_MOVING) {
        TagKind::Moving
    } else if words.iter().any(|w| is_build(w)) || words.windows(3).any(is_split_date) {
        TagKind::Version
    } else if any(&MOVING) || words.first().is_some_and(|w| BRANCHES.contains(w)) {
        TagKind::Moving
    } else if words.iter().any(|w| is_series(w)) {
        TagKind::Series
    } else {
        TagKind::Name
    }
}

/// From the first three-part number to the end of the tag.
pub(super) fn version(tag: &str) -> Option<&str> {
    let word = tag.split(['-', '_']).find(|w| is_three_part(numbers_of(w)))?;
    let start = word.as_ptr().addr() - tag.as_ptr().addr() + word.len() - numbers_of(word).len();
    tag.get(start..)
}

/// `1.4.2`, `v1.4.2rc1`, `jdk17.0.2`, `20240601`, a commit's hash.
fn is_build(word: &str) -> bool {
    is_hash(word) || (word.len() >= 5 && digits(word)) || is_three_part(numbers_of(word))
}

fn is_three_part(text: &str) -> bool {
    let mut parts = text.splitn(3, '.');
    let (Some(a), Some(b), Some(c)) = (parts.next(), parts.next(), parts.next()) else { return false };
    digits(a) && digits(b) && c.starts_with(|c: char| c.is_ascii_digit())
}

/// At least seven hex characters, and not a word or a number by accident.
fn is_hash(word: &str) -> bool {
    let hex = word.len() >= 7 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let mixed = word.bytes().any(|b| b.is_ascii_digit()) && word.bytes().any(|b| b.is_ascii_alphabetic());
    hex && (mixed || word.len() >= 40)
}

/// `2024`, `06`, `01`.
fn is_split_date(words: &[&str]) -> bool {
    words.iter().map(|w| w.len()).eq([4, 2, 2]) && words.iter().all(|w| digits(w))
}

/// `1`, `v1`, `1.4`, `pg16`.
fn is_series(word: &str) -> bool {
    let numbers = numbers_of(word);
    !numbers.is_empty() && numbers.split('.').all(digits)
}

fn numbers_of(word: &str) -> &str {
    word.trim_start_matches(|c: char| c.is_ascii_alphabetic())
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: TagKind, tags: &[&str]) {
        for tag in tags {
            assert_eq!(kind(tag), expected, "{tag}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_tag_has_a_kind(tag in r"[a-zA-Z0-9_.v-]{0,40}") {
            let version = version(&tag);
            proptest::prop_assert!(version.is_none_or(|v| tag.ends_with(v) && kind(&tag) != TagKind::Series));
        }
    }

    #[test]
    fn tags_are_told_apart() {
        check(
            TagKind::Version,
            &[
                "1.4.2",
                "v1.4.2",
                "1.4.2-alpine",
                "1.4.2-rc.1",
                "17.0.2_8-jre",
                "jdk17.0.2",
                "1.27.0-perl",
                "2024.06.01",
            ],
        );
        check(
            TagKind::Version,
            &["20240601", "2024-06-01", "nightly-2024-06-01", "main-a1b2c3d", "sha-a1b2c3d", "123456", "1.26.1-stable"],
        );
        check(
            TagKind::Moving,
            &[
                "latest",
                "Latest",
                "stable-alpine",
                "main",
                "edge",
                "1.4.2-SNAPSHOT",
                "pr-12",
                "feature-login",
                "lts",
                "latest-amd64",
            ],
        );
        check(TagKind::Series, &["1", "1.4", "v2", "20-slim", "20-alpine", "3.20", "24.04", "2023", "pg16"]);
        check(TagKind::Name, &["bookworm-slim", "alpine", "noble", "facade", "___"]);
    }
}
