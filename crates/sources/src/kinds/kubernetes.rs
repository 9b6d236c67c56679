//! Kubernetes: every map that has a pod's shape, whatever object it is in.
//!
//! `containers`, `initContainers`, `ephemeralContainers` and volumes of an image, in objects of any kind, in lists, in
//! several documents. Objects of other groups (their API version has a dot) may name an image by `image` alone, as
//! steps, templates and operators do; only a text with a tag, a registry or a path is taken for one there.

use super::helm;
use crate::Role;
use crate::finder::Finder;
use crate::tree::Id;

const LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];
/// Lists and maps of other groups' objects whose entries are containers.
const OTHERS: [&str; 4] = ["steps", "sidecars", "container", "script"];

pub(crate) fn find(finder: &mut Finder<'_>) {
    let tree = finder.tree;
    for root in tree.roots.clone() {
        for map in tree.maps_below(root) {
            pod(finder, map);
        }
        let version = tree.get(root, "apiVersion").and_then(|v| tree.text(v)).unwrap_or_default();
        if version.contains('.') {
            foreign(finder, root);
        }
        if tree.get(root, "kind").and_then(|k| tree.text(k)) == Some("HelmRelease")
            && let Some(values) = tree.path(root, &["spec", "values"])
        {
            helm::below(finder, values);
        }
    }
}

fn pod(finder: &mut Finder<'_>, map: Id) {
    let tree = finder.tree;
    for key in LISTS {
        for container in tree.get(map, key).map(|list| tree.items(list)).unwrap_or_default() {
            if let Some(image) = tree.get(*container, "image") {
                finder.image(image, Role::Deployed);
            }
        }
    }
    for volume in tree.get(map, "volumes").map(|list| tree.items(list)).unwrap_or_default() {
        if let Some(reference) = tree.path(*volume, &["image", "reference"]) {
            finder.image(reference, Role::Deployed);
        }
    }
}

fn foreign(finder: &mut Finder<'_>, root: Id) {
    let tree = finder.tree;
    for map in tree.maps_below(root) {
        for key in OTHERS {
            let Some(value) = tree.get(map, key) else { continue };
            let containers = [value].into_iter().chain(tree.items(value).iter().copied());
            for image in containers.filter_map(|c| tree.get(c, "image")).collect::<Vec<_>>() {
                finder.image(image, Role::Deployed);
            }
        }
        let image = tree.get(map, "image").or_else(|| tree.get(map, "imageName"));
        let sure = |id: &Id| {
            tree.text(*id).is_some_and(|t| t.contains([':', '/', '@']) && t.parse::<model::Reference>().is_ok())
        };
        if let Some(image) = image.filter(sure) {
            finder.image(image, Role::Deployed);
        }
    }
}
