//! Kustomize: the list `images`, whose entries replace the names, tags and digests of what is built from other files.
//!
//! A digest goes into `digest` where that is there, else behind the tag: Kustomize puts `name:` before it as it is.

use crate::Role;
use crate::finder::{Finder, Split};
use crate::kinds::helm::digest_field;
use crate::tree::Id;

pub(crate) fn find(finder: &mut Finder<'_>) {
    let tree = finder.tree;
    for root in tree.roots.clone() {
        let images: Vec<Id> = tree.get(root, "images").map(|i| tree.items(i).to_vec()).unwrap_or_default();
        for image in images {
            let split = Split {
                registry: None,
                repository: tree.get(image, "newName").or_else(|| tree.get(image, "name")),
                tag: tree.get(image, "newTag"),
                digest: digest_field(finder, image),
                elsewhere: "the tag",
            };
            finder.pieces(split, Role::Deployed);
        }
    }
}
