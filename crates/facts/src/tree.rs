//! Layers squashed into the tree that a container sees
//! (<https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md>).
//!
//! Layers are applied lowest first, as an extractor would: parents are found through the links that are there
//! at that moment, a file replaces a directory and the other way round. Whiteouts of a layer hide only what
//! lower layers brought, so they are applied before the layer's own entries whatever their order in the
//! archive. Every entry that something hides is remembered with the layer that hid it: nothing is lost. How the
//! order of an archive and the spec differ is told in `docs/decisions/0003-squash-by-the-spec.md`.

use crate::entry::{Entry, Kind, LayerFacts};
use crate::limits::Limits;
use crate::obstacles::DIRECTORY;
use model::{TreePath, Unknown, UnknownKind};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicU64, Ordering};

/// So many entries that could not be squashed are told one by one; the rest are counted.
const TOLD: usize = 1000;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        let before = FxHashMap::default();
        let mut squash = Squash { tree, layers, limits, last_parent: None, before, odd: 0, full: false };
        for layer in 0..layers.len() {
            squash.apply(layer as u32);
        }
        squash.finish()
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

    /// How many entries of any kind are visible, the root and unnamed directories not counted.
    pub fn visible_entries(&self) -> u64 {
        let mut count = 0;
        self.walk(&mut |_, node| count += u64::from(node.own.is_some()));
        count
    }

    /// Every visible entry of any kind with its path (for a hard link, its own entry, not its target's).
    pub fn entries(&self) -> Vec<(TreePath, Visible)> {
        let mut out = Vec::new();
        self.walk(&mut |path, node| out.extend(node.own.map(|own| (path, own))));
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
        self.walk_to(layers, path, &mut trail)?;
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
        self.walk_to(layers, path, &mut Vec::new())
    }

    /// Walks `path` from the root as a kernel does; `trail` ends as the names that lead there without links.
    fn walk_to<'s>(&'s self, layers: &'s [LayerFacts], path: &'s [u8], trail: &mut Vec<&'s [u8]>) -> Option<NodeId> {
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

/// The squash while it goes on.
struct Squash<'a> {
    tree: Tree,
    layers: &'a [LayerFacts],
    limits: &'a Limits,
    /// The parent folder of the entry before, since archives list a folder's files together. Only right until
    /// something is removed or a link appears.
    last_parent: Option<(Box<[u8]>, NodeId)>,
    /// What the layer's hard links name in the layers below, before its whiteouts: a file may be linked and
    /// deleted in one layer, and extractors that go by the archive's order keep the link.
    before: FxHashMap<u32, What>,
    /// How many entries could not be squashed.
    odd: usize,
    /// Whether the tree has all the nodes it may have.
    full: bool,
}

