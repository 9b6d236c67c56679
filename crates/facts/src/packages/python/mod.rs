//! Python distributions as pip and distributions leave them: `*.dist-info` and `*.egg-info`
//! (<https://packaging.python.org/en/latest/specifications/recording-installed-packages/>).
//!
//! The metadata's own `Name` and `Version` count; a folder named for another is reported. Copies that a package
//! ships below `_vendor` are bundled in it, whether they kept their metadata (setuptools) or are listed in a
//! `vendor.txt` and there (pip). Refuses what nobody installed: test data, and pip's `~` leftovers.

mod claims;
mod marker;
mod metadata;
mod place;
mod requirement;
mod tree;
mod vendored;

#[cfg(test)]
mod tests;

use super::{Claim, Found, Reader, Reading, Sight, batch, never_open};
use crate::keep::{Candidate, Want};
use crate::view::{File, View};
use claims::Gaps;
use metadata::Metadata;
use model::{Ecosystem, Package, Purl, TreePath, Unknown, UnknownKind};
use place::Place;
use requirement::Requirement;
use rustc_hash::FxHashMap;

/// Reads installed distributions.
pub(super) static READER: Reader = Reader {
    ecosystem: Ecosystem::Python,
    wants,
    open: never_open,
    read,
    sight: Sight {
        reads: "`METADATA`, `RECORD`, `top_level.txt`, `direct_url.json` of `*.dist-info`; `PKG-INFO`, `requires.txt`, \
                `installed-files.txt` of `*.egg-info`; `*.egg-link`; `_vendor/vendor.txt`",
        sees: "name, version, licence, author, files, requirements that hold here with the extras that others ask for, \
               vendored copies",
        blind: "eggs as zip archives (each is noted) and wheels; programs frozen by PyInstaller and the like; extras that only the person \
                who installed asked for; conda's packages; markers on the machine's architecture are taken to hold",
    },
};

/// Bytes of one metadata file.
const METADATA: u64 = 4 << 20;
/// Bytes of one list of files.
const RECORD: u64 = 32 << 20;

fn wants(file: &Candidate<'_>) -> Want {
    let folder = file.path.parent_bytes();
    let info = is_info(folder);
    let limit = match file.name {
        b"METADATA" | b"PKG-INFO" | b"top_level.txt" | b"direct_url.json" | b"requires.txt" if info => METADATA,
        b"RECORD" | b"installed-files.txt" if info => RECORD,
        b"vendor.txt" | b"vendored.txt" if folder.ends_with(b"/_vendor") => METADATA,
        name if name.ends_with(b".egg-info") || name.ends_with(b".egg-link") => METADATA,
        _ => return Want::Nothing,
    };
    if file.size <= limit { Want::Whole } else { Want::Nothing }
}

fn is_info(folder: &[u8]) -> bool {
    folder.ends_with(b".dist-info") || folder.ends_with(b".egg-info") || folder.ends_with(b"/EGG-INFO")
}

/// One installed distribution.
struct Dist<'v> {
    file: File<'v>,
    /// The folder that holds its metadata, or the egg it lies in.
    site: TreePath,
    /// The folder it is imported through: for an editable installation, the one with the link.
    root: TreePath,
    place: Place,
    metadata: Metadata,
    requirements: Vec<Requirement>,
    owns: Vec<Claim>,
    also: Vec<model::Evidence>,
}

fn read(view: &View<'_>, reading: &mut Reading) {
    let mut dists: Vec<Dist<'_>> = Vec::new();
    let mut lists: Vec<File<'_>> = Vec::new();
    let mut links: Vec<File<'_>> = Vec::new();
    let mut gaps = Gaps { lines: claims::LINES, is_told: false, unknowns: &mut reading.unknowns };
    for file in view.files() {
        let name = file.path.file_name();
        let folder = file.path.parent_bytes();
        match name {
            b"METADATA" if folder.ends_with(b".dist-info") => dists.extend(dist(view, file, &mut gaps)),
            b"PKG-INFO" if is_info(folder) => dists.extend(dist(view, file, &mut gaps)),
            b"vendor.txt" | b"vendored.txt" if folder.ends_with(b"/_vendor") => lists.push(file),
            _ if name.ends_with(b".egg-info") => dists.extend(dist(view, file, &mut gaps)),
            _ if name.ends_with(b".egg-link") => links.push(file),
            _ if name.ends_with(b".egg") && place::of(folder) == Place::Site => gaps.unknowns.push(zipped_egg(file)),
            _ => {}
        }
    }
    let mut dists = merge(dists);
    note_links(&mut dists, &links);
    let tree = tree::Sites::new(&dists, view);
    let edges = tree.edges(&dists, &mut reading.unknowns);
    let owners = tree.owners(&dists);
    let copies = vendored::read(view, &lists, &mut dists, &tree, &mut reading.unknowns);
    let found = dists.into_iter().zip(edges.into_iter().zip(owners));
    let mut found: Vec<Found> = found.map(|(dist, (needs, owner))| dist.found(needs, owner)).collect();
    found.extend(copies);
    batch::deliver(found, reading);
}

