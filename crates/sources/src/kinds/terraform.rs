//! Terraform: the resources that run or fetch images.
//!
//! `docker_image`, whatever names an `image` in a resource of Docker, Kubernetes, ECS, Cloud Run or Azure's containers,
//! and lists given to `jsonencode`. A definition in a string or a file is seen, and not looked into.

use crate::finder::Finder;
use crate::tree::{Id, Tree};
use crate::{Obstacle, Role};

/// Types of resources in which `image` names an image.
const RUNNERS: [&str; 8] = [
    "docker_container",
    "docker_service",
    "kubernetes_",
    "aws_ecs_",
    "google_cloud_run",
    "azurerm_container",
    "aws_lightsail_container",
    "aws_batch_",
];

pub(crate) fn find(finder: &mut Finder<'_>) {
    let tree = finder.tree;
    for root in tree.roots.clone() {
        for (block, kind, body) in resources(tree, root) {
            match (block, kind) {
                ("resource", "docker_image") => docker_image(finder, body),
                ("data", "docker_registry_image" | "docker_image") => named(finder, body, Role::Deployed),
                ("resource", "docker_registry_image") => named(finder, body, Role::Output),
                ("resource", kind) if RUNNERS.iter().any(|r| kind.starts_with(r)) => runner(finder, body),
                ("resource", "aws_lambda_function") => {
                    tree.get(body, "image_uri").into_iter().for_each(|id| finder.image(id, Role::Deployed));
                }
                _ => {}
            }
        }
    }
}

/// Blocks of two labels: what they are, their type, their body.
fn resources(tree: &Tree, root: Id) -> Vec<(&str, &str, Id)> {
    let mut all = Vec::new();
    for (block, types) in tree.own(root).filter(|(key, _)| matches!(*key, "resource" | "data")) {
        for (kind, names) in tree.own(types) {
            all.extend(tree.own(names).map(|(_, body)| (block, kind, body)));
        }
    }
    all
}

fn docker_image(finder: &mut Finder<'_>, body: Id) {
    let built = finder.tree.get(body, "build").is_some();
    named(finder, body, if built { Role::Output } else { Role::Deployed });
}

fn named(finder: &mut Finder<'_>, body: Id, role: Role) {
    if let Some(name) = finder.tree.get(body, "name") {
        finder.image(name, role);
    }
}

fn runner(finder: &mut Finder<'_>, body: Id) {
    let tree = finder.tree;
    for map in tree.maps_below(body) {
        for image in tree.own(map).filter(|(key, _)| *key == "image").map(|(_, value)| value) {
            // An image that another resource of the same configuration fetched is pinned there.
            let fetched = tree.scalar(image).is_some_and(|s| s.bare && s.value.contains("docker_image."));
            if tree.scalar(image).is_some() && !fetched {
                finder.image(image, Role::Deployed);
            }
        }
        let definitions = tree.get(map, "container_definitions");
        if let Some(text) = definitions.and_then(|d| tree.scalar(d)) {
            let why = Obstacle::Unsupported("definitions in a string or a file are not looked into: use `jsonencode`");
            finder.obstacle(text, Role::Deployed, why);
        }
    }
}
