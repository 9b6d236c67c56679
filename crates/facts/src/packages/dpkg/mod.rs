//! Debian packages, from dpkg's own database (deb-control(5), dpkg(1)), also as distroless images keep it.
//!
//! Only the image's own database is read, through links. A record counts by its *state*: what dpkg has unpacked is
//! there; `config-files` and `not-installed` are remains. Nothing is concluded from files of no record.

pub(crate) mod deb822;
mod depends;
mod files;
mod past;
mod record;
mod version;

use super::{Found, Reader, Reading, Sight, never_open};
use crate::aliases::NOT_KEPT;
use crate::keep::{Candidate, Want};
use crate::licence;
use crate::limits::Limits;
use crate::os::{self, OsRelease};
use crate::view::{File, View};
use model::{Ecosystem, Package, Purl, SourcePackage, TreePath, Unknown, UnknownKind, visible};
pub(crate) use past::vanished;
use record::{Record, Refused};
use rustc_hash::{FxHashMap, FxHashSet};

/// Reads dpkg's database.
pub(super) static READER: Reader = Reader {
    ecosystem: Ecosystem::Dpkg,
    wants,
    open: never_open,
    read,
    sight: Sight {
        reads: "`var/lib/dpkg/status` and its conffiles, `status.d/*` and their `.md5sums`, `info/*.list`, `diversions`; `usr/share/doc/*/copyright`",
        sees: "every package that dpkg unpacked: version, source, architecture, maintainer, dependencies, files, licences",
        blind: "a second root file system inside the image; a file that was altered in the very layer that installed its package; licences in free text that names no common licence",
    },
};

/// Where the database may be; the first that holds records counts.
const DATABASES: [&str; 2] = ["var/lib/dpkg", "usr/lib/sysimage/dpkg"];
/// Longer copyright files are not kept: their packages have no licence.
const COPYRIGHT_BYTES: u64 = 4 << 20;
/// Longer tables of diversions are none.
const DIVERSIONS_BYTES: u64 = 1 << 20;
/// Files that all packages together may claim.
const CLAIMS: usize = 2_000_000;
/// Bad records of one sort that are reported one by one.
const BAD_RECORDS: usize = 100;

fn wants(candidate: &Candidate<'_>) -> Want {
    let folder = candidate.path.parent_bytes();
    let wanted = match candidate.name {
        b"status" => folder.ends_with(b"/dpkg"),
        b"diversions" => folder.ends_with(b"/dpkg") && candidate.size <= DIVERSIONS_BYTES,
        b"copyright" => candidate.size <= COPYRIGHT_BYTES && memchr::memmem::find(folder, b"share/doc/").is_some(),
        name => folder.ends_with(b"/dpkg/status.d") || (name.ends_with(b".list") && folder.ends_with(b"/dpkg/info")),
    };
    if wanted { Want::Whole } else { Want::Nothing }
}

fn read(view: &View<'_>, reading: &mut Reading) {
    let Some(root) = root(view) else { return };
    let mut database = Database {
        view,
        os: os::read(view).0,
        docs: view.resolve(b"usr/share/doc"),
        diversions: files::diversions(view, &root),
        records: Vec::new(),
        by_key: FxHashMap::default(),
        unknowns: Vec::new(),
        refused: 0,
        doubled: 0,
        full: false,
        root,
    };
    database.status();
    database.status_folder();
    database.finish(reading);
}

/// The first folder that holds records: an empty one before it must not hide them. If none does, the first at all.
fn root(view: &View<'_>) -> Option<TreePath> {
    let roots: Vec<TreePath> = DATABASES.iter().filter_map(|at| view.resolve(at.as_bytes())).collect();
    let holds = |root: &&TreePath| {
        let there = |name: &[u8]| root.join(name).is_ok_and(|at| view.resolve(at.as_bytes()).is_some());
        there(b"status") || there(b"status.d")
    };
    roots.iter().find(holds).or(roots.first()).cloned()
}

/// The database while it is read.
struct Database<'v> {
    view: &'v View<'v>,
    root: TreePath,
    os: Option<OsRelease>,
    docs: Option<TreePath>,
    diversions: files::Diversions,
    /// Each with the file that has it.
    records: Vec<(Record<'v>, File<'v>)>,
    /// By name and architecture: dpkg keeps one of each.
    by_key: FxHashMap<(&'v str, &'v str), usize>,
    unknowns: Vec<Unknown>,
    /// Records that could not be read.
    refused: usize,
    /// Records of packages that have one already.
    doubled: usize,
    /// Whether the limit of packages was reached.
    full: bool,
}

