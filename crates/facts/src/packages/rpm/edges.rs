//! Which installed package satisfies which requirement of another.
//!
//! By name alone: rpm refused to install what would not fit, so versions are not compared again.

use super::package::Fields;
use crate::view::View;
use model::TreePath;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// More packages than this that provide one thing: any of them will do, so the first ones are named.
const PROVIDERS: usize = 16;

/// For each package, the others that satisfy its requirements, in order.
///
/// `view` is given for the image's own root: there a required path is also followed through links.
pub(super) fn edges(packages: &[Fields], view: Option<&View<'_>>) -> Vec<Vec<usize>> {
    let provided = providers(packages);
    let files = file_owners(packages, view);
    packages
        .iter()
        .enumerate()
        .map(|(me, package)| {
            let by_name = package.requires.iter().filter_map(|name| provided.get(&**name));
            let by_file = package.requires.iter().filter_map(|name| files.get(&**name));
            // Who provides what it needs itself needs nobody for it.
            let others = by_name.chain(by_file).filter(|list| !list.contains(&me));
            others.flatten().copied().collect::<BTreeSet<usize>>().into_iter().collect()
        })
        .collect()
}

fn providers(packages: &[Fields]) -> FxHashMap<&str, Vec<usize>> {
    let mut provided: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (index, package) in packages.iter().enumerate() {
        for name in std::iter::once(&*package.name).chain(package.provides.iter().map(|p| &**p)) {
            let list = provided.entry(name).or_default();
            if list.len() < PROVIDERS && list.last() != Some(&index) {
                list.push(index);
            }
        }
    }
    provided
}

/// The owners of files that some package requires by path, also where the path leads through links.
fn file_owners<'a>(packages: &'a [Fields], view: Option<&View<'_>>) -> FxHashMap<&'a str, Vec<usize>> {
    let wanted: FxHashSet<&str> =
        packages.iter().flat_map(|p| &p.requires).map(|r| &**r).filter(|r| r.starts_with('/')).collect();
    let mut names: FxHashMap<TreePath, Vec<&str>> = FxHashMap::default();
    for name in wanted {
        let literal = TreePath::clean(name.as_bytes()).ok();
        let paths: BTreeSet<TreePath> =
            literal.into_iter().chain(view.and_then(|v| v.resolve(name.as_bytes()))).collect();
        for path in paths {
            names.entry(path).or_default().push(name);
        }
    }
    let mut owners: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (index, package) in packages.iter().enumerate() {
        for name in package.files.iter().filter_map(|file| names.get(file)).flatten() {
            let list = owners.entry(name).or_default();
            if list.len() < PROVIDERS && list.last() != Some(&index) {
                list.push(index);
            }
        }
    }
    owners
}
