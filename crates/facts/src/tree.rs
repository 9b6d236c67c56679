//! Layers squashed into the tree that a container sees
//! (<https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md>).
//!
//! Layers are applied lowest first, as an extractor would: parents are found through the links that are there
//! at that moment, a file replaces a directory and the other way round. Whiteouts of a layer hide only what
//! lower layers brought, so they are applied before the layer's own entries whatever their order in the
//! archive. Every entry that something hides is remembered with the layer that hid it: nothing is lost. How the
//! order of an archive and the spec differ is told in `docs/decisions/0003-squash-by-the-spec.md`.

mod squash;

use crate::entry::{Kind, LayerFacts};
use crate::limits::Limits;
use crate::obstacles::DIRECTORY;
use model::{TreePath, Unknown, UnknownKind};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// The squashed image.
pub struct Tree {
    nodes: Vec<Node>,
    hidden: Vec<Hidden>,
    unknowns: Vec<Unknown>,
    links_followed: usize,
    link_steps: u64,
    /// Names read from link targets so far, over all paths ever resolved here.
    steps: AtomicU64,
}

/// Where a visible path's content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Visible {
    /// The layer, lowest first.
    pub layer: u32,
    /// The index of the entry in that layer; for a hard link, of the file it names.
    pub entry: u32,
}

/// An entry that a later one hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// The layer that brought it.
    pub layer: u32,
    /// Its entry there.
    pub entry: u32,
    /// The layer that hides it. The same layer if the archive has the path twice.
    pub by: u32,
    /// How.
    pub how: Hiding,
    /// The file whose bytes the entry named: itself, for a hard link another; `None` if it is no regular file.
    pub content: Option<Visible>,
    /// The file that took its place at its very path, if one did.
    pub instead: Option<Visible>,
}

/// How an entry is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hiding {
    /// A whiteout of it, or of a directory above it.
    Deleted,
    /// An opaque directory above it.
    Opaque,
    /// Another entry at its path, or at a directory above it.
    Replaced,
}

type NodeId = u32;
const ROOT: NodeId = 0;

struct Node {
    parent: NodeId,
    what: What,
    /// The entry that made it, for `hidden`; `None` for directories that no entry names.
    own: Option<Visible>,
}

enum What {
    Directory(BTreeMap<Box<[u8]>, NodeId>),
    /// A regular file; the content may be another entry's, for hard links.
    File(Visible),
    /// A symbolic link; the target is that entry's, for a hard link to a link another's.
    Symlink(Visible),
    Special,
}

impl What {
    /// The file whose bytes it has.
    fn content(&self) -> Option<Visible> {
        match self {
            Self::File(at) => Some(*at),
            _ => None,
        }
    }

    /// A second name for the same thing; directories have none.
    fn again(&self) -> Option<Self> {
        match self {
            Self::File(at) => Some(Self::File(*at)),
            Self::Symlink(at) => Some(Self::Symlink(*at)),
            Self::Special => Some(Self::Special),
            Self::Directory(_) => None,
        }
    }
}

impl Tree {
    /// Squashes `layers`, lowest first.
    pub fn squash(layers: &[LayerFacts], limits: &Limits) -> Self {
        let root = Node { parent: ROOT, what: What::Directory(BTreeMap::new()), own: None };
        let tree = Self {
            nodes: vec![root],
            hidden: Vec::new(),
            unknowns: Vec::new(),
            links_followed: limits.links_followed,
            link_steps: limits.link_steps,
            steps: AtomicU64::new(0),
        };
        squash::squash(tree, layers, limits)
    }

    /// Every visible regular file with its path, in path order.
    pub fn files(&self) -> Vec<(TreePath, Visible)> {
        let mut out = Vec::new();
        self.walk(&mut |path, node| {
            if let What::File(at) = node.what {
                out.push((path, at));
            }
        });
        out.sort_by(|a, b| a.0.cmp(&b.0));
        out
    }

    /// The content of every visible regular file, once for each name that shows it, in no order.
    pub fn contents(&self) -> impl Iterator<Item = Visible> {
        let mut stack = vec![ROOT];
        std::iter::from_fn(move || {
            while let Some(id) = stack.pop() {
                match &self.nodes[id as usize].what {
                    What::Directory(children) => stack.extend(children.values()),
                    What::File(at) => return Some(*at),
                    What::Symlink(_) | What::Special => {}
                }
            }
            None
        })
    }

    /// How many entries of any kind are visible, the root and unnamed directories not counted.
    pub fn visible_entries(&self) -> u64 {
        let mut count = 0;
        self.walk(&mut |_, node| count += u64::from(node.own.is_some()));
        count
    }

    /// Every visible entry of any kind with its path (for a hard link, its own entry, not its target's).
    pub fn entries(&self) -> Vec<(TreePath, Visible)> {
        self.entries_where(|_, _| true)
    }

    /// Those of [`Self::entries`] that are wanted. The others' paths do not lie in memory at once.
    pub fn entries_where(&self, wanted: impl Fn(&TreePath, Visible) -> bool) -> Vec<(TreePath, Visible)> {
        let mut out = Vec::new();
        self.walk(&mut |path, node| out.extend(node.own.filter(|&own| wanted(&path, own)).map(|own| (path, own))));
        out.sort_by(|a, b| a.0.cmp(&b.0));
        out
    }

    /// The entries that later ones hide, in the order in which they were hidden.
    pub fn hidden(&self) -> &[Hidden] {
        &self.hidden
    }

