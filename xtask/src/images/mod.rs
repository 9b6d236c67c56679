//! Real images, made here by mmdebstrap, umoci, npm and pip, and kept under `target/xtask/images`.

mod app;
mod build;
pub(crate) mod cache;
pub(crate) mod debian;
pub(crate) mod demo;
pub(crate) mod forms;
pub(crate) mod layered;
pub(crate) mod service;
