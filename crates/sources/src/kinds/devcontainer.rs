//! `devcontainer.json`: `image`. Features are no images; their digests stand in `devcontainer-lock.json`.

use crate::finder::Finder;
use crate::tree::Node;
use crate::{Obstacle, Role};

pub(crate) fn find(finder: &mut Finder<'_>) {
    let tree = finder.tree;
    for root in tree.roots.clone() {
        if let Some(image) = tree.get(root, "image") {
            finder.image(image, Role::Tool);
        }
        let features = tree.get(root, "features").and_then(|f| tree.node(f));
        let Some(Node::Map(pairs)) = features else { continue };
        for scalar in pairs.iter().filter_map(|(key, _)| tree.scalar(*key)) {
            let local = scalar.value.starts_with("./") || scalar.value.starts_with("../");
            let lock = Obstacle::Unsupported("a feature, whose digest belongs into `devcontainer-lock.json`");
            finder.obstacle(scalar, Role::Tool, if local { Obstacle::Local } else { lock });
        }
    }
}
