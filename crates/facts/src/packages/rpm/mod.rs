//! Red Hat's, SUSE's and Amazon's packages, out of rpm's database in each of its three formats, or out of the
//! manifest that distroless images have in its place.
//!
//! The formats are read from their bytes; nothing is mapped, executed or written. A database that cannot be
//! read in part is a blocking gap, since what it hides may be any package; what could be read counts all the same.

mod bdb;
mod bytes;
mod distro;
mod edges;
mod header;
mod licence;
mod manifest;
mod ndb;
mod package;
mod past;
mod sqlite;
mod wal;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;

use super::{Claim, Found, Reader, Reading, Sight};
use crate::keep::{Candidate, Content, Keeper, Want};
use crate::limits::Limits;
use crate::view::{File, View};
use bytes::{Damage, Sink};
use distro::Distro;
use header::Header;
use model::{Ecosystem, TreePath, Unknown, UnknownKind};
use package::{Budget, Fields};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

pub(crate) use past::vanished;

/// Reads rpm's databases.
pub(super) static RPM: Reader = Reader {
    ecosystem: Ecosystem::Rpm,
    wants,
    open,
    read,
    sight: Sight {
        reads: "`{var/lib,usr/share,usr/lib/sysimage}/rpm/{rpmdb.sqlite (with its write-ahead log),Packages.db,\
                Packages}`, `var/lib/rpmmanifest/container-manifest-2`, in the image's root and in roots below it; \
                `os-release` for the namespace",
        sees: "name, epoch, version, release, architecture, source rpm, module, vendor, licence as stated (Fedora's \
               short names where they mean one SPDX licence), files, and which package satisfies which requirement",
        blind: "the source's own epoch; boolean and weak dependencies; with a distroless manifest also licences, \
                files and dependencies; a database in a format that rpm no longer writes (Berkeley DB B-tree)",
    },
};

/// The folders that rpm's databases live in.
const FOLDERS: [&[u8]; 3] = [b"var/lib/rpm", b"usr/share/rpm", b"usr/lib/sysimage/rpm"];
const MANIFEST: &[u8] = b"var/lib/rpmmanifest/container-manifest-2";
/// The piece kept of a rollback journal: its magic number.
const JOURNAL_PIECE: &str = "rpm.journal";
/// Bad records of one database that are told apart.
const BAD_RECORDS: usize = 100;

fn wants(file: &Candidate<'_>) -> Want {
    match file.name {
        b"Packages" | b"Packages.db" | b"rpmdb.sqlite" | b"rpmdb.sqlite-wal" if root(file.path).is_some() => {
            Want::Whole
        }
        b"rpmdb.sqlite-journal" if root(file.path).is_some() => Want::Open,
        b"container-manifest-2" if prefix(file.path.as_bytes(), MANIFEST).is_some() => Want::Whole,
        b"os-release" if is_os_release(file.path.parent_bytes()) => Want::Whole,
        _ if is_ostree(file.path) && file.head.starts_with(b"SQLite format 3\0") => Want::Whole,
        _ => Want::Nothing,
    }
}

/// An object of ostree's: bootable images hold every file of theirs as one, with a hard link at its path.
fn is_ostree(path: &TreePath) -> bool {
    memchr::memmem::find(path.parent_bytes(), b"ostree/repo/objects/").is_some()
}

fn open(file: &Candidate<'_>, _: &Content<'_>, keeper: &mut Keeper<'_>) {
    keeper.piece(JOURNAL_PIECE, file.head[..file.head.len().min(8)].to_vec());
}

fn is_os_release(folder: &[u8]) -> bool {
    prefix(folder, b"etc").is_some() || prefix(folder, b"usr/lib").is_some()
}

/// The root filesystem that a file in one of [`FOLDERS`] belongs to: empty, or a path that ends in `/`.
fn root(path: &TreePath) -> Option<&[u8]> {
    FOLDERS.iter().find_map(|folder| prefix(path.parent_bytes(), folder))
}

/// What stands before `tail`, if `path` ends in it at a component's start.
fn prefix<'a>(path: &'a [u8], tail: &[u8]) -> Option<&'a [u8]> {
    path.strip_suffix(tail).filter(|before| before.is_empty() || before.ends_with(b"/"))
}

/// The packages of one root filesystem, of however many databases.
#[derive(Default)]
struct Root {
    fields: Vec<Fields>,
    found: Vec<Found>,
    by_purl: FxHashMap<model::Purl, usize>,
    distro: Distro,
    budget: Budget,
    full: bool,
}

fn read(view: &View<'_>, reading: &mut Reading) {
    let mut roots: BTreeMap<Vec<u8>, Root> = BTreeMap::new();
    for file in view.kept() {
        let manifest = prefix(file.path.as_bytes(), MANIFEST);
        let Some(prefix) = manifest.or_else(|| root(file.path)) else { continue };
        let root = roots
            .entry(prefix.to_vec())
            .or_insert_with(|| Root { distro: Distro::of(view, prefix), ..Root::default() });
        match file.path.file_name() {
            b"container-manifest-2" => read_manifest(&file, root, reading),
            b"Packages" | b"Packages.db" | b"rpmdb.sqlite" => read_database(view, &file, root, reading),
            _ => {}
        }
    }
    for (prefix, root) in roots {
        root.finish(&prefix, view, reading);
    }
}

fn read_manifest(file: &File<'_>, root: &mut Root, reading: &mut Reading) {
    let Some(text) = file.whole() else { return };
    let mut lost = Gaps::lost(file);
    for (at, line) in manifest::lines(text) {
        match line {
            Ok(fields) => root.add(fields, file, reading),
            Err(why) => lost.add(&Damage::new(why, at), reading),
        }
    }
}