impl Squash<'_> {
    fn apply(&mut self, layer: u32) {
        let entries: &[Entry] = &self.layers[layer as usize].entries;
        self.last_parent = None;
        self.before.clear();
        for (index, entry) in entries.iter().enumerate() {
            if let Kind::HardLink(target) = &entry.kind {
                self.before.extend(self.linked(target).map(|what| (index as u32, what)));
            }
        }
        for entry in entries {
            match entry.kind {
                Kind::Whiteout => self.whiteout(&entry.path, layer),
                Kind::Opaque => self.opaque(&entry.path, layer),
                _ => {}
            }
        }
        for (index, entry) in entries.iter().enumerate() {
            if !matches!(entry.kind, Kind::Whiteout | Kind::Opaque) && !self.full {
                self.add(entry, Visible { layer, entry: index as u32 });
            }
        }
        self.drop_bookkeeping(layer);
    }

    /// AUFS kept files of its own at the root, as targets of hard links; no container ever sees them.
    fn drop_bookkeeping(&mut self, layer: u32) {
        const PREFIX: &[u8] = b".wh..wh.";
        let top = self
            .tree
            .children(ROOT)
            .into_iter()
            .flat_map(|c| c.range::<[u8], _>((Bound::Included(PREFIX), Bound::Unbounded)));
        let found: Vec<_> =
            top.take_while(|(name, _)| name.starts_with(PREFIX)).map(|(name, &child)| (name.clone(), child)).collect();
        for (name, child) in found {
            self.detach(ROOT, &name);
            self.hide(child, layer, Hiding::Deleted);
        }
    }

    fn finish(mut self) -> Tree {
        if self.odd > TOLD {
            let why = format!("{} more entries could not be placed", self.odd - TOLD);
            self.tree.unknowns.push(Unknown::new(UnknownKind::OddEntry, why));
        }
        if self.full {
            let why = format!(
                "the image has over {} files and folders (tree_nodes); the rest was left out",
                self.limits.tree_nodes
            );
            self.tree.unknowns.push(Unknown::new(UnknownKind::Limit, why));
        }
        self.tree
    }

    fn whiteout(&mut self, path: &TreePath, layer: u32) {
        let Some(parent) = self.tree.follow(self.layers, path.parent_bytes()) else {
            return;
        };
        let child = self.tree.children(parent).and_then(|c| c.get(path.file_name()).copied());
        if let Some(child) = child {
            self.detach(parent, path.file_name());
            self.hide(child, layer, Hiding::Deleted);
        }
    }

    fn opaque(&mut self, path: &TreePath, layer: u32) {
        let Some(at) = self.tree.follow(self.layers, path.as_bytes()) else { return };
        if let What::Directory(children) = &mut self.tree.nodes[at as usize].what {
            for child in std::mem::take(children).into_values() {
                self.hide(child, layer, Hiding::Opaque);
            }
        }
    }

    fn add(&mut self, entry: &Entry, own: Visible) {
        if entry.path == TreePath::root() {
            return;
        }
        let what = match &entry.kind {
            Kind::Directory => What::Directory(BTreeMap::new()),
            Kind::File => What::File(own),
            Kind::Symlink(_) => What::Symlink(own),
            Kind::HardLink(target) => match self.linked(target).or_else(|| self.before.remove(&own.entry)) {
                Some(what) => what,
                None => return self.odd(entry, own, format!("a hard link to {target}, where no file is")),
            },
            Kind::Special => What::Special,
            Kind::Whiteout | Kind::Opaque => return,
        };
        let Some(parent) = self.parent(&entry.path, own.layer) else {
            if self.full {
                return;
            }
            let why = format!(
                "the links that lead to it lead nowhere, loop, or are more than {} (links_followed)",
                self.limits.links_followed
            );
            return self.odd(entry, own, why);
        };
        self.put(parent, entry.path.file_name(), Node { parent, what, own: Some(own) });
    }

    /// Where an extractor puts what has this parent folder; missing folders are made, a file in the way goes.
    fn parent(&mut self, path: &TreePath, layer: u32) -> Option<NodeId> {
        let folder = path.parent_bytes();
        if let Some((last, at)) = &self.last_parent
            && last.as_ref() == folder
        {
            return Some(*at);
        }
        let at = match self.tree.follow(self.layers, folder) {
            Some(at) if self.tree.children(at).is_some() => at,
            _ => self.make_folders(folder, layer)?,
        };
        self.last_parent = Some((folder.into(), at));
        Some(at)
    }

    fn make_folders(&mut self, folder: &[u8], layer: u32) -> Option<NodeId> {
        let mut at = ROOT;
        let mut done: Vec<u8> = Vec::new();
        for name in folder.split(|&b| b == b'/').filter(|n| !n.is_empty()) {
            done.extend_from_slice(b"/");
            done.extend_from_slice(name);
            let child = self.tree.children(at).and_then(|c| c.get(name).copied());
            at = match child.map(|child| (child, &self.tree.nodes[child as usize].what)) {
                Some((child, What::Directory(_))) => child,
                Some((_, What::Symlink(_))) => {
                    let reached = self.tree.follow(self.layers, &done)?;
                    self.tree.children(reached).is_some().then_some(reached)?
                }
                Some((child, _)) => {
                    self.detach(at, name);
                    self.hide(child, layer, Hiding::Replaced);
                    self.new_folder(at, name)?
                }
                None => self.new_folder(at, name)?,
            };
        }
        Some(at)
    }

    fn new_folder(&mut self, parent: NodeId, name: &[u8]) -> Option<NodeId> {
        self.insert(parent, name, Node { parent, what: What::Directory(BTreeMap::new()), own: None })
    }

    fn put(&mut self, parent: NodeId, name: &[u8], node: Node) {
        let Some(old) = self.tree.children(parent).and_then(|c| c.get(name).copied()) else {
            self.insert(parent, name, node);
            return;
        };
        let by = node.own.map_or(0, |own| own.layer);
        let both_folders =
            matches!((&self.tree.nodes[old as usize].what, &node.what), (What::Directory(_), What::Directory(_)));
        if both_folders {
            if let Some(own) = std::mem::replace(&mut self.tree.nodes[old as usize].own, node.own) {
                self.tree.hidden.push(Hidden { layer: own.layer, entry: own.entry, by, how: Hiding::Replaced });
            }
            return;
        }
        self.detach(parent, name);
        self.hide(old, by, Hiding::Replaced);
        self.insert(parent, name, node);
    }

    /// `None` if the tree is full.
    fn insert(&mut self, parent: NodeId, name: &[u8], node: Node) -> Option<NodeId> {
        self.full |= self.tree.nodes.len() > self.limits.tree_nodes;
        if self.full {
            return None;
        }
        let id = self.tree.nodes.len() as NodeId;
        self.tree.nodes.push(node);
        if let What::Directory(children) = &mut self.tree.nodes[parent as usize].what {
            children.insert(name.into(), id);
        }
        Some(id)
    }

    fn detach(&mut self, parent: NodeId, name: &[u8]) {
        self.last_parent = None;
        if let What::Directory(children) = &mut self.tree.nodes[parent as usize].what {
            children.remove(name);
        }
    }

    /// Remembers that `id` and everything below it is hidden. Each node is hidden once, so this is linear in all.
    fn hide(&mut self, id: NodeId, by: u32, how: Hiding) {
        self.last_parent = None;
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            let node = &mut self.tree.nodes[id as usize];
            if let Some(own) = node.own {
                self.tree.hidden.push(Hidden { layer: own.layer, entry: own.entry, by, how });
            }
            if let What::Directory(children) = &mut node.what {
                stack.extend(std::mem::take(children).into_values().rev());
            }
        }
    }

    /// What a hard link to `target` is, as the tree stands now.
    fn linked(&self, target: &TreePath) -> Option<What> {
        let parent = self.tree.follow(self.layers, target.parent_bytes())?;
        let id = *self.tree.children(parent)?.get(target.file_name())?;
        self.tree.nodes[id as usize].what.again()
    }

    fn odd(&mut self, entry: &Entry, own: Visible, why: String) {
        self.odd += 1;
        if self.odd > TOLD {
            return;
        }
        let diff_id = self.layers[own.layer as usize].diff_id;
        self.tree.unknowns.push(Unknown::new(UnknownKind::OddEntry, why).at(&entry.path).in_layer(diff_id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Item, dir, file, hard, layer, link, opaque, white};

    /// Squashes and lists what is visible, then what is hidden.
    fn squash(layers: &[&[Item]]) -> String {
        let layers: Vec<LayerFacts> = layers.iter().map(|items| layer(items)).collect();
        let tree = Tree::squash(&layers, &Limits::default());
        let mut out: Vec<String> = tree.files().iter().map(|(p, v)| format!("{p}={}.{}", v.layer, v.entry)).collect();
        out.extend(tree.hidden().iter().map(|h| format!("-{}.{} by {} {:?}", h.layer, h.entry, h.by, h.how)));
        out.extend(
            tree.unknowns().iter().map(|u| format!("?{u}").split(" of layer").next().unwrap_or_default().to_owned()),
        );
        out.join(" | ")
    }

    #[test]
    fn a_whiteout_hides_lower_layers_only() {
        let upper = [file("a"), white("a")];
        assert_eq!(squash(&[&[file("a")], &upper]), "/a=1.0 | -0.0 by 1 Deleted");
        assert_eq!(squash(&[&[file("d/a"), file("d/b")], &[white("d")]]), "-0.0 by 1 Deleted | -0.1 by 1 Deleted");
    }

    #[test]
    fn an_opaque_folder_hides_whatever_its_place() {
        assert_eq!(squash(&[&[dir("d"), file("d/a")], &[file("d/b"), opaque("d")]]), "/d/b=1.0 | -0.1 by 1 Opaque");
        assert_eq!(squash(&[&[dir("d"), file("d/a")], &[opaque("d"), file("d/b")]]), "/d/b=1.1 | -0.1 by 1 Opaque");
    }

    #[test]
    fn types_replace_each_other() {
        assert_eq!(
            squash(&[&[dir("d"), file("d/a")], &[file("d")]]),
            "/d=1.0 | -0.0 by 1 Replaced | -0.1 by 1 Replaced"
        );
        assert_eq!(squash(&[&[file("d")], &[file("d/a")]]), "/d/a=1.0 | -0.0 by 1 Replaced");
        assert_eq!(
            squash(&[&[link("b", "usr/b"), file("usr/b/x")], &[dir("b"), file("b/y")]]),
            "/b/y=1.1 | /usr/b/x=0.1 | -0.0 by 1 Replaced"
        );
    }

    #[test]
    fn parents_are_found_through_links() {
        assert_eq!(squash(&[&[dir("usr/b"), link("b", "usr/b")], &[file("b/x")]]), "/usr/b/x=1.0");
        assert_eq!(squash(&[&[dir("usr/b"), link("b", "/usr/b"), file("b/x")], &[white("b/x")]]), "-0.2 by 1 Deleted");
    }

    #[test]
    fn hard_links_outlive_their_first_name() {
        assert_eq!(squash(&[&[file("a")], &[hard("b", "a"), white("a")]]), "/b=0.0 | -0.0 by 1 Deleted");
        assert!(squash(&[&[hard("b", "a")]]).contains("where no file is"));
        assert_eq!(squash(&[&[file("a"), hard("b", "a")], &[white("a")]]), "/b=0.0 | -0.0 by 1 Deleted");
        assert_eq!(squash(&[&[file("a"), hard("b", "a")], &[file("a")]]), "/a=1.0 | /b=0.0 | -0.0 by 1 Replaced");
    }

    #[test]
    fn a_path_through_a_file_leads_nowhere() {
        let layers = [layer(&[file("f"), dir("d"), link("up", "f/../d"), link("slash", "f/"), link("empty", "")])];
        let tree = Tree::squash(&layers, &Limits::default());
        for path in ["up", "slash", "empty", "f/.", "f/../d"] {
            assert_eq!(tree.resolve(&layers, path.as_bytes()), None, "{path}");
        }
    }

    #[test]
    fn links_that_fan_out_stop_at_the_limit() {
        let mut items: Vec<Item> = (0..30).map(|i| link(&format!("l{i}"), &"x/../".repeat(200))).collect();
        items.extend([dir("x"), file("l0/a/f"), file("l1/b/f")]);
        let layers = [layer(&items)];
        let roomy = Tree::squash(&layers, &Limits::default());
        assert_eq!((roomy.exhausted(), roomy.unknowns().len()), (None, 0));
        let tree = Tree::squash(&layers, &Limits { link_steps: 100, ..Limits::default() });
        assert!(tree.exhausted().unwrap().why.contains("(link_steps)"));
        assert_eq!(tree.unknowns().len(), 2);
    }

    #[test]
    fn folders_that_no_entry_names_count_too() {
        let layers = [layer(&[file(&"d/".repeat(50)), file("z")])];
        let tree = Tree::squash(&layers, &Limits { tree_nodes: 20, ..Limits::default() });
        assert_eq!(tree.files(), []);
        assert!(tree.unknowns()[0].why.contains("(tree_nodes)"));
    }

    #[test]
    fn files_of_aufs_are_targets_and_nothing_else() {
        let items = [file(".wh..wh.plnk/1.2"), hard("a", ".wh..wh.plnk/1.2")];
        assert_eq!(squash(&[&items]), "/a=0.0 | -0.0 by 0 Deleted");
    }

    #[test]
    fn loops_end() {
        assert!(squash(&[&[link("l", "l"), file("l/x")]]).contains("links_followed"));
        assert_eq!(squash(&[&[file("a"), file("a")]]), "/a=0.1 | -0.0 by 0 Replaced");
    }
}
