//! A tar file as a folder: an index of its members, each read as a section of the file.
//!
//! The index is made by a walk over the headers alone, so a 10 GB archive costs a few reads. Compressed archives
//! are unpacked to an unlinked temporary file first, under a quota. Members are never written anywhere by name.

use crate::TransportError;
use crate::image::Witness;
use model::TreePath;
use std::collections::{HashMap, HashSet};
use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// The most members of an archive that are indexed.
pub const MEMBERS_LIMIT: usize = 1 << 16;
/// The most bytes that a compressed archive may unpack to.
pub const UNPACKED_LIMIT: u64 = 16 << 30;
/// The longest extended header (PAX record set, GNU long name) that is read.
const EXTENSION_LIMIT: u64 = 1 << 20;
/// How many links in a row are followed.
const LINKS_LIMIT: usize = 8;
const BLOCK: u64 = 512;
/// Bytes that a compressed archive may unpack to for each of its own, and what it may whatever the ratio.
const RATIO: u64 = 100;
const FLOOR: u64 = 512 << 20;
/// Headers that are read, those of extensions and of members with a name that is there already among them.
const HEADERS_LIMIT: usize = 1 << 18;
/// The longest name that anything in an image refers to, and bytes of all names that are kept.
const NAME_LIMIT: usize = 4096;
const NAMES_LIMIT: usize = 64 << 20;

/// An indexed tar file.
pub(crate) struct Archive {
    file: Arc<File>,
    /// The file that the user named; none for a nameless one that is written anew every time.
    named: Option<Box<Metadata>>,
    /// As the user named it.
    shown: String,
    members: HashMap<TreePath, Member>,
    /// Names that more than one member has.
    doubled: HashSet<TreePath>,
}

#[derive(Clone, Debug)]
enum Member {
    Bytes {
        offset: u64,
        size: u64,
    },
    Link(TreePath),
    /// A folder, device, sparse file: nothing that an image archive keeps content in.
    Other,
}

/// A part of a file, read by position so that several threads can share the file.
pub(crate) struct Section {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for Section {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX).min(buffer.len());
        if left == 0 {
            return Ok(0);
        }
        let got = self.file.read_at(&mut buffer[..left], self.at)?;
        if got == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the archive became shorter while it was read"));
        }
        self.at += got as u64;
        Ok(got)
    }
}

impl Archive {
    /// Indexes the archive at `path`, unpacking it first if it is gzip or zstd.
    ///
    /// # Errors
    /// [`TransportError::File`], [`TransportError::BadArchive`], and [`TransportError::Limit`] past
    /// [`MEMBERS_LIMIT`] or [`UNPACKED_LIMIT`].
    pub(crate) fn open(path: &Path) -> Result<Self, TransportError> {
        Self::open_within(path, UNPACKED_LIMIT)
    }

    /// Indexes a plain archive that is already open and may have no name; `shown` is what errors call it.
    ///
    /// # Errors
    /// [`TransportError::File`], [`TransportError::BadArchive`], and [`TransportError::Limit`] past [`MEMBERS_LIMIT`].
    pub(crate) fn of(file: File, shown: String) -> Result<Self, TransportError> {
        Self::indexed(file, None, shown)
    }

    fn indexed(file: File, named: Option<Box<Metadata>>, shown: String) -> Result<Self, TransportError> {
        let mut archive = Self { file: Arc::new(file), named, shown, members: HashMap::new(), doubled: HashSet::new() };
        archive.index()?;
        Ok(archive)
    }

    fn open_within(path: &Path, quota: u64) -> Result<Self, TransportError> {
        let shown = path.display().to_string();
        let failed = |source| TransportError::File { path: shown.clone(), source };
        let file = crate::files::open_regular(path).map_err(failed)?;
        let mut magic = [0; 4];
        let got = file.read_at(&mut magic, 0).map_err(failed)?;
        if let Some(why) = unread_compression(&magic[..got]) {
            return Err(TransportError::BadArchive { path: shown, why, offset: 0 });
        }
        if let Some(mut plain) = decoder(&magic[..got], &file).map_err(failed)? {
            let named = Box::new(file.metadata().map_err(failed)?);
            let unpacked = unpack(&mut plain, quota.min(allowed(named.len())), &shown)?;
            return Self::indexed(unpacked, Some(named), shown);
        }
        let named = Box::new(file.metadata().map_err(failed)?);
        Self::indexed(file, Some(named), shown)
    }

