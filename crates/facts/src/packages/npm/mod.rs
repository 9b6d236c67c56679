//! npm packages as they lie in `node_modules`, whoever put them there: npm, pnpm, yarn, bun, a distribution
//! (<https://nodejs.org/api/modules.html#loading-from-node_modules-folders>).
//!
//! A `package.json` alone proves nothing: packages carry them as fixtures, templates and markers of module type.
//! What counts is where it lies. A package is
//! - the folder in a place where Node looks packages up, with a name and a version;
//! - a copy inside such a folder that has kept its own name as folder, and its version: bundled in its owner;
//! - an application: name and version, with `node_modules` or a lock file beside it, or reached by a link from a
//!   `node_modules` (a workspace), or a release unpacked as `NAME-VERSION` (yarn in Node's own image);
//! - an archive of yarn's cache that a `.pnp.cjs` names.
//!
//! Refuses lock files as proof: they say what was wanted, not what is there.

mod archives;
mod manifest;
mod place;
mod tree;

#[cfg(test)]
mod tests;

use super::{Claim, Found, Reader, Reading, Sight, batch, stated};
use crate::keep::{Candidate, Want};
use crate::view::{File, View};
use manifest::{Bad, Manifest};
use model::{Ecosystem, Package, TreePath, Trust, Unknown, UnknownKind};
use place::Place;
use rustc_hash::FxHashSet;
use tree::Stores;

/// Reads `package.json` files.
pub(super) static READER: Reader = Reader {
    ecosystem: Ecosystem::Npm,
    wants,
    open: archives::open,
    read,
    sight: Sight {
        reads: "`package.json` in `node_modules` (npm, yarn, pnpm's `.pnpm`, bun's `.bun`), in Debian's `nodejs` folders, \
                beside an application's `node_modules` or lock file, and in the archives of yarn's Plug'n'Play",
        sees: "name, version, licence, author, what Node's own look-up finds for each dependency, bundled and vendored copies \
               that kept their name and version",
        blind: "code merged into one file by webpack, esbuild and the like; `app.asar`; copies below folders named for \
                tests, fixtures, examples or templates; which of several versions Plug'n'Play takes for a dependency; \
                which registry a package came from; whether a program below \
                an installed package's folder is its own: all there is taken for the package's",
    },
};

/// Bytes of a `package.json`; the largest of some thousands that were looked at has 57 kB.
const MANIFEST: u64 = 4 << 20;
/// Bytes of what may be one.
const STORED: u64 = 256 << 10;

fn wants(file: &Candidate<'_>) -> Want {
    match file.name {
        b"package.json" if file.size <= MANIFEST => Want::Whole,
        _ if archives::wants_loader(file) || is_stored(file) => Want::Whole,
        _ if archives::wants_archive(file) => Want::Open,
        _ => Want::Nothing,
    }
}

/// What may be a manifest in pnpm's store (`…/store/v10/files/ab/<the rest of a SHA-512>`), to which those in
/// `node_modules` are hard links where both are on one file system. The name does not tell what it is.
fn is_stored(file: &Candidate<'_>) -> bool {
    let mut folders = file.path.parent_bytes().rsplit(|&b| b == b'/');
    let is_hash = file.name.len() == 126 && file.name.iter().all(u8::is_ascii_hexdigit);
    is_hash
        && file.size <= STORED
        && folders.next().is_some_and(|begin| begin.len() == 2)
        && folders.next() == Some(b"files")
        && file.head.trim_ascii_start().first() == Some(&b'{')
}

/// A manifest that makes a package, and what is still to be learnt of it.
struct Candidacy<'v> {
    file: File<'v>,
    /// The member of the file, if that is an archive.
    member: Option<&'v str>,
    folder: TreePath,
    manifest: Manifest,
    standing: Standing,
}

/// Why a folder counts as a package.
enum Standing {
    /// It lies where Node looks.
    Installed,
    /// It lies inside the package at this folder.
    Inside(TreePath),
    /// It lies elsewhere; not yet known to be an application.
    Loose,
    /// It lies in an archive that a loader names.
    Archived,
}