    /// What could not be squashed.
    pub fn unknowns(&self) -> &[Unknown] {
        &self.unknowns
    }

    /// A limit that resolving paths has hit since, which leaves paths unresolved that lead somewhere.
    pub fn exhausted(&self) -> Option<Unknown> {
        (self.steps.load(Ordering::Relaxed) > self.link_steps).then(|| {
            let why = format!("links fan out to more than {} names (link_steps)", self.link_steps);
            Unknown::new(UnknownKind::Limit, why)
        })
    }

    /// The path reached from `path` when links are followed; `None` if nothing is there or links loop.
    pub fn resolve(&self, layers: &[LayerFacts], path: &[u8]) -> Option<TreePath> {
        let mut trail = Vec::new();
        self.walk_to(layers, path, &mut trail, &mut Vec::new())?;
        TreePath::clean(&trail.join(&b'/')).ok()
    }

    /// Whether a directory is reached from `path` when links are followed.
    pub fn is_directory(&self, layers: &[LayerFacts], path: &[u8]) -> bool {
        self.follow(layers, path).is_some_and(|node| self.children(node).is_some())
    }

    /// What is in a file's place at `path` if that is no file: a directory, a device, or a link on the way there that
    /// leads nowhere. `None` if a file is there, or nothing.
    pub fn obstacle(&self, layers: &[LayerFacts], path: &[u8]) -> Option<&'static str> {
        if let Some(id) = self.follow(layers, path) {
            return match self.nodes[id as usize].what {
                What::Directory(_) => Some(DIRECTORY),
                What::Special => Some("a device or FIFO"),
                What::File(_) | What::Symlink(_) => None,
            };
        }
        let ends = path.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| at).chain([path.len()]);
        let leads_nowhere = |end: usize| {
            let path = TreePath::clean(&path[..end]).ok()?;
            let parent = self.follow(layers, path.parent_bytes())?;
            let child = *self.children(parent)?.get(path.file_name())?;
            let link = matches!(self.nodes[child as usize].what, What::Symlink(_));
            (link && self.follow(layers, path.as_bytes()).is_none()).then_some("a link that leads nowhere")
        };
        ends.into_iter().find_map(leads_nowhere)
    }

    fn walk(&self, visit: &mut impl FnMut(TreePath, &Node)) {
        let mut stack = vec![(Vec::new(), ROOT)];
        while let Some((path, id)) = stack.pop() {
            let node = &self.nodes[id as usize];
            if let What::Directory(children) = &node.what {
                for (name, &child) in children {
                    let mut below = path.clone();
                    if !below.is_empty() {
                        below.push(b'/');
                    }
                    below.extend_from_slice(name);
                    stack.push((below, child));
                }
            }
            if id != ROOT
                && let Ok(path) = TreePath::clean(&path)
            {
                visit(path, node);
            }
        }
    }

    fn children(&self, id: NodeId) -> Option<&BTreeMap<Box<[u8]>, NodeId>> {
        match &self.nodes[id as usize].what {
            What::Directory(children) => Some(children),
            _ => None,
        }
    }

    fn link_target<'l>(&self, layers: &'l [LayerFacts], id: NodeId) -> Option<&'l [u8]> {
        let What::Symlink(at) = self.nodes[id as usize].what else { return None };
        match &layers[at.layer as usize].entries[at.entry as usize].kind {
            Kind::Symlink(target) => Some(target),
            _ => None,
        }
    }

    /// Where `path` leads a program in the image.
    fn follow(&self, layers: &[LayerFacts], path: &[u8]) -> Option<NodeId> {
        self.walk_to(layers, path, &mut Vec::new(), &mut Vec::new())
    }

    /// Walks `path` from the root as a kernel does; `trail` ends as the names that lead there without links,
    /// `crossed` as the links followed.
    fn walk_to<'s>(
        &'s self,
        layers: &'s [LayerFacts],
        path: &'s [u8],
        trail: &mut Vec<&'s [u8]>,
        crossed: &mut Vec<NodeId>,
    ) -> Option<NodeId> {
        let mut todo: Vec<&[u8]> = path.split(|&b| b == b'/').rev().collect();
        let mut links = self.links_followed;
        let mut at = ROOT;
        while let Some(part) = todo.pop() {
            let children = self.children(at)?;
            match part {
                b"" | b"." => continue,
                b".." => {
                    trail.pop();
                    at = self.nodes[at as usize].parent;
                    continue;
                }
                _ => {}
            }
            let child = *children.get(part)?;
            if !matches!(self.nodes[child as usize].what, What::Symlink(_)) {
                trail.push(part);
                at = child;
                continue;
            }
            links = links.checked_sub(1)?;
            crossed.push(child);
            let target = self.link_target(layers, child).filter(|target| !target.is_empty())?;
            let before = todo.len();
            todo.extend(target.split(|&b| b == b'/').rev());
            self.step((todo.len() - before) as u64)?;
            if target.first() == Some(&b'/') {
                trail.clear();
                at = ROOT;
            }
        }
        Some(at)
    }

    /// Counts names read from links; `None` once there were too many.
    fn step(&self, count: u64) -> Option<()> {
        if self.steps.load(Ordering::Relaxed) > self.link_steps {
            return None;
        }
        let before = self.steps.fetch_add(count, Ordering::Relaxed);
        (before + count <= self.link_steps).then_some(())
    }
}

#[cfg(test)]
mod tests;
