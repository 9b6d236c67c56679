//! Alpine's packages, also Wolfi's and Chainguard's, from apk's database
//! (<https://wiki.alpinelinux.org/wiki/Apk_spec>).
//!
//! Only the image's own database is read. It is one file for all packages, so which layer brought a package is
//! told by the older states of that file in the layers below.

mod record;

use super::{Claim, Found, Reader, Reading, Sight, never_open};
use crate::aliases::NOT_KEPT;
use crate::keep::{Candidate, Want};
use crate::licence::{Strange, licence};
use crate::limits::Limits;
use crate::os::{self, OsRelease};
use crate::vanished::{Search, Vanished};
use crate::view::{File, View};
use crate::{LayerFacts, entry::Entry};
use model::{Ecosystem, Evidence, Package, Purl, SourcePackage, TreePath, Unknown, UnknownKind};
use record::Record;
use rustc_hash::{FxHashMap, FxHashSet};

/// Reads apk's database.
pub(super) static READER: Reader = Reader {
    ecosystem: Ecosystem::Apk,
    wants,
    open: never_open,
    read,
    sight: Sight {
        reads: "`lib/apk/db/installed`, `usr/lib/apk/db/installed`",
        sees: "every installed package: version, origin, architecture, maintainer, licence, dependencies (also by `so:` and `cmd:`), files, and the layer that installed it",
        blind: "a second root file system inside the image; packages whose record was removed in the very layer that brought them",
    },
};

/// Where the database may be; the first that holds one counts.
const DATABASES: [&str; 2] = ["lib/apk/db", "usr/lib/apk/db"];
/// Bytes of the names of files that all packages together may claim.
const CLAIMS: usize = 128 << 20;
/// Names in all dependencies, and again in all that is provided; beyond that they are not resolved.
const NAMES: usize = 500_000;
/// Bad records that are reported one by one.
const BAD_RECORDS: usize = 100;

fn wants(candidate: &Candidate<'_>) -> Want {
    let here = candidate.name == b"installed" && is_database(candidate.path);
    if here { Want::Whole } else { Want::Nothing }
}

fn is_database(path: &TreePath) -> bool {
    DATABASES.iter().any(|at| path.parent_bytes() == at.as_bytes()) && path.file_name() == b"installed"
}

fn read(view: &View<'_>, reading: &mut Reading) {
    let folders: Vec<TreePath> = DATABASES.iter().filter_map(|at| view.resolve(at.as_bytes())).collect();
    // An empty folder before it must not hide the database.
    let holds = |folder: &&TreePath| folder.join(b"installed").is_ok_and(|at| view.resolve(at.as_bytes()).is_some());
    let Some(folder) = folders.iter().find(holds).or(folders.first()).cloned() else { return };
    let Ok(at) = folder.join(b"installed") else { return };
    let Some(file) = view.open(at.as_bytes()) else {
        return reading.unknowns.extend(gone(view, &folder, &at));
    };
    let text = match file.whole() {
        Some(text) => text,
        None if file.entry.size == 0 => b"",
        None => {
            return reading.unknowns.push(unreadable(NOT_KEPT, file.path));
        }
    };
    if text.trim_ascii().is_empty() {
        return reading.unknowns.extend(emptied(view, &file));
    }
    let records = records(text, &file, &mut reading.unknowns);
    add(view, &file, &records, reading);
}

/// No database: fine, unless apk's other files or a folder in its place say that there was one.
fn gone(view: &View<'_>, folder: &TreePath, at: &TreePath) -> Option<Unknown> {
    let beside = |name: &str| view.exact(&folder.join(name.as_bytes()).ok()?).filter(|f| f.entry.size > 0);
    if view.is_directory(at.as_bytes()) {
        return Some(unreadable("a directory in the place of the package database", at));
    }
    let other = ["scripts.tar", "scripts.tar.gz", "triggers"].into_iter().find_map(beside)?;
    Some(unreadable(&format!("{} is there, but the package database is gone", other.path), at))
}

/// An empty database is fine where nothing was ever asked for.
fn emptied(view: &View<'_>, file: &File<'_>) -> Option<Unknown> {
    let world = view.open(b"etc/apk/world").filter(|world| world.entry.size > 1)?;
    let why = format!("{} asks for packages, but the package database is empty", world.path);
    Some(unreadable(&why, file.path))
}

fn unreadable(why: &str, path: &TreePath) -> Unknown {
    Unknown::new(UnknownKind::PackageDatabase, why).at(path)
}

fn records<'v>(text: &'v [u8], file: &File<'_>, unknowns: &mut Vec<Unknown>) -> Vec<Record<'v>> {
    let limit = Limits::default().packages;
    let mut good = Vec::new();
    let mut bad = Vec::new();
    let mut refused = 0;
    for (offset, record) in record::all(text) {
        match record {
            Ok(_) if good.len() >= limit => {
                let why = format!("more than {limit} packages (packages)");
                unknowns.push(Unknown::new(UnknownKind::Limit, why).at(file.path).byte(offset));
                break;
            }
            Ok(record) => good.push(record),
            Err(why) => {
                refused += 1;
                if bad.len() < BAD_RECORDS {
                    // It may be any package, so the list is not whole without it.
                    bad.push(unreadable(&why.to_string(), file.path).byte(offset));
                }
            }
        }
    }
    if good.is_empty() {
        let why = format!("none of {refused} records of the package database can be read");
        unknowns.push(unreadable(&why, file.path));
        return good;
    }
    unknowns.append(&mut bad);
    if text.last() != Some(&b'\n') {
        unknowns.push(unreadable("the package database ends in the middle of a line", file.path));
    }
    good
}

