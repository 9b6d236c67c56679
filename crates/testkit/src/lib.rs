//! What the tests of several rooms share. Never part of the program: only `dev-dependencies` name this crate.
//!
//! A registry on loopback that does all that the specification asks of one, and misbehaves where a test says so, and
//! a server of files. They keep everything in memory and end with their values.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where and ends")]

mod files;
mod http;
mod registry;

pub use files::{Files, Tag};
pub use http::{Reply, Seen};
pub use registry::{Fault, Features, Registry};
