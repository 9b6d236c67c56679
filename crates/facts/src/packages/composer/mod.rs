//! PHP packages as Composer installs them: `vendor/composer/installed.json`, in the shapes of Composer 1 (a list)
//! and 2 (an object with `packages`) (<https://getcomposer.org/doc/>).
//!
//! The file is Composer's database: if it cannot be read, what is installed is unknown. Refuses `composer.json` and
//! `composer.lock`, which say what was wanted.

mod installed;

#[cfg(test)]
mod tests;

use super::{Claim, Found, Reader, Reading, Sight, batch, never_open, stated};
use crate::keep::{Candidate, Want};
use crate::view::{File, View};
use installed::{Installed, Record};
use model::{Ecosystem, Package, TreePath, Unknown, UnknownKind};
use rustc_hash::FxHashMap;

/// Reads `installed.json`.
pub(super) static READER: Reader = Reader {
    ecosystem: Ecosystem::Composer,
    wants,
    open: never_open,
    read,
    sight: Sight {
        reads: "`composer/installed.json` of Composer 1 and 2",
        sees: "name, version, licences, authors, the folder of each package, requirements that another package here meets by \
               its name, or by what it provides or replaces; packages for development too, since they are there",
        blind: "the root package, PHP itself and its extensions, PEAR and PECL, code that was copied in without Composer",
    },
};

/// Bytes of a database: some kilobytes a package.
const DATABASE: u64 = 16 << 20;

fn wants(file: &Candidate<'_>) -> Want {
    if is_database(file.path) && file.size <= DATABASE { Want::Whole } else { Want::Nothing }
}

fn is_database(path: &TreePath) -> bool {
    path.file_name() == b"installed.json" && path.parent_bytes().rsplit(|&b| b == b'/').next() == Some(b"composer")
}

fn read(view: &View<'_>, reading: &mut Reading) {
    for file in view.files().filter(|file| is_database(file.path) && !is_for_tests(file.path)) {
        // Nothing is kept of an empty file.
        let Some(bytes) = file.whole().or((file.entry.size == 0).then_some(&[][..])) else {
            if file.entry.size > DATABASE {
                let why = format!("a database of {} bytes: more than `composer bytes` = {DATABASE}", file.entry.size);
                reading.unknowns.push(Unknown::new(UnknownKind::Limit, why).at(file.path));
            }
            continue;
        };
        match Installed::read(bytes) {
            Ok(installed) => {
                let bad = installed.bad.into_iter();
                reading.unknowns.extend(bad.map(|why| Unknown::new(UnknownKind::BadRecord, why).at(file.path)));
                if installed.is_cut {
                    let why = format!("more packages than `composer packages` = {}", installed::RECORDS);
                    reading.unknowns.push(Unknown::new(UnknownKind::Limit, why).at(file.path));
                }
                batch::deliver(found(file, &installed.records), reading);
            }
            Err(error) => {
                let why = format!("no list of packages: {}", error.why);
                let unknown = Unknown::new(UnknownKind::PackageDatabase, why).byte(error.offset);
                reading.unknowns.push(unknown.at(file.path));
            }
        }
    }
}

fn is_for_tests(path: &TreePath) -> bool {
    path.components().any(|component| component.eq_ignore_ascii_case(b"fixtures") || component == b"testdata")
}

fn found(file: File<'_>, records: &[Record]) -> Vec<Found> {
    let mut by_name: FxHashMap<&str, usize> = FxHashMap::default();
    for (at, record) in records.iter().enumerate() {
        by_name.insert(&record.name, at);
    }
    for (at, record) in records.iter().enumerate() {
        for name in &record.stands_for {
            by_name.entry(name).or_insert(at);
        }
    }
    let one = |record: &Record| {
        let needs = record.requires.iter().filter_map(|name| by_name.get(name.as_str()).copied());
        Found { depends_on: needs.collect(), ..record.found(file) }
    };
    records.iter().map(one).collect()
}

impl Record {
    fn found(&self, file: File<'_>) -> Found {
        let purl = stated::purl("composer", &self.name, &self.version);
        let package = Package {
            licence: self.licence.clone(),
            supplier: self.supplier.clone(),
            homepage: self.homepage.clone(),
            summary: self.summary.clone(),
            ..Package::new(Ecosystem::Composer, purl, &self.name, &self.version, file.evidence())
        };
        let mut found = Found::new(package);
        let database = file.path.parent();
        let folder = self.folder.as_ref().zip(database).and_then(|(path, base)| base.join(path.as_bytes()).ok());
        found.owns.extend(folder.filter(|folder| !file.path.is_within(folder.as_bytes())).map(Claim::Folder));
        found
    }
}
