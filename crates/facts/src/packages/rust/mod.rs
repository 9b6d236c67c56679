//! Rust crates, from the section that `cargo auditable` writes
//! (<https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md>).
//!
//! `.dep-v0` holds a zlib stream of JSON. The compressed bytes are kept as they are. Crates that only ran
//! while building are not in the program and are left out.

use crate::elf::Elf;
use crate::entry::Nature;
use crate::keep::{Candidate, Content, Keeper, Want};
use crate::packages::{Found, Reader, Reading, Sight};
use crate::view::{File, View};
use model::{Ecosystem, Package, Purl, Trust, Unknown, UnknownKind};
use serde::Deserialize;
use std::io::Read;

const PIECE: &str = "rust.audit";
/// Bytes of the longest section that is kept; a thousand crates take about 20 kB.
const MAX_PACKED: u64 = 1 << 20;
/// Bytes of the longest JSON that is read, the format's own reference limit.
const MAX_PLAIN: u64 = 8 << 20;

/// Reads Rust programs.
pub(super) static READER: Reader = Reader {
    ecosystem: Ecosystem::Rust,
    wants,
    open,
    read,
    sight: Sight {
        reads: "`.dep-v0` of ELF programs and libraries",
        sees: "every crate linked in, with its version and what it depends on; crates.io as the supplier where \
               it is the source",
        blind: "Rust programs built without `cargo auditable`, which is most of them; features; which registry \
                or repository a crate came from if it is not crates.io",
    },
};

fn wants(file: &Candidate<'_>) -> Want {
    if Nature::of(file.head) == Nature::Elf { Want::Open } else { Want::Nothing }
}

fn open(_: &Candidate<'_>, content: &Content<'_>, keeper: &mut Keeper<'_>) {
    let Some(elf) = Elf::open(content) else { return };
    let Some(section) = elf.section(b".dep-v0") else { return };
    if section.size > MAX_PACKED {
        let why = format!("the crate list takes {} bytes, more than {MAX_PACKED}", section.size);
        keeper.unknowns.push(Unknown::new(UnknownKind::Limit, why).byte(section.offset));
        return;
    }
    match elf.bytes(section, MAX_PACKED) {
        Some(bytes) => keeper.piece(PIECE, bytes.into_owned()),
        None => {
            let why = "the crate list lies beyond the end of the file";
            keeper.unknowns.push(Unknown::new(UnknownKind::BadRecord, why).byte(section.offset));
        }
    }
}

fn read(view: &View<'_>, reading: &mut Reading) {
    for file in view.kept() {
        let Some(piece) = file.piece(PIECE) else { continue };
        match parse(piece) {
            Ok(list) => add(&file, &list.packages, reading),
            Err(bad) => {
                let unknown = Unknown::new(bad.kind(), format!("the crate list: {bad}"));
                reading.unknowns.push(unknown.at(file.path));
            }
        }
    }
}

/// The JSON of the section, version 0 of the format; unknown fields are skipped, as it says.
#[derive(Deserialize)]
struct List {
    packages: Vec<Crate>,
}

#[derive(Deserialize)]
struct Crate {
    name: String,
    version: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    kind: Kind,
    #[serde(default)]
    dependencies: Vec<usize>,
}

/// What a crate was needed for.
#[derive(Deserialize, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Build,
    #[default]
    Runtime,
    /// A word that a later format may bring; the crate is listed.
    #[serde(other)]
    Else,
}

#[derive(Debug, thiserror::Error)]
enum Bad {
    #[error("it is no zlib stream ({0})")]
    Zlib(#[source] std::io::Error),
    #[error("it inflates to more than {MAX_PLAIN} bytes")]
    Long,
    #[error("its JSON makes no sense at line {}, column {}", .0.line(), .0.column())]
    Json(#[source] serde_json::Error),
}

impl Bad {
    fn kind(&self) -> UnknownKind {
        if matches!(self, Self::Long) { UnknownKind::Limit } else { UnknownKind::BadRecord }
    }
}

fn parse(packed: &[u8]) -> Result<List, Bad> {
    let mut plain = Vec::new();
    flate2::read::ZlibDecoder::new(packed).take(MAX_PLAIN + 1).read_to_end(&mut plain).map_err(Bad::Zlib)?;
    if plain.len() as u64 > MAX_PLAIN {
        return Err(Bad::Long);
    }
    serde_json::from_slice(&plain).map_err(Bad::Json)
}

fn add(file: &File<'_>, crates: &[Crate], reading: &mut Reading) {
    let mut place: Vec<Option<usize>> = Vec::with_capacity(crates.len());
    for one in crates {
        let linked = one.kind != Kind::Build;
        if linked && !is_name(&one.name) {
            let why = format!("the crate list has an impossible name: `{}`", model::escaped(short(&one.name)));
            reading.unknowns.push(Unknown::new(UnknownKind::BadRecord, why).at(file.path));
        }
        place.push((linked && is_name(&one.name)).then(|| {
            reading.found.push(Found::new(package(one, file)));
            reading.found.len() - 1
        }));
    }
    for (one, at) in crates.iter().zip(&place) {
        if let Some(at) = *at {
            let mut needs: Vec<usize> =
                one.dependencies.iter().filter_map(|d| *place.get(*d)?).filter(|d| *d != at).collect();
            needs.sort_unstable();
            needs.dedup();
            reading.found[at].depends_on = needs;
        }
    }
}

fn package(one: &Crate, file: &File<'_>) -> Package {
    let purl = Purl::builder("cargo", &one.name).version(&one.version).build();
    let mut package = Package::new(Ecosystem::Rust, purl, &one.name, &one.version, file.evidence());
    package.trust = Trust::Embedded;
    package.supplier = (one.source == "crates.io").then(|| "crates.io".to_owned());
    package
}

/// Cargo's own rule for names: a letter or `_`, then letters, digits, `-` and `_`.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    !name.is_empty() && name.len() <= 256 && name.chars().all(plain)
}

fn short(text: &str) -> &str {
    text.char_indices().nth(100).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests;