fn read(view: &View<'_>, reading: &mut Reading) {
    let mut all: Vec<Candidacy<'_>> = Vec::new();
    let mut archived: Vec<File<'_>> = Vec::new();
    for file in view.files() {
        match file.path.file_name() {
            b"package.json" => all.extend(candidacy(view, file, &mut reading.unknowns)),
            name if name.ends_with(b".zip") => archived.push(file),
            name if archives::is_loader(name) => reading.unknowns.extend(archives::too_large(file)),
            _ => {}
        }
    }
    all.extend(out_of_archives(view, &archived, &mut reading.unknowns));
    if all.is_empty() {
        return;
    }
    let links = tree::links(view);
    let linked: FxHashSet<&TreePath> = links.iter().map(|link| &link.target).collect();
    all.retain(|one| match one.standing {
        Standing::Loose => is_application(view, one) || linked.contains(&one.folder),
        _ => true,
    });
    drop_ownerless(&mut all);
    let stores = Stores::new(&all, &links);
    let edges = stores.edges(&all, &mut reading.unknowns);
    let owners = stores.owners(&all, &edges);
    let found = all.iter().zip(edges.into_iter().zip(owners));
    batch::deliver(found.map(|(one, (depends_on, owner))| one.found(depends_on, owner)).collect(), reading);
}

/// What the manifest at `file` may be; `None` if it is no package or makes no sense.
fn candidacy<'v>(view: &View<'_>, file: File<'v>, unknowns: &mut Vec<Unknown>) -> Option<Candidacy<'v>> {
    let folder = file.path.parent()?;
    let standing = match place::of(folder.as_bytes()) {
        Place::Installed { .. } => Standing::Installed,
        Place::Inside { owner } => Standing::Inside(TreePath::clean(owner).ok()?),
        Place::Loose => Standing::Loose,
        Place::Nowhere => return None,
    };
    let matters = match standing {
        Standing::Installed | Standing::Archived => true,
        Standing::Inside(_) => false,
        Standing::Loose => is_root(view, &folder),
    };
    let Some(bytes) = file.whole() else {
        unknowns.extend((matters && file.entry.size > MANIFEST).then(|| too_large(file)));
        return None;
    };
    match Manifest::read(bytes) {
        // Elsewhere a version is what makes a package of a folder.
        Ok(manifest) if manifest.version.is_empty() && !matches!(standing, Standing::Installed) => None,
        Ok(manifest) => {
            // It is there, whatever it calls its version: a name that lies where Node looks is enough to be listed.
            if manifest.version.is_empty() {
                unknowns.extend(Bad::Nameless("no valid `version`").unknown(file));
            }
            let one = Candidacy { file, member: None, folder, manifest, standing };
            one.may_be_vendored().then_some(one)
        }
        Err(bad) => {
            // An application needs neither name nor version.
            let matters = matters && (bad.is_no_json() || matches!(standing, Standing::Installed));
            unknowns.extend(matters.then(|| bad.unknown(file)).flatten());
            None
        }
    }
}

fn too_large(file: File<'_>) -> Unknown {
    let why = format!("a package.json of {} bytes: more than `manifest bytes` = {MANIFEST}", file.entry.size);
    Unknown::new(UnknownKind::Limit, why).at(file.path)
}

/// The packages in those archives that a loader of Plug'n'Play names.
fn out_of_archives<'v>(view: &'v View<'_>, files: &[File<'v>], unknowns: &mut Vec<Unknown>) -> Vec<Candidacy<'v>> {
    let mut named = archives::Named::read(view);
    let mut out = Vec::new();
    for file in files {
        let Some((member, bytes)) = file.members().next() else { continue };
        if !named.sees(file.path.file_name()) {
            continue;
        }
        match Manifest::read(bytes) {
            Ok(manifest) if manifest.version.is_empty() => {
                unknowns.extend(Bad::Nameless("no valid `version`").unknown(*file));
            }
            Ok(manifest) => {
                let (standing, folder) = (Standing::Archived, file.path.clone());
                out.push(Candidacy { file: *file, member: Some(member), folder, manifest, standing });
            }
            Err(bad) => unknowns.extend(bad.unknown(*file)),
        }
    }
    if named.missing() > 0 {
        let why = format!("yarn's Plug'n'Play names {} archives that are not here or make no sense", named.missing());
        unknowns.push(Unknown::new(UnknownKind::BadRecord, why));
    }
    out
}

