//! Bake, in HCL and JSON: `docker-image://` in the contexts of targets. `tags` are names of results.
//!
//! A context that is one variable is pinned in the variable's default.

use crate::finder::{Finder, platform};
use crate::tree::{Id, Tree};
use crate::{Obstacle, Role};

pub(crate) fn find(finder: &mut Finder<'_>) {
    let tree = finder.tree;
    for root in tree.roots.clone() {
        let variables = |name: &str| default_of(tree, root, name);
        for target in named(tree, root, "target") {
            let platforms = tree.get(target, "platforms").map(|p| tree.items(p)).unwrap_or_default();
            let only = match platforms {
                [one] => platform(tree, Some(*one)),
                _ => None,
            };
            for (_, context) in tree.get(target, "contexts").map(|c| tree.entries(c)).unwrap_or_default() {
                finder.image_or_variable(context, "docker-image://", Role::BuildInput, only.clone(), &variables);
            }
            if let Some(inline) = tree.get(target, "dockerfile-inline").and_then(|i| tree.scalar(i)) {
                let why = Obstacle::Unsupported("a Dockerfile inside of another text is not looked into");
                finder.obstacle(inline, Role::Base, why);
            }
        }
    }
}

/// The bodies of all blocks of a name, whatever their labels.
fn named<'t>(tree: &'t Tree, root: Id, word: &'t str) -> Vec<Id> {
    let blocks = tree.own(root).filter(|(key, _)| *key == word);
    blocks.flat_map(|(_, labels)| tree.own(labels).map(|(_, body)| body).collect::<Vec<_>>()).collect()
}

fn default_of(tree: &Tree, root: Id, name: &str) -> Option<Id> {
    let blocks = tree.own(root).filter(|(key, _)| *key == "variable");
    let body = blocks.flat_map(|(_, labels)| tree.own(labels)).find(|(label, _)| *label == name)?.1;
    tree.get(body, "default")
}
