//! Go modules, from the build information that the Go linker writes into every program since Go 1.13.
//!
//! The binary says which modules it was linked from, with versions and replacements, and by which toolchain.
//! Symbols are not looked at, so a module that was linked and then dropped as dead code is listed all the same.

mod buildinfo;
mod module;

use crate::elf::Elf;
use crate::entry::Nature;
use crate::keep::{Candidate, Content, Keeper, Want};
use crate::packages::{Found, Reader, Reading, Sight};
use crate::view::{File, View};
use buildinfo::BuildInfo;
use model::{Ecosystem, Package, Purl, Trust, Unknown, UnknownKind};
use module::{Info, Module};

/// The name of the piece that is kept: the toolchain's version, a line feed, the module lines.
const PIECE: &str = "go.buildinfo";

/// Reads Go programs.
pub(super) static READER: Reader = Reader {
    ecosystem: Ecosystem::Go,
    wants,
    open,
    read,
    sight: Sight {
        reads: "`.go.buildinfo` of ELF programs and libraries, also where the section table was cut off",
        sees: "the main module, every linked module with its replacement, the standard library's version",
        blind: "programs packed by UPX, built before Go 1.13 or outside modules; PE and Mach-O files; which \
                functions of a module are linked; edges between modules",
    },
};

fn wants(file: &Candidate<'_>) -> Want {
    // The smallest Go program is over a megabyte; a plugin or a tiny test may be less.
    if Nature::of(file.head) == Nature::Elf && file.size >= 4096 { Want::Open } else { Want::Nothing }
}

fn open(_: &Candidate<'_>, content: &Content<'_>, keeper: &mut Keeper<'_>) {
    let Some(elf) = Elf::open(content) else { return };
    match buildinfo::find(&elf) {
        Ok(None) => {}
        Ok(Some(info)) => keeper.piece(PIECE, info.to_piece()),
        Err(why) => keeper.unknowns.push(Unknown::new(UnknownKind::BadRecord, format!("Go build information: {why}"))),
    }
}

fn read(view: &View<'_>, reading: &mut Reading) {
    for file in view.kept() {
        if let Some(piece) = file.piece(PIECE) {
            read_program(&file, piece, reading);
        }
    }
}

fn read_program(file: &File<'_>, piece: &[u8], reading: &mut Reading) {
    let Some(built) = BuildInfo::from_piece(piece) else { return };
    let info = Info::parse(&built.modules);
    for line in info.odd {
        let why = format!("a line of Go build information makes no sense: `{}`", model::escaped(&line));
        reading.unknowns.push(Unknown::new(UnknownKind::BadRecord, why).at(file.path));
    }
    let main = info.main.map(|main| push(reading, package(&main, file)));
    let first = reading.found.len();
    if let Some(version) = module::toolchain_version(&built.toolchain) {
        let stdlib = Module { path: "stdlib".into(), version };
        push(reading, package(&stdlib, file));
    }
    for module in &info.deps {
        push(reading, package(module, file));
    }
    if let Some(main) = main {
        reading.found[main].depends_on = (first..reading.found.len()).collect();
    }
}

fn push(reading: &mut Reading, package: Package) -> usize {
    reading.found.push(Found::new(package));
    reading.found.len() - 1
}

/// The purl spec splits a module's path at its last slash: `pkg:golang/github.com/google/uuid@v1.6.0`.
fn package(module: &Module, file: &File<'_>) -> Package {
    let (namespace, name) = module.path.rsplit_once('/').unwrap_or(("", &module.path));
    let purl = Purl::builder("golang", name).namespace(namespace).version(&module.version).build();
    let mut package = Package::new(Ecosystem::Go, purl, &module.path, &module.version, file.evidence());
    package.trust = Trust::Embedded;
    package
}

#[cfg(test)]
mod tests;
