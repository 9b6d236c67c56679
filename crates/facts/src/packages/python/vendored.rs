//! `_vendor/vendor.txt`: the copies that a package ships without their metadata. A line counts only if the module
//! lies there, since distributions take copies out and leave the list.

use super::super::{Claim, Found, stated};
use super::claims::module;
use super::metadata::{is_name, normalise};
use super::tree::Sites;
use super::{Dist, METADATA, package, too_large};
use crate::view::{File, View};
use model::{TreePath, Trust, Unknown, UnknownKind};
use rustc_hash::FxHashSet;

/// Lines read of all lists of one image; pip's has about 20.
const LINES: usize = 50_000;

/// The copies that `lists` name and that lie beside them. Where a copy kept its metadata, the list is more evidence
/// for that distribution.
pub(super) fn read(
    view: &View<'_>,
    lists: &[File<'_>],
    dists: &mut [Dist<'_>],
    sites: &Sites,
    unknowns: &mut Vec<Unknown>,
) -> Vec<Found> {
    let mut found = Vec::new();
    let mut left = LINES;
    for list in lists {
        let (Some(folder), Some(owner)) = (list.path.parent(), sites.owner_of(list.path)) else { continue };
        let Some(text) = list.whole() else {
            unknowns.extend((list.entry.size > METADATA).then(|| too_large(*list, "metadata", METADATA)));
            continue;
        };
        let text = String::from_utf8_lossy(text);
        let mut names = FxHashSet::default();
        for line in text.lines() {
            if left == 0 {
                let why = format!("vendor lists with more lines than `python vendor lines` = {LINES}");
                unknowns.push(Unknown::new(UnknownKind::Limit, why).at(list.path));
                return found;
            }
            left -= 1;
            let Some((name, version)) = pinned(line) else { continue };
            if !names.insert(normalise(name)) {
                continue;
            }
            match sites.direct(&folder, &normalise(name)) {
                Some(at) => dists[at].also.push(list.evidence()),
                None => found.extend(copy(view, *list, &folder, (name, version), owner)),
            }
        }
    }
    found
}

/// The copy of `name` in `folder`, if its module is there.
fn copy(view: &View<'_>, list: File<'_>, folder: &TreePath, of: (&str, &str), owner: usize) -> Option<Found> {
    let (name, version) = of;
    let modules = modules(&normalise(name)).into_iter().filter_map(|name| module(view, folder, name.as_bytes()));
    let owns: Vec<Claim> = modules.collect();
    let mut package = package(name, version, list.evidence());
    package.trust = Trust::Embedded;
    (!owns.is_empty()).then_some(Found { package, owns, depends_on: Vec::new(), bundled_in: Some(owner) })
}

/// `NAME==VERSION`, with a comment, marker or hash behind it.
fn pinned(line: &str) -> Option<(&str, &str)> {
    let line = line.split(['#', ';', '\\']).next().unwrap_or(line).trim();
    let (name, rest) = line.split_once("==")?;
    let version = rest.split_whitespace().next()?;
    let name = name.trim().split('[').next().unwrap_or_default();
    (is_name(name) && stated::is_word(version)).then_some((name, version))
}

/// The modules that a distribution brings; nearly always named like it.
fn modules(normal: &str) -> Vec<String> {
    match normal {
        "setuptools" => vec!["setuptools".into(), "pkg_resources".into()],
        name => vec![name.replace('-', "_")],
    }
}
