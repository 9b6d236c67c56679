//! Package readers: one folder an ecosystem.
//!
//! A [`Reader`] says what it wants kept of a file that streams by, and later reads packages out of what was
//! kept of the visible files. Readers never fail: what makes no sense becomes an `Unknown` beside the rest.

pub(crate) mod apk;
mod batch;
mod composer;
pub(crate) mod dpkg;
mod gem;
mod go;
#[cfg(test)]
mod hostile;
mod java;
mod json;
mod npm;
mod nuget;
mod one;
pub mod program;
mod python;
pub(crate) mod rpm;
mod rust;
mod stated;
#[cfg(test)]
mod trees;

pub use one::read_one;

use crate::keep::{Candidate, Content, Keeper, Want};
use crate::view::View;
use model::{Ecosystem, Package, TreePath, Unknown};

/// One ecosystem's reader.
pub struct Reader {
    /// Whose packages it reads.
    pub ecosystem: Ecosystem,
    /// What it wants of a file. Called for every regular file of every layer, so it must be quick.
    pub wants: fn(&Candidate<'_>) -> Want,
    /// Keeps parts of a file it wanted to open.
    pub open: fn(&Candidate<'_>, &Content<'_>, &mut Keeper<'_>),
    /// Reads packages from what is visible.
    pub read: fn(&View<'_>, &mut Reading),
    /// Its row in the docs: what it can and cannot see.
    pub sight: Sight,
}

/// What a reader can and cannot see; one row of `docs/guide/5-sbom.md`.
pub struct Sight {
    /// The files it reads.
    pub reads: &'static str,
    /// What it learns from them.
    pub sees: &'static str,
    /// What it cannot see, or does not look at.
    pub blind: &'static str,
}

/// What a reader found.
#[derive(Debug, Default)]
pub struct Reading {
    /// Packages, in any order.
    pub found: Vec<Found>,
    /// What made no sense.
    pub unknowns: Vec<Unknown>,
}

/// A package with what only its reader knows of it.
#[derive(Debug)]
pub struct Found {
    /// The package; its `relations` and `overlaps` are empty here and filled in when all readers are done.
    pub package: Package,
    /// The files it says are its own.
    pub owns: Vec<Claim>,
    /// Indices into the same [`Reading::found`] of what it depends on here.
    pub depends_on: Vec<usize>,
    /// The index of the package that ships this one as a vendored copy.
    pub bundled_in: Option<usize>,
}

/// Files a package says are its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// One file, as the package manager writes its path; links in it are followed later.
    File(TreePath),
    /// Everything below a folder.
    Folder(TreePath),
}

impl Found {
    /// A package that claims nothing but its own evidence.
    pub fn new(package: Package) -> Self {
        let owns = package.evidence.iter().map(|e| Claim::File(e.path.clone())).collect();
        Self { package, owns, depends_on: Vec::new(), bundled_in: None }
    }
}

/// For readers that never open a file.
pub fn never_open(_: &Candidate<'_>, _: &Content<'_>, _: &mut Keeper<'_>) {}

/// Every reader, in the order of the docs.
pub static READERS: &[&Reader] = &[
    &dpkg::READER,
    &apk::READER,
    &rpm::RPM,
    &npm::READER,
    &python::READER,
    &java::READER,
    &go::READER,
    &rust::READER,
    &gem::READER,
    &composer::READER,
    &nuget::READER,
    &program::READER,
];

/// The table of what each reader can and cannot see, as Markdown: a part of `docs/guide/5-sbom.md`.
pub fn sight_table() -> String {
    let row = |r: &&Reader| {
        let Sight { reads, sees, blind } = &r.sight;
        format!("| {} | {reads} | {sees} | {blind} |\n", r.ecosystem.word())
    };
    let rows: String = READERS.iter().map(row).collect();
    format!("| ecosystem | reads | learns | cannot see |\n|---|---|---|---|\n{rows}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rewrites the page with `PLIMSOLL_UPDATE=1`.
    #[test]
    fn the_guide_shows_what_readers_see() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/5-sbom.md");
        let text = std::fs::read_to_string(page).unwrap();
        let (before, rest) = text.split_once("<!-- sight -->\n").expect("the table's begin");
        let (_, after) = rest.split_once("<!-- /sight -->").expect("the table's end");
        let fresh = format!("{before}<!-- sight -->\n{}<!-- /sight -->{after}", sight_table());
        if std::env::var_os("PLIMSOLL_UPDATE").is_some() {
            std::fs::write(page, fresh).unwrap();
        } else {
            assert_eq!(text, fresh, "run it again with PLIMSOLL_UPDATE=1");
        }
    }

    /// A kept file is there for every reader to see, not only for the one that wanted it.
    #[test]
    fn readers_leave_alone_what_others_wanted() {
        let files: &[(&str, &[u8])] = &[
            ("etc/passwd", b"root:x:0:0::/:/bin/sh\xff\n"),
            ("etc/debian_version", b"12.5\n"),
            ("opt/notes/METADATA", b"\xff\xfe not a header"),
            ("opt/notes/data.json", b"[1, 2"),
            ("opt/notes/RECORD", b"\0\0"),
            ("usr/share/doc/x/copyright", b"\xff License: none"),
            ("opt/blob.bin", b"\x7fELF\0\0"),
        ];
        for reader in READERS {
            let reading = crate::testing::read_others(reader, files);
            assert_eq!(crate::testing::summary(&reading), "", "{:?}", reader.ecosystem);
        }
    }

    #[test]
    fn every_ecosystem_has_one_reader_and_no_row_breaks_the_table() {
        let read: Vec<Ecosystem> = READERS.iter().map(|r| r.ecosystem).collect();
        assert_eq!(read, Ecosystem::ALL);
        for sight in READERS.iter().map(|r| &r.sight) {
            for cell in [sight.reads, sight.sees, sight.blind] {
                assert!(!cell.is_empty() && !cell.contains(['|', '\n']), "{cell}");
            }
        }
    }
}
