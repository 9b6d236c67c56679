//! Feeds of advisories to one dated index; a package to the advisories whose ranges hold it. No network.
//!
//! [`feeds`] reads what sources publish, [`Builder`] writes a segment, [`Segment`] reads one in place, [`Index`] is a few
//! of them under a [`Manifest`], and [`matching`] asks it about packages. Everything from outside is hostile: a record
//! that makes no sense is counted and left out, a damaged segment is an error with its place.
//!
//! Nothing here knows the time, opens a file or speaks to anyone: bytes come in, matches go out.

mod build;
mod codec;
mod delta;
pub mod ecosystem;
pub mod enrichment;
pub mod feeds;
mod index;
pub mod manifest;
pub mod matching;
pub mod rating;
pub mod release;
pub mod scan;
mod segment;
mod spans;
mod statement;
mod when;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod truth_tests;

pub use build::{BuildError, Builder};
pub use codec::Damage;
pub use delta::{Without, changes, merged, merged_without};
pub use index::Index;
pub use manifest::Manifest;
pub use segment::{OpenError, Segment};
pub use spans::{End, Span};
pub use statement::{Entry, State, Statement};
