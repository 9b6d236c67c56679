//! What a tag was seen to name over time: the evidence of the rules about tags that move.
//!
//! From one vantage only. A cache that serves last week's tag shows nothing of what the registry had.

use jiff::Timestamp;
use model::Digest;
use std::collections::BTreeMap;

/// One tag's past, as seen from one vantage, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// `registry/repository`.
    pub repository: String,
    /// The tag.
    pub tag: String,
    /// From where, in the ledger's words.
    pub vantage: String,
    /// What it named; two neighbours always differ.
    pub spans: Vec<Span>,
}

/// A time in which every look showed the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The digest; `None` where the registry said that there is no such tag.
    pub digest: Option<Digest>,
    /// First look.
    pub from: Timestamp,
    /// Last look.
    pub to: Timestamp,
    /// Whether bytes proved the digest at least once.
    pub proved: bool,
    /// What is known of the inside.
    pub contents: Contents,
}

/// What is known of what a digest holds. What is not known is `None`, never empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// For an index, the digest for each platform.
    pub platforms: Option<BTreeMap<String, Digest>>,
    /// For an index, the platform of the image whose layers, labels and packages these are.
    pub of: Option<String>,
    /// The image's layers, lowest first.
    pub layers: Option<Vec<Digest>>,
    /// Labels of the config.
    pub labels: Option<BTreeMap<String, String>>,
    /// Versions by package, as `ecosystem name`.
    pub packages: Option<BTreeMap<String, String>>,
}

impl Past {
    /// The digests in the order in which they were first seen.
    pub fn digests(&self) -> Vec<Digest> {
        let mut seen = Vec::new();
        for digest in self.spans.iter().filter_map(|span| span.digest) {
            if !seen.contains(&digest) {
                seen.push(digest);
            }
        }
        seen
    }

    /// Each change from one digest to another, a time without the tag in between or not.
    pub fn changes(&self) -> impl Iterator<Item = (&Span, &Span)> {
        let named: Vec<&Span> = self.spans.iter().filter(|span| span.digest.is_some()).collect();
        let pairs: Vec<(&Span, &Span)> = named.windows(2).map(|pair| (pair[0], pair[1])).collect();
        pairs.into_iter().filter(|(a, b)| a.digest != b.digest)
    }

    /// How often the tag went back to a digest that it had named before and left.
    pub(crate) fn returns(&self) -> Vec<(&Span, &Span)> {
        let came_back = |span: &Span| self.spans.iter().any(|s| s.digest == span.digest && s.to < span.from);
        self.changes().filter(|(_, after)| came_back(after)).collect()
    }
}
