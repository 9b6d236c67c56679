//! What a registry's headers state of a document. None of it is believed: it is compared, dated or reported.

use jiff::Timestamp;
use reqwest::header::{AGE, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, LAST_MODIFIED, VIA};

/// No header's value is kept beyond this many characters.
const KEPT: usize = 300;

/// The headers that came with a document, as they were stated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// `Content-Type`, with its parameters.
    pub media_type: Option<String>,
    /// `Docker-Content-Digest`.
    pub digest: Option<String>,
    /// `Content-Length`, in bytes.
    pub length: Option<u64>,
    /// `Last-Modified`: when the registry says that the document, or the tag, came to be.
    pub modified: Option<Timestamp>,
    /// `Age` in seconds: set by caches on the way.
    pub age: Option<u64>,
    /// `Via`: the proxies on the way, where they name themselves.
    pub via: Option<String>,
    /// `ETag`, for asking again.
    pub etag: Option<String>,
    /// What is left of an allowance for pulls.
    pub allowance: Option<Allowance>,
}

/// `RateLimit-Limit` and `RateLimit-Remaining` as Docker Hub sends them (`100;w=21600`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Pulls that are allowed in a window.
    pub limit: u64,
    /// Pulls that are left in it.
    pub remaining: u64,
    /// The window's length in seconds, where it is stated.
    pub window: Option<u64>,
}

impl Stated {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(kept).filter(|t| !t.is_empty());
        let number = |name: &str| text(name).and_then(|t| t.trim().parse().ok());
        Self {
            media_type: text(CONTENT_TYPE.as_str()),
            digest: text("docker-content-digest"),
            length: number(CONTENT_LENGTH.as_str()),
            modified: text(LAST_MODIFIED.as_str()).and_then(|t| date(&t)),
            age: number(AGE.as_str()),
            via: text(VIA.as_str()),
            etag: text("etag"),
            allowance: allowance(text("ratelimit-limit"), text("ratelimit-remaining")),
        }
    }

    /// The media type without parameters, in lower case.
    pub fn plain_type(&self) -> Option<String> {
        let plain = self.media_type.as_deref()?.split(';').next()?.trim().to_ascii_lowercase();
        (!plain.is_empty()).then_some(plain)
    }
}

fn kept(text: &str) -> String {
    text.chars().take(KEPT).collect()
}

fn date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

fn allowance(limit: Option<String>, remaining: Option<String>) -> Option<Allowance> {
    let (limit, remaining) = (limit?, remaining?);
    let count = |text: &str| text.split(';').next().and_then(|n| n.trim().parse().ok());
    let window = limit.split(';').find_map(|part| part.trim().strip_prefix("w=")?.parse().ok());
    Some(Allowance { limit: count(&limit)?, remaining: count(&remaining)?, window })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn stated(headers: &[(&str, &str)]) -> Stated {
        let pairs = headers.iter().map(|(name, value)| {
            (HeaderName::try_from(*name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        });
        Stated::of(&pairs.collect())
    }

    #[test]
    fn nothing_stated() {
        assert_eq!(stated(&[]), Stated::default());
        let odd = [("content-type", ""), ("content-length", "x"), ("age", "-1"), ("last-modified", "yesterday")];
        assert_eq!(stated(&odd), Stated::default());
    }

    #[test]
    fn types_have_parameters() {
        let check = |value: &str, expected: Option<&str>| {
            assert_eq!(stated(&[("content-type", value)]).plain_type().as_deref(), expected, "{value}");
        };
        check("application/json", Some("application/json"));
        check("Application/JSON ; charset=utf-8", Some("application/json"));
        check(" ; charset=utf-8", None);
        check("caf\u{e9}", None);
    }

    #[test]
    fn dates_ages_and_proxies() {
        let found =
            stated(&[("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"), ("age", "3600"), ("via", "1.1 cache.corp")]);
        assert_eq!(found.modified.unwrap().to_string(), "1994-11-06T08:49:37Z");
        assert_eq!((found.age, found.via.as_deref()), (Some(3600), Some("1.1 cache.corp")));
    }

    #[test]
    fn allowances() {
        let check = |limit: &str, remaining: &str, expected: Option<(u64, u64, Option<u64>)>| {
            let found = stated(&[("ratelimit-limit", limit), ("ratelimit-remaining", remaining)]).allowance;
            assert_eq!(found.map(|a| (a.limit, a.remaining, a.window)), expected, "{limit} {remaining}");
        };
        check("100;w=21600", "76;w=21600", Some((100, 76, Some(21_600))));
        check("200", "0", Some((200, 0, None)));
        check("100;w=x", "7", Some((100, 7, None)));
        check("many", "7", None);
        check("100", "", None);
        check("-1", "-2", None);
    }

    #[test]
    fn a_long_value_is_not_kept_whole() {
        assert_eq!(stated(&[("via", &"x".repeat(5000))]).via.unwrap().len(), KEPT);
    }
}
