//! The central directory of a zip file, and single members of it.
//!
//! A jar may have a hundred thousand members of which a handful matter, may lie uncompressed within another
//! jar, and may follow a shell script. So this reads the directory in place, allocates nothing a member, and
//! looks into archives where they lie (APPNOTE.TXT 6.3.10, <https://pkware.cachefly.net/webdocs/APPNOTE/APPNOTE-6.3.10.TXT>).
//! As the Java runtime does, it goes by the central directory alone. No checksums, no encryption, no spanning.

use crate::elf::{number, take};
use crate::keep::Content;
use std::borrow::Cow;
use std::io::Read;

/// Bytes of the longest directory that is read: that of 200 000 members with names of 270 bytes.
const MAX_DIRECTORY: u64 = 64 << 20;
/// The end record and the longest comment behind it.
const MAX_END: u64 = 22 + 0xffff;

/// An archive, or one that lies uncompressed within it.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    content: &'a Content<'a>,
    from: u64,
    size: u64,
}

/// Why an archive or a member cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ZipError {
    #[error("it has no central directory")]
    NoDirectory,
    #[error("its central directory is damaged")]
    Damaged,
    #[error("its central directory takes {0} bytes, more than {MAX_DIRECTORY}")]
    LongDirectory(u64),
    #[error("a member lies outside of the file")]
    Astray,
    #[error("a member is encrypted or compressed in a way that Java does not know")]
    Method,
    #[error("an archive or Maven metadata in it has a name that cannot be told: too long, not UTF-8, or with a `!`")]
    Name,
    #[error("a member does not inflate")]
    Inflate,
    #[error("a member inflates to more than {0} bytes")]
    Long(u64),
}

impl ZipError {
    /// Whether a limit of ours was reached, rather than the file being wrong.
    pub(super) fn is_limit(self) -> bool {
        matches!(self, Self::LongDirectory(_) | Self::Long(_))
    }
}

impl<'a> Source<'a> {
    /// The whole of `content`.
    pub(super) fn whole(content: &'a Content<'a>) -> Self {
        Self { content, from: 0, size: content.len() }
    }

    fn bytes(&self, at: u64, size: u64) -> Option<Cow<'a, [u8]>> {
        at.checked_add(size).filter(|end| *end <= self.size)?;
        take(self.content, self.from + at, size)
    }

    /// Bytes that finding its directory takes at least: whoever opens many archives has to pay for each.
    pub(super) fn price(&self) -> u64 {
        self.size.min(MAX_END)
    }

    /// Its directory.
    pub(super) fn directory(&self) -> Result<Directory<'a>, ZipError> {
        let tail_at = self.size.saturating_sub(MAX_END);
        let tail = self.bytes(tail_at, self.size - tail_at).ok_or(ZipError::NoDirectory)?;
        let at = find_end(&tail).ok_or(ZipError::NoDirectory)?;
        let end = &tail[at..];
        let (mut size, mut offset) = (field(end, 12, 4), field(end, 16, 4));
        let mut end_at = tail_at + at as u64;
        let narrow = size == 0xffff_ffff || offset == 0xffff_ffff || field(end, 10, 2) == 0xffff;
        if let Some((wide_at, wide)) = narrow.then(|| self.wide_end(end_at)).flatten() {
            (end_at, size, offset) = (wide_at, field(&wide, 40, 8), field(&wide, 48, 8));
        }
        if size > MAX_DIRECTORY {
            return Err(ZipError::LongDirectory(size));
        }
        // What stands before the archive, a launch script say, shifts everything.
        let start = end_at.checked_sub(size).ok_or(ZipError::Damaged)?;
        let shift = start.checked_sub(offset).ok_or(ZipError::Damaged)?;
        let bytes = self.bytes(start, size).ok_or(ZipError::Damaged)?;
        Ok(Directory { bytes, shift })
    }

    /// The zip64 end record before the end record at `end_at`, if there is one.
    fn wide_end(&self, end_at: u64) -> Option<(u64, Cow<'a, [u8]>)> {
        let locator_at = end_at.checked_sub(20)?;
        let locator = self.bytes(locator_at, 20)?;
        locator.starts_with(b"PK\x06\x07").then_some(())?;
        let stated = field(&locator, 8, 8);
        [stated, locator_at.checked_sub(56)?].into_iter().find_map(|at| {
            let record = self.bytes(at, 56)?;
            record.starts_with(b"PK\x06\x06").then_some((at, record))
        })
    }

    /// Where a member's data lies.
    fn locate(&self, directory: &Directory<'_>, member: &Member<'_>) -> Result<u64, ZipError> {
        if member.flags & 1 != 0 || !matches!(member.method, 0 | 8) {
            return Err(ZipError::Method);
        }
        let at = member.header_at.checked_add(directory.shift).ok_or(ZipError::Astray)?;
        let header = self.bytes(at, 30).filter(|h| h.starts_with(b"PK\x03\x04")).ok_or(ZipError::Astray)?;
        Ok(at + 30 + field(&header, 26, 2) + field(&header, 28, 2))
    }

    /// A member's content up to `limit` bytes, and whether there is more.
    pub(super) fn start(
        &self,
        directory: &Directory<'_>,
        member: &Member<'_>,
        limit: u64,
    ) -> Result<(Vec<u8>, bool), ZipError> {
        let at = self.locate(directory, member)?;
        // Deflate never needs more than this for `limit` bytes.
        let packed = member.packed.min(limit + limit / 1000 + 1024);
        let bytes = self.bytes(at, packed).ok_or(ZipError::Astray)?;
        let mut plain = Vec::new();
        let cut = packed < member.packed;
        let read = match member.method {
            0 => bytes.as_ref().take(limit + 1).read_to_end(&mut plain),
            _ => flate2::read::DeflateDecoder::new(bytes.as_ref()).take(limit + 1).read_to_end(&mut plain),
        };
        if read.is_err() && !(cut && plain.len() as u64 > limit) {
            return Err(ZipError::Inflate);
        }
        let more = plain.len() as u64 > limit;
        plain.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok((plain, more))
    }

    /// A member's whole content, if it has no more than `limit` bytes.
    pub(super) fn whole_of(
        &self,
        directory: &Directory<'_>,
        member: &Member<'_>,
        limit: u64,
    ) -> Result<Vec<u8>, ZipError> {
        if member.packed > limit {
            return Err(ZipError::Long(limit));
        }
        let (plain, more) = self.start(directory, member, limit)?;
        if more { Err(ZipError::Long(limit)) } else { Ok(plain) }
    }

    /// A member that is stored as it is, as an archive of its own.
    pub(super) fn within(&self, directory: &Directory<'_>, member: &Member<'_>) -> Result<Option<Self>, ZipError> {
        if member.method != 0 {
            return Ok(None);
        }
        let at = self.locate(directory, member)?;
        at.checked_add(member.packed).filter(|end| *end <= self.size).ok_or(ZipError::Astray)?;
        Ok(Some(Self { content: self.content, from: self.from + at, size: member.packed }))
    }
}

