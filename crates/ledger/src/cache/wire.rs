//! Facts out of an entry's plain bytes, with a bound on how many of each thing are believed.
//!
//! [`postcard`] writes a struct as its fields in turn, so these mirrors read what the originals' own
//! `Serialize` wrote. Their lists stop at a limit: an entry made up by hand cannot turn few bytes into much
//! memory.

use facts::image::{FileNote, ImageFacts, LayerSummary, Residue, SecretTrace, WasteGroup};
use facts::os::OsRelease;
use facts::{Entry, LayerFacts, keep::Kept};
use model::{Digest, Package, Sha256, Unknown};
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;

/// More entries of one layer, or notes of one image, than `facts::Limits` lets pass.
const ENTRIES: usize = 1 << 20;
/// More parts than `kept_bytes` has room for in archives of any real size.
const PARTS: usize = 1 << 22;
const PACKAGES: usize = 1 << 17;
const LAYERS: usize = 1 << 10;

/// The facts of a layer, if `plain` is exactly that.
pub(super) fn layer(plain: Vec<u8>) -> Option<LayerFacts> {
    let wire: LayerWire = exactly(&plain)?;
    Some(LayerFacts {
        diff_id: wire.diff_id,
        plain_size: wire.plain_size,
        entries: wire.entries.0,
        kept: wire.kept.0,
        unknowns: wire.unknowns.0,
    })
}

/// The facts of an image, if `plain` is exactly that.
pub(super) fn image(plain: Vec<u8>) -> Option<ImageFacts> {
    let wire: ImageWire = exactly(&plain)?;
    Some(ImageFacts {
        layers: wire.layers.0,
        os: wire.os,
        packages: wire.packages.0,
        waste: wire.waste.0,
        residues: wire.residues.0,
        privileged: wire.privileged.0,
        secrets: wire.secrets.0,
        unidentified: wire.unidentified.0,
        users: wire.users.0,
        unknowns: wire.unknowns.0,
        entries: wire.entries,
        visible_bytes: wire.visible_bytes,
        long_hashes: wire.long_hashes.0,
    })
}

fn exactly<'de, T: Deserialize<'de>>(plain: &'de [u8]) -> Option<T> {
    let (value, rest) = postcard::take_from_bytes(plain).ok()?;
    rest.is_empty().then_some(value)
}

#[derive(Deserialize)]
struct LayerWire {
    diff_id: Digest,
    plain_size: u64,
    entries: Capped<Entry, ENTRIES>,
    kept: Capped<Kept, PARTS>,
    unknowns: Capped<Unknown, ENTRIES>,
}

#[derive(Deserialize)]
struct ImageWire {
    layers: Capped<LayerSummary, LAYERS>,
    os: Option<OsRelease>,
    packages: Capped<Package, PACKAGES>,
    waste: Capped<WasteGroup, ENTRIES>,
    residues: Capped<Residue, ENTRIES>,
    privileged: Capped<FileNote, ENTRIES>,
    secrets: Capped<SecretTrace, ENTRIES>,
    unidentified: Capped<FileNote, ENTRIES>,
    users: Capped<(String, u32), ENTRIES>,
    unknowns: Capped<Unknown, ENTRIES>,
    entries: u64,
    visible_bytes: u64,
    long_hashes: Capped<(Sha256, Digest), PACKAGES>,
}

/// A list of at most `N`; a longer one is an error before it is read.
struct Capped<T, const N: usize>(Vec<T>);

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for Capped<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(CappedVisitor(PhantomData))
    }
}

struct CappedVisitor<T, const N: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for CappedVisitor<T, N> {
    type Value = Capped<T, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {N} elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let hint = seq.size_hint().unwrap_or(0);
        if hint > N {
            return Err(A::Error::invalid_length(hint, &self));
        }
        // The count may lie; the bytes behind it cannot.
        let mut list = Vec::with_capacity(hint.min(4096));
        while let Some(element) = seq.next_element()? {
            list.push(element);
        }
        Ok(Capped(list))
    }
}
