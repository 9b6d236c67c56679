//! A tar stream, walked once: ustar, PAX (with `size`, `path`, sparse), GNU long names and sparse files
//! (POSIX.1-2017 `pax`; <https://www.gnu.org/software/tar/manual/html_node/Standard.html>).
//!
//! Where formats leave room, the reading is that of Go's `archive/tar`, which Docker, containerd and every
//! registry tool extract with; a scanner that reads a size differently from the extractor can be shown another
//! image than the one that runs. So global PAX records change nothing, the last `x` header stands alone, and GNU
//! long names win over PAX paths. Nothing is buffered but one header and its extensions.

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
    /// Whether extractors read it differently: a global header that names or sizes what follows, which GNU tar
    /// heeds and Go does not.
    pub disputed: bool,
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
    /// One block of zeros where the end mark has two: some extractors stop there, some fail, some go on.
    #[error("a lone block of zeros stands between entries")]
    LoneZeros,
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
}

/// What the headers before an entry's own say of it.
#[derive(Default)]
struct Before {
    pax: Extensions,
    long_name: Vec<u8>,
    long_link: Vec<u8>,
}

impl<R: BufRead> Walker<R> {
    /// Walks from the reader's present place.
    pub fn new(reader: R, limits: &Limits) -> Self {
        Self { reader, offset: 0, stored: 0, padding: 0, map: None, limit: limits.extension_bytes }
    }

    /// How far the stream was read, in bytes.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes of the present entry's data that are stored and not yet read.
    pub fn stored(&self) -> u64 {
        self.stored
    }

    /// Whether the present entry's content is another than the bytes stored for it.
    pub fn is_sparse(&self) -> bool {
        self.map.is_some()
    }

    /// The reader. To read from it is to lose one's place.
    pub fn reader_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// The reader, at wherever the walk stands.
    pub fn into_inner(self) -> R {
        self.reader
    }

    /// The next entry; what was not read of the one before is passed over. `None` at the archive's end mark, or
    /// where the stream ends between entries.
    pub fn next_entry(&mut self) -> Result<Option<Header>, TarError> {
        let mut before = Before::default();
        loop {
            self.skip_rest()?;
            let offset = self.offset;
            let Some(block) = self.block()? else { return Ok(None) };
            if block.is_zero() {
                return self.end_mark().map(|()| None);
            }
            if !block.checksum_matches() {
                return Err(TarError::Checksum);
            }
            match block.kind() {
                Type::Pax => before.pax = pax::parse(&self.extension(&block)?)?,
                Type::PaxGlobal => {
                    let global = pax::parse(&self.extension(&block)?)?;
                    let header =
                        self.header(&block, Type::PaxGlobal, 0, block.name(), Extensions::default(), offset)?;
                    return Ok(Some(Header { disputed: global.moves(), ..header }));
                }
                Type::LongName => before.long_name = until_nul(self.extension(&block)?),
                Type::LongLink => before.long_link = until_nul(self.extension(&block)?),
                _ => return self.entry(&block, before, offset).map(Some),
            }
        }
    }

    /// The second block of the two zero ones that end an archive; the stream may also end without it.
    fn end_mark(&mut self) -> Result<(), TarError> {
        match self.block()? {
            Some(block) if !block.is_zero() => Err(TarError::LoneZeros),
            _ => Ok(()),
        }
    }

    /// Gives what was not yet read of the present entry's content to `sink` in pieces, holes as zeros.
    pub fn content(&mut self, mut sink: impl FnMut(&[u8])) -> Result<(), TarError> {
        if self.map.is_none() {
            return self.data(self.stored, &mut sink);
        }
        while let Some(piece) = self.map.as_mut().and_then(sparse::Map::take) {
            match piece {
                sparse::Piece::Hole(count) => zeros(count, &mut sink),
                sparse::Piece::Data(count) => self.data(count, &mut sink)?,
            }
        }
        Ok(())
    }

    /// The first bytes of the present entry's content: `into.len()`, or fewer if it is shorter.
    pub fn head(&mut self, into: &mut [u8]) -> Result<usize, TarError> {
        let mut done = 0;
        if self.map.is_none() {
            let want = self.stored.min(into.len() as u64);
            self.fill_head(want, into, &mut done)?;
        }
        while done < into.len() {
            let want = (into.len() - done) as u64;
            match self.map.as_mut().and_then(|map| map.take_up_to(want)) {
                Some(sparse::Piece::Hole(count)) => {
                    into[done..done + count as usize].fill(0);
                    done += count as usize;
                }
                Some(sparse::Piece::Data(count)) => self.fill_head(count, into, &mut done)?,
                None => break,
            }
        }
        Ok(done)
    }

    fn fill_head(&mut self, count: u64, into: &mut [u8], done: &mut usize) -> Result<(), TarError> {
        self.data(count, &mut |bytes: &[u8]| {
            into[*done..*done + bytes.len()].copy_from_slice(bytes);
            *done += bytes.len();
        })
    }

    fn entry(&mut self, block: &Block, before: Before, offset: u64) -> Result<Header, TarError> {
        let Before { mut pax, long_name, long_link } = before;
        let mut kind = block.kind();
        let stored = match pax.size {
            Some(size) => size,
            None => block.size()?,
        };
        let mut name = pax.path.take().unwrap_or_else(|| block.name());
        if !long_name.is_empty() {
            name = long_name;
        }
        if !long_link.is_empty() {
            pax.link = Some(long_link);
        }
        if block.is_old_file() && name.last() == Some(&b'/') {
            kind = Type::Directory;
        }
        self.stored = if kind.has_data() { stored } else { 0 };
        self.padding = padding(self.stored);
        self.map = match kind {
            Type::GnuSparse => Some(self.gnu_map(block)?),
            Type::File => self.pax_map(&mut pax, &mut name)?,
            _ => None,
        };
        let size = self.map.as_ref().map_or(self.stored, sparse::Map::real_size);
        let kind = if kind == Type::GnuSparse { Type::File } else { kind };
        self.header(block, kind, size, name, pax, offset)
    }

    fn header(
        &self,
        block: &Block,
        kind: Type,
        size: u64,
        name: Vec<u8>,
        pax: Extensions,
        offset: u64,
    ) -> Result<Header, TarError> {
        Ok(Header {
            name,
            link: pax.link.unwrap_or_else(|| block.link()),
            kind,
            size,
            mode: block.mode()? & 0o7777,
            uid: pax.uid.map_or_else(|| block.uid(), Ok)?,
            gid: pax.gid.map_or_else(|| block.gid(), Ok)?,
            mtime: pax.mtime.map_or_else(|| block.mtime(), Ok)?,
            capability: pax.capability,
            disputed: false,
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

    /// The map of a PAX sparse file, if it is one; only then do its own name and size count.
    fn pax_map(&mut self, pax: &mut Extensions, name: &mut Vec<u8>) -> Result<Option<sparse::Map>, TarError> {
        let Some(format) = pax.sparse_format() else { return Ok(None) };
        if let Some(sparse_name) = pax.sparse_name.take() {
            *name = sparse_name;
        }
        let real = pax.sparse_size.unwrap_or(self.stored);
        if format == pax::Sparse::InRecords {
            return sparse::Map::new(std::mem::take(&mut pax.sparse_map), real, self.stored).map(Some);
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
