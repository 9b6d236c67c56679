//! What the layers of an image carry in vain, file by file.
//!
//! A file is *dead* if a later layer hides the last name that showed it, by a whiteout, an opaque directory or another
//! entry at its place: its bytes are pulled with every copy and nobody sees them. It is *spare* if it is visible and
//! could be left out: a package tool's cache, a repository's own records, or content that a lower layer shows already. Each file counts once,
//! whatever names it has, and has one [`Cause`]. Everything is a pass over the entries and a look into a map; nothing
//! is guessed from names but caches and package databases, which are known by their place.

use crate::entry::{Entry, Kind, LayerFacts};
use crate::image::{Cause, Changes, LARGEST, SecretTrace, WasteGroup};
use crate::residue::cache;
use crate::tree::{Hidden, Hiding, Tree, Visible};
use crate::view::View;
use model::{Sha256, TreePath};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// One file that is in the image in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wasted {
    /// The file.
    pub file: Visible,
    /// The layer that hides it; `None` while it is visible.
    pub hidden_by: Option<u32>,
    /// Why it is in vain.
    pub cause: Cause,
    /// The package tool whose cache it is.
    pub tool: Option<&'static str>,
    /// The other file that shows it: the one in its place, where it was moved, or of which it is a copy.
    pub other: Option<Visible>,
}

/// Every file with content that is in vain, by layer and entry.
pub fn wasted(view: &View<'_>, secrets: &[SecretTrace]) -> Vec<Wasted> {
    let shown: FxHashSet<Visible> = view.tree().contents().collect();
    let dead = last_hidings(view, &shown);
    let hiders = Hiders::new(view, &dead);
    let secrets: FxHashSet<(u32, &TreePath)> = secrets.iter().map(|s| (s.layer, &s.path)).collect();
    let mut out: Vec<Wasted> =
        dead.iter().map(|(file, hidden)| judge(view, *file, hidden, &hiders, &secrets)).collect();
    spare(view, shown, &mut out);
    out.sort_by_key(|wasted| wasted.file);
    out
}

fn entry<'v>(view: &View<'v>, at: Visible) -> &'v Entry {
    &view.layers()[at.layer as usize].entries[at.entry as usize]
}

/// Files that nothing shows, each with what hid its last name.
fn last_hidings<'v>(view: &'v View<'_>, shown: &FxHashSet<Visible>) -> Vec<(Visible, &'v Hidden)> {
    let mut last: FxHashMap<Visible, &Hidden> = FxHashMap::default();
    for hidden in view.tree().hidden() {
        if let Some(file) = hidden.content
            && !shown.contains(&file)
        {
            last.insert(file, hidden);
        }
    }
    let mut dead: Vec<_> = last.into_iter().filter(|(file, _)| entry(view, *file).size > 0).collect();
    dead.sort_by_key(|(file, _)| *file);
    dead
}

/// What the layers that hide files bring themselves, as far as it may tell why.
struct Hiders<'v> {
    /// Files of those layers by path.
    by_path: FxHashMap<(u32, &'v TreePath), Visible>,
    /// The first file of those layers with a content that is dead.
    by_content: FxHashMap<(u32, Sha256), Visible>,
}

impl<'v> Hiders<'v> {
    fn new(view: &View<'v>, dead: &[(Visible, &Hidden)]) -> Self {
        let mut contents: FxHashSet<Sha256> = FxHashSet::default();
        let mut layers: FxHashSet<u32> = FxHashSet::default();
        let mut opaque: FxHashSet<u32> = FxHashSet::default();
        for (file, hidden) in dead {
            contents.extend(entry(view, *file).sha256);
            layers.insert(hidden.by);
            if hidden.how != Hiding::Replaced {
                opaque.insert(hidden.by);
            }
        }
        let (mut by_path, mut by_content) = (FxHashMap::default(), FxHashMap::default());
        for &layer in &layers {
            let entries = view.layers()[layer as usize].entries.iter().enumerate();
            for (number, entry) in entries.filter(|(_, entry)| entry.kind == Kind::File) {
                let at = Visible { layer, entry: number as u32 };
                if opaque.contains(&layer) {
                    by_path.insert((layer, &entry.path), at);
                }
                if let Some(hash) = entry.sha256.filter(|hash| contents.contains(hash)) {
                    by_content.entry((layer, hash)).or_insert(at);
                }
            }
        }
        Self { by_path, by_content }
    }
}