impl<'v> Database<'v> {
    /// `status`: one paragraph a package.
    fn status(&mut self) {
        let Ok(at) = self.root.join(b"status") else { return };
        let Some(file) = self.view.open(at.as_bytes()) else {
            return self.no_status(&at);
        };
        let text = match file.whole() {
            Some(text) => text,
            None if file.entry.size == 0 => b"",
            None => return self.unreadable(NOT_KEPT, file.path),
        };
        if text.trim_ascii().is_empty() {
            return self.empty_status(&file);
        }
        let before = self.refused;
        let (mut seen, mut good) = (0, 0);
        let mut named = FxHashSet::default();
        for paragraph in deb822::paragraphs(text) {
            seen += 1;
            named.extend(paragraph.line("Package"));
            match Record::read(&paragraph, true) {
                Ok(record) => {
                    good += 1;
                    self.add(record, file);
                }
                Err(Refused::Absent) => good += 1,
                Err(why) => self.refuse(&why, file.path, paragraph.offset),
            }
        }
        if good == 0 {
            self.unknowns.truncate(self.unknowns.len() - (self.refused - before).min(BAD_RECORDS));
            self.unreadable(&format!("none of {seen} records of the package database can be read"), file.path);
        } else if text.last() != Some(&b'\n') {
            self.unreadable("the package database ends in the middle of a line", file.path);
        }
        self.orphans(&named, file.path);
    }

    /// File lists of packages that have no record in any state: somebody removed the record alone.
    fn orphans(&mut self, named: &FxHashSet<&[u8]>, status: &TreePath) {
        let name = |path: &TreePath| -> Vec<u8> {
            let stem = path.file_name().strip_suffix(b".list").unwrap_or(path.file_name());
            stem.split(|&b| b == b':').next().unwrap_or(stem).to_vec()
        };
        let orphans: Vec<_> = self.lists().map(|f| name(f.path)).filter(|n| !named.contains(n.as_slice())).collect();
        if let Some(first) = orphans.first() {
            let first = visible(first);
            let why = match orphans.len() {
                1 => format!("the package `{first}` has a file list but no record"),
                count => format!("{count} packages have file lists but no record; the first is `{first}`"),
            };
            self.unreadable(&why, status);
        }
    }

    /// A folder in its place, or file lists without it, mean that it was there.
    fn no_status(&mut self, at: &TreePath) {
        if self.view.is_directory(at.as_bytes()) {
            self.unreadable("a directory in the place of the package database", at);
        } else if self.lists().next().is_some() {
            self.unreadable("packages have file lists, but the package database is gone", at);
        }
    }

    fn empty_status(&mut self, file: &File<'_>) {
        if self.lists().next().is_some() {
            self.unreadable("packages have file lists, but the package database is empty", file.path);
        } else if self.folder_files().next().is_none() {
            self.unreadable("the package database is empty", file.path);
        }
    }

    /// The file lists beside the database.
    fn lists(&self) -> impl Iterator<Item = File<'v>> + use<'v> {
        let folder = [self.root.as_bytes(), b"/info"].concat();
        let is_list = move |f: &File<'_>| f.path.parent_bytes() == folder && f.path.file_name().ends_with(b".list");
        self.view.kept().filter(is_list)
    }

    /// `status.d/*`: a file a package, which distroless images have in place of `status`.
    fn status_folder(&mut self) {
        let (mut seen, mut good) = (0, 0);
        let mut last = None;
        for file in self.folder_files() {
            let Some(text) = file.whole() else { continue };
            seen += 1;
            last = file.path.parent();
            let mut paragraphs = deb822::paragraphs(text);
            match paragraphs.next().map(|p| Record::read(&p, false)) {
                Some(Ok(record)) => {
                    good += 1;
                    self.add(record, file);
                }
                Some(Err(Refused::Absent)) => good += 1,
                Some(Err(why)) => self.refuse(&why, file.path, 0),
                None => self.refuse(&Refused::Nameless, file.path, 0),
            }
        }
        if let (true, Some(folder)) = (good == 0, last) {
            self.unreadable(&format!("none of {seen} records of the package database can be read"), &folder);
        }
    }

