//! Why a text cannot be read, or an edit of it not be trusted.

use crate::{EditError, Position};

/// Why a text could not be used. Nothing is guessed of a text that does not parse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Not text of its kind.
    #[error("line {}, column {}: not valid {what}: {why}", at.line, at.column)]
    Syntax {
        /// `YAML`, `HCL`, `JSON`.
        what: &'static str,
        /// Where.
        at: Position,
        /// The parser's words, made harmless.
        why: String,
    },
    /// Not a Dockerfile at all.
    #[error(transparent)]
    Dockerfile(#[from] crate::dockerfile::Refusal),
    /// Larger than any text that people write.
    #[error("{length} bytes long: at most {limit} are read")]
    TooLong {
        /// Its bytes.
        length: usize,
        /// The most that are read.
        limit: usize,
    },
    /// Nested deeper than any text that people write.
    #[error("line {}: nested more than {limit} levels deep", at.line)]
    TooDeep {
        /// Where.
        at: Position,
        /// The most that are read.
        limit: usize,
    },
    /// More nodes than any text that people write.
    #[error("more than {limit} values")]
    TooMany {
        /// The most that are read.
        limit: usize,
    },
    /// Aliases that stand for each other until there is no end of them.
    #[error("its aliases stand for too much: following them was given up after {limit} steps")]
    Aliases {
        /// The most that are followed.
        limit: u32,
    },
    /// Edits that cannot be applied.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// After the edit the text would not say what was intended. Nothing was written.
    #[error("after the edit, {0}; nothing was changed")]
    Verify(String),
}