fn read_database(view: &View<'_>, file: &File<'_>, root: &mut Root, reading: &mut Reading) {
    let Some(bytes) = file.whole() else { return };
    let (mut lost, mut flawed) = (Gaps::lost(file), Gaps::flawed(file));
    let mut record = |record: &[u8], at: u64| {
        let mut flaws = Vec::new();
        match Header::parse(record).and_then(|h| package::fields(h, &mut root.budget, &mut flaws)) {
            Ok(fields) if fields.is_key() => {}
            Ok(fields) => root.add(fields, file, reading),
            Err(error) => lost.add(&package::flaw(error, at), reading),
        }
        for flaw in flaws {
            flawed.add(&package::flaw(flaw, at), reading);
        }
    };
    let mut sink = Sink { record: &mut record, damages: Vec::new() };
    let whole = match file.path.file_name() {
        b"Packages" => bdb::read(bytes, &mut sink),
        b"Packages.db" => ndb::read(bytes, &mut sink),
        _ => sqlite::read(bytes, beside(view, file, b"-wal").and_then(|f| f.whole()), &mut sink),
    };
    let mut damages = std::mem::take(&mut sink.damages);
    damages.extend(whole.err());
    if hot_journal(view, file) {
        damages.push(Damage { why: "a transaction was cut short, and its journal lies beside it".into(), at: None });
    }
    let context = "the rpm database cannot be read";
    let gaps = damages.iter().map(|d| d.unknown(UnknownKind::PackageDatabase, context).at(file.path));
    reading.unknowns.extend(gaps);
}

/// The file whose name is `file`'s with `suffix`.
fn beside<'v>(view: &'v View<'_>, file: &File<'_>, suffix: &[u8]) -> Option<File<'v>> {
    view.exact(&TreePath::clean(&[file.path.as_bytes(), suffix].concat()).ok()?)
}

fn hot_journal(view: &View<'_>, file: &File<'_>) -> bool {
    let journal = beside(view, file, b"-journal");
    journal.and_then(|j| j.piece(JOURNAL_PIECE)).is_some_and(sqlite::is_hot_journal)
}

/// What is wrong with the records of one file; beyond [`BAD_RECORDS`] only that there is more.
struct Gaps<'f> {
    kind: UnknownKind,
    context: &'static str,
    path: &'f TreePath,
    count: usize,
}

impl<'f> Gaps<'f> {
    /// Records that cannot be read at all: each may be any package, so the list is not whole without it.
    fn lost(file: &'f File<'_>) -> Self {
        let context = "a package's record cannot be read";
        Self { kind: UnknownKind::PackageDatabase, context, path: file.path, count: 0 }
    }

    /// Records of packages that are listed, in which something else makes no sense.
    fn flawed(file: &'f File<'_>) -> Self {
        let context = "a part of a package's record cannot be read";
        Self { kind: UnknownKind::BadRecord, context, path: file.path, count: 0 }
    }

    fn add(&mut self, damage: &Damage, reading: &mut Reading) {
        self.count += 1;
        let unknown = match self.count.cmp(&(BAD_RECORDS + 1)) {
            std::cmp::Ordering::Less => damage.unknown(self.kind, self.context),
            std::cmp::Ordering::Equal => Unknown::new(self.kind, "more records cannot be read"),
            std::cmp::Ordering::Greater => return,
        };
        reading.unknowns.push(unknown.at(self.path));
    }
}

impl Root {
    /// Takes in a package; one that another database told of already is only proven once more.
    fn add(&mut self, fields: Fields, file: &File<'_>, reading: &mut Reading) {
        let limit = Limits::default().packages;
        if self.found.len() >= limit {
            if !std::mem::replace(&mut self.full, true) {
                let why = format!("more than {limit} packages (limit `packages`)");
                reading.unknowns.push(Unknown::new(UnknownKind::Limit, why).at(file.path));
            }
            return;
        }
        let package = fields.package(&self.distro, file.evidence());
        match self.by_purl.get(&package.purl) {
            Some(&at) => {
                let known = &mut self.found[at].package.evidence;
                known.extend(package.evidence.into_iter().filter(|e| !known.contains(e)).collect::<Vec<_>>());
            }
            None => {
                self.by_purl.insert(package.purl.clone(), self.found.len());
                self.found.push(Found { owns: Vec::new(), ..Found::new(package) });
                self.fields.push(fields);
            }
        }
    }

    /// Draws the edges, hands over the files and appends all to `reading`.
    fn finish(mut self, prefix: &[u8], view: &View<'_>, reading: &mut Reading) {
        if self.budget.exhausted {
            let why = "the rpm databases list more files or capabilities than are kept; some edges are missing";
            reading.unknowns.push(Unknown::new(UnknownKind::Limit, why));
        }
        let base = reading.found.len();
        let edges = edges::edges(&self.fields, prefix.is_empty().then_some(view));
        for ((found, fields), edges) in self.found.iter_mut().zip(self.fields).zip(edges) {
            found.owns = fields.files.into_iter().filter_map(|file| claim(prefix, file)).collect();
            found.depends_on = edges.into_iter().map(|other| base + other).collect();
        }
        reading.found.append(&mut self.found);
    }
}

fn claim(prefix: &[u8], file: TreePath) -> Option<Claim> {
    if prefix.is_empty() {
        return Some(Claim::File(file));
    }
    TreePath::clean(&[prefix, file.as_bytes()].concat()).ok().map(Claim::File)
}
