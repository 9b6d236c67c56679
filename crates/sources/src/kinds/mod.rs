//! Where each kind of text names images: one file a kind.

pub(crate) mod actions;
pub(crate) mod bake;
pub(crate) mod compose;
pub(crate) mod devcontainer;
pub(crate) mod dockerfile;
pub(crate) mod gitlab;
pub(crate) mod helm;
pub(crate) mod kubernetes;
pub(crate) mod kustomize;
pub(crate) mod terraform;
