//! Real images, made here by mmdebstrap, umoci, npm and pip, and kept under `target/xtask/images`.

mod build;
mod cache;
pub(crate) mod debian;
