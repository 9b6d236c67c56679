//! Helm's values: an image in one text (`image: r/app:1`) or in pieces (`registry`, `repository`, `tag`, `digest`).
//!
//! What a chart does with its values only the chart knows. A `digest` that is there is the chart's own word; else the
//! digest goes behind the tag, which any chart that writes `repository:tag` then passes on. Without a tag the chart
//! takes its own version, and nothing can be pinned here.

use crate::Role;
use crate::finder::{Finder, Split};
use crate::tree::Id;

pub(crate) fn find(finder: &mut Finder<'_>) {
    for root in finder.tree.roots.clone() {
        below(finder, root);
    }
}

/// The values at and below a map.
pub(crate) fn below(finder: &mut Finder<'_>, root: Id) {
    let tree = finder.tree;
    let global =
        tree.path(root, &["global", "imageRegistry"]).filter(|id| tree.text(*id).is_some_and(|t| !t.is_empty()));
    for map in tree.maps_below(root) {
        if let Some(repository) = tree.get(map, "repository").filter(|r| tree.scalar(*r).is_some()) {
            let tag = tree.get(map, "tag");
            let digest = digest_field(finder, map);
            let registry = global.or_else(|| tree.get(map, "registry"));
            if tag.is_some() || digest.is_some() {
                finder.pieces(
                    Split { registry, repository: Some(repository), tag, digest, elsewhere: CHART },
                    Role::Deployed,
                );
            }
            continue;
        }
        let Some(image) = tree.get(map, "image").filter(|i| tree.scalar(*i).is_some()) else { continue };
        let tag = tree.get(map, "imageTag").or_else(|| tree.get(map, "tag")).filter(|t| tree.scalar(*t).is_some());
        match tag {
            Some(_) => {
                let digest = digest_field(finder, map);
                let registry = tree.get(map, "registry");
                finder
                    .pieces(Split { registry, repository: Some(image), tag, digest, elsewhere: CHART }, Role::Deployed);
            }
            None => finder.image(image, Role::Deployed),
        }
    }
}

const CHART: &str = "the tag (without one a chart takes its own version)";

/// The field `digest` of a map: its value, and the byte after its key's colon.
pub(crate) fn digest_field(finder: &Finder<'_>, map: Id) -> Option<(Id, Option<usize>)> {
    let tree = finder.tree;
    let value = tree.get(map, "digest")?;
    let crate::tree::Node::Map(pairs) = tree.node(map)? else { return None };
    let key = pairs.iter().find(|(key, _)| tree.text(*key) == Some("digest")).and_then(|(key, _)| tree.scalar(*key));
    let end = key.map(|key| key.span.end).filter(|end| *end > 0);
    let colon = end.and_then(|end| Some(end + finder.text.get(end..)?.find(':')? + 1));
    Some((value, colon))
}
