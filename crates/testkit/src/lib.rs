//! What the tests of several rooms share. Never part of the program: only `dev-dependencies` name this crate.
//!
//! A registry on loopback that does all that the specification asks of one, and misbehaves where a test says so.
//! It keeps everything in memory and ends with its value.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where and ends")]

mod http;
mod registry;

pub use http::{Reply, Seen};
pub use registry::{Fault, Features, Registry};
