//! `rpmdb.sqlite`: the table `Packages(hnum INTEGER PRIMARY KEY, blob BLOB)` of an SQLite file
//! (<https://www.sqlite.org/fileformat2.html>), read from its bytes.
//!
//! Just enough of the format for rpm's database: table b-trees, overflow pages, the schema table and the
//! write-ahead log. Indices, free pages and other tables are never looked at. Every page is read at most once,
//! so that no tree or chain can turn.

use super::bytes::{Damage, Sink, be16, be32};
use super::wal::Wal;

const MAGIC: &[u8] = b"SQLite format 3\0";
const FILE_HEADER: usize = 100;
const INTERIOR_TABLE: u8 = 5;
const LEAF_TABLE: u8 = 13;

/// Whether a rollback journal with this start would be rolled back by the next program that opens the database.
pub(super) fn is_hot_journal(head: &[u8]) -> bool {
    head.starts_with(&[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7])
}

/// Gives the blob of every row of `Packages` to `sink`, in the order of `hnum`.
pub(super) fn read(file: &[u8], log: Option<&[u8]>, sink: &mut Sink<'_>) -> Result<(), Damage> {
    let mut pages = Pages::open(file, log)?;
    let root = packages_root(&mut pages)?;
    let mut scratch = Vec::new();
    walk(&mut pages, root, &mut scratch, &mut |row, at| match row {
        Ok(row) => match columns(row).find(|(serial, _)| is_blob(*serial)) {
            Some((_, blob)) => (sink.record)(blob, at),
            None => sink.damage(Damage::new("a row of `Packages` has no blob", at)),
        },
        Err(damage) => sink.damage(damage),
    });
    Ok(())
}

/// The first page of the table `Packages`, from the schema.
fn packages_root(pages: &mut Pages<'_>) -> Result<u32, Damage> {
    let (mut root, mut broken) = (None, None);
    walk(pages, 1, &mut Vec::new(), &mut |row, _| match row {
        Ok(row) => root = root.or_else(|| schema_row(row)),
        Err(damage) => broken = broken.take().or(Some(damage)),
    });
    match (root, broken) {
        (Some(root), _) => Ok(root),
        (None, Some(damage)) => Err(damage),
        (None, None) => Err(Damage::new("it has no table `Packages`", FILE_HEADER as u64)),
    }
}

/// The root page in a row of the schema (type, name, tbl_name, rootpage, sql), if it describes `Packages`.
fn schema_row(row: &[u8]) -> Option<u32> {
    let mut values = columns(row);
    let mut next = || values.next().map(|(_, bytes)| bytes);
    let (kind, name, _, root) = (next()?, next()?, next()?, next()?);
    if kind != b"table" || !name.eq_ignore_ascii_case(b"Packages") {
        return None;
    }
    let number = root.iter().try_fold(0u64, |n, &b| n.checked_mul(256)?.checked_add(u64::from(b)))?;
    u32::try_from(number).ok()
}

struct Pages<'a> {
    file: &'a [u8],
    wal: Wal<'a>,
    /// Bytes of a page.
    size: usize,
    /// Bytes of a page without the reserved ones at its end.
    usable: usize,
    /// Pages that were already given out; page 1 is at index 0.
    used: Vec<bool>,
    /// Bytes of rows still allowed: cells do not overlap, so rows cannot be larger than the pages together.
    budget: usize,
}

impl<'a> Pages<'a> {
    fn open(file: &'a [u8], log: Option<&'a [u8]>) -> Result<Self, Damage> {
        if !file.starts_with(MAGIC) || file.len() < FILE_HEADER {
            return Err(Damage::new("it does not begin as an SQLite database", 0));
        }
        let size = match be16(file, 16) {
            Some(1) => 65536,
            size => size.map_or(0, usize::from),
        };
        let usable = size.saturating_sub(usize::from(file[20]));
        if !size.is_power_of_two() || size < 512 || usable < 480 {
            return Err(Damage::new("its page size is not one of SQLite's", 16));
        }
        if be32(file, 56).is_some_and(|encoding| encoding > 1) {
            return Err(Damage::new("its text is not UTF-8", 56));
        }
        let wal = log.map(|log| Wal::read(log, size)).unwrap_or_default();
        let count = match wal.count {
            // No more pages than there are bytes for them.
            Some(count) => (count as usize).min((file.len() + log.map_or(0, <[u8]>::len)) / size),
            None => file.len() / size,
        };
        Ok(Self { file, wal, size, usable, used: vec![false; count], budget: count * size })
    }

    /// A page, once.
    fn take(&mut self, number: u32) -> Result<&'a [u8], Damage> {
        let index = (number as usize).wrapping_sub(1);
        let at = (index as u64).wrapping_mul(self.size as u64);
        match self.used.get_mut(index) {
            Some(used) if !*used => *used = true,
            Some(_) => return Err(Damage::new(format!("page {number} is used twice"), at)),
            None => return Err(Damage { why: format!("page {number} is missing").into(), at: None }),
        }
        let start = index * self.size;
        let page = self.wal.page(number).or_else(|| self.file.get(start..start + self.size));
        page.ok_or_else(|| Damage { why: format!("page {number} is missing").into(), at: None })
    }
}

