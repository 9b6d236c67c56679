//! One layer, read once.

/// How many of a file's first bytes a [`crate::keep::Candidate`] shows.
pub const HEAD: usize = 64;
