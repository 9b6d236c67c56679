//! `cargo xtask proof`: what we claim of others' rules, against the others themselves.

mod oracles;
mod pairs;
pub(crate) mod signatures;
pub(crate) mod versions;
