//! Images made in memory, for tests of this room.

use crate::entry::{Entry, Kind, LayerFacts, Nature};
use crate::keep::{Candidate, Content, Keeper, Part, Want};
use crate::limits::Limits;
use crate::packages::{Reader, Reading};
use crate::tree::Tree;
use crate::view::View;
use crate::{keep::Kept, layer};
use model::{Digest, Sha256, TreePath};

/// One entry of a test layer.
pub(crate) type Item = (String, Kind);

fn path(text: &str) -> TreePath {
    TreePath::clean(text.as_bytes()).expect("a test path")
}

pub(crate) fn file(at: &str) -> Item {
    (at.into(), Kind::File)
}

pub(crate) fn dir(at: &str) -> Item {
    (at.into(), Kind::Directory)
}

pub(crate) fn link(at: &str, to: &str) -> Item {
    (at.into(), Kind::Symlink(to.as_bytes().into()))
}

pub(crate) fn hard(at: &str, to: &str) -> Item {
    (at.into(), Kind::HardLink(path(to)))
}

pub(crate) fn white(at: &str) -> Item {
    (at.into(), Kind::Whiteout)
}

pub(crate) fn opaque(at: &str) -> Item {
    (at.into(), Kind::Opaque)
}

/// A layer of these entries, with no content.
pub(crate) fn layer(items: &[Item]) -> LayerFacts {
    let entries = items.iter().map(|(at, kind)| entry(at, kind.clone(), b"")).collect();
    LayerFacts { diff_id: Digest::of(b"test"), plain_size: 0, entries, kept: Vec::new(), unknowns: Vec::new() }
}

fn entry(at: &str, kind: Kind, content: &[u8]) -> Entry {
    Entry {
        path: path(at),
        kind,
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

/// What `reader` reads in an image of one layer with these files; `-> target` makes a symbolic link,
/// `=> target` a hard link.
pub(crate) fn read(reader: &Reader, files: &[(&str, &[u8])]) -> Reading {
    read_layers(reader, &[files])
}

/// What `reader` reads in an image of several layers.
pub(crate) fn read_layers(reader: &Reader, layers: &[&[(&str, &[u8])]]) -> Reading {
    let limits = Limits::default();
    let layers: Vec<LayerFacts> = layers.iter().map(|files| keep_all(reader, files, &limits)).collect();
    let tree = Tree::squash(&layers, &limits);
    let view = View::new(&layers, &tree);
    let mut reading = Reading::default();
    (reader.read)(&view, &mut reading);
    reading.unknowns.splice(0..0, layers.iter().flat_map(|l| l.unknowns.clone()));
    reading
}

/// What `reader` makes of files that someone else wanted: all of them kept whole, whoever asked.
pub(crate) fn read_others(reader: &Reader, files: &[(&str, &[u8])]) -> Reading {
    let mut facts = layer(&[]);
    for (index, (at, content)) in files.iter().enumerate() {
        facts.entries.push(entry(at, Kind::File, content));
        facts.kept.push(Kept { entry: index as u32, part: Part::Whole, bytes: content.to_vec() });
    }
    let layers = [facts];
    let tree = Tree::squash(&layers, &Limits::default());
    let mut reading = Reading::default();
    (reader.read)(&View::new(&layers, &tree), &mut reading);
    reading
}

fn keep_all(reader: &Reader, files: &[(&str, &[u8])], limits: &Limits) -> LayerFacts {
    let mut facts = layer(&[]);
    for (at, content) in files {
        let index = facts.entries.len() as u32;
        if let Some(target) = content.strip_prefix(b"-> ") {
            facts.entries.push(entry(at, Kind::Symlink(target.into()), b""));
            continue;
        }
        if let Some(target) = content.strip_prefix(b"=> ") {
            let target = TreePath::clean(target).expect("a test path");
            facts.entries.push(entry(at, Kind::HardLink(target), b""));
            continue;
        }
        let entry = entry(at, Kind::File, content);
        let head = &content[..content.len().min(layer::HEAD)];
        let candidate =
            Candidate { path: &entry.path, name: entry.path.file_name(), size: entry.size, mode: entry.mode, head };
        match (reader.wants)(&candidate).max(crate::os::wants(&candidate)) {
            Want::Nothing => {}
            Want::Whole => facts.kept.push(Kept { entry: index, part: Part::Whole, bytes: content.to_vec() }),
            Want::Open => {
                let mut keeper = Keeper { limits, parts: Vec::new(), unknowns: Vec::new() };
                (reader.open)(&candidate, &Content::Memory(content), &mut keeper);
                facts.kept.extend(keeper.parts.into_iter().map(|(part, bytes)| Kept { entry: index, part, bytes }));
                facts.unknowns.extend(keeper.unknowns.into_iter().map(|u| u.at(&entry.path)));
            }
        }
        facts.entries.push(entry);
    }
    facts.kept.sort();
    facts
}

/// `ecosystem name version` of every package found, sorted, then the unknowns; one a line.
pub(crate) fn summary(reading: &Reading) -> String {
    let mut lines: Vec<String> =
        reading.found.iter().map(|f| format!("{} ({})", f.package.purl, f.package.proof().path)).collect();
    lines.sort();
    lines.extend(reading.unknowns.iter().map(|u| format!("? {u}")));
    lines.join("\n")
}