fn add(view: &View<'_>, file: &File<'_>, records: &[Record<'_>], reading: &mut Reading) {
    let os = os::read(view).0;
    let proofs = proofs(view.layers(), file, records);
    let (needs, complete) = depends(records);
    let limit = |why: String| Unknown::new(UnknownKind::Limit, why).at(file.path);
    if !complete {
        reading.unknowns.push(limit(format!("more than {NAMES} names in dependencies (names)")));
    }
    let base = reading.found.len();
    let mut claimed = 0;
    for ((record, proof), needs) in records.iter().zip(proofs).zip(needs) {
        let mut package = package(record, os.as_ref(), proof);
        if package.proof().layer != file.layer {
            package.evidence.push(file.evidence());
        }
        let files = record.files().take_while(|at| {
            claimed += at.len() + size_of::<Claim>();
            claimed <= CLAIMS
        });
        let owns = files.filter_map(|at| TreePath::clean(&at).ok()).map(Claim::File).collect();
        let depends_on = needs.into_iter().map(|index| base + index).collect();
        reading.found.push(Found { package, owns, depends_on, bundled_in: None });
    }
    if claimed > CLAIMS {
        reading.unknowns.push(limit(format!("more than {CLAIMS} bytes of file names in packages (claims)")));
    }
}

fn package(record: &Record<'_>, os: Option<&OsRelease>, proof: Evidence) -> Package {
    let purl = Purl::builder("apk", record.name)
        .namespace(os.map_or("alpine", |os| &os.id))
        .version(record.version)
        .qualifier("arch", record.architecture)
        .qualifier("distro", &os.map(OsRelease::distro).unwrap_or_default())
        .build();
    let mut package = Package::new(Ecosystem::Apk, purl, record.name, record.version, proof);
    let text = |value: &str| Some(value.to_owned()).filter(|v| !v.is_empty());
    package.architecture = text(record.architecture);
    package.source = Some(record.origin)
        .filter(|origin| !origin.is_empty() && *origin != record.name)
        .map(|name| SourcePackage { name: name.to_owned(), version: record.version.to_owned() });
    package.supplier = text(&record.maintainer);
    package.homepage = text(&record.homepage);
    package.summary = text(&record.summary);
    package.licence = licence([&record.licence], Strange::Refuse);
    package
}

/// For each record, the state of the database that first had it, in an unbroken row up to the visible one.
fn proofs(layers: &[LayerFacts], file: &File<'_>, records: &[Record<'_>]) -> Vec<Evidence> {
    let mut proofs = vec![file.evidence(); records.len()];
    let mut open: Vec<usize> = (0..records.len()).collect();
    for (number, layer) in layers.iter().enumerate().take(file.layer as usize).rev() {
        let Some((entry, text)) = state(layer) else { continue };
        let had: FxHashSet<_> = record::all(text).filter_map(|(_, r)| Some(r.ok()?.identity())).collect();
        if open.is_empty() {
            break;
        }
        open.retain(|&index| had.contains(&records[index].identity()));
        for &index in &open {
            let (path, sha256) = (file.path.clone(), entry.sha256);
            proofs[index] = Evidence { path, member: None, layer: number as u32, sha256 };
        }
    }
    proofs
}

/// The database as one layer has it.
fn state(layer: &LayerFacts) -> Option<(&Entry, &[u8])> {
    let kept = layer.kept.iter().rfind(|kept| is_database(&layer.entries[kept.entry as usize].path))?;
    Some((&layer.entries[kept.entry as usize], &kept.bytes))
}

/// Packages that an older state of the database has and the visible one has not, though files of theirs are still
/// there, and the database that lacks them; `None` without one.
pub(crate) fn vanished(search: &Search<'_>) -> Option<(Vec<Vanished>, TreePath)> {
    let view = search.view();
    let at = DATABASES.iter().find_map(|at| view.resolve(format!("{at}/installed").as_bytes()))?;
    let mut seen = FxHashSet::default();
    let mut gone = Vec::new();
    for (number, layer) in view.layers().iter().enumerate().rev() {
        let Some((_, text)) = state(layer) else { continue };
        for record in record::all(text).filter_map(|(_, record)| record.ok()) {
            let layer = number as u32;
            let is_new = !search.is_listed(record.name) && seen.insert(record.name);
            let mut files = record.files().filter(|_| is_new);
            if let Some(file) = files.find_map(|path| search.stayed(layer, &path)) {
                gone.push(Vanished { name: record.name.to_owned(), layer, file });
            }
        }
    }
    Some((gone, at))
}

/// For each record, the indices of what satisfies its dependencies: ascending, each once, never itself. With it,
/// whether there were no more than [`NAMES`].
fn depends(records: &[Record<'_>]) -> (Vec<Vec<usize>>, bool) {
    let (mut provided, mut needed) = (0, 0);
    let within = |count: &mut usize| {
        *count += 1;
        *count <= NAMES
    };
    let mut names: FxHashMap<&str, usize> = FxHashMap::default();
    for (index, record) in records.iter().enumerate() {
        names.insert(record.name, index);
    }
    for (index, record) in records.iter().enumerate() {
        for name in record::names(record.provides).take_while(|_| within(&mut provided)) {
            names.entry(name).or_insert(index);
        }
    }
    let of = |(at, record): (usize, &Record<'_>)| {
        let wanted = record::names(record.depends).take_while(|_| within(&mut needed));
        let mut needs: Vec<usize> = wanted.filter_map(|name| names.get(name).copied()).collect();
        needs.sort_unstable();
        needs.dedup();
        needs.retain(|&index| index != at);
        needs
    };
    let found = records.iter().enumerate().map(of).collect();
    (found, provided.max(needed) <= NAMES)
}

#[cfg(test)]
mod tests;
