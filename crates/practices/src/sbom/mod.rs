//! Practice 5: a bill of materials, and how much of the image it can account for.
//!
//! What could not be *read* is an unknown and makes the verdict inconclusive; it is no finding. The rules here judge
//! what was read and could not be *named*.

pub(crate) mod nothing_named;
pub(crate) mod unidentified_programs;
pub(crate) mod weak_evidence;