    /// Whether a member with content has this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.find(name).is_ok()
    }

    /// The content of the member `name`, links followed, and its size.
    ///
    /// # Errors
    /// [`TransportError::Missing`], [`TransportError::NotAFile`] or [`TransportError::Escapes`].
    pub(crate) fn open_member(&self, name: &str) -> Result<(Section, u64), TransportError> {
        let (offset, size) = self.find(name)?;
        Ok((Section { file: Arc::clone(&self.file), at: offset, end: offset + size }, size))
    }

    /// What tells the content of the member `name` from another that might be in its place later.
    pub(crate) fn witness(&self, name: &str) -> Option<Witness> {
        let (offset, size) = self.find(name).ok()?;
        // The file as it was opened: what is written to it since shows the next time.
        Some(Witness::of(self.named.as_deref()?, offset, size))
    }

    /// Refuses a name that several members have: which of them counts differs between readers.
    pub(crate) fn expect_single(&self, name: &str) -> Result<(), TransportError> {
        let doubled = TreePath::clean(name.as_bytes()).is_ok_and(|path| self.doubled.contains(&path));
        if doubled {
            return Err(TransportError::Doubled { target: self.shown.clone(), name: name.to_owned() });
        }
        Ok(())
    }

    /// As the user named the file.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    fn find(&self, name: &str) -> Result<(u64, u64), TransportError> {
        let path = TreePath::clean(name.as_bytes());
        let (target, name) = (self.shown.clone(), model::escaped(name).into_owned());
        let Ok(mut path) = path else { return Err(TransportError::Escapes { target, name }) };
        for _ in 0..=LINKS_LIMIT {
            match self.members.get(&path) {
                None => return Err(TransportError::Missing { target, name }),
                Some(Member::Bytes { offset, size }) => return Ok((*offset, *size)),
                Some(Member::Other) => return Err(TransportError::NotAFile { target, name }),
                Some(Member::Link(to)) => path = to.clone(),
            }
        }
        Err(TransportError::Escapes { target, name })
    }

    fn index(&mut self) -> Result<(), TransportError> {
        let length = self.file.metadata().map_err(|source| self.failed(source))?.len();
        let mut walk = Walk { file: Arc::clone(&self.file), shown: self.shown.clone(), length, at: 0, headers: 0 };
        let mut names = 0;
        while let Some((name, member)) = walk.next_member()? {
            if self.members.len() + self.doubled.len() >= MEMBERS_LIMIT {
                let (name, at) = ("members in an archive", MEMBERS_LIMIT as u64);
                return Err(TransportError::Limit { target: self.shown.clone(), name, at });
            }
            if name.len() > NAME_LIMIT {
                continue;
            }
            names += name.len() + if let Member::Link(to) = &member { to.as_bytes().len() } else { 0 };
            if names > NAMES_LIMIT {
                let (name, at) = ("bytes of names in an archive", NAMES_LIMIT as u64);
                return Err(TransportError::Limit { target: self.shown.clone(), name, at });
            }
            // A name that climbs out of the archive is one that nothing in an image refers to.
            let Ok(path) = TreePath::clean(&name) else { continue };
            let is_folder = matches!(member, Member::Other);
            if self.members.insert(path.clone(), member).is_some() && !is_folder {
                self.doubled.insert(path);
            }
        }
        Ok(())
    }

    fn failed(&self, source: io::Error) -> TransportError {
        TransportError::File { path: self.shown.clone(), source }
    }
}

