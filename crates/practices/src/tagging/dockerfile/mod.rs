//! Practice 1 in a Dockerfile: what it builds on and installs, and at which version.

pub(crate) mod base_latest;
pub(crate) mod base_without_digest;
pub(crate) mod base_without_tag;
pub(crate) mod gem_unpinned;
pub(crate) mod go_unpinned;
pub(crate) mod npm_unpinned;
pub(crate) mod pip_unpinned;

use crate::dockerfile::DockerfileEvidence;
use sources::dockerfile::{Image, Mention, images};

/// The images that FROM names, with where they are named.
fn bases(dockerfile: &DockerfileEvidence<'_>) -> Vec<(Mention, Image)> {
    let mentions = images(dockerfile.file).into_iter().filter(|mention| mention.kind.starts_with("FROM"));
    mentions.filter_map(|mention| mention.image.clone().ok().map(|image| (mention, image))).collect()
}
