//! `Packages.db`: rpm's own database format, SUSE's default (`lib/backend/ndb/rpmpkg.c`).
//!
//! A 32-byte header, then pages of 16-byte slots, each of which points to a blob of 16-byte blocks with a
//! checksum at its end. Everything is little-endian. Slots are read in file order; the index files beside the
//! database are rpm's business and not read.

use super::bytes::{Damage, Sink, le32};

const MAGIC: &[u8] = b"RpmP";
const SLOT_MAGIC: &[u8] = b"Slot";
const BLOB_MAGIC: &[u8] = b"BlbS";
const TAIL_MAGIC: &[u8] = b"BlbE";
const PAGE: usize = 4096;
const SLOT: usize = 16;
const BLOCK: usize = 16;
const HEADER: usize = 32;
const BLOB_HEAD: usize = 16;
const BLOB_TAIL: usize = 12;

/// Gives every blob of the database to `sink`.
pub(super) fn read(file: &[u8], sink: &mut Sink<'_>) -> Result<(), Damage> {
    if file.get(..4) != Some(MAGIC) {
        return Err(Damage::new("it does not begin as an ndb database", 0));
    }
    if le32(file, 4) != Some(0) {
        return Err(Damage::new("its version is not 0, the only one there is", 4));
    }
    let pages = le32(file, 12).map_or(0, |n| n as usize);
    let slots = file.get(HEADER..pages.saturating_mul(PAGE)).ok_or_else(|| Damage::new("its slots are cut off", 12))?;
    // Blobs never share blocks, so together they cannot be larger than the file.
    let mut budget = file.len();
    for (index, slot) in slots.chunks_exact(SLOT).enumerate() {
        let at = (HEADER + index * SLOT) as u64;
        match blob(file, slot, at, &mut budget) {
            Ok(Some((start, bytes))) => (sink.record)(bytes, start),
            Ok(None) => {}
            Err(damage) => sink.damage(damage),
        }
    }
    Ok(())
}

/// The blob of one slot; `None` for a free slot.
fn blob<'a>(file: &'a [u8], slot: &[u8], at: u64, budget: &mut usize) -> Result<Option<(u64, &'a [u8])>, Damage> {
    if slot[..4] != *SLOT_MAGIC {
        return Err(Damage::new("a slot has no magic number", at));
    }
    let field = |i: usize| le32(slot, i).unwrap_or_default() as usize;
    let (index, start, blocks) = (field(4), field(8).saturating_mul(BLOCK), field(12));
    if start == 0 {
        return Ok(None);
    }
    let size = blocks.saturating_mul(BLOCK);
    let whole = file.get(start..start.saturating_add(size)).ok_or_else(|| Damage::new("a blob is cut off", at))?;
    *budget = budget.checked_sub(size).ok_or_else(|| Damage::new("blobs share blocks", at))?;
    let bytes = verified(whole, index).map_err(|why| Damage::new(why, start as u64))?;
    Ok(Some(((start + BLOB_HEAD) as u64, bytes)))
}

/// The content between a blob's head and tail, if both agree with it.
fn verified(whole: &[u8], index: usize) -> Result<&[u8], &'static str> {
    let field = |i: usize| le32(whole, i).map(|n| n as usize);
    if whole.get(..4) != Some(BLOB_MAGIC) || field(4) != Some(index) {
        return Err("a blob's head is not its slot's");
    }
    let length = field(12).ok_or("a blob's head is cut off")?;
    let needed = length.saturating_add(BLOB_HEAD + BLOB_TAIL);
    if needed.div_ceil(BLOCK) * BLOCK != whole.len() {
        return Err("a blob's length is not its slot's");
    }
    let (body, tail) = whole.split_at(whole.len() - BLOB_TAIL);
    if le32(tail, 4).map(|n| n as usize) != Some(length) || tail[8..] != *TAIL_MAGIC {
        return Err("a blob's tail is not its head's");
    }
    if le32(tail, 0) != Some(adler32(body)) {
        return Err("a blob's checksum does not match");
    }
    Ok(&body[BLOB_HEAD..BLOB_HEAD + length])
}

/// RFC 1950, section 9.
pub(super) fn adler32(bytes: &[u8]) -> u32 {
    /// The most bytes before the sums can overflow 32 bits.
    const RUN: usize = 5552;
    let (mut a, mut b) = (1u32, 0u32);
    for run in bytes.chunks(RUN) {
        for &byte in run {
            a += u32::from(byte);
            b += a;
        }
        a %= 65521;
        b %= 65521;
    }
    b << 16 | a
}
