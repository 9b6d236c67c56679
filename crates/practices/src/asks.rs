//! What a policy asks of a Dockerfile beyond levels: registries that are trusted, and labels with the shape of each.

use crate::provenance::{is_absolute_url, is_spdx, rfc3339};
use globset::GlobMatcher;
use std::collections::BTreeMap;

/// What is asked; nothing by default.
#[derive(Clone, Debug, Default)]
pub struct Asks {
    /// Hosts that images may come from; none asks nothing.
    pub trusted_registries: Vec<GlobMatcher>,
    /// Labels that must be there, and what each holds.
    pub labels: BTreeMap<String, Shape>,
    /// Whether no other label may be there.
    pub strict_labels: bool,
}

/// What a label holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Anything but nothing.
    Text,
    /// A whole URL.
    Url,
    /// A date and time by RFC 3339.
    Rfc3339,
    /// An SPDX expression.
    Spdx,
    /// A commit's hash, short or whole.
    Hash,
    /// A version by Semantic Versioning 2.
    Semver,
    /// An address of mail.
    Email,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Text, Self::Url, Self::Rfc3339, Self::Spdx, Self::Hash, Self::Semver, Self::Email];

    /// Its word in a policy, hadolint's too.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Url => "url",
            Self::Rfc3339 => "rfc3339",
            Self::Spdx => "spdx",
            Self::Hash => "hash",
            Self::Semver => "semver",
            Self::Email => "email",
        }
    }

    /// What is said of a value that does not hold.
    pub(crate) fn complaint(self) -> &'static str {
        match self {
            Self::Text => "empty",
            Self::Url => "no whole URL",
            Self::Rfc3339 => "no date and time by RFC 3339",
            Self::Spdx => "no SPDX expression",
            Self::Hash => "no commit's hash of 7 to 64 digits",
            Self::Semver => "no version by Semantic Versioning",
            Self::Email => "no address of mail",
        }
    }

    /// Whether a value has this shape.
    pub(crate) fn holds(self, value: &str) -> bool {
        match self {
            Self::Text => !value.trim().is_empty(),
            Self::Url => is_absolute_url(value),
            Self::Rfc3339 => rfc3339(value).is_some(),
            Self::Spdx => is_spdx(value),
            Self::Hash => (7..=64).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_hexdigit()),
            Self::Semver => is_semver(value),
            Self::Email => is_email(value),
        }
    }
}

/// <https://semver.org/#spec-item-2>
fn is_semver(text: &str) -> bool {
    let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
    let (core, pre) = rest.split_once('-').map_or((rest, None), |(core, pre)| (core, Some(pre)));
    let number = |part: &str| {
        let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        digits && (part.len() == 1 || !part.starts_with('0'))
    };
    let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let released = |part: &str| word(part) && (!part.bytes().all(|b| b.is_ascii_digit()) || number(part));
    core.split('.').count() == 3
        && core.split('.').all(number)
        && pre.is_none_or(|pre| pre.split('.').all(released))
        && build.is_none_or(|build| build.split('.').all(word))
}

/// Near enough: one `@`, a name before it, a domain with a dot after it.
fn is_email(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c);
    let Some((name, domain)) = text.split_once('@') else { return false };
    let dotted = domain.split('.').count() > 1 && domain.split('.').all(|part| !part.is_empty());
    !name.is_empty() && dotted && !domain.contains('@') && !text.chars().any(odd)
}

#[cfg(test)]
mod tests {
    use super::Shape::{Email, Semver};

    #[test]
    fn shapes_hold_what_they_should() {
        for (shape, right, wrong) in [
            (
                Semver,
                &["1.2.3", "1.0.0-rc.1+b-7.01", "0.0.0"][..],
                &["1.2", "v1.2.3", "1.02.3", "1.2.3-01", "1.2.3-", ""][..],
            ),
            (
                Email,
                &["a@example.com", "a.b+c@x.example.com"],
                &["a", "a@b", "@example.com", "a b@example.com", "a@b@c.d", "<a@b.c>"],
            ),
        ] {
            assert!(right.iter().all(|text| shape.holds(text)), "{shape:?}");
            assert!(!wrong.iter().any(|text| shape.holds(text)), "{shape:?}");
        }
    }
}