/// Compressions that nobody stores images in; `docker load` takes them, so they deserve a word.
fn unread_compression(magic: &[u8]) -> Option<&'static str> {
    match magic {
        [0xfd, b'7', b'z', b'X'] => Some("it is compressed with xz and must be unpacked first"),
        [b'B', b'Z', b'h', _] => Some("it is compressed with bzip2 and must be unpacked first"),
        _ => None,
    }
}

/// The decoder that the first bytes ask for; `None` for anything but gzip and zstd.
fn decoder(magic: &[u8], file: &File) -> io::Result<Option<Box<dyn Read>>> {
    Ok(match magic {
        [0x1f, 0x8b, ..] => Some(Box::new(flate2::read::MultiGzDecoder::new(file.try_clone()?))),
        [0x28, 0xb5, 0x2f, 0xfd] => Some(Box::new(zstd::Decoder::new(file.try_clone()?)?)),
        _ => None,
    })
}

/// Bytes that an archive of this size may unpack to.
fn allowed(stored: u64) -> u64 {
    UNPACKED_LIMIT.min(FLOOR.max(stored.saturating_mul(RATIO)))
}

fn unpack(plain: &mut dyn Read, quota: u64, shown: &str) -> Result<File, TransportError> {
    let failed = |source| TransportError::File { path: shown.to_owned(), source };
    let mut file = tempfile::tempfile().map_err(failed)?;
    let copied = io::copy(&mut plain.take(quota.saturating_add(1)), &mut file).map_err(failed)?;
    if copied > quota {
        let name = "bytes unpacked from an archive";
        return Err(TransportError::Limit { target: shown.to_owned(), name, at: quota });
    }
    file.flush().map_err(failed)?;
    Ok(file)
}

/// A walk over headers; bodies are stepped over.
struct Walk {
    file: Arc<File>,
    shown: String,
    length: u64,
    at: u64,
    headers: usize,
}

/// What extended headers said about the member that follows them.
#[derive(Default)]
struct Extended {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

impl Walk {
    fn next_member(&mut self) -> Result<Option<(Vec<u8>, Member)>, TransportError> {
        let mut extended = Extended::default();
        loop {
            let Some(header) = self.header()? else { return Ok(None) };
            self.headers += 1;
            if self.headers > HEADERS_LIMIT {
                let (name, at) = ("headers in an archive", HEADERS_LIMIT as u64);
                return Err(TransportError::Limit { target: self.shown.clone(), name, at });
            }
            let kind = header.entry_type();
            let stated = header.entry_size().map_err(|_| self.bad("a size that is no number"))?;
            let size = if is_extension(kind) { stated } else { extended.size.unwrap_or(stated) };
            let (start, size) = self.step_over(if has_body(kind) { size } else { 0 })?;
            match kind {
                tar::EntryType::XGlobalHeader => {}
                // More header blocks would follow; who keeps blobs in a tar has no use for holes.
                tar::EntryType::GNUSparse => return Err(self.bad("a sparse member")),
                tar::EntryType::XHeader => self.pax(start, size, &mut extended)?,
                tar::EntryType::GNULongName => extended.path = Some(self.long_name(start, size)?),
                tar::EntryType::GNULongLink => extended.link = Some(self.long_name(start, size)?),
                _ => return Ok(Some(member(&header, extended, start, size))),
            }
        }
    }

    /// The next header block; `None` at the end of the archive.
    fn header(&mut self) -> Result<Option<tar::Header>, TransportError> {
        if self.at == self.length && self.at > 0 {
            return Ok(None);
        }
        let mut header = tar::Header::new_old();
        let whole = self.file.read_exact_at(header.as_mut_bytes(), self.at);
        whole.map_err(|_| self.bad("it ends in the middle of a header"))?;
        if header.as_bytes().iter().all(|&b| b == 0) {
            return Ok(None);
        }
        if header.cksum().ok() != Some(checksum(header.as_bytes())) {
            return Err(self.bad("a header whose checksum is wrong"));
        }
        self.at += BLOCK;
        Ok(Some(header))
    }

