//! The visible files of an image, with what was kept of them: what package readers look at.

use crate::entry::{Entry, LayerFacts};
use crate::keep::{Kept, Part};
use crate::tree::{Tree, Visible};
use model::{Evidence, TreePath};

/// Everything a package reader may look at.
pub struct View<'a> {
    layers: &'a [LayerFacts],
    tree: &'a Tree,
    /// In path order.
    files: Vec<(TreePath, Visible)>,
}

/// One visible regular file.
#[derive(Clone, Copy)]
pub struct File<'a> {
    /// Where it is seen (a hard link's own path, not its target's).
    pub path: &'a TreePath,
    /// The layer that brought its content.
    pub layer: u32,
    /// Its entry there.
    pub entry: &'a Entry,
    kept: &'a [Kept],
}

impl<'a> View<'a> {
    /// The view of a squashed image.
    pub fn new(layers: &'a [LayerFacts], tree: &'a Tree) -> Self {
        let files = tree.files();
        Self { layers, tree, files }
    }

    /// All visible regular files, in path order.
    pub fn files(&self) -> impl Iterator<Item = File<'_>> {
        self.files.iter().map(|(path, at)| self.file(path, *at))
    }

    /// The visible files of which something was kept, in path order.
    pub fn kept(&self) -> impl Iterator<Item = File<'_>> {
        self.files().filter(|file| !file.kept.is_empty())
    }

    /// The file at exactly this path.
    pub fn exact(&self, path: &TreePath) -> Option<File<'_>> {
        let (path, at) = &self.files[self.files.binary_search_by(|(p, _)| p.cmp(path)).ok()?];
        Some(self.file(path, *at))
    }

    /// The file that a program would open at `path`: symbolic links are followed, within the image.
    pub fn open(&self, path: &[u8]) -> Option<File<'_>> {
        self.exact(&self.tree.resolve(self.layers, path)?)
    }

    /// The path that a program would reach at `path`, of any kind, links followed.
    pub fn resolve(&self, path: &[u8]) -> Option<TreePath> {
        self.tree.resolve(self.layers, path)
    }

    /// Whether something of any kind is visible there and is a directory, links followed.
    pub fn is_directory(&self, path: &[u8]) -> bool {
        self.tree.is_directory(self.layers, path)
    }

    /// The layers, lowest first.
    pub fn layers(&self) -> &'a [LayerFacts] {
        self.layers
    }

    /// The squashed tree.
    pub fn tree(&self) -> &'a Tree {
        self.tree
    }

    fn file<'s>(&'s self, path: &'s TreePath, at: Visible) -> File<'s> {
        let layer = &self.layers[at.layer as usize];
        let from = layer.kept.partition_point(|k| k.entry < at.entry);
        let to = layer.kept.partition_point(|k| k.entry <= at.entry);
        File { path, layer: at.layer, entry: &layer.entries[at.entry as usize], kept: &layer.kept[from..to] }
    }
}

impl<'a> File<'a> {
    /// The whole content, if it was kept.
    pub fn whole(&self) -> Option<&'a [u8]> {
        self.kept.iter().find(|k| k.part == Part::Whole).map(|k| k.bytes.as_slice())
    }

    /// The piece of this name, if it was kept.
    pub fn piece(&self, name: &str) -> Option<&'a [u8]> {
        self.kept.iter().find(|k| matches!(&k.part, Part::Piece(n) if n == name)).map(|k| k.bytes.as_slice())
    }

    /// The archive members that were kept, in name order.
    pub fn members(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a> {
        self.kept.iter().filter_map(|k| match &k.part {
            Part::Member(name) => Some((name.as_str(), k.bytes.as_slice())),
            _ => None,
        })
    }

    /// This file as evidence.
    pub fn evidence(&self) -> Evidence {
        Evidence { path: self.path.clone(), member: None, layer: self.layer, sha256: self.entry.sha256 }
    }

    /// A member of this file as evidence.
    pub fn member_evidence(&self, member: &str) -> Evidence {
        Evidence { member: Some(member.to_owned()), ..self.evidence() }
    }
}