fn judge(
    view: &View<'_>,
    file: Visible,
    hidden: &Hidden,
    hiders: &Hiders<'_>,
    secrets: &FxHashSet<(u32, &TreePath)>,
) -> Wasted {
    let own = entry(view, file);
    let name = &view.layers()[hidden.layer as usize].entries[hidden.entry as usize].path;
    // A directory that was emptied and filled again hides by its mark, and what is in the place is beside it.
    let instead = hidden.instead.or_else(|| hiders.by_path.get(&(hidden.by, name)).copied());
    let same = instead.filter(|at| own.sha256.is_some() && entry(view, *at).sha256 == own.sha256);
    let moved = own.sha256.and_then(|hash| hiders.by_content.get(&(hidden.by, hash)).copied());
    let moved = moved.filter(|at| *at != file);
    let tool = cache(own).map(|(_, tool)| tool);
    let (cause, other) = if secrets.contains(&(file.layer, &own.path)) {
        (Cause::Secret, None)
    } else if tool.is_some() {
        (Cause::Cache, None)
    } else if instead.is_some() && is_database(name.as_bytes()) {
        (Cause::Database, instead)
    } else if let Some(same) = same {
        (Cause::Metadata, Some(same))
    } else if let Some(moved) = moved {
        (Cause::Moved, Some(moved))
    } else if instead.is_some() || hidden.how == Hiding::Replaced {
        (Cause::Overwritten, instead)
    } else {
        (Cause::Deleted, None)
    };
    let tool = tool.filter(|_| cause == Cause::Cache);
    Wasted { file, hidden_by: Some(hidden.by), cause, tool, other }
}

/// Visible files that could be left out: caches, and content that a lower layer shows already.
fn spare(view: &View<'_>, shown: FxHashSet<Visible>, out: &mut Vec<Wasted>) {
    let mut shown: Vec<Visible> = shown.into_iter().filter(|file| entry(view, *file).size > 0).collect();
    shown.sort_unstable();
    let mut first: FxHashMap<Sha256, Visible> = FxHashMap::default();
    for file in shown {
        let own = entry(view, file);
        if let Some((_, tool)) = cache(own) {
            out.push(Wasted { file, hidden_by: None, cause: Cause::Cache, tool: Some(tool), other: None });
            continue;
        }
        if is_repository(own.path.as_bytes()) {
            out.push(Wasted { file, hidden_by: None, cause: Cause::Repository, tool: None, other: None });
            continue;
        }
        // Packages of the same source have the same triggers and scripts.
        let Some(hash) = own.sha256.filter(|_| !is_database(own.path.as_bytes())) else { continue };
        let origin = *first.entry(hash).or_insert(file);
        if origin.layer < file.layer {
            out.push(Wasted { file, hidden_by: None, cause: Cause::Copied, tool: None, other: Some(origin) });
        }
    }
}

/// The folders in which version control keeps what it knows.
const REPOSITORIES: [&str; 3] = ["/.git/", "/.hg/", "/.svn/"];

fn is_repository(path: &[u8]) -> bool {
    let is_at_the_top = |folder: &&str| path.starts_with(&folder.as_bytes()[1..]);
    REPOSITORIES.iter().any(|folder| is_at_the_top(folder) || memchr::memmem::find(path, folder.as_bytes()).is_some())
}

