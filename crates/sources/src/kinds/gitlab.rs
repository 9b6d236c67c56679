//! GitLab CI: `image` and `services` of jobs, of `default` and of the pipeline.
//!
//! An image that is one variable is pinned where the variable gets its value, the job's own before the pipeline's.
//! What `include` brings stands in other files.

use crate::Role;
use crate::finder::{Finder, platform};
use crate::tree::Id;

pub(crate) fn find(finder: &mut Finder<'_>) {
    let tree = finder.tree;
    for root in tree.roots.clone() {
        job(finder, root, root);
        for (key, entry) in tree.entries(root) {
            if tree.is_map(entry) && !["variables", "include", "workflow", "stages", "spec"].contains(&key) {
                job(finder, root, entry);
            }
        }
    }
}

fn job(finder: &mut Finder<'_>, root: Id, job: Id) {
    let tree = finder.tree;
    let image = tree.get(job, "image");
    let services = tree.get(job, "services").map(|s| tree.items(s)).unwrap_or_default();
    let variables = |name: &str| {
        let of = |id: Id| {
            let value = tree.path(id, &["variables", name])?;
            Some(tree.get(value, "value").unwrap_or(value))
        };
        of(job).or_else(|| of(root))
    };
    for entry in image.into_iter().chain(services.iter().copied()) {
        let name = tree.get(entry, "name").unwrap_or(entry);
        let wanted = platform(tree, tree.path(entry, &["docker", "platform"]));
        finder.image_or_variable(name, "", Role::Tool, wanted, &variables);
    }
}