/// Takes a row's record, or why there is none, and the byte at which it starts.
type Rows<'r> = dyn FnMut(Result<&[u8], Damage>, u64) + 'r;

/// Calls `row` with each row of the table b-tree at `root`, in key order, and with what cannot be read of it.
fn walk(pages: &mut Pages<'_>, root: u32, scratch: &mut Vec<u8>, row: &mut Rows<'_>) {
    let mut open = vec![root];
    while let Some(number) = open.pop() {
        let at = u64::from(number.saturating_sub(1)) * pages.size as u64;
        let page = match pages.take(number) {
            Ok(page) => page,
            Err(damage) => {
                row(Err(damage), at);
                continue;
            }
        };
        let head = if number == 1 { FILE_HEADER } else { 0 };
        match page[head] {
            LEAF_TABLE => leaf(pages, page, head, at, scratch, row),
            INTERIOR_TABLE => match children(page, head) {
                Some(children) => open.extend(children.into_iter().rev()),
                None => row(Err(Damage::new("an inner page of the table is damaged", at)), at),
            },
            _ => row(Err(Damage::new("a page of the table is of another kind", at)), at),
        }
    }
}

/// The pages below an inner page, in key order.
fn children(page: &[u8], head: usize) -> Option<Vec<u32>> {
    let count = usize::from(be16(page, head + 3)?);
    let cell = |i: usize| be32(page, usize::from(be16(page, head + 12 + 2 * i)?));
    let mut children: Vec<u32> = (0..count).map(cell).collect::<Option<_>>()?;
    children.push(be32(page, head + 8)?);
    Some(children)
}

/// Reads the rows of a leaf.
fn leaf(pages: &mut Pages<'_>, page: &[u8], head: usize, at: u64, scratch: &mut Vec<u8>, row: &mut Rows<'_>) {
    let count = be16(page, head + 3).map_or(0, usize::from);
    for i in 0..count {
        let Some(start) = be16(page, head + 8 + 2 * i).map(usize::from) else {
            return row(Err(Damage::new("a leaf's cells are cut off", at)), at);
        };
        let place = at + start as u64;
        match payload(pages, page, start, place, scratch) {
            Ok(()) => row(Ok(scratch), place),
            Err(damage) => row(Err(damage), place),
        }
        if pages.budget == 0 {
            return row(Err(Damage::new("rows overlap", at)), at);
        }
    }
}

/// Puts the record of the cell at `start` into `out`: what lies on the page and its overflow pages.
fn payload(pages: &mut Pages<'_>, page: &[u8], start: usize, at: u64, out: &mut Vec<u8>) -> Result<(), Damage> {
    let cut = || Damage::new("a row is cut off", at);
    out.clear();
    let cell = page.get(start..pages.usable).ok_or_else(cut)?;
    let (length, used) = varint(cell).ok_or_else(cut)?;
    let (_, key) = varint(&cell[used..]).ok_or_else(cut)?;
    let cell = &cell[used + key..];
    let length = usize::try_from(length).map_err(|_| cut())?;
    pages.budget = pages.budget.saturating_sub(length.max(1));
    let local = local_bytes(length, pages.usable);
    out.extend_from_slice(cell.get(..local).ok_or_else(cut)?);
    if local == length {
        return Ok(());
    }
    let mut next = be32(cell, local).ok_or_else(cut)?;
    while out.len() < length {
        let page = pages.take(next)?;
        let rest = (length - out.len()).min(pages.usable - 4);
        out.extend_from_slice(&page[4..4 + rest]);
        next = be32(page, 0).unwrap_or_default();
    }
    Ok(())
}

/// How much of a row of `length` bytes lies on its leaf (section 1.6 of the format).
fn local_bytes(length: usize, usable: usize) -> usize {
    let most = usable - 35;
    if length <= most {
        return length;
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let fit = least + (length - least) % (usable - 4);
    if fit <= most { fit } else { least }
}

/// The columns of a record: serial type and bytes. Ends early if the record is cut off.
fn columns(record: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let (length, used) = varint(record).unwrap_or_default();
    let header = usize::try_from(length).unwrap_or(usize::MAX).min(record.len());
    let mut types = record.get(used..header).unwrap_or_default();
    let mut values = &record[header..];
    std::iter::from_fn(move || {
        let (serial, used) = varint(types)?;
        types = &types[used..];
        let (value, rest) = values.split_at_checked(serial_bytes(serial)?)?;
        values = rest;
        Some((serial, value))
    })
}

fn is_blob(serial: u64) -> bool {
    serial >= 12 && serial.is_multiple_of(2)
}

fn serial_bytes(serial: u64) -> Option<usize> {
    match serial {
        0 | 8 | 9 => Some(0),
        1..=4 => Some(serial as usize),
        5 => Some(6),
        6 | 7 => Some(8),
        10 | 11 => None,
        _ => usize::try_from((serial - 12) / 2).ok(),
    }
}

/// A variable-length integer: its value and how many bytes it takes.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (i, &byte) in bytes.iter().take(9).enumerate() {
        if i == 8 {
            return Some((value << 8 | u64::from(byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((value, i + 1));
        }
    }
    None
}
