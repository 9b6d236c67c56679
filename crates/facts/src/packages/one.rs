//! One file read as if it were the whole image: for fuzzing and for tests of a single reader.

use super::{Reader, Reading};
use crate::entry::{Entry, Kind, LayerFacts, Nature};
use crate::keep::{Candidate, Content, Keeper, Kept, Part, Want};
use crate::layer::HEAD;
use crate::limits::Limits;
use crate::tree::Tree;
use crate::view::View;
use model::{Digest, Sha256, TreePath};

/// What `reader` reads in an image of one layer, whose only file is at `path` with this content. What could not be
/// kept of the file is in the reading's `unknowns` too. Nothing, if `path` cannot be one.
pub fn read_one(reader: &Reader, path: &str, content: &[u8]) -> Reading {
    let Ok(path) = TreePath::clean(path.as_bytes()) else { return Reading::default() };
    let limits = Limits::default();
    let layers = [layer(reader, entry(path, content), content, &limits)];
    let tree = Tree::squash(&layers, &limits);
    let view = View::new(&layers, &tree);
    let mut reading = Reading::default();
    (reader.read)(&view, &mut reading);
    let [layer] = layers;
    reading.unknowns.splice(0..0, layer.unknowns);
    reading
}

fn entry(path: TreePath, content: &[u8]) -> Entry {
    Entry {
        path,
        kind: Kind::File,
        size: content.len() as u64,
        mode: 0o755,
        uid: 0,
        gid: 0,
        mtime: 0,
        sha256: Some(Sha256::of(content)),
        capability: false,
        nature: Nature::of(content),
    }
}

fn layer(reader: &Reader, entry: Entry, content: &[u8], limits: &Limits) -> LayerFacts {
    let head = &content[..content.len().min(HEAD)];
    let candidate =
        Candidate { path: &entry.path, name: entry.path.file_name(), size: entry.size, mode: entry.mode, head };
    let mut keeper = Keeper { limits, parts: Vec::new(), unknowns: Vec::new() };
    match (reader.wants)(&candidate) {
        Want::Nothing => {}
        Want::Whole => keeper.parts.push((Part::Whole, content.to_vec())),
        Want::Open => (reader.open)(&candidate, &Content::Memory(content), &mut keeper),
    }
    let mut kept: Vec<Kept> = keeper.parts.into_iter().map(|(part, bytes)| Kept { entry: 0, part, bytes }).collect();
    kept.sort();
    let unknowns = keeper.unknowns.into_iter().map(|u| u.at(&entry.path)).collect();
    LayerFacts { diff_id: Digest::of(content), plain_size: entry.size, entries: vec![entry], kept, unknowns }
}
