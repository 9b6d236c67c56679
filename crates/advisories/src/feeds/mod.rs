//! What sources publish, one module a form. Each reads bytes that were handed in and fills a [`crate::Builder`].
//!
//! A record that makes no sense is left out and counted under its reason; a file that is not in its form at all is an
//! error.

pub mod debian;
pub mod enrich;
pub mod osv;
pub mod secdb;

use std::io::Read;

/// The bytes of a feed, inflated if they are gzip, at most `limit` of them.
pub fn plain(bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, FeedError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut out = Vec::new();
    let inflated = flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(limit + 1).read_to_end(&mut out);
    inflated.map_err(|e| FeedError::Gzip(model::escaped(&e.to_string()).into_owned()))?;
    if out.len() as u64 > limit { Err(FeedError::Inflated(limit)) } else { Ok(out) }
}

/// Why a feed could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// It is no archive, or a damaged one.
    #[error("it is no readable zip archive: {0}")]
    Archive(String),
    /// It is damaged gzip.
    #[error("it is damaged gzip: {0}")]
    Gzip(String),
    /// It inflates to more than any feed.
    #[error("it inflates to more than {0} bytes")]
    Inflated(u64),
    /// It is not the JSON it should be.
    #[error("it is not in its form: {why} at line {line}, column {column}")]
    Json {
        /// What is wrong.
        why: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// A table without a column that it must have.
    #[error("it is not in its form: {0}")]
    Table(&'static str),
}

impl From<serde_json::Error> for FeedError {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        let why = model::escaped(text.split(" at line ").next().unwrap_or_default()).into_owned();
        Self::Json { why, line: error.line(), column: error.column() }
    }
}
