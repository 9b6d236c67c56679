//! Texts that people write: Dockerfiles, YAML, HCL, JSON with comments: exact spans, image references, byte-exact edits.

pub mod dockerfile;
pub mod shell;
mod span;

pub use span::{Lines, Position, Span};
