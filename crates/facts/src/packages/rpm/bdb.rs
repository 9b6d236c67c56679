//! `Packages`: a Berkeley DB hash table, rpm's database until 2020 (`dbinc/db_page.h`, versions 8 to 10).
//!
//! Pages of hash buckets hold keys and values in turn; a package's header is nearly always too long for its
//! page and lies in a chain of overflow pages. Buckets are read in page order, whatever they hash to. Either
//! byte order is read, since the file has that of the machine that wrote it.

use super::bytes::{Damage, Sink, be16, be32, le16, le32};

const HASH_MAGIC: u32 = 0x0006_1561;
const PAGE_HEADER: usize = 26;

/// Page types (`db_page.h`).
const P_HASH_UNSORTED: u8 = 2;
const P_OVERFLOW: u8 = 7;
const P_HASHMETA: u8 = 8;
const P_HASH: u8 = 13;

/// Item types on a hash page.
const H_KEYDATA: u8 = 1;
const H_OFFPAGE: u8 = 3;

struct Table<'a> {
    file: &'a [u8],
    big: bool,
    page: usize,
    /// Overflow pages already read: each belongs to one value, so a chain can neither turn nor be shared.
    used: Vec<bool>,
}

/// Gives every value of the table to `sink`, but the one under key 0, which is a counter.
pub(super) fn read(file: &[u8], sink: &mut Sink<'_>) -> Result<(), Damage> {
    let mut table = Table::open(file)?;
    let mut scratch = Vec::new();
    for number in 1..table.used.len() {
        let Some(page) = table.page(number) else { break };
        if matches!(page[25], P_HASH | P_HASH_UNSORTED) {
            bucket(&mut table, number, page, &mut scratch, sink);
        }
    }
    Ok(())
}

/// Reads the pairs on one hash page.
fn bucket(table: &mut Table<'_>, number: usize, page: &[u8], scratch: &mut Vec<u8>, sink: &mut Sink<'_>) {
    let at = (number * table.page) as u64;
    let Some(items) = table.items(page) else {
        sink.damage(Damage::new("a hash page's items overlap or leave the page", at));
        return;
    };
    for pair in items.chunks(2) {
        let [key, value] = pair else {
            sink.damage(Damage::new("a key has no value", at));
            break;
        };
        if is_counter(key) {
            continue;
        }
        match table.value(value, scratch) {
            Ok(bytes) => (sink.record)(bytes, at),
            Err(why) => sink.damage(Damage::new(why, at)),
        }
    }
}

/// Key 0 holds the highest header number.
fn is_counter(key: &[u8]) -> bool {
    key == [H_KEYDATA, 0, 0, 0, 0]
}

impl<'a> Table<'a> {
    /// Checks the metadata page.
    fn open(file: &'a [u8]) -> Result<Self, Damage> {
        let magic = le32(file, 12).ok_or_else(|| Damage::new("it is shorter than a Berkeley DB page", 0))?;
        let big = match magic {
            HASH_MAGIC => false,
            m if m.swap_bytes() == HASH_MAGIC => true,
            _ => return Err(Damage::new("it is no Berkeley DB hash table", 12)),
        };
        let mut table = Self { file, big, page: 0, used: Vec::new() };
        let field = |at: usize| table.u32(file, at).unwrap_or_default();
        if !(8..=10).contains(&field(16)) {
            return Err(Damage::new(format!("its Berkeley DB hash version {} is not 8, 9 or 10", field(16)), 16));
        }
        let size = field(20) as usize;
        if !size.is_power_of_two() || !(512..=65536).contains(&size) || file.len() < size {
            return Err(Damage::new("its page size is not a power of two from 512 to 65536, or cut off", 20));
        }
        if file[24] != 0 || file[25] != P_HASHMETA {
            return Err(Damage::new("its first page is encrypted or no hash metadata", 24));
        }
        let last = field(32) as usize;
        if last >= file.len() / size {
            return Err(Damage::new(format!("it is cut off: its last page should be {last}"), 32));
        }
        table.page = size;
        table.used = vec![false; last + 1];
        Ok(table)
    }

    fn u16(&self, bytes: &[u8], at: usize) -> Option<u16> {
        if self.big { be16(bytes, at) } else { le16(bytes, at) }
    }

    fn u32(&self, bytes: &[u8], at: usize) -> Option<u32> {
        if self.big { be32(bytes, at) } else { le32(bytes, at) }
    }

    fn page(&self, number: usize) -> Option<&'a [u8]> {
        let start = number.checked_mul(self.page)?;
        self.file.get(start..start.checked_add(self.page)?)
    }

    /// The items of a hash page. They lie from the page's end downwards, each one starting where an offset in
    /// the page's head says, up to the item before it.
    fn items(&self, page: &'a [u8]) -> Option<Vec<&'a [u8]>> {
        let count = usize::from(self.u16(page, 20)?);
        let mut end = page.len();
        let mut items = Vec::with_capacity(count.min(page.len() / 2));
        for i in 0..count {
            let start = usize::from(self.u16(page, PAGE_HEADER + 2 * i)?);
            if start >= end || start < PAGE_HEADER + 2 * count {
                return None;
            }
            items.push(&page[start..end]);
            end = start;
        }
        Some(items)
    }

    /// The bytes of a value, wherever they lie.
    fn value<'s>(&mut self, item: &'s [u8], scratch: &'s mut Vec<u8>) -> Result<&'s [u8], &'static str> {
        match item[0] {
            H_KEYDATA => Ok(&item[1..]),
            H_OFFPAGE => {
                let first = self.u32(item, 4).ok_or("an overflow item is cut off")?;
                let length = self.u32(item, 8).ok_or("an overflow item is cut off")?;
                self.chain(first as usize, length as usize, scratch)?;
                Ok(scratch)
            }
            _ => Err("a value is of a kind that rpm does not write"),
        }
    }

    /// Puts a chain of overflow pages together.
    fn chain(&mut self, first: usize, length: usize, out: &mut Vec<u8>) -> Result<(), &'static str> {
        out.clear();
        let mut number = first;
        while number != 0 {
            let page = self.page(number).ok_or("an overflow chain leaves the file")?;
            match self.used.get_mut(number) {
                Some(used) if !*used => *used = true,
                _ => return Err("an overflow chain turns or is shared"),
            }
            let filled = self.u16(page, 22).map_or(0, usize::from);
            let data = page.get(PAGE_HEADER..PAGE_HEADER + filled).filter(|_| page[25] == P_OVERFLOW);
            out.extend_from_slice(data.ok_or("an overflow chain leads to another kind of page")?);
            number = self.u32(page, 16).map_or(0, |n| n as usize);
        }
        if out.len() == length { Ok(()) } else { Err("an overflow chain is not as long as its item says") }
    }
}
