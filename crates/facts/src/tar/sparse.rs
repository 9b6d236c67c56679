//! Sparse files: the old GNU map in headers, PAX 0.x in records, PAX 1.0 before the data.

use super::header::Block;
use super::pax::decimal;
use super::{BLOCK, TarError};

/// Where a sparse file has data; the rest is zeros.
pub(super) struct Map {
    pieces: Vec<(u64, u64)>,
    real: u64,
    /// The byte of the file, and the piece, that come next.
    at: u64,
    next: usize,
}

/// A stretch of a sparse file.
pub(super) enum Piece {
    /// That many zeros.
    Hole(u64),
    /// That many stored bytes.
    Data(u64),
}

impl Map {
    /// A map that lies within `real` bytes, in order, and needs exactly the `stored` ones.
    pub(super) fn new(pieces: Vec<(u64, u64)>, real: u64, stored: u64) -> Result<Self, TarError> {
        let (mut end, mut data) = (0_u64, 0_u64);
        for &(offset, length) in &pieces {
            if offset < end {
                return Err(TarError::Sparse);
            }
            end = offset.checked_add(length).filter(|&e| e <= real).ok_or(TarError::Sparse)?;
            data = data.checked_add(length).ok_or(TarError::Sparse)?;
        }
        if data != stored { Err(TarError::Sparse) } else { Ok(Self { pieces, real, at: 0, next: 0 }) }
    }

    pub(super) fn real_size(&self) -> u64 {
        self.real
    }

    /// The next stretch of the file, holes and data in turn.
    pub(super) fn take(&mut self) -> Option<Piece> {
        self.take_up_to(u64::MAX)
    }

    /// The next stretch, of at most `most` bytes.
    pub(super) fn take_up_to(&mut self, most: u64) -> Option<Piece> {
        while let Some(&(offset, length)) = self.pieces.get(self.next) {
            if self.at < offset {
                return Some(Piece::Hole(self.advance(offset, most)));
            }
            let end = offset + length;
            if self.at < end {
                return Some(Piece::Data(self.advance(end, most)));
            }
            self.next += 1;
        }
        (self.at < self.real).then(|| Piece::Hole(self.advance(self.real, most)))
    }

    fn advance(&mut self, to: u64, most: u64) -> u64 {
        let count = (to - self.at).min(most);
        self.at += count;
        count
    }
}

/// Gathers the old GNU map from a header and its extension blocks.
pub(super) struct Builder {
    pieces: Vec<(u64, u64)>,
    real: u64,
    more: bool,
}

impl Builder {
    pub(super) fn gnu(block: &Block) -> Result<Self, TarError> {
        let real = block.natural(483..495, "sparse size")?;
        let mut builder = Self { pieces: Vec::new(), real, more: block.bytes()[482] != 0 };
        builder.take(block, 386, 4)?;
        Ok(builder)
    }

    pub(super) fn more(&self) -> bool {
        self.more
    }

    pub(super) fn extend(&mut self, block: &Block, limit: u64) -> Result<(), TarError> {
        self.more = block.bytes()[504] != 0;
        if self.pieces.len() as u64 * 24 > limit {
            return Err(TarError::Extension { limit });
        }
        self.take(block, 0, 21)
    }

    pub(super) fn finish(self, stored: u64) -> Result<Map, TarError> {
        Map::new(self.pieces, self.real, stored)
    }

    fn take(&mut self, block: &Block, from: usize, count: usize) -> Result<(), TarError> {
        for at in (0..count).map(|i| from + i * 24) {
            if block.bytes()[at] == 0 {
                break;
            }
            let offset = block.natural(at..at + 12, "sparse offset")?;
            let length = block.natural(at + 12..at + 24, "sparse length")?;
            self.pieces.push((offset, length));
        }
        Ok(())
    }
}

/// Reads PAX 1.0's map: a count, then offset and length by turns, each a decimal line.
#[derive(Default)]
pub(super) struct Lines {
    text: Vec<u8>,
    numbers: Vec<u64>,
}

impl Lines {
    pub(super) fn feed(&mut self, block: &[u8; BLOCK]) -> Result<(), TarError> {
        for &byte in block {
            if self.complete() {
                break;
            }
            if byte != b'\n' {
                self.text.push(byte);
                if self.text.len() > 20 {
                    return Err(TarError::Sparse);
                }
                continue;
            }
            self.numbers.push(decimal(&self.text).ok_or(TarError::Sparse)?);
            self.text.clear();
        }
        Ok(())
    }

    pub(super) fn complete(&self) -> bool {
        self.numbers.first().is_some_and(|&n| (self.numbers.len() as u64 - 1) / 2 >= n)
    }

    pub(super) fn pairs(&self) -> Vec<(u64, u64)> {
        self.numbers[1..].chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    }
}
