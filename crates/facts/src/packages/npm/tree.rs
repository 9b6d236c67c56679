//! The stores of an image and what Node finds in them.

use super::place::{self, Place};
use super::{Candidacy, Standing};
use crate::entry::Kind;
use crate::view::View;
use model::{TreePath, Unknown, UnknownKind};
use rustc_hash::FxHashMap;

/// Look-ups made for one image, so that a hostile one cannot ask for ever.
const LOOKUPS: usize = 4_000_000;

/// A symbolic link in or to a store.
pub(super) struct Link {
    path: TreePath,
    /// Where it leads.
    pub(super) target: TreePath,
}

/// The links that matter to Node's look-up: pnpm's, workspaces, and whole stores that lie elsewhere.
pub(super) fn links(view: &View<'_>) -> Vec<Link> {
    let is_link =
        |layer: u32, entry: u32| matches!(view.layers()[layer as usize].entries[entry as usize].kind, Kind::Symlink(_));
    let ours = view.tree().entries_where(|path, at| place::may_link(path.as_bytes()) && is_link(at.layer, at.entry));
    ours.into_iter().filter_map(|(path, _)| view.resolve(path.as_bytes()).map(|target| Link { path, target })).collect()
}

type Store = FxHashMap<Box<[u8]>, usize>;

/// Every store with the packages that are found in it, by the name used there.
pub(super) struct Stores {
    stores: FxHashMap<TreePath, Store>,
    folders: FxHashMap<TreePath, usize>,
    /// Links named `node_modules`, with the store they lead to.
    aliases: FxHashMap<TreePath, TreePath>,
    /// Debian's stores that are there.
    debian: Vec<TreePath>,
    /// Packages in archives, by name; `None` where there are several versions.
    archived: FxHashMap<Box<[u8]>, Option<usize>>,
}