/// The last end record whose comment reaches to the end, else the last that fits at all.
fn find_end(tail: &[u8]) -> Option<usize> {
    let fits = |at: usize| tail.len() >= at + 22 + field(&tail[at..], 20, 2) as usize;
    let exact = |at: usize| tail.len() == at + 22 + field(&tail[at..], 20, 2) as usize;
    let all = || memchr::memmem::rfind_iter(tail, b"PK\x05\x06").filter(|at| tail.len() >= at + 22);
    all().find(|at| exact(*at)).or_else(|| all().find(|at| fits(*at)))
}

/// A little-endian number; 0 where there are no such bytes.
fn field(bytes: &[u8], at: usize, size: usize) -> u64 {
    bytes.get(at..at + size).and_then(|b| number(b, true)).unwrap_or(0)
}

/// A central directory.
pub(super) struct Directory<'a> {
    bytes: Cow<'a, [u8]>,
    shift: u64,
}

/// One member, as the directory has it.
#[derive(Clone, Copy)]
pub(super) struct Member<'d> {
    /// Its name.
    pub(super) name: &'d [u8],
    flags: u64,
    method: u64,
    /// Its bytes in the archive.
    pub(super) packed: u64,
    header_at: u64,
}

impl Directory<'_> {
    /// Its length in bytes.
    pub(super) fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Its members, in its order. Ends with an error where the directory is damaged.
    pub(super) fn members(&self) -> impl Iterator<Item = Result<Member<'_>, ZipError>> {
        let mut rest: &[u8] = &self.bytes;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let one = split_member(rest);
            rest = one.map_or(&[], |(_, rest)| rest);
            Some(one.map(|(member, _)| member).ok_or(ZipError::Damaged))
        })
    }
}

fn split_member(bytes: &[u8]) -> Option<(Member<'_>, &[u8])> {
    let header = bytes.get(..46).filter(|h| h.starts_with(b"PK\x01\x02"))?;
    let [name, extra, comment] = [28, 30, 32].map(|at| field(header, at, 2) as usize);
    let name = bytes.get(46..46 + name)?;
    let extra = bytes.get(46 + name.len()..46 + name.len() + extra)?;
    let rest = bytes.get(46 + name.len() + extra.len() + comment..)?;
    let mut member = Member {
        name,
        flags: field(header, 8, 2),
        method: field(header, 10, 2),
        packed: field(header, 20, 4),
        header_at: field(header, 42, 4),
    };
    if member.packed == 0xffff_ffff || member.header_at == 0xffff_ffff {
        widen(&mut member, field(header, 24, 4), extra);
    }
    Some((member, rest))
}

/// Takes the 64-bit fields from the zip64 record, which has only those that did not fit, in this order: plain
/// size, packed size, offset.
fn widen(member: &mut Member<'_>, plain: u64, mut extra: &[u8]) {
    while extra.len() >= 4 {
        let (id, size) = (field(extra, 0, 2), field(extra, 2, 2) as usize);
        let body = extra.get(4..4 + size).unwrap_or_default();
        if id == 1 {
            let mut at = if plain == 0xffff_ffff { 8 } else { 0 };
            for value in [&mut member.packed, &mut member.header_at] {
                if *value == 0xffff_ffff {
                    *value = field(body, at, 8);
                    at += 8;
                }
            }
            return;
        }
        extra = extra.get(4 + size..).unwrap_or_default();
    }
}
