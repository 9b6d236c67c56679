//! The write-ahead log beside an SQLite database (<https://www.sqlite.org/fileformat2.html#walformat>).
//!
//! Only what SQLite itself would recover counts: frames whose salts and running checksum hold, up to the last
//! commit among them.

use super::bytes::{be32, le32};
use rustc_hash::FxHashMap;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// The committed pages of a log.
#[derive(Default)]
pub(super) struct Wal<'a> {
    pages: FxHashMap<u32, &'a [u8]>,
    /// The database's length in pages after the last commit; `None` if nothing was committed.
    pub(super) count: Option<u32>,
}

impl<'a> Wal<'a> {
    /// Reads the valid, committed frames of `log`, which belongs to a database with pages of `size` bytes.
    pub(super) fn read(log: &'a [u8], size: usize) -> Self {
        Self::recover(log, size).unwrap_or_default()
    }

    /// The newest committed state of a page, if the log has one.
    pub(super) fn page(&self, number: u32) -> Option<&'a [u8]> {
        self.pages.get(&number).copied()
    }

    fn recover(log: &'a [u8], size: usize) -> Option<Self> {
        let big = match be32(log, 0)? {
            0x377f_0682 => false,
            0x377f_0683 => true,
            _ => return None,
        };
        if be32(log, 4)? != 3_007_000 || be32(log, 8)? as usize != size {
            return None;
        }
        let mut sum = checksum([0, 0], &log[..24], big);
        if sum != [be32(log, 24)?, be32(log, 28)?] {
            return None;
        }
        let salt = &log[16..24];
        let mut wal = Self::default();
        let mut pending = Vec::new();
        for frame in log.get(HEADER..)?.chunks_exact(FRAME_HEADER + size) {
            let (head, page) = frame.split_at(FRAME_HEADER);
            sum = checksum(checksum(sum, &head[..8], big), page, big);
            if head[8..16] != *salt || sum != [be32(head, 16)?, be32(head, 20)?] {
                break;
            }
            pending.push((be32(head, 0)?, page));
            let commit = be32(head, 4)?;
            if commit != 0 {
                wal.pages.extend(pending.drain(..));
                wal.count = Some(commit);
            }
        }
        Some(wal)
    }
}

/// The log's own checksum over pairs of 32-bit words; `bytes` is a multiple of 8 long.
pub(super) fn checksum(sum: [u32; 2], bytes: &[u8], big: bool) -> [u32; 2] {
    let word = |at: usize| if big { be32(bytes, at) } else { le32(bytes, at) }.unwrap_or_default();
    let [mut a, mut b] = sum;
    for at in (0..bytes.len()).step_by(8) {
        a = a.wrapping_add(word(at)).wrapping_add(b);
        b = b.wrapping_add(word(at + 4)).wrapping_add(a);
    }
    [a, b]
}
