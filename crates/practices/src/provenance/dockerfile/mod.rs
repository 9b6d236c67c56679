//! Practice 7 in a Dockerfile: its labels.

pub(crate) mod label_key;
pub(crate) mod label_schema;
pub(crate) mod maintainer;
