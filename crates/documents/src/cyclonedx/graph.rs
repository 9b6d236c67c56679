//! The edges between components, and how complete they are.

use super::component::{IMAGE, SYSTEM};
use crate::prepared::Prepared;
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dependency<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    depends_on: Vec<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Composition<'a> {
    aggregate: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assemblies: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<&'a str>,
}

/// One entry a component: the image needs the distribution and all packages, so that everything is reachable.
pub(super) fn dependencies<'a>(prepared: &'a Prepared<'a>) -> impl Iterator<Item = Dependency<'a>> {
    let system = prepared.bill.facts.os.as_ref().map(|_| SYSTEM);
    let all = system.into_iter().chain(prepared.ids.iter().map(String::as_str)).collect();
    let root = Dependency { reference: IMAGE, depends_on: all };
    let copies = carried(prepared);
    let packages = prepared.packages().zip(copies).flat_map(move |((at, package), copies)| {
        // A set: a package may both need and carry another, and the schema asks for each once.
        let edges: BTreeSet<&str> = prepared.dependencies(package).chain(copies).collect();
        let own = Dependency { reference: &prepared.ids[at], depends_on: edges.into_iter().collect() };
        let overlaps = prepared.overlap_ids[at].iter();
        std::iter::once(own).chain(overlaps.map(|id| Dependency { reference: id, depends_on: Vec::new() }))
    });
    std::iter::once(root).chain(system.map(|s| Dependency { reference: s, depends_on: Vec::new() })).chain(packages)
}

/// By package, the vendored copies it carries.
fn carried<'a>(prepared: &'a Prepared<'a>) -> Vec<Vec<&'a str>> {
    let mut copies = vec![Vec::new(); prepared.ids.len()];
    for (at, package) in prepared.packages() {
        for relation in &package.relations {
            if let model::Relation::BundledIn(carrier) = relation
                && let Some(list) = copies.get_mut(carrier.0 as usize)
            {
                list.push(prepared.ids[at].as_str());
            }
        }
    }
    copies
}

/// What is complete. The list of packages is only if everything was read and recognised.
pub(super) fn compositions<'a>(prepared: &'a Prepared<'a>) -> Vec<Composition<'a>> {
    let whole = if prepared.is_complete() { "complete" } else { "incomplete" };
    let image = Composition { aggregate: whole, assemblies: vec![IMAGE], dependencies: vec![IMAGE] };
    let by = |known: bool| {
        let some = prepared.packages().filter(move |(_, p)| prepared.knows_dependencies(p) == known);
        some.map(|(at, _)| prepared.ids[at].as_str()).collect::<Vec<_>>()
    };
    let of = |aggregate, dependencies: Vec<&'a str>| {
        (!dependencies.is_empty()).then_some(Composition { aggregate, assemblies: Vec::new(), dependencies })
    };
    // Of a package inside a distribution's one, nobody looked for what it needs.
    let inside = prepared.overlap_ids.iter().flatten().map(String::as_str);
    let unknown = by(false).into_iter().chain(inside).collect();
    [Some(image), of("complete", by(true)), of("unknown", unknown)].into_iter().flatten().collect()
}
