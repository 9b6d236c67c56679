//! Texts that people write: Dockerfiles, YAML, HCL, JSON with comments: exact spans, image references, byte-exact edits.

pub mod dockerfile;
mod mention;
mod span;

pub use mention::{Image, Mention, WhyNot};
pub use span::{Lines, Position, Span};
