//! Compose: `services.*.image`, volumes of type `image`, `build.additional_contexts`.
//!
//! With `build` beside it, `image` is the name of the result. A `dockerfile_inline` is listed, and not looked into. Fragments (`x-…`) count where they are merged in.

use crate::finder::{Finder, platform};
use crate::tree::Id;
use crate::{Obstacle, Role};

pub(crate) fn find(finder: &mut Finder<'_>) {
    let tree = finder.tree;
    for root in &tree.roots {
        let Some(services) = tree.get(*root, "services") else { continue };
        for (_, service) in tree.entries(services) {
            one(finder, service);
        }
    }
}

fn one(finder: &mut Finder<'_>, service: Id) {
    let tree = finder.tree;
    let build = tree.get(service, "build");
    if let Some(image) = tree.get(service, "image") {
        let role = if build.is_some() { Role::Output } else { Role::Deployed };
        finder.image_for(image, role, platform(tree, tree.get(service, "platform")));
    }
    for volume in tree.get(service, "volumes").map(|v| tree.items(v)).unwrap_or_default() {
        let kind = tree.get(*volume, "type").and_then(|t| tree.text(t));
        if let Some(source) = tree.get(*volume, "source").filter(|_| kind == Some("image")) {
            finder.image(source, Role::Deployed);
        }
    }
    if let Some(text) = build.and_then(|b| tree.get(b, "dockerfile_inline")).and_then(|id| tree.scalar(id)) {
        let why = "a Dockerfile inside of this file is not looked into: give it a file of its own";
        finder.obstacle(text, Role::Base, Obstacle::Unsupported(why));
    }
    let Some(contexts) = build.and_then(|b| tree.get(b, "additional_contexts")) else { return };
    for (_, context) in tree.entries(contexts) {
        finder.image_after(context, "docker-image://", Role::BuildInput, None);
    }
    for item in tree.items(contexts) {
        let Some(start) = tree.text(*item).and_then(|t| Some(t.find("=docker-image://")? + 16)) else { continue };
        let prefix = tree.text(*item).and_then(|t| t.get(..start)).unwrap_or_default();
        finder.image_after(*item, prefix, Role::BuildInput, None);
    }
}