    /// Moves behind a body of `size` bytes and returns where it starts.
    fn step_over(&mut self, size: u64) -> Result<(u64, u64), TransportError> {
        let start = self.at;
        let end = start.checked_add(size).filter(|&end| end <= self.length);
        let end = end.ok_or_else(|| self.bad("a member that is longer than the archive"))?;
        // The padding of the last member may be cut off.
        self.at = end.next_multiple_of(BLOCK).min(self.length);
        Ok((start, size))
    }

    fn extension(&self, start: u64, size: u64) -> Result<Vec<u8>, TransportError> {
        if size > EXTENSION_LIMIT {
            let name = "bytes in an extended header";
            return Err(TransportError::Limit { target: self.shown.clone(), name, at: EXTENSION_LIMIT });
        }
        let mut bytes = vec![0; size as usize];
        let read = self.file.read_exact_at(&mut bytes, start);
        read.map_err(|source| TransportError::File { path: self.shown.clone(), source })?;
        Ok(bytes)
    }

    fn long_name(&self, start: u64, size: u64) -> Result<Vec<u8>, TransportError> {
        let mut name = self.extension(start, size)?;
        name.truncate(name.iter().position(|&b| b == 0).unwrap_or(name.len()));
        Ok(name)
    }

    fn pax(&self, start: u64, size: u64, extended: &mut Extended) -> Result<(), TransportError> {
        let records = self.extension(start, size)?;
        let mut rest = records.as_slice();
        while !rest.is_empty() {
            let record = crate::pax::record(&mut rest);
            let (key, value) = record.ok_or_else(|| self.bad("an extended header that is none"))?;
            match key {
                b"path" => extended.path = Some(value.to_owned()),
                b"linkpath" => extended.link = Some(value.to_owned()),
                b"size" => {
                    let number = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
                    extended.size = Some(number.ok_or_else(|| self.bad("a size that is no number"))?);
                }
                key => extended.sparse |= key.starts_with(b"GNU.sparse."),
            }
        }
        Ok(())
    }

    fn bad(&self, why: &'static str) -> TransportError {
        TransportError::BadArchive { path: self.shown.clone(), why, offset: self.at }
    }
}

fn member(header: &tar::Header, extended: Extended, offset: u64, size: u64) -> (Vec<u8>, Member) {
    let name = extended.path.unwrap_or_else(|| header.path_bytes().into_owned());
    let link = extended.link.or_else(|| header.link_name_bytes().map(|l| l.into_owned())).unwrap_or_default();
    let member = match header.entry_type() {
        tar::EntryType::Regular | tar::EntryType::Continuous if !extended.sparse => Member::Bytes { offset, size },
        tar::EntryType::Link => TreePath::clean(&link).map_or(Member::Other, Member::Link),
        // A symbolic link starts in its own folder; `docker save` before version 25 wrote `../ID/layer.tar`.
        tar::EntryType::Symlink => symlink(&name, &link).map_or(Member::Other, Member::Link),
        _ => Member::Other,
    };
    (name, member)
}

fn symlink(name: &[u8], link: &[u8]) -> Option<TreePath> {
    if link.starts_with(b"/") {
        return TreePath::clean(link).ok();
    }
    TreePath::clean(name).ok()?.parent()?.join(link).ok()
}

fn is_extension(kind: tar::EntryType) -> bool {
    kind.is_pax_local_extensions()
        || kind.is_pax_global_extensions()
        || kind.is_gnu_longname()
        || kind.is_gnu_longlink()
}

/// Links, folders, devices and pipes have no body, whatever size their header states.
fn has_body(kind: tar::EntryType) -> bool {
    !(kind.is_hard_link()
        || kind.is_symlink()
        || kind.is_dir()
        || kind.is_character_special()
        || kind.is_block_special()
        || kind.is_fifo())
}

/// The sum of the header's bytes with the checksum's own field as spaces.
fn checksum(header: &[u8; 512]) -> u32 {
    let sum = |bytes: &[u8]| bytes.iter().map(|&b| u32::from(b)).sum::<u32>();
    sum(&header[..148]) + 8 * u32::from(b' ') + sum(&header[156..])
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