/// Files and folders that package managers write anew with every installation.
const DATABASES: &[&str] = &[
    "etc/ld.so.cache",
    "etc/apk/world",
    "lib/apk/db/",
    "usr/lib/apk/db/",
    "usr/lib/sysimage/dpkg/",
    "usr/lib/sysimage/libdnf5/",
    "usr/lib/sysimage/rpm/",
    "usr/share/rpm/",
    "var/cache/debconf/",
    "var/cache/ldconfig/",
    "var/lib/apt/extended_states",
    "var/lib/dnf/",
    "var/lib/dpkg/",
    "var/lib/pacman/local/",
    "var/lib/rpm/",
    "var/log/alternatives.log",
    "var/log/apt/",
    "var/log/dnf",
    "var/log/dpkg.log",
    "var/log/hawkey.log",
    "var/log/pacman.log",
];

fn is_database(path: &[u8]) -> bool {
    DATABASES.iter().any(|known| match known.strip_suffix('/') {
        Some(_) => path.starts_with(known.as_bytes()),
        // `var/log/dnf` has several endings.
        None => {
            path.strip_prefix(known.as_bytes()).is_some_and(|rest| matches!(rest.first(), None | Some(b'.' | b'-')))
        }
    })
}

/// The same, summed up by layer, hiding layer, cause and tool.
pub fn groups(layers: &[LayerFacts], wasted: &[Wasted]) -> Vec<WasteGroup> {
    type Key = (u32, Option<u32>, Cause, Option<&'static str>);
    let mut groups: BTreeMap<Key, Vec<&Entry>> = BTreeMap::new();
    for one in wasted {
        let entry = &layers[one.file.layer as usize].entries[one.file.entry as usize];
        groups.entry((one.file.layer, one.hidden_by, one.cause, one.tool)).or_default().push(entry);
    }
    let group = |((layer, hidden_by, cause, tool), mut files): (Key, Vec<&Entry>)| {
        let (count, bytes) = (files.len() as u64, files.iter().fold(0, |sum: u64, f| sum.saturating_add(f.size)));
        let by_size = |file: &&Entry| (Reverse(file.size), file.path.clone());
        if files.len() > LARGEST {
            files.select_nth_unstable_by(LARGEST, |a, b| b.size.cmp(&a.size).then_with(|| a.path.cmp(&b.path)));
            files.truncate(LARGEST);
        }
        files.sort_by_key(by_size);
        let largest = files.into_iter().map(|file| (file.path.clone(), file.size)).collect();
        WasteGroup { layer, hidden_by, cause, tool: tool.map(str::to_owned), files: count, bytes, largest }
    };
    groups.into_iter().map(group).collect()
}

/// What each layer does to the layers below it, lowest first.
pub(crate) fn changes(layers: &[LayerFacts], tree: &Tree) -> Vec<Changes> {
    let mut out = vec![Changes::default(); layers.len()];
    let mut gone: FxHashMap<u32, FxHashSet<&TreePath>> = FxHashMap::default();
    for hidden in tree.hidden().iter().filter(|hidden| hidden.by != hidden.layer) {
        let entry = &layers[hidden.layer as usize].entries[hidden.entry as usize];
        if entry.kind != Kind::Directory {
            gone.entry(hidden.by).or_default().insert(&entry.path);
        }
    }
    for (number, layer) in layers.iter().enumerate() {
        let gone = gone.get(&(number as u32));
        let names = layer.entries.iter().filter(|e| !matches!(e.kind, Kind::Directory | Kind::Whiteout | Kind::Opaque));
        let (mut all, mut changed) = (0, 0);
        for entry in names {
            all += 1;
            changed += u64::from(gone.is_some_and(|gone| gone.contains(&entry.path)));
        }
        let removed = gone.map_or(0, |gone| gone.len() as u64).saturating_sub(changed);
        out[number] = Changes { added: all - changed, changed, removed };
    }
    out
}

#[cfg(test)]
mod tests;
