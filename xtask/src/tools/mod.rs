//! Other programs: how they are called, and how they get here.

pub(crate) mod apt;
pub(crate) mod cargo;
pub(crate) mod measure;
pub(crate) mod python;
mod run;

pub(crate) use run::{output, print, run, say};
