//! `ls` and `cat`: what stands in an image, and the bytes of one file of it.
//!
//! Both ask the facts. Where they are cached, a listing opens no layer, and a file only the one layer that brought it.

use super::open::{Access, open};
use super::read::{Asked, Detail, Reading, read_in_full};
use super::stored;
use crate::failure::Failure;
use facts::layer::{self, Encoding};
use facts::{Entry, Kind, Limits, Tree, Visible};
use ledger::cache::Cache;
use model::{TreePath, escaped};
use std::fs::File;

/// An image that is looked into.
pub(crate) struct Inside {
    pub(crate) reading: Reading,
    layers: Vec<facts::LayerFacts>,
    tree: Tree,
}

/// One thing that stands there.
pub(crate) struct Inhabitant<'i> {
    pub(crate) path: TreePath,
    pub(crate) entry: &'i Entry,
    /// For a hard link the file that it names, else the entry itself.
    pub(crate) file: &'i Entry,
    /// The number of its layer, from 1.
    pub(crate) layer: u32,
}

/// Reads an image so far that it can be looked into.
pub(crate) fn inside(
    target: &str,
    access: &Access<'_>,
    cache: Option<&Cache>,
    asked: Asked,
) -> Result<Inside, Failure> {
    let (reading, Detail { layers, .. }) = read_in_full(open(target, access)?, cache, asked);
    let tree = Tree::squash(&layers, &Limits::default());
    Ok(Inside { reading, layers, tree })
}

impl Inside {
    /// Whether something could not be read, so that what is not seen may be there all the same.
    pub(crate) fn is_blocked(&self) -> bool {
        self.reading.facts.is_blocked() || self.reading.unknowns.iter().any(|u| u.kind.blocks())
    }

    /// What stands at `path`: the file, or what a folder holds, with `deep` all below it. Links on the way are followed,
    /// within the image.
    pub(crate) fn list(&self, path: &str, deep: bool) -> Result<Vec<Inhabitant<'_>>, Failure> {
        let at = self.reached(path)?;
        let folder = self.tree.is_directory(&self.layers, at.as_bytes());
        let depth = at.components().count();
        let wanted = |found: &TreePath| {
            let inside = found.components().take(depth).eq(at.components());
            let below = found.components().count().saturating_sub(depth);
            inside && if folder { below > 0 && (deep || below == 1) } else { below == 0 }
        };
        let found = self.tree.entries_where(|path, _| wanted(path));
        let files: std::collections::BTreeMap<TreePath, Visible> = self.tree.files().into_iter().collect();
        let standing = found.into_iter().filter_map(|(path, own)| {
            let content = files.get(&path).copied().unwrap_or(own);
            Some(Inhabitant { entry: self.entry(own)?, file: self.entry(content)?, layer: own.layer + 1, path })
        });
        Ok(standing.collect())
    }

    /// The content of the file at `path`, links followed, in a nameless temporary file.
    pub(crate) fn content(&self, path: &str) -> Result<File, Failure> {
        let at = self.reached(path)?;
        let files = self.tree.files();
        let found = files.iter().find(|(file, _)| *file == at).and_then(|(_, at)| Some((*at, self.entry(*at)?)));
        let Some((place, entry)) = found.filter(|(_, entry)| entry.kind == Kind::File) else {
            return Err(self.no_file(path));
        };
        self.read_again(place, entry)
    }

    fn read_again(&self, place: Visible, entry: &Entry) -> Result<File, Failure> {
        let index = place.layer as usize;
        let (image, facts) = (&self.reading.image, &self.layers[index]);
        let target = || escaped(&image.target).into_owned();
        let spool = tempfile::tempfile()?;
        let (stream, layer) = (image.bytes.open(index)?, &image.layers[index]);
        let stated = stored::stated(layer).unwrap_or(Encoding::Sniff);
        let (encoding, stream) = stored::found(stream, layer, stated)?;
        let read = layer::content(stream, encoding, entry, facts.plain_size, &Limits::default(), spool);
        read.map_err(|unknown| Failure::NotRead { target: target(), why: unknown.to_string() })
    }

    fn entry(&self, at: Visible) -> Option<&Entry> {
        self.layers.get(at.layer as usize)?.entries.get(at.entry as usize)
    }

    /// The path that a program would reach.
    fn reached(&self, path: &str) -> Result<TreePath, Failure> {
        self.tree.resolve(&self.layers, path.as_bytes()).ok_or_else(|| self.no_file(path))
    }

    fn no_file(&self, path: &str) -> Failure {
        let target = self.reading.image.target.clone();
        let what = self.tree.obstacle(&self.layers, path.as_bytes());
        let unread = self.is_blocked();
        Failure::NotInImage { target, path: path.to_owned(), what, unread }
    }
}
