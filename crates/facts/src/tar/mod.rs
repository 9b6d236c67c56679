//! A tar stream, walked once: ustar, PAX (with `size`, `path`, sparse), GNU long names and sparse files
//! (POSIX.1-2017 `pax`; <https://www.gnu.org/software/tar/manual/html_node/Standard.html>).
//!
//! Where formats leave room, the reading is that of Go's `archive/tar`, which Docker, containerd and every
//! registry tool extract with; a scanner that reads a size differently from the extractor can be shown another
//! image than the one that runs. Nothing is buffered but one header and its extensions.

mod header;
mod pax;
mod sparse;

use crate::limits::Limits;
use header::Block;
use pax::Extensions;
use std::io::{self, BufRead};

pub use header::Type;

const BLOCK: usize = 512;

/// One entry's header, with its extensions applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name as it is, not cleaned.
    pub name: Vec<u8>,
    /// The target of a link, as it is.
    pub link: Vec<u8>,
    /// What the entry is.
    pub kind: Type,
    /// Bytes of content as an extractor writes them: of a sparse file, holes included.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Whether there is a `security.capability` attribute.
    pub capability: bool,
    /// Where the entry's own header began in the stream.
    pub offset: u64,
}

/// Why the walk cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum TarError {
    /// The bytes before this could not be had.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The stream ends inside an entry.
    #[error("the archive ends inside an entry")]
    Truncated,
    /// A header whose checksum is wrong.
    #[error("an entry's header has a wrong checksum")]
    Checksum,
    /// A number that is none, is negative or too large.
    #[error("an entry's {0} is not a number that can be")]
    Number(&'static str),
    /// PAX records that break their format.
    #[error("an entry's PAX records are malformed")]
    Pax,
    /// A sparse map that overlaps, runs backwards or past the file's end.
    #[error("an entry's sparse map is malformed")]
    Sparse,
    /// A named limit.
    #[error("an entry's extended header is over {limit} bytes (extension_bytes)")]
    Extension {
        /// Its value.
        limit: u64,
    },
}

/// Walks the entries of `R`.
pub struct Walker<R> {
    reader: R,
    /// Bytes taken from the reader.
    offset: u64,
    /// Bytes of the present entry's data that are stored and still to come, padding apart.
    stored: u64,
    padding: u64,
    map: Option<sparse::Map>,
    limit: u64,
    global: Extensions,
}

impl<R: BufRead> Walker<R> {
    /// Walks from the reader's present place.
    pub fn new(reader: R, limits: &Limits) -> Self {
        Self {
            reader,
            offset: 0,
            stored: 0,
            padding: 0,
            map: None,
            limit: limits.extension_bytes,
            global: Extensions::default(),
        }
    }

    /// How far the stream was read, in bytes.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes of the present entry's data that are stored and not yet read.
    pub fn stored(&self) -> u64 {
        self.stored
    }

    /// The reader, at wherever the walk stands.
    pub fn into_inner(self) -> R {
        self.reader
    }

    /// The next entry; what was not read of the one before is passed over. `None` at the archive's end mark, or
    /// where the stream ends between entries.
    pub fn next_entry(&mut self) -> Result<Option<Header>, TarError> {
        let mut extensions = self.global.clone();
        loop {
            self.skip_rest()?;
            let offset = self.offset;
            let Some(block) = self.block()? else { return Ok(None) };
            if block.is_zero() {
                return Ok(None);
            }
            if !block.checksum_matches() {
                return Err(TarError::Checksum);
            }
            let kind = block.kind();
            match kind {
                Type::Pax => extensions.merge(pax::parse(&self.extension(&block)?)?),
                Type::PaxGlobal => {
                    let global = pax::parse(&self.extension(&block)?)?;
                    self.global.merge(global.clone());
                    extensions.merge(global);
                }
                Type::LongName => extensions.path = Some(until_nul(self.extension(&block)?)),
                Type::LongLink => extensions.link = Some(until_nul(self.extension(&block)?)),
                _ => return self.entry(&block, extensions, offset).map(Some),
            }
        }
    }

    /// Gives the present entry's content to `sink` in pieces, holes as zeros.
    pub fn content(&mut self, mut sink: impl FnMut(&[u8])) -> Result<(), TarError> {
        match self.map.take() {
            None => self.data(self.stored, &mut sink),
            Some(map) => {
                for piece in map.pieces() {
                    match piece {
                        sparse::Piece::Hole(count) => zeros(count, &mut sink),
                        sparse::Piece::Data(count) => self.data(count, &mut sink)?,
                    }
                }
                Ok(())
            }
        }
    }

    /// The first bytes of the present entry's content, if it is not sparse: up to `into.len()`.
    pub fn head(&mut self, into: &mut [u8]) -> Result<usize, TarError> {
        if self.map.is_some() {
            return Ok(0);
        }
        let want = into.len().min(usize::try_from(self.stored).unwrap_or(usize::MAX));
        let mut done = 0;
        let left = want as u64;
        self.data(left, &mut |bytes: &[u8]| {
            into[done..done + bytes.len()].copy_from_slice(bytes);
            done += bytes.len();
        })?;
        Ok(done)
    }