/// The distribution whose metadata is `file`.
fn dist<'v>(view: &View<'_>, file: File<'v>, gaps: &mut Gaps<'_>) -> Option<Dist<'v>> {
    let info = if is_info(file.path.parent_bytes()) { file.path.parent()? } else { file.path.clone() };
    let site = info.parent()?;
    let place = place::of(place::import_root(site.as_bytes()));
    if place == Place::Nowhere || info.file_name().starts_with(b"~") {
        return None;
    }
    let Some(bytes) = file.whole() else {
        if file.entry.size > METADATA {
            gaps.unknowns.push(too_large(file, "metadata", METADATA));
        }
        return None;
    };
    let metadata = match Metadata::read(bytes) {
        Ok(metadata) => metadata,
        Err(why) => {
            gaps.unknowns.push(Unknown::new(UnknownKind::BadRecord, why).at(file.path));
            return None;
        }
    };
    if !place::agrees(info.file_name(), &metadata.name, &metadata.version) {
        let why =
            format!("the folder is named for another version or name than `{} {}`", metadata.name, metadata.version);
        gaps.unknowns.push(Unknown::new(UnknownKind::BadRecord, why).at(file.path));
    }
    let requirements = requirements(view, &info, &metadata);
    let owns = claims::of(view, &info, &site, gaps);
    let also = beside(view, &info, b"direct_url.json").map(|f| f.evidence()).into_iter().collect();
    let root = TreePath::clean(place::import_root(site.as_bytes())).ok()?;
    Some(Dist { file, site, root, place, metadata, requirements, owns, also })
}

fn zipped_egg(file: File<'_>) -> Unknown {
    Unknown::new(UnknownKind::BadRecord, "an egg that is an archive, which is not looked into").at(file.path)
}

fn too_large(file: File<'_>, what: &str, limit: u64) -> Unknown {
    let why = format!("{what} of {} bytes: more than `python {what} bytes` = {limit}", file.entry.size);
    Unknown::new(UnknownKind::Limit, why).at(file.path)
}

/// A file in a metadata folder.
fn beside<'s>(view: &'s View<'_>, info: &TreePath, name: &[u8]) -> Option<File<'s>> {
    view.exact(&info.join(name).ok()?)
}

/// What the metadata requires; setuptools once wrote that into a file of its own.
fn requirements(view: &View<'_>, info: &TreePath, metadata: &Metadata) -> Vec<Requirement> {
    let stated = metadata.requires.iter().filter_map(|text| Requirement::read(text));
    match beside(view, info, b"requires.txt").and_then(|file| file.whole()) {
        Some(text) if metadata.requires.is_empty() => requirement::sections(&String::from_utf8_lossy(text)),
        _ => stated.collect(),
    }
}

/// One distribution said twice is one: by two kinds of metadata side by side, or by the `*.egg-info` that a build
/// left in the source folder of what was then installed.
fn merge(dists: Vec<Dist<'_>>) -> Vec<Dist<'_>> {
    let (installed, loose): (Vec<_>, Vec<_>) = dists.into_iter().partition(|dist| dist.place != Place::Elsewhere);
    let mut kept: Vec<Dist<'_>> = Vec::new();
    let mut by_site: FxHashMap<(TreePath, String, String), usize> = FxHashMap::default();
    let mut by_name: FxHashMap<(String, String), usize> = FxHashMap::default();
    for dist in installed.into_iter().chain(loose) {
        let (name, version) = (dist.metadata.normal_name(), dist.metadata.version.clone());
        let twin = by_site.get(&(dist.site.clone(), name.clone(), version.clone())).copied();
        let leftover = by_name.get(&(name.clone(), version.clone())).copied();
        if let Some(at) = twin.or(leftover.filter(|_| dist.place == Place::Elsewhere)) {
            kept[at].also.push(dist.file.evidence());
            kept[at].owns.extend(dist.owns);
            continue;
        }
        if dist.place == Place::Site {
            by_name.insert((name.clone(), version.clone()), kept.len());
        }
        by_site.insert((dist.site.clone(), name, version), kept.len());
        kept.push(dist);
    }
    kept
}

/// `NAME.egg-link` leads to the source folder of an editable installation: more evidence for it.
fn note_links(dists: &mut [Dist<'_>], links: &[File<'_>]) {
    let mut targets: FxHashMap<TreePath, Vec<usize>> = FxHashMap::default();
    for link in links {
        let text = link.whole().unwrap_or_default();
        let line = text.split(|&b| b == b'\n').next().unwrap_or_default();
        let Ok(folder) = TreePath::clean(line.trim_ascii()) else { continue };
        if targets.is_empty() {
            for (at, dist) in dists.iter().enumerate() {
                targets.entry(dist.site.clone()).or_default().push(at);
            }
        }
        let name = link.path.file_name().strip_suffix(b".egg-link").unwrap_or_default();
        let name = metadata::normalise(&String::from_utf8_lossy(name));
        let there = targets.get(&folder).into_iter().flatten();
        if let Some(&at) = there.into_iter().find(|at| dists[**at].metadata.normal_name() == name) {
            dists[at].also.push(link.evidence());
            dists[at].root = link.path.parent().unwrap_or_else(TreePath::root);
        }
    }
}

impl Dist<'_> {
    fn found(self, depends_on: Vec<usize>, bundled_in: Option<usize>) -> Found {
        let mut package = package(&self.metadata.name, &self.metadata.version, self.file.evidence());
        package.evidence.extend(self.also);
        package.licence = self.metadata.licence;
        package.supplier = self.metadata.supplier;
        package.homepage = self.metadata.homepage;
        package.summary = self.metadata.summary;
        Found { package, owns: self.owns, depends_on, bundled_in }
    }
}

fn package(name: &str, version: &str, evidence: model::Evidence) -> Package {
    let purl = Purl::builder("pypi", &metadata::normalise(name)).version(version).build();
    Package::new(Ecosystem::Python, purl, name, version, evidence)
}
