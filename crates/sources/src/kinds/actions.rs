//! GitHub Actions, and what speaks its language: containers and services of jobs, `docker://` steps, actions.
//!
//! `uses: owner/repository@ref` names a commit, not an image: it is found as an [`Action`]. What an action or a
//! reusable workflow is given (`with`) is left alone.

use crate::finder::Finder;
use crate::tree::{Id, Scalar};
use crate::{Action, Mention, Named, Obstacle, Role, Site, Span};

pub(crate) fn workflow(finder: &mut Finder<'_>) {
    let tree = finder.tree;
    for root in tree.roots.clone() {
        let Some(jobs) = tree.get(root, "jobs") else { continue };
        for (_, job) in tree.entries(jobs) {
            if let Some(container) = tree.get(job, "container") {
                finder.image(tree.get(container, "image").unwrap_or(container), Role::Tool);
            }
            let services = tree.get(job, "services").map(|s| tree.entries(s)).unwrap_or_default();
            for (_, service) in services {
                if let Some(image) = tree.get(service, "image") {
                    finder.image(image, Role::Tool);
                }
            }
            if let Some(called) = tree.get(job, "uses") {
                uses(finder, called);
            }
            steps(finder, job);
        }
    }
}

pub(crate) fn action(finder: &mut Finder<'_>) {
    let tree = finder.tree;
    for root in tree.roots.clone() {
        let Some(runs) = tree.get(root, "runs") else { continue };
        if let Some(image) = tree.get(runs, "image").and_then(|i| tree.scalar(i).map(|s| (i, s))) {
            match image.1.value.starts_with("docker://") {
                true => finder.image_after(image.0, "docker://", Role::Tool, None),
                false => finder.obstacle(image.1, Role::Tool, Obstacle::Local),
            }
        }
        steps(finder, runs);
    }
}

fn steps(finder: &mut Finder<'_>, of: Id) {
    let tree = finder.tree;
    for step in tree.get(of, "steps").map(|s| tree.items(s)).unwrap_or_default() {
        if let Some(used) = tree.get(*step, "uses") {
            uses(finder, used);
        }
    }
}

fn uses(finder: &mut Finder<'_>, id: Id) {
    let Some(scalar) = finder.tree.scalar(id) else { return };
    let value = scalar.value.as_str();
    if value.starts_with("docker://") {
        finder.image_after(id, "docker://", Role::Tool, None);
    } else if value.starts_with("./") || value.starts_with("../") {
        finder.obstacle(scalar, Role::Tool, Obstacle::Local);
    } else if let Some((path, version)) = value.split_once('@') {
        let mention = called(finder, scalar, path, version);
        finder.put(mention);
    }
}

fn called(finder: &Finder<'_>, scalar: &Scalar, path: &str, version: &str) -> Mention {
    let repository = path.split('/').take(2).collect::<Vec<_>>().join("/");
    let plain = |t: &str| !t.is_empty() && !t.contains(|c: char| c.is_whitespace() || c.is_control());
    let obstacle = match () {
        () if scalar.value.contains("{{") => Some(Obstacle::Template),
        () if !plain(version) || !repository.contains('/') || !plain(&repository) => {
            Some(Obstacle::Unsupported("no action: expected `owner/repository@ref`"))
        }
        () => None,
    };
    let site = scalar.locate(path.len() + 1, scalar.value.len()).map(|span| Site {
        digest: span,
        before: "",
        after: comment(finder.text, span, scalar.bare, version),
        tag: None,
    });
    let obstacle = obstacle.or_else(|| site.is_none().then_some(Obstacle::Spelling));
    let names = Some(Named::Action(Action { repository, version: version.to_owned() }));
    let span = scalar.span;
    let written = finder.written(span, scalar);
    Mention { span, written, names, obstacle, role: Role::Tool, platform: None, site }
}

/// The version as a comment, for people and for the tools that read it there; nothing where more follows on the line.
fn comment(text: &str, span: Span, bare: bool, version: &str) -> String {
    let rest = text.get(span.end..).unwrap_or_default();
    let line = rest.split(['\n', '\r']).next().unwrap_or_default();
    let free = bare && line.trim().is_empty();
    if free { format!(" # {version}") } else { String::new() }
}
