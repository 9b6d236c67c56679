//! The states of the database in lower layers, as far as they name packages that the visible one does not.

use super::bytes::Sink;
use super::header::Header;
use super::package::{self, Budget, Fields};
use super::{bdb, ndb, root, sqlite};
use crate::entry::LayerFacts;
use crate::keep::Part;
use crate::vanished::{Search, Vanished};
use model::TreePath;
use rustc_hash::FxHashSet;

const NAMES: [&[u8]; 3] = [b"rpmdb.sqlite", b"Packages.db", b"Packages"];

/// Packages that went without their files, and the database that lacks them; `None` without one. An older state that
/// cannot be read names none: it is not what a container sees.
pub(crate) fn vanished(search: &Search<'_>) -> Option<(Vec<Vanished>, TreePath)> {
    let view = search.view();
    let visible = view.kept().find(|file| is_database(file.path))?;
    let mut seen = FxHashSet::default();
    let mut gone = Vec::new();
    for (number, layer) in view.layers().iter().enumerate().take(visible.layer as usize).rev() {
        let number = number as u32;
        for fields in states(layer).flat_map(|(path, bytes)| packages(path, bytes, wal(layer, path))) {
            if search.is_listed(&fields.name) || seen.contains(&fields.name) {
                continue;
            }
            let stayed = fields.files.iter().find_map(|path| search.stayed(number, path.as_bytes()));
            seen.insert(fields.name.clone());
            gone.extend(stayed.map(|file| Vanished { name: fields.name, layer: number, file }));
        }
    }
    Some((gone, visible.path.clone()))
}

/// Of the image's own root: images within the image are others.
fn is_database(path: &TreePath) -> bool {
    NAMES.contains(&path.file_name()) && root(path).is_some_and(<[u8]>::is_empty)
}

/// The databases that one layer brought.
fn states(layer: &LayerFacts) -> impl Iterator<Item = (&TreePath, &[u8])> {
    whole(layer).filter(|(path, _)| is_database(path))
}

fn wal<'l>(layer: &'l LayerFacts, database: &TreePath) -> Option<&'l [u8]> {
    let beside = [database.as_bytes(), b"-wal"].concat();
    whole(layer).find(|(path, _)| path.as_bytes() == beside).map(|(_, bytes)| bytes)
}

fn whole(layer: &LayerFacts) -> impl Iterator<Item = (&TreePath, &[u8])> {
    let kept = layer.kept.iter().filter(|kept| kept.part == Part::Whole);
    kept.map(|kept| (&layer.entries[kept.entry as usize].path, kept.bytes.as_slice()))
}

fn packages(path: &TreePath, bytes: &[u8], wal: Option<&[u8]>) -> Vec<Fields> {
    let (mut all, mut budget) = (Vec::new(), Budget::default());
    let mut record = |record: &[u8], _: u64| {
        let fields = Header::parse(record).and_then(|h| package::fields(h, &mut budget, &mut Vec::new()));
        all.extend(fields.ok().filter(|fields| !fields.is_key()));
    };
    let mut sink = Sink { record: &mut record, damages: Vec::new() };
    // What was read before the damage counts.
    let _ = match path.file_name() {
        b"Packages" => bdb::read(bytes, &mut sink),
        b"Packages.db" => ndb::read(bytes, &mut sink),
        _ => sqlite::read(bytes, wal, &mut sink),
    };
    all
}