    fn entry(&mut self, block: &Block, mut ext: Extensions, offset: u64) -> Result<Header, TarError> {
        let mut kind = block.kind();
        let stored = match ext.size {
            Some(size) => size,
            None => block.size()?,
        };
        let name = ext.path.take().unwrap_or_else(|| block.name());
        if kind == Type::File && name.last() == Some(&b'/') {
            kind = Type::Directory;
        }
        self.stored = if kind.has_data() { stored } else { 0 };
        self.padding = padding(self.stored);
        self.map = match kind {
            Type::GnuSparse => Some(self.gnu_map(block)?),
            Type::File => self.pax_map(&mut ext)?,
            _ => None,
        };
        let size = self.map.as_ref().map_or(self.stored, sparse::Map::real_size);
        if let Some(sparse_name) = ext.sparse_name.take() {
            return self.header(block, kind, size, sparse_name, &mut ext, offset);
        }
        self.header(block, kind, size, name, &mut ext, offset)
    }

    fn header(
        &self,
        block: &Block,
        kind: Type,
        size: u64,
        name: Vec<u8>,
        ext: &mut Extensions,
        offset: u64,
    ) -> Result<Header, TarError> {
        Ok(Header {
            name,
            link: ext.link.take().unwrap_or_else(|| block.link()),
            kind: if kind == Type::GnuSparse { Type::File } else { kind },
            size,
            mode: block.mode()? & 0o7777,
            uid: ext.uid.map_or_else(|| block.uid(), Ok)?,
            gid: ext.gid.map_or_else(|| block.gid(), Ok)?,
            mtime: ext.mtime.map_or_else(|| block.mtime(), Ok)?,
            capability: ext.capability,
            offset,
        })
    }

    fn gnu_map(&mut self, block: &Block) -> Result<sparse::Map, TarError> {
        let mut builder = sparse::Builder::gnu(block)?;
        while builder.more() {
            let next = self.block()?.ok_or(TarError::Truncated)?;
            builder.extend(&next, self.limit)?;
        }
        builder.finish(self.stored)
    }

    fn pax_map(&mut self, ext: &mut Extensions) -> Result<Option<sparse::Map>, TarError> {
        let Some(real) = ext.sparse_size else { return Ok(None) };
        if ext.sparse_major != Some(1) {
            return sparse::Map::new(std::mem::take(&mut ext.sparse_map), real, self.stored).map(Some);
        }
        let (pairs, used) = self.data_map()?;
        self.stored = self.stored.checked_sub(used).ok_or(TarError::Sparse)?;
        sparse::Map::new(pairs, real, self.stored).map(Some)
    }

    /// The map that PAX sparse 1.0 puts before the data, in decimal lines padded to whole blocks.
    fn data_map(&mut self) -> Result<(Vec<(u64, u64)>, u64), TarError> {
        let mut lines = sparse::Lines::default();
        let mut used = 0;
        while !lines.complete() {
            let block = self.block()?.ok_or(TarError::Truncated)?;
            used += BLOCK as u64;
            if used > self.limit {
                return Err(TarError::Extension { limit: self.limit });
            }
            lines.feed(block.bytes())?;
        }
        Ok((lines.pairs(), used))
    }

    fn extension(&mut self, block: &Block) -> Result<Vec<u8>, TarError> {
        let size = block.size()?;
        if size > self.limit {
            return Err(TarError::Extension { limit: self.limit });
        }
        self.stored = size;
        self.padding = padding(size);
        let mut bytes = Vec::with_capacity(size as usize);
        self.data(size, &mut |piece: &[u8]| bytes.extend_from_slice(piece))?;
        Ok(bytes)
    }

    /// The next block; `None` if the stream ends just before it.
    fn block(&mut self) -> Result<Option<Block>, TarError> {
        let mut block = Block::default();
        let mut done = 0;
        while done < BLOCK {
            let available = fill(&mut self.reader)?;
            if available.is_empty() {
                return if done == 0 { Ok(None) } else { Err(TarError::Truncated) };
            }
            let count = available.len().min(BLOCK - done);
            block.bytes_mut()[done..done + count].copy_from_slice(&available[..count]);
            self.reader.consume(count);
            done += count;
        }
        self.offset += BLOCK as u64;
        Ok(Some(block))
    }

    fn data(&mut self, count: u64, sink: &mut impl FnMut(&[u8])) -> Result<(), TarError> {
        let mut left = count;
        while left > 0 {
            let available = fill(&mut self.reader)?;
            if available.is_empty() {
                return Err(TarError::Truncated);
            }
            let take = available.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            sink(&available[..take]);
            self.reader.consume(take);
            left -= take as u64;
            self.stored -= (take as u64).min(self.stored);
            self.offset += take as u64;
        }
        Ok(())
    }

    fn skip_rest(&mut self) -> Result<(), TarError> {
        self.map = None;
        let left = self.stored + std::mem::take(&mut self.padding);
        self.data(left, &mut |_: &[u8]| {})?;
        self.stored = 0;
        Ok(())
    }
}

fn fill<R: BufRead>(reader: &mut R) -> io::Result<&[u8]> {
    loop {
        match reader.fill_buf() {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
            Ok(_) => break,
        }
    }
    reader.fill_buf()
}

fn zeros(mut count: u64, sink: &mut impl FnMut(&[u8])) {
    static ZEROS: [u8; 1 << 16] = [0; 1 << 16];
    while count > 0 {
        let take = count.min(ZEROS.len() as u64);
        sink(&ZEROS[..take as usize]);
        count -= take;
    }
}

fn padding(size: u64) -> u64 {
    (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64
}

fn until_nul(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    bytes.truncate(end);
    bytes
}

#[cfg(test)]
mod tests;
