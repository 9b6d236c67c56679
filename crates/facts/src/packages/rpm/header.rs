//! rpm's header: a package's record, as every database holds it
//! (<https://rpm-software-management.github.io/rpm/manual/format_header.html>).
//!
//! Two big-endian counts, an index of 16-byte entries (tag, type, offset, count) and a store of values. Nothing
//! is copied and nothing is trusted: each value is cut out of the store when it is asked for.

use super::bytes::{be16, be32};

/// The tags that are read, by rpm's numbers (`rpmtag.h`).
pub(super) mod tag {
    pub(in super::super) const NAME: u32 = 1000;
    pub(in super::super) const VERSION: u32 = 1001;
    pub(in super::super) const RELEASE: u32 = 1002;
    pub(in super::super) const EPOCH: u32 = 1003;
    pub(in super::super) const SUMMARY: u32 = 1004;
    pub(in super::super) const VENDOR: u32 = 1011;
    pub(in super::super) const LICENSE: u32 = 1014;
    pub(in super::super) const PACKAGER: u32 = 1015;
    pub(in super::super) const URL: u32 = 1020;
    pub(in super::super) const ARCH: u32 = 1022;
    pub(in super::super) const OLDFILENAMES: u32 = 1027;
    pub(in super::super) const FILEMODES: u32 = 1030;
    pub(in super::super) const SOURCERPM: u32 = 1044;
    pub(in super::super) const PROVIDENAME: u32 = 1047;
    pub(in super::super) const REQUIREFLAGS: u32 = 1048;
    pub(in super::super) const REQUIRENAME: u32 = 1049;
    pub(in super::super) const DIRINDEXES: u32 = 1116;
    pub(in super::super) const BASENAMES: u32 = 1117;
    pub(in super::super) const DIRNAMES: u32 = 1118;
    pub(in super::super) const MODULARITYLABEL: u32 = 5096;
}

/// Value types (`rpmtag.h`).
const INT16: u32 = 3;
const INT32: u32 = 4;
const STRING: u32 = 6;
const STRING_ARRAY: u32 = 8;
const I18NSTRING: u32 = 9;

const PREAMBLE: usize = 8;
const ENTRY: usize = 16;
/// The most entries rpm itself accepts (`HEADER_TAGS_MAX`).
const ENTRIES: u32 = 0xffff;

/// Why a header, or one tag of it, makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HeaderError {
    /// The counts do not fit the record.
    #[error("its header is cut off")]
    CutOff,
    /// A tag that every package has is not there.
    #[error("its header has no tag {0}")]
    Missing(u32),
    /// A tag of another type, or whose values leave the store.
    #[error("its header's tag {0} is damaged")]
    Tag(u32),
}

/// A header over its record's bytes.
#[derive(Clone, Copy)]
pub(super) struct Header<'a> {
    index: &'a [u8],
    store: &'a [u8],
}

/// An index entry, with the store from its offset on.
struct Entry<'a> {
    kind: u32,
    count: usize,
    store: &'a [u8],
}

impl<'a> Header<'a> {
    /// The header that a record begins with.
    pub(super) fn parse(record: &'a [u8]) -> Result<Self, HeaderError> {
        let cut = HeaderError::CutOff;
        let entries = be32(record, 0).filter(|&n| n <= ENTRIES).ok_or(cut)? as usize;
        let store = be32(record, 4).ok_or(cut)? as usize;
        let rest = &record[PREAMBLE..];
        let (index, rest) = rest.split_at_checked(entries * ENTRY).ok_or(cut)?;
        Ok(Self { index, store: rest.get(..store).ok_or(cut)? })
    }

    /// The entry of a tag. Of several the last counts: rpm appends what it changes behind the signed region.
    fn entry(&self, tag: u32) -> Result<Option<Entry<'a>>, HeaderError> {
        let found = self.index.chunks_exact(ENTRY).rev().find(|e| be32(e, 0) == Some(tag));
        let Some(found) = found else { return Ok(None) };
        let field = |at| be32(found, at).map_or(usize::MAX, |n| n as usize);
        let store = self.store.get(field(8)..).ok_or(HeaderError::Tag(tag))?;
        Ok(Some(Entry { kind: field(4) as u32, count: field(12), store }))
    }

    /// The first string of a tag; of a translated one that is the untranslated text.
    pub(super) fn text(&self, tag: u32) -> Result<Option<&'a [u8]>, HeaderError> {
        let Some(entry) = self.entry(tag)? else { return Ok(None) };
        if !matches!(entry.kind, STRING | STRING_ARRAY | I18NSTRING) || entry.count == 0 {
            return Err(HeaderError::Tag(tag));
        }
        split_nul(entry.store).map(|(text, _)| Some(text)).ok_or(HeaderError::Tag(tag))
    }

    /// All strings of a tag; none if it is not there.
    pub(super) fn texts(&self, tag: u32) -> Result<Texts<'a>, HeaderError> {
        let Some(entry) = self.entry(tag)? else { return Ok(Texts { store: &[], left: 0 }) };
        if !matches!(entry.kind, STRING | STRING_ARRAY | I18NSTRING) {
            return Err(HeaderError::Tag(tag));
        }
        let texts = Texts { store: entry.store, left: entry.count };
        // A string is at least its NUL, so a count beyond the store is a lie; so is one beyond its NULs.
        let whole = entry.count <= entry.store.len() && texts.clone().count() == entry.count;
        if whole { Ok(texts) } else { Err(HeaderError::Tag(tag)) }
    }

    /// All integers of a 16- or 32-bit tag; none if it is not there.
    pub(super) fn numbers(&self, tag: u32) -> Result<Numbers<'a>, HeaderError> {
        let Some(entry) = self.entry(tag)? else { return Ok(Numbers { bytes: &[], width: 4 }) };
        let width = match entry.kind {
            INT16 => 2,
            INT32 => 4,
            _ => return Err(HeaderError::Tag(tag)),
        };
        let bytes = entry.count.checked_mul(width).and_then(|n| entry.store.get(..n));
        Ok(Numbers { bytes: bytes.ok_or(HeaderError::Tag(tag))?, width })
    }
}

fn split_nul(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(0, bytes)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

/// The strings of a tag, in order.
#[derive(Clone)]
pub(super) struct Texts<'a> {
    store: &'a [u8],
    left: usize,
}

impl<'a> Iterator for Texts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        let (text, rest) = split_nul(self.store)?;
        self.store = rest;
        Some(text)
    }
}

/// The integers of a tag.
#[derive(Clone, Copy)]
pub(super) struct Numbers<'a> {
    bytes: &'a [u8],
    width: usize,
}

impl Numbers<'_> {
    /// The integer at `index`.
    pub(super) fn get(&self, index: usize) -> Option<u32> {
        let at = index.checked_mul(self.width)?;
        if self.width == 2 { be16(self.bytes, at).map(u32::from) } else { be32(self.bytes, at) }
    }
}