    /// The records in `status.d`, whatever else lies there.
    fn folder_files(&self) -> impl Iterator<Item = File<'v>> + use<'v> {
        let folder = [self.root.as_bytes(), b"/status.d"].concat();
        let is_record = move |f: &File<'_>| {
            let name = f.path.file_name();
            f.path.parent_bytes() == folder && !name.ends_with(b".md5sums") && !name.ends_with(b".list")
        };
        self.view.kept().filter(is_record)
    }

    fn add(&mut self, record: Record<'v>, file: File<'v>) {
        if self.records.len() >= Limits::default().packages {
            if !std::mem::replace(&mut self.full, true) {
                let why = format!("more than {} packages (packages)", Limits::default().packages);
                self.unknowns.push(Unknown::new(UnknownKind::Limit, why).at(file.path));
            }
            return;
        }
        match self.by_key.insert((record.name, record.architecture), self.records.len()) {
            // dpkg lets the later record win.
            Some(earlier) => {
                self.by_key.insert((record.name, record.architecture), earlier);
                self.refuse(&Refused::Twice(record.name.to_owned()), file.path, record.offset);
                self.records[earlier] = (record, file);
            }
            None => self.records.push((record, file)),
        }
    }

    fn refuse(&mut self, why: &Refused, path: &TreePath, offset: u64) {
        let count = if why.kind().blocks() { &mut self.refused } else { &mut self.doubled };
        *count += 1;
        if *count <= BAD_RECORDS {
            self.unknowns.push(Unknown::new(why.kind(), why.to_string()).at(path).byte(offset));
        }
    }

    fn unreadable(&mut self, why: &str, path: &TreePath) {
        self.unknowns.push(Unknown::new(UnknownKind::PackageDatabase, why).at(path));
    }

    fn finish(mut self, reading: &mut Reading) {
        let records: Vec<&Record<'_>> = self.records.iter().map(|(record, _)| record).collect();
        let (depends, complete) = depends::resolve(&records);
        if !complete {
            let why = format!("more than {} names in dependencies (names)", depends::NAMES);
            self.unknowns.push(Unknown::new(UnknownKind::Limit, why).at(&self.root));
        }
        let base = reading.found.len();
        let mut licences = FxHashMap::default();
        let mut claims = 0;
        for ((record, file), needs) in self.records.iter().zip(depends) {
            let mut found = self.found(record, file, &mut licences);
            found.depends_on = needs.into_iter().map(|index| base + index).collect();
            claims += found.owns.len();
            if claims > CLAIMS {
                found.owns = Vec::new();
            }
            reading.found.push(found);
        }
        if claims > CLAIMS {
            let why = format!("packages claim more than {CLAIMS} files (claims)");
            self.unknowns.push(Unknown::new(UnknownKind::Limit, why).at(&self.root));
        }
        reading.unknowns.append(&mut self.unknowns);
    }

    fn found(&self, record: &Record<'_>, file: &File<'_>, licences: &mut Licences) -> Found {
        let list = files::list(self.view, &self.root, record, file);
        // The list is written when the package is installed, `status` whenever any package is: the list's layer is
        // the one that brought the package.
        let proof = list.as_ref().unwrap_or(file);
        let mut package =
            Package::new(Ecosystem::Dpkg, self.purl(record), record.name, record.version, proof.evidence());
        if list.is_some() {
            package.evidence.push(file.evidence());
        }
        package.architecture = Some(record.architecture.to_owned()).filter(|a| !a.is_empty());
        package.source = record.source.map(|(name, version)| SourcePackage {
            name: name.to_owned(),
            version: version.unwrap_or(record.version).to_owned(),
        });
        package.supplier = record.maintainer.clone();
        package.homepage = record.homepage.clone();
        package.summary = record.summary.clone();
        if let Some(copyright) = self.copyright(record.name) {
            package.licence = licences
                .entry(copyright.path.clone())
                .or_insert_with(|| copyright.whole().map(licence::copyright::read).unwrap_or_default())
                .clone();
        }
        let owns = files::claims(list.as_ref(), file, record, &self.diversions);
        Found { package, owns, depends_on: Vec::new(), bundled_in: None }
    }

    fn purl(&self, record: &Record<'_>) -> Purl {
        let (vendor, distro) = match &self.os {
            Some(os) => (os.id.as_str(), os.distro()),
            None => ("debian", String::new()),
        };
        Purl::builder("deb", record.name)
            .namespace(vendor)
            .version(record.version)
            .qualifier("arch", record.architecture)
            .qualifier("distro", &distro)
            .build()
    }

    /// The package's copyright file; often a link to that of its source's main package.
    fn copyright(&self, name: &str) -> Option<File<'_>> {
        let docs = self.docs.as_ref()?;
        let at = docs.join(format!("{name}/copyright").as_bytes()).ok()?;
        self.view.exact(&at).or_else(|| self.view.open(at.as_bytes()))
    }
}

/// What copyright files state, so that one that many packages share is read once.
type Licences = FxHashMap<TreePath, model::Licence>;

#[cfg(test)]
mod tests;
