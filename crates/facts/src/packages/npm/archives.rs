//! Packages that yarn's Plug'n'Play loads out of archives (<https://yarnpkg.com/advanced/pnp-spec>).
//!
//! `.yarn/cache` holds one zip a package. Which of them an application uses stands in its `.pnp.cjs`: an archive
//! that no such file names is a leftover of a download, not a package.

use super::MANIFEST;
use super::place::{self, Place};
use crate::keep::{Candidate, Content, Keeper};
use crate::view::{File, View};
use model::{Unknown, UnknownKind};
use rustc_hash::FxHashMap;
use std::io::Read;

/// Bytes of an archive.
const ARCHIVE: u64 = 64 << 20;
/// Bytes of a `.pnp.cjs`.
const LOADER: u64 = 16 << 20;

/// Whether this is a file that says which archives are used.
pub(super) fn is_loader(name: &[u8]) -> bool {
    matches!(name, b".pnp.cjs" | b".pnp.js" | b".pnp.data.json")
}

/// Whether to keep the loader.
pub(super) fn wants_loader(file: &Candidate<'_>) -> bool {
    is_loader(file.name) && file.size <= LOADER
}

/// The gap that a loader leaves which is too large to keep.
pub(super) fn too_large(file: File<'_>) -> Option<Unknown> {
    let why = format!("a loader of {} bytes: more than `npm loader bytes` = {LOADER}", file.entry.size);
    (file.entry.size > LOADER).then(|| Unknown::new(UnknownKind::Limit, why).at(file.path))
}

/// Whether this is an archive of yarn's cache.
pub(super) fn wants_archive(file: &Candidate<'_>) -> bool {
    file.name.ends_with(b".zip")
        && file.head.starts_with(b"PK\x03\x04")
        && file.path.parent_bytes().ends_with(b"cache")
        && file.size <= ARCHIVE
}

/// Keeps the archive's `node_modules/NAME/package.json`.
pub(super) fn open(_: &Candidate<'_>, content: &Content<'_>, keeper: &mut Keeper<'_>) {
    match entries(content) {
        Some(count) if count <= keeper.limits.members => {}
        _ => {
            let why =
                format!("an archive of unknown length or with more members than `members` = {}", keeper.limits.members);
            keeper.unknowns.push(Unknown::new(UnknownKind::Limit, why));
            return;
        }
    }
    match manifest(content) {
        Ok(Some((name, bytes))) => keeper.member(&name, bytes),
        Ok(None) => {}
        Err(why) => keeper.unknowns.push(Unknown::new(UnknownKind::BadRecord, why)),
    }
}

fn manifest(content: &Content<'_>) -> Result<Option<(String, Vec<u8>)>, String> {
    let broken = |error: zip::result::ZipError| format!("no zip archive: {}", model::escaped(&error.to_string()));
    let mut archive = zip::ZipArchive::new(content.cursor()).map_err(broken)?;
    let ours =
        archive.file_names_raw().filter_map(|name| std::str::from_utf8(name).ok()).find(|name| is_manifest(name));
    let Some(name) = ours.map(str::to_owned) else { return Ok(None) };
    let mut bytes = Vec::new();
    let member = archive.by_name(&name).map_err(broken)?;
    let read = member.take(MANIFEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("no zip archive: {}", model::escaped(&error.to_string())))?;
    if bytes.len() as u64 > MANIFEST {
        return Err(format!("a package.json with more bytes than `manifest bytes` = {MANIFEST}"));
    }
    Ok(Some((name, bytes)))
}

/// `node_modules/NAME/package.json`, and no other one below it.
fn is_manifest(name: &str) -> bool {
    let folder = name.strip_suffix("/package.json").unwrap_or_default();
    matches!(place::of(folder.as_bytes()), Place::Installed { store: b"node_modules", .. })
}

/// How many members the end of the archive states; `None` if it states none, or more than a plain zip can have.
fn entries(content: &Content<'_>) -> Option<usize> {
    let length = content.len().min((1 << 16) + 22);
    let mut tail = vec![0; usize::try_from(length).ok()?];
    let count = content.read_at(content.len() - length, &mut tail).ok()?;
    tail.truncate(count);
    if memchr::memmem::find(&tail, b"PK\x06\x07").is_some() {
        return None;
    }
    let end = memchr::memmem::rfind(&tail, b"PK\x05\x06")?;
    let count = tail.get(end + 10..end + 12)?;
    Some(usize::from(u16::from_le_bytes([count[0], count[1]])))
}

/// The archives that loaders name, and whether each was seen.
#[derive(Default)]
pub(super) struct Named<'v> {
    names: FxHashMap<&'v [u8], bool>,
}

impl<'v> Named<'v> {
    /// Reads every loader of the image.
    pub(super) fn read(view: &'v View<'_>) -> Self {
        let mut named = Self::default();
        for text in view.kept().filter(|file| is_loader(file.path.file_name())).filter_map(|file| file.whole()) {
            for end in memchr::memmem::find_iter(text, b".zip/") {
                let start = memchr::memrchr(b'/', &text[..end]).map_or(0, |slash| slash + 1);
                named.names.entry(&text[start..end + 4]).or_insert(false);
            }
        }
        named
    }

    /// Notes that the archive of this name is there; tells whether a loader names it.
    pub(super) fn sees(&mut self, archive: &[u8]) -> bool {
        self.names.get_mut(archive).is_some_and(|seen| !std::mem::replace(seen, true))
    }

    /// How many archives are named and not there.
    pub(super) fn missing(&self) -> usize {
        self.names.values().filter(|seen| !**seen).count()
    }
}
