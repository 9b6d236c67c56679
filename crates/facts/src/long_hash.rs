//! SHA-512 of programs and archives, for who asks: BSI TR-03183-2 wants it of a component that is one file.
//!
//! It costs a second hash of every such file, so nobody looks for it unless asked ([`crate::looks_for`]). It is kept
//! as a piece of the file, beside what readers keep; of an archive's members there is none.

use crate::entry::Nature;
use crate::keep::{Candidate, Content, Keeper, Look, Want};
use crate::view::View;
use model::{Algorithm, Digest, Hasher, Package, Sha256};
use rustc_hash::FxHashSet;

const PIECE: &str = "sha512";

pub(crate) const LOOK: Look = Look { wants, open };

fn wants(candidate: &Candidate<'_>) -> Want {
    match Nature::of(candidate.head) {
        Nature::Elf | Nature::Zip => Want::Open,
        Nature::Plain | Nature::Script | Nature::PrivateKey => Want::Nothing,
    }
}

fn open(_: &Candidate<'_>, content: &Content<'_>, keeper: &mut Keeper<'_>) {
    let mut hasher = Hasher::new(Algorithm::Sha512);
    let mut hashed = 0;
    let read = content.windows(0, |at, bytes| {
        // Windows may overlap however small the overlap asked for; each byte counts once.
        let seen = usize::try_from(hashed - at).unwrap_or(bytes.len()).min(bytes.len());
        hasher.update(&bytes[seen..]);
        hashed = at + bytes.len() as u64;
        true
    });
    // A hash of less than the whole would be of another file.
    if read.is_ok() && hashed == content.len() {
        keeper.piece(PIECE, hasher.finish().bytes().to_vec());
    }
}

/// The SHA-512 of every visible file that is the first proof of a package, by its SHA-256; empty if nobody asked when
/// the layers were read. Sorted.
pub(crate) fn of(view: &View<'_>, packages: &[Package]) -> Vec<(Sha256, Digest)> {
    let wanted: FxHashSet<Sha256> = packages.iter().filter_map(|p| p.evidence.first()?.sha256).collect();
    let hash = |file: crate::view::File<'_>| {
        let sha256 = file.entry.sha256.filter(|hash| wanted.contains(hash))?;
        Some((sha256, Digest::from_sha512(file.piece(PIECE)?.try_into().ok()?)))
    };
    let mut all: Vec<_> = view.kept().filter_map(hash).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use model::TreePath;
    use std::io::Write;

    fn kept(content: &Content<'_>) -> Vec<u8> {
        let path = TreePath::clean(b"bin/x").unwrap();
        let candidate = Candidate { path: &path, name: b"x", size: content.len(), mode: 0o755, head: b"\x7fELF" };
        assert_eq!(wants(&candidate), Want::Open);
        let mut keeper = Keeper { limits: &Limits::default(), parts: Vec::new(), unknowns: Vec::new() };
        open(&candidate, content, &mut keeper);
        keeper.parts.remove(0).1
    }

    #[test]
    fn the_hash_is_of_the_whole_file_in_memory_and_set_aside() {
        for length in [0, 1, 1 << 20, (1 << 20) + 1, 3_000_001] {
            let bytes: Vec<u8> = (0..length).map(|i| (i % 253) as u8).collect();
            let mut hasher = Hasher::new(Algorithm::Sha512);
            hasher.update(&bytes);
            let expected = hasher.finish();
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            assert_eq!(kept(&Content::Memory(&bytes)), expected.bytes(), "{length}");
            assert_eq!(kept(&Content::Spooled(&file, length as u64)), expected.bytes(), "{length}");
        }
    }

    #[test]
    fn texts_are_not_opened() {
        let path = TreePath::clean(b"a").unwrap();
        let candidate = Candidate { path: &path, name: b"a", size: 9, mode: 0o755, head: b"#!/bin/sh" };
        assert_eq!(wants(&candidate), Want::Nothing);
    }
}