/// Whether the folder looks like the root of an installation.
fn is_root(view: &View<'_>, folder: &TreePath) -> bool {
    const LOCKS: &[&[u8]] =
        &[b"package-lock.json", b"npm-shrinkwrap.json", b"yarn.lock", b"pnpm-lock.yaml", b"bun.lock", b"bun.lockb"];
    let beside = |name: &[u8]| folder.join(name).ok();
    LOCKS.iter().any(|lock| beside(lock).is_some_and(|path| view.exact(&path).is_some()))
        || beside(b"node_modules").is_some_and(|path| view.is_directory(path.as_bytes()))
}

/// Whether a manifest outside `node_modules` speaks of an application that is there.
fn is_application(view: &View<'_>, one: &Candidacy<'_>) -> bool {
    let (name, version) = (&one.manifest.name, &one.manifest.version);
    let unpacked = one.folder.file_name().strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"-"));
    is_root(view, &one.folder)
        || unpacked.is_some_and(|rest| rest.strip_prefix(b"v").unwrap_or(rest) == version.as_bytes())
}

/// Drops copies inside folders that turned out to be no packages.
fn drop_ownerless(all: &mut Vec<Candidacy<'_>>) {
    let installed: FxHashSet<TreePath> =
        all.iter().filter(|one| matches!(one.standing, Standing::Installed)).map(|one| one.folder.clone()).collect();
    all.retain(|one| match &one.standing {
        Standing::Inside(owner) => installed.contains(owner),
        _ => true,
    });
}

impl Candidacy<'_> {
    /// A copy keeps its package's name as its folder, at least two folders down: `terser/dist/package.json` with
    /// the name `dist` is a marker, `next/dist/compiled/react-is` is a copy.
    fn may_be_vendored(&self) -> bool {
        let Standing::Inside(owner) = &self.standing else { return true };
        let inside = self.folder.as_bytes().get(owner.as_bytes().len() + 1..).unwrap_or_default();
        let parents = inside.strip_suffix(self.manifest.name.as_bytes()).and_then(|rest| rest.strip_suffix(b"/"));
        let tests = inside.split(|&b| b == b'/').any(stated::is_for_tests);
        parents.is_some_and(|parents| !parents.is_empty()) && !tests && !self.manifest.private
    }

    fn evidence(&self) -> model::Evidence {
        self.member.map_or_else(|| self.file.evidence(), |member| self.file.member_evidence(member))
    }

    fn found(&self, depends_on: Vec<usize>, bundled_in: Option<usize>) -> Found {
        let mut package = self.manifest.package(self.evidence());
        if matches!(self.standing, Standing::Inside(_) | Standing::Loose) {
            package.trust = Trust::Embedded;
        }
        let mut found = Found { depends_on, bundled_in, ..Found::new(package) };
        if matches!(self.standing, Standing::Installed | Standing::Inside(_)) {
            found.owns = vec![Claim::Folder(self.folder.clone())];
        }
        found
    }
}

impl Manifest {
    fn package(&self, evidence: model::Evidence) -> Package {
        let purl = stated::purl("npm", &self.name, &self.version);
        let package = Package::new(Ecosystem::Npm, purl, &self.name, &self.version, evidence);
        Package {
            licence: self.licence.clone(),
            supplier: self.supplier.clone(),
            homepage: self.homepage.clone(),
            summary: self.summary.clone(),
            ..package
        }
    }
}
