//! OSV records (<https://ossf.github.io/osv-schema/>), read as they come.
//!
//! Ecosystems and fields that nobody has thought of yet are kept or skipped, never an error: one new word must not hide
//! a whole record. What a record must have is an id and, where it names packages, their names; a record without is
//! refused with the place. Nothing here judges a version: see the crate `advisories`.

mod loose;
mod score;

#[cfg(test)]
mod tests;

pub use loose::Words;
pub use score::{Score, ScoreError, score};

use serde::Deserialize;
use std::borrow::Cow;

/// The longest record that is read. The longest real ones, Red Hat's, stay below 4 MiB.
pub const LONGEST_RECORD: usize = 16 << 20;

/// One advisory.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Record<'a> {
    /// `DSA-5192-1`, `GHSA-…`, `GO-2025-3707`.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// When it was last changed, RFC 3339.
    #[serde(borrow, default, deserialize_with = "loose::text")]
    pub modified: Cow<'a, str>,
    /// When it came out.
    #[serde(borrow, default, deserialize_with = "loose::text")]
    pub published: Cow<'a, str>,
    /// When it was taken back; empty while it stands.
    #[serde(borrow, default, deserialize_with = "loose::text")]
    pub withdrawn: Cow<'a, str>,
    /// One line.
    #[serde(borrow, default, deserialize_with = "loose::text")]
    pub summary: Cow<'a, str>,
    /// Other names of the same vulnerability.
    #[serde(borrow, default, deserialize_with = "loose::list")]
    pub aliases: Vec<Cow<'a, str>>,
    /// The vulnerabilities that this record takes up for a distribution.
    #[serde(borrow, default, deserialize_with = "loose::list")]
    pub upstream: Vec<Cow<'a, str>>,
    /// Near, but not the same.
    #[serde(borrow, default, deserialize_with = "loose::list")]
    pub related: Vec<Cow<'a, str>>,
    /// Scores, as stated.
    #[serde(borrow, default, deserialize_with = "loose::items")]
    pub severity: Vec<Severity<'a>>,
    /// The packages.
    #[serde(borrow, default, deserialize_with = "loose::items")]
    pub affected: Vec<Affected<'a>>,
    /// What the database adds of its own, as far as it is texts.
    #[serde(borrow, default)]
    pub database_specific: Words<'a>,
}

/// A score: `CVSS_V3` with a vector, `Ubuntu` with a word.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Severity<'a> {
    /// By what scheme.
    #[serde(rename = "type", borrow, default, deserialize_with = "loose::text")]
    pub scheme: Cow<'a, str>,
    /// The vector or word.
    #[serde(borrow, default, deserialize_with = "loose::text")]
    pub score: Cow<'a, str>,
}

/// One package of a record.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Affected<'a> {
    /// Which; absent where only a repository's commits are named.
    #[serde(borrow, default)]
    pub package: Option<Package<'a>>,
    /// Scores that hold for this package.
    #[serde(borrow, default, deserialize_with = "loose::items")]
    pub severity: Vec<Severity<'a>>,
    /// Spans of versions.
    #[serde(borrow, default, deserialize_with = "loose::items")]
    pub ranges: Vec<Range<'a>>,
    /// Versions, one by one.
    #[serde(borrow, default, deserialize_with = "loose::list")]
    pub versions: Vec<Cow<'a, str>>,
    /// What the ecosystem adds, as far as it is texts.
    #[serde(borrow, default)]
    pub ecosystem_specific: Words<'a>,
    /// What the database adds, as far as it is texts.
    #[serde(borrow, default)]
    pub database_specific: Words<'a>,
}

/// A package's name in its ecosystem.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Package<'a> {
    /// `Debian:12`, `PyPI`, `Alpine:v3.20`.
    #[serde(borrow)]
    pub ecosystem: Cow<'a, str>,
    /// Its name.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
}

/// A span of versions, as events.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Range<'a> {
    /// `SEMVER`, `ECOSYSTEM` or `GIT`.
    #[serde(rename = "type", borrow, default, deserialize_with = "loose::text")]
    pub kind: Cow<'a, str>,
    /// In any order.
    #[serde(borrow, default, deserialize_with = "loose::items")]
    pub events: Vec<Event<'a>>,
}

/// One event; exactly one field is filled in. `introduced: "0"` means from the very first version.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Event<'a> {
    /// From this version on.
    #[serde(borrow, default)]
    pub introduced: Option<Cow<'a, str>>,
    /// Before this version.
    #[serde(borrow, default)]
    pub fixed: Option<Cow<'a, str>>,
    /// Up to and with this version.
    #[serde(borrow, default)]
    pub last_affected: Option<Cow<'a, str>>,
    /// Nothing is said from this version on.
    #[serde(borrow, default)]
    pub limit: Option<Cow<'a, str>>,
}

/// Why a text is no OSV record.
#[derive(Debug, thiserror::Error)]
pub enum OsvError {
    /// It is longer than [`LONGEST_RECORD`].
    #[error("it is longer than {LONGEST_RECORD} bytes")]
    TooLong,
    /// It is no JSON, or lacks an id or a package's name.
    #[error("at line {line}, column {column}: {why}")]
    Malformed {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong.
        why: String,
    },
}

/// Reads one record.
pub fn read(bytes: &[u8]) -> Result<Record<'_>, OsvError> {
    if bytes.len() > LONGEST_RECORD {
        return Err(OsvError::TooLong);
    }
    serde_json::from_slice(bytes).map_err(|e| {
        let text = e.to_string();
        let why = text.split(" at line ").next().unwrap_or_default();
        OsvError::Malformed { line: e.line(), column: e.column(), why: model::escaped(why).into_owned() }
    })
}
