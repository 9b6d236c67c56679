//! Texts that people write: Dockerfiles, YAML, HCL, JSON with comments: exact spans, image references, byte-exact edits.
//!
//! A text goes in, [`Mention`]s come out: what each place names, what for, and whether a digest can be put there.
//! Edits name spans; [`apply`] changes those and no other byte, and [`Grammar::edit`] reads the result again and holds
//! it against the text before. No file is read or written here, no registry asked.

pub mod dockerfile;
mod edit;
mod error;
mod find;
mod finder;
mod kind;
mod kinds;
mod mention;
mod pattern;
mod settings;
pub mod shell;
mod span;
mod tree;
mod value;

pub use edit::{Edit, EditError, apply, ordered};
pub use error::SourceError;
pub use find::{Grammar, Parsed, find};
pub use kind::Kind;
pub use mention::{Action, Mention, Named, Obstacle, Role, Site};
pub use pattern::{Pattern, PatternError};
pub use settings::{Setting, all_settings, settings};
pub use span::{Lines, Position, Span};