impl Stores {
    pub(super) fn new(all: &[Candidacy<'_>], links: &[Link]) -> Self {
        let folders: FxHashMap<TreePath, usize> =
            all.iter().enumerate().map(|(at, one)| (one.folder.clone(), at)).collect();
        let aliases = links.iter().filter(|link| link.path.file_name() == b"node_modules");
        let aliases = aliases.map(|link| (link.path.clone(), link.target.clone())).collect();
        let mut stores =
            Self { stores: FxHashMap::default(), folders, aliases, debian: Vec::new(), archived: archived(all) };
        for (at, one) in all.iter().enumerate().filter(|(_, one)| matches!(one.standing, Standing::Installed)) {
            stores.put(one.folder.as_bytes(), at);
        }
        for link in links {
            if let Some(&at) = stores.folders.get(&link.target) {
                stores.put(link.path.as_bytes(), at);
            }
        }
        let whole = |store: &&TreePath| place::debian_store(store.as_bytes()) == Some(store.as_bytes().len());
        stores.debian = stores.stores.keys().filter(whole).cloned().collect();
        stores.debian.sort_by(|one, other| other.cmp(one));
        stores
    }

    fn store(&self, path: &TreePath) -> Option<&Store> {
        self.stores.get(path).or_else(|| self.stores.get(self.aliases.get(path)?))
    }

    fn put(&mut self, path: &[u8], at: usize) {
        if let Place::Installed { store, name } = place::of(path)
            && let Ok(store) = TreePath::clean(store)
        {
            self.stores.entry(store).or_default().insert(name.into(), at);
        }
    }

    /// For each package, the packages that Node finds for what it needs.
    pub(super) fn edges(&self, all: &[Candidacy<'_>], unknowns: &mut Vec<Unknown>) -> Vec<Vec<usize>> {
        let mut left = LOOKUPS;
        let edges = all.iter().map(|one| {
            if matches!(one.standing, Standing::Inside(_)) {
                return Vec::new();
            }
            let seen = self.seen_from(&one.folder);
            left = left.saturating_sub(one.manifest.needs.len() * seen.len().max(1));
            let needs = if left == 0 { &[][..] } else { &one.manifest.needs[..] };
            needs.iter().filter_map(|name| find(&seen, name).or_else(|| self.in_archive(one, name))).collect()
        });
        let edges = edges.collect();
        if left == 0 {
            let why = format!("dependencies of npm packages: more look-ups than `npm look-ups` = {LOOKUPS}");
            unknowns.push(Unknown::new(UnknownKind::Limit, why));
        }
        edges
    }

    /// The archive that Plug'n'Play has for a name. Which of several versions it takes is not looked up.
    fn in_archive(&self, one: &Candidacy<'_>, name: &str) -> Option<usize> {
        let asks = matches!(one.standing, Standing::Archived | Standing::Loose);
        asks.then(|| self.archived.get(name.as_bytes()).copied().flatten()).flatten()
    }

    /// The stores that Node looks into for a package in `folder`, first to last.
    fn seen_from(&self, folder: &TreePath) -> Vec<&Store> {
        let mut seen = Vec::new();
        let mut next = Some(folder.clone());
        while let Some(at) = next {
            if at.file_name() != b"node_modules" {
                seen.extend(at.join(b"node_modules").ok().and_then(|store| self.store(&store)));
            }
            next = at.parent();
        }
        if place::debian_store(folder.as_bytes()).is_some() {
            seen.extend(self.debian.iter().filter_map(|store| self.stores.get(store)));
        }
        seen
    }

    /// For each package, the one that ships it: the owner of the folder it is copied into, or the nearest package
    /// above that bundles it, by name or because something it bundles needs it.
    pub(super) fn owners(&self, all: &[Candidacy<'_>], edges: &[Vec<usize>]) -> Vec<Option<usize>> {
        let mut owners: Vec<Option<usize>> = all
            .iter()
            .map(|one| match &one.standing {
                Standing::Inside(owner) => self.folders.get(owner).copied(),
                _ => None,
            })
            .collect();
        let mut bundlers: Vec<usize> = (0..all.len()).filter(|at| !all[*at].manifest.bundles.is_empty()).collect();
        bundlers.sort_by_key(|at| std::cmp::Reverse(all[*at].folder.as_bytes().len()));
        for owner in bundlers {
            self.bundle(owner, all, edges, &mut owners);
        }
        owners
    }

    fn bundle(&self, owner: usize, all: &[Candidacy<'_>], edges: &[Vec<usize>], owners: &mut [Option<usize>]) {
        let folder = &all[owner].folder;
        if !matches!(all[owner].standing, Standing::Installed) {
            return;
        }
        let Some(store) = folder.join(b"node_modules").ok().and_then(|store| self.store(&store)) else { return };
        let inside = |at: &usize| *at != owner && all[*at].folder.is_within(folder.as_bytes());
        let names = all[owner].manifest.bundles.iter();
        let mut queue: Vec<usize> =
            names.filter_map(|name| store.get(name.as_bytes()).copied()).filter(inside).collect();
        while let Some(at) = queue.pop() {
            if owners[at].is_none() {
                owners[at] = Some(owner);
                queue.extend(edges[at].iter().copied().filter(inside));
            }
        }
    }
}

fn archived(all: &[Candidacy<'_>]) -> FxHashMap<Box<[u8]>, Option<usize>> {
    let mut archived: FxHashMap<Box<[u8]>, Option<usize>> = FxHashMap::default();
    for (at, one) in all.iter().enumerate().filter(|(_, one)| matches!(one.standing, Standing::Archived)) {
        let name: Box<[u8]> = one.manifest.name.as_bytes().into();
        archived.entry(name).and_modify(|several| *several = None).or_insert(Some(at));
    }
    archived
}

fn find(seen: &[&Store], name: &str) -> Option<usize> {
    seen.iter().find_map(|store| store.get(name.as_bytes()).copied())
}
