//! The relationships of an SPDX document; the words are explained in the parent module.

use super::package::{IMAGE, NO_ASSERTION, SYSTEM, reference};
use crate::prepared::Prepared;
use serde::Serialize;
use std::borrow::Cow;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Relationship {
    spdx_element_id: Cow<'static, str>,
    relationship_type: &'static str,
    related_spdx_element: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'static str>,
}

fn edge(
    from: impl Into<Cow<'static, str>>,
    word: &'static str,
    to: impl Into<Cow<'static, str>>,
    comment: Option<&'static str>,
) -> Relationship {
    Relationship { spdx_element_id: from.into(), relationship_type: word, related_spdx_element: to.into(), comment }
}

/// Every relationship: the root first, then those of each package in the facts' order.
pub(super) fn all<'a>(prepared: &'a Prepared<'a>) -> impl Iterator<Item = Relationship> {
    let root = edge("SPDXRef-DOCUMENT", "DESCRIBES", IMAGE, None);
    let system = prepared.bill.facts.os.as_ref().map(|_| edge(IMAGE, "CONTAINS", SYSTEM, None));
    std::iter::once(root).chain(system).chain((0..prepared.ids.len()).flat_map(|at| of_package(prepared, at)))
}

fn of_package(prepared: &Prepared<'_>, at: usize) -> Vec<Relationship> {
    let package = &prepared.bill.facts.packages[at];
    let own = reference(&prepared.ids[at]);
    let mut edges = vec![edge(IMAGE, "CONTAINS", own.clone(), None)];
    let overlaps = prepared.overlap_ids[at].iter();
    edges.extend(
        overlaps.map(|id| {
            edge(own.clone(), "CONTAINS", reference(id), Some("the same files under another ecosystem's name"))
        }),
    );
    let carriers = prepared.carriers(package);
    edges.extend(carriers.map(|id| edge(reference(id), "CONTAINS", own.clone(), Some("a vendored copy"))));
    let before = edges.len();
    edges.extend(prepared.dependencies(package).map(|id| edge(own.clone(), "DEPENDS_ON", reference(id), None)));
    if prepared.bill.options.bsi {
        edges.extend(completeness(prepared.knows_dependencies(package), before == edges.len(), own));
    }
    edges
}

/// Whether a package's dependencies are all listed, in SPDX 2.3's only words for it.
fn completeness(known: bool, none: bool, own: String) -> Option<Relationship> {
    match (known, none) {
        (true, true) => Some(edge(own, "DEPENDS_ON", "NONE", None)),
        (true, false) => None,
        (false, _) => Some(edge(own, "DEPENDS_ON", NO_ASSERTION, Some("there may be more than are listed"))),
    }
}
