//! Layers applied to the tree, lowest first: whiteouts, then entries in the archive's order.

use super::{Hidden, Hiding, Node, NodeId, ROOT, Tree, Visible, What};
use crate::entry::{Entry, Kind, LayerFacts};
use crate::limits::Limits;
use model::{TreePath, Unknown, UnknownKind};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// So many entries that could not be squashed are told one by one; the rest are counted.
const TOLD: usize = 1000;

/// Applies all layers to the empty `tree`.
pub(super) fn squash(tree: Tree, layers: &[LayerFacts], limits: &Limits) -> Tree {
    let before = FxHashMap::default();
    let opaque_links = Vec::new();
    let mut squash = Squash { tree, layers, limits, last_parent: None, before, opaque_links, odd: 0, full: false };
    for layer in 0..layers.len() {
        squash.apply(layer as u32);
    }
    squash.finish()
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
    /// The layer's opaque whiteouts whose path is a link in the layers below.
    opaque_links: Vec<u32>,
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
        for (index, folder) in self.hiding_folders(layer) {
            match &entries[index as usize] {
                entry if entry.kind == Kind::Whiteout => self.whiteout(entry, folder, layer),
                entry => self.opaque(entry, folder, Visible { layer, entry: index }),
            }
        }
        for (index, entry) in entries.iter().enumerate() {
            if !hides(entry) && !self.full {
                self.add(entry, Visible { layer, entry: index as u32 });
            }
        }
        for index in std::mem::take(&mut self.opaque_links) {
            self.check_opaque(&entries[index as usize], layer);
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

    fn whiteout(&mut self, entry: &Entry, parent: NodeId, layer: u32) {
        let name = entry.path.file_name();
        if let Some(child) = self.tree.children(parent).and_then(|c| c.get(name).copied()) {
            self.detach(parent, name);
            self.hide(child, layer, Hiding::Deleted);
        }
    }

    /// A link at the path itself is not followed: where a layer replaces a link by a folder, overlayfs marks the new
    /// folder opaque, and what the link led to stays.
    fn opaque(&mut self, entry: &Entry, parent: NodeId, own: Visible) {
        let layer = own.layer;
        let Some(at) = self.hidden_at(entry, parent) else { return };
        match &mut self.tree.nodes[at as usize].what {
            What::Directory(children) => {
                for child in std::mem::take(children).into_values() {
                    self.hide(child, layer, Hiding::Opaque);
                }
            }
            What::Symlink(_) => self.opaque_links.push(own.entry),
            What::File(_) | What::Special => {}
        }
    }

    /// Says so where an opaque folder is a link when all is done: some extractors follow it, some do not.
    fn check_opaque(&mut self, entry: &Entry, layer: u32) {
        let node = self.tree.follow(self.layers, entry.path.parent_bytes()).and_then(|parent| {
            let child = *self.tree.children(parent)?.get(entry.path.file_name())?;
            Some(&self.tree.nodes[child as usize].what)
        });
        if matches!(node, Some(What::Symlink(_))) {
            self.odd(entry, layer, "an opaque whiteout of a link, which hides nothing here".to_owned());
        }
    }

    /// The layer's whiteouts, each with the folder in which it hides. They are found in the layers below before any is
    /// applied, since a whiteout applies to those alone: its place among the others means nothing. Left out is what
    /// hides nothing, and what is below a link that this layer takes away: there the order of the archive decides for
    /// extractors, and what is not surely hidden is shown.
    fn hiding_folders(&mut self, layer: u32) -> Vec<(u32, NodeId)> {
        let entries = &self.layers[layer as usize].entries;
        let mut found = Vec::new();
        for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| hides(entry)) {
            let mut crossed = Vec::new();
            let folder = self.tree.walk_to(self.layers, entry.path.parent_bytes(), &mut Vec::new(), &mut crossed);
            found.extend(folder.map(|folder| (index as u32, folder, crossed)));
        }
        let crossed: FxHashSet<NodeId> = found.iter().flat_map(|(.., crossed)| crossed).copied().collect();
        let places = found.iter().map(|(index, folder, _)| (*index, *folder));
        let taken = if crossed.is_empty() { crossed } else { self.taken(crossed, places, layer) };
        let mut out = Vec::with_capacity(found.len());
        for (index, folder, crossed) in found {
            if crossed.iter().any(|link| taken.contains(link)) {
                let why = "a whiteout below a link that its own layer replaces or removes; it hides nothing here";
                self.odd(&entries[index as usize], layer, why.to_owned());
            } else {
                out.push((index, folder));
            }
        }
        out
    }

    /// Those of `links` in lower layers that this layer takes away: by an entry or a whiteout at their paths, or by
    /// hiding a folder above them.
    fn taken(
        &self,
        mut links: FxHashSet<NodeId>,
        places: impl Iterator<Item = (u32, NodeId)>,
        layer: u32,
    ) -> FxHashSet<NodeId> {
        let entries = &self.layers[layer as usize].entries;
        let (mut removed, mut emptied) = (FxHashSet::default(), FxHashSet::default());
        for (index, folder) in places {
            let entry = &entries[index as usize];
            let set = if entry.kind == Kind::Whiteout { &mut removed } else { &mut emptied };
            set.extend(self.hidden_at(entry, folder));
        }
        for entry in entries.iter().filter(|entry| !hides(entry)) {
            let parent = self.tree.follow(self.layers, entry.path.parent_bytes());
            let node = parent.and_then(|parent| self.tree.children(parent)?.get(entry.path.file_name()));
            removed.extend(node.filter(|id| links.contains(id)));
        }
        links.retain(|link| {
            let mut at = *link;
            let mut taken = removed.contains(&at);
            while at != ROOT && !taken {
                at = self.tree.nodes[at as usize].parent;
                taken = removed.contains(&at) || emptied.contains(&at);
            }
            taken
        });
        links
    }

    /// What a whiteout that hides in `folder` is about.
    fn hidden_at(&self, entry: &Entry, folder: NodeId) -> Option<NodeId> {
        if entry.path == TreePath::root() {
            return Some(ROOT);
        }
        self.tree.children(folder)?.get(entry.path.file_name()).copied()
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
                None => return self.odd(entry, own.layer, format!("a hard link to {target}, where no file is")),
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
            return self.odd(entry, own.layer, why);
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
                let (layer, entry, how) = (own.layer, own.entry, Hiding::Replaced);
                self.tree.hidden.push(Hidden { layer, entry, by, how, content: None, instead: None });
            }
            return;
        }
        self.detach(parent, name);
        let (first, is_leaf) = (self.tree.hidden.len(), self.tree.children(old).is_none());
        self.hide(old, by, Hiding::Replaced);
        if let Some(hidden) = self.tree.hidden.get_mut(first).filter(|_| is_leaf) {
            hidden.instead = node.what.content();
        }
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
                let (layer, entry, content) = (own.layer, own.entry, node.what.content());
                self.tree.hidden.push(Hidden { layer, entry, by, how, content, instead: None });
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

    fn odd(&mut self, entry: &Entry, layer: u32, why: String) {
        self.odd += 1;
        if self.odd > TOLD {
            return;
        }
        let diff_id = self.layers[layer as usize].diff_id;
        self.tree.unknowns.push(Unknown::new(UnknownKind::OddEntry, why).at(&entry.path).in_layer(diff_id));
    }
}

fn hides(entry: &Entry) -> bool {
    matches!(entry.kind, Kind::Whiteout | Kind::Opaque)
}
