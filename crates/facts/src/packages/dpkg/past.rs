//! The states of the database in lower layers, as far as they name packages that the visible one does not.

use super::record::Record;
use super::{DATABASES, deb822, root};
use crate::keep::Part;
use crate::vanished::{Search, Vanished};
use crate::view::View;
use model::TreePath;
use rustc_hash::{FxHashMap, FxHashSet};

/// What all layers say of packages' files, by package, lowest layer first.
type Lists<'v> = FxHashMap<&'v [u8], Vec<(u32, &'v [u8])>>;

/// Packages that went without their files, and the database that lacks them; `None` without one.
pub(crate) fn vanished(search: &Search<'_>) -> Option<(Vec<Vanished>, TreePath)> {
    let view = search.view();
    let root = root(view)?;
    let reach = |name: &[u8]| view.resolve(root.join(name).ok()?.as_bytes());
    let at = reach(b"status").or_else(|| reach(b"status.d"))?;
    let mut lists = None;
    let mut seen = FxHashSet::default();
    let mut gone = Vec::new();
    for layer in (0..view.layers().len() as u32).rev() {
        for name in names(view, layer) {
            if search.is_listed(name) || !seen.insert(name) {
                continue;
            }
            let lists = lists.get_or_insert_with(|| all_lists(view));
            let newest = lists.get(name.as_bytes()).and_then(|all| all.iter().rfind(|(of, _)| *of <= layer));
            let listed = newest.into_iter().flat_map(|(_, text)| paths(text));
            // A list may be gone, or never have been; nobody but the package brings this file.
            let copyright = format!("usr/share/doc/{name}/copyright");
            let mut files = listed.chain([copyright.as_bytes()]);
            if let Some(file) = files.find_map(|path| search.stayed(layer, path)) {
                gone.push(Vanished { name: name.to_owned(), layer, file });
            }
        }
    }
    Some((gone, at))
}

/// What one layer's own files of the database name as installed.
fn names<'v>(view: &View<'v>, layer: u32) -> Vec<&'v str> {
    let mut names = Vec::new();
    for (path, text) in kept(view, layer) {
        let is_status = path.file_name() == b"status";
        if !is_status && !path.parent_bytes().ends_with(b"/status.d") {
            continue;
        }
        let records = deb822::paragraphs(text).take(if is_status { usize::MAX } else { 1 });
        names.extend(records.filter_map(|p| Record::read(&p, is_status).ok()).map(|record| record.name));
    }
    names
}

fn all_lists<'v>(view: &View<'v>) -> Lists<'v> {
    let mut lists = Lists::default();
    for layer in 0..view.layers().len() as u32 {
        for (path, text) in kept(view, layer) {
            let stem = path.file_name().strip_suffix(b".list").or_else(|| path.file_name().strip_suffix(b".md5sums"));
            if let Some(stem) = stem {
                let name = stem.split(|&b| b == b':').next().unwrap_or(stem);
                lists.entry(name).or_default().push((layer, text));
            }
        }
    }
    lists
}

/// What was kept of one layer's files of the root's database.
fn kept<'v>(view: &View<'v>, layer: u32) -> impl Iterator<Item = (&'v TreePath, &'v [u8])> + use<'v> {
    let facts = &view.layers()[layer as usize];
    let whole = facts.kept.iter().filter(|kept| kept.part == Part::Whole);
    let of = whole.map(|kept| (&facts.entries[kept.entry as usize].path, kept.bytes.as_slice()));
    of.filter(|(path, _)| DATABASES.iter().any(|root| path.is_within(root.as_bytes())))
}

/// The paths of a list, or behind the sums of a list of sums.
fn paths(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&b| b == b'\n').map(|line| match memchr::memmem::find(line, b"  ") {
        Some(32) if line[..32].iter().all(u8::is_ascii_hexdigit) => &line[34..],
        _ => line,
    })
}
