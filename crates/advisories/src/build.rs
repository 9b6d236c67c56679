//! From statements to a segment: the same statements give the same bytes, in whatever order they came.

use crate::codec::{hash, put_number, put_text};
use crate::segment::{FOOTER, FORMAT, MAGIC, SECTIONS};
use crate::statement::{Entry, Statement};
use rustc_hash::FxHashMap;
use std::io::{self, Write};

/// Statements, collected.
#[derive(Default)]
pub struct Builder {
    /// Encoded statements and entries, one after the other.
    bytes: Vec<u8>,
    statements: Vec<Item>,
    entries: Vec<Slot>,
    keys: Vec<String>,
    known: FxHashMap<String, u32>,
    /// Statements that a newer update took away: source and id.
    gone: Vec<(String, String)>,
    /// What was left out, by reason.
    pub left_out: std::collections::BTreeMap<String, u64>,
}

struct Item {
    at: usize,
    length: u32,
    modified: i64,
    first_entry: u32,
    entries: u32,
}

struct Slot {
    key: u32,
    at: usize,
    length: u32,
}

/// Why a segment could not be written.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The place it goes to failed.
    #[error("cannot write the index: {0}")]
    Write(#[from] io::Error),
    /// A section outgrew its offsets.
    #[error("the index is too large: its {0} would pass 4 GiB")]
    TooLarge(&'static str),
}

impl Builder {
    /// Adds a statement with its packages, each under its world's key and folded name.
    pub fn add(&mut self, statement: &Statement<'_>, packages: &[(String, Entry<'_>)]) {
        let first_entry = self.entries.len() as u32;
        for (key, entry) in packages {
            let at = self.bytes.len();
            entry.put(&mut self.bytes);
            self.push_entry(key, at);
        }
        let at = self.bytes.len();
        statement.put(&mut self.bytes);
        self.push_item(at, statement.modified, first_entry);
    }

    fn push_entry(&mut self, key: &str, at: usize) {
        let key = match self.known.get(key) {
            Some(&number) => number,
            None => {
                let number = self.keys.len() as u32;
                self.keys.push(key.to_owned());
                self.known.insert(key.to_owned(), number);
                number
            }
        };
        self.entries.push(Slot { key, at, length: (self.bytes.len() - at) as u32 });
    }

    fn push_item(&mut self, at: usize, modified: i64, first_entry: u32) {
        let length = (self.bytes.len() - at) as u32;
        let entries = self.entries.len() as u32 - first_entry;
        self.statements.push(Item { at, length, modified, first_entry, entries });
    }

    /// Adds what was encoded before, byte for byte.
    pub(crate) fn add_encoded(&mut self, statement: &[u8], modified: i64, packages: &[(&str, &[u8])]) {
        let first_entry = self.entries.len() as u32;
        for (key, entry) in packages {
            let at = self.bytes.len();
            self.bytes.extend_from_slice(entry);
            self.push_entry(key, at);
        }
        let at = self.bytes.len();
        self.bytes.extend_from_slice(statement);
        self.push_item(at, modified, first_entry);
    }

    /// Says that a statement of an older segment no longer holds.
    pub fn remove(&mut self, source: &str, id: &str) {
        self.gone.push((source.to_owned(), id.to_owned()));
    }

    /// Takes over all that another builder collected.
    pub fn absorb(&mut self, other: Self) {
        let (shift, first) = (self.bytes.len(), self.entries.len() as u32);
        self.bytes.extend_from_slice(&other.bytes);
        let numbers: Vec<u32> = other
            .keys
            .into_iter()
            .map(|key| {
                let next = self.keys.len() as u32;
                let number = *self.known.entry(key.clone()).or_insert(next);
                if number == next {
                    self.keys.push(key);
                }
                number
            })
            .collect();
        let moved = other.entries.into_iter().map(|s| Slot { key: numbers[s.key as usize], at: s.at + shift, ..s });
        self.entries.extend(moved);
        let moved = other.statements.into_iter();
        self.statements.extend(moved.map(|i| Item { at: i.at + shift, first_entry: i.first_entry + first, ..i }));
        self.gone.extend(other.gone);
        for (reason, count) in other.left_out {
            *self.left_out.entry(reason).or_default() += count;
        }
    }

    /// Counts something that is not in the index.
    pub fn leave_out(&mut self, reason: &str) {
        match self.left_out.get_mut(reason) {
            Some(count) => *count += 1,
            None => {
                self.left_out.insert(reason.to_owned(), 1);
            }
        }
    }

    /// The day of the newest change that a statement states; empty if none states one.
    pub fn newest(&self) -> String {
        let seconds = self.statements.iter().map(|item| item.modified).max().unwrap_or(0);
        if seconds > 0 { crate::when::date((seconds / 86_400) as u32) } else { String::new() }
    }

    /// How many statements there are, doubles included.
    pub fn len(&self) -> usize {
        self.statements.len()
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty() && self.gone.is_empty()
    }

    /// Source and id, which are the first two texts of an encoded statement.
    fn head(&self, item: &Item) -> (&str, &str) {
        let bytes = &self.bytes[item.at..item.at + item.length as usize];
        let mut cursor = crate::codec::Cursor::new("build", bytes, 0);
        Statement::head(&mut cursor).unwrap_or_default()
    }

    /// Sorted by source and id; of doubles (one record in the archives of two ecosystems) the newest stays.
    fn sort(&mut self) {
        let mut items = std::mem::take(&mut self.statements);
        let rank = |b: &Self, i: &Item| (i.modified, b.bytes[i.at..i.at + i.length as usize].to_vec(), i.entries);
        items.sort_by(|a, b| {
            let order = self.head(a).cmp(&self.head(b));
            order.then_with(|| rank(self, b).cmp(&rank(self, a)))
        });
        items.dedup_by(|later, first| self.head(later) == self.head(first));
        self.statements = items;
        self.gone.sort();
        self.gone.dedup();
    }

    /// Writes the segment and gives how many statements and packages it has.
    pub fn write(mut self, out: &mut impl Write) -> Result<(usize, usize), BuildError> {
        self.sort();
        let mut file = Sections { out, at: 0, offsets: Vec::new() };
        file.out.write_all(MAGIC)?;
        file.at = MAGIC.len() as u64;
        self.write_statements(&mut file)?;
        let packages = self.write_packages(&mut file)?;
        self.write_names(&mut file)?;
        self.write_gone(&mut file)?;
        let counts = [self.statements.len() as u64, packages as u64];
        file.finish(&counts)?;
        Ok((self.statements.len(), packages))
    }

    fn write_statements<W: Write>(&self, file: &mut Sections<'_, W>) -> Result<(), BuildError> {
        file.begin();
        let mut offsets = Vec::with_capacity(self.statements.len() * 4);
        let mut at = 0_u64;
        for item in &self.statements {
            offsets.extend_from_slice(&narrow(at, "statements")?.to_le_bytes());
            file.put(&self.bytes[item.at..item.at + item.length as usize])?;
            at += u64::from(item.length);
        }
        file.begin();
        file.put(&offsets)
    }

    /// Each package: key, bytes of its entries, then each entry with the number of its statement before it.
    fn write_packages<W: Write>(&self, file: &mut Sections<'_, W>) -> Result<usize, BuildError> {
        let mut sorted: Vec<u32> = (0..self.keys.len() as u32).collect();
        sorted.sort_by(|&a, &b| self.keys[a as usize].cmp(&self.keys[b as usize]));
        let mut ranks = vec![0_u32; sorted.len()];
        sorted.iter().enumerate().for_each(|(rank, &key)| ranks[key as usize] = rank as u32);
        let mut rows: Vec<(u32, u32, u32)> = Vec::with_capacity(self.entries.len());
        for (number, item) in self.statements.iter().enumerate() {
            let own = item.first_entry..item.first_entry + item.entries;
            rows.extend(own.map(|e| (ranks[self.entries[e as usize].key as usize], number as u32, e)));
        }
        rows.sort_unstable();
        file.begin();
        let mut slots = Vec::new();
        let mut worlds: Vec<(&str, u64)> = Vec::new();
        let (mut at, mut row) = (0_u64, 0);
        let mut body = Vec::new();
        let mut head = Vec::new();
        while row < rows.len() {
            let rank = rows[row].0;
            let key = self.keys[sorted[rank as usize] as usize].as_str();
            body.clear();
            head.clear();
            let first = row;
            while row < rows.len() && rows[row].0 == rank {
                let (_, number, entry) = rows[row];
                let entry = &self.entries[entry as usize];
                put_number(&mut body, u64::from(number));
                put_number(&mut body, u64::from(entry.length));
                body.extend_from_slice(&self.bytes[entry.at..entry.at + entry.length as usize]);
                row += 1;
            }
            put_text(&mut head, key);
            put_number(&mut head, body.len() as u64);
            slots.push((hash(key.as_bytes()), narrow(at, "packages")?));
            file.put(&head)?;
            file.put(&body)?;
            at += (head.len() + body.len()) as u64;
            count_world(&mut worlds, key, (row - first) as u64);
        }
        file.begin();
        file.put(&table(&slots))?;
        file.begin();
        let mut bytes = Vec::new();
        for (world, entries) in worlds {
            put_text(&mut bytes, world);
            put_number(&mut bytes, entries);
        }
        file.put(&bytes)?;
        Ok(slots.len())
    }

    /// Which statements go by a name: rows of its hash and the statement's number, sorted.
    fn write_names<W: Write>(&self, file: &mut Sections<'_, W>) -> Result<(), BuildError> {
        let mut rows: Vec<(u64, u32)> = Vec::with_capacity(self.statements.len() * 3);
        for (number, item) in self.statements.iter().enumerate() {
            let bytes = &self.bytes[item.at..item.at + item.length as usize];
            let mut cursor = crate::codec::Cursor::new("build", bytes, 0);
            if let Ok(statement) = Statement::get(&mut cursor) {
                rows.extend(statement.names().map(|name| (hash(name.as_bytes()), number as u32)));
            }
        }
        rows.sort_unstable();
        rows.dedup();
        file.begin();
        for (hash, number) in rows {
            file.put(&hash.to_le_bytes())?;
            file.put(&number.to_le_bytes())?;
        }
        Ok(())
    }

    fn write_gone<W: Write>(&self, file: &mut Sections<'_, W>) -> Result<(), BuildError> {
        file.begin();
        let mut bytes = Vec::new();
        for (source, id) in &self.gone {
            put_text(&mut bytes, source);
            put_text(&mut bytes, id);
        }
        file.put(&bytes)
    }
}

fn count_world<'k>(worlds: &mut Vec<(&'k str, u64)>, key: &'k str, entries: u64) {
    let world = key.split('\0').next().unwrap_or_default();
    match worlds.last_mut() {
        Some((last, count)) if *last == world => *count += entries,
        _ => worlds.push((world, entries)),
    }
}

fn narrow(at: u64, part: &'static str) -> Result<u32, BuildError> {
    // One is kept for an empty slot.
    u32::try_from(at).ok().filter(|&at| at < u32::MAX).ok_or(BuildError::TooLarge(part))
}

/// An open hash table, at most half full: the high half of the hash, and the offset plus one.
fn table(rows: &[(u64, u32)]) -> Vec<u8> {
    let size = (rows.len() * 2).next_power_of_two().max(2);
    let mut slots = vec![0_u64; size];
    for &(hash, offset) in rows {
        let mut at = hash as usize & (size - 1);
        while slots[at] != 0 {
            at = (at + 1) & (size - 1);
        }
        slots[at] = (hash & 0xffff_ffff_0000_0000) | (u64::from(offset) + 1);
    }
    slots.iter().flat_map(|slot| slot.to_le_bytes()).collect()
}

/// Sections one after the other, and their offsets at the end.
struct Sections<'w, W: Write> {
    out: &'w mut W,
    at: u64,
    offsets: Vec<u64>,
}

impl<W: Write> Sections<'_, W> {
    fn begin(&mut self) {
        self.offsets.push(self.at);
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        self.out.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn finish(&mut self, counts: &[u64; 2]) -> Result<(), BuildError> {
        debug_assert_eq!(self.offsets.len(), SECTIONS);
        let mut footer = Vec::with_capacity(FOOTER);
        let numbers = self.offsets.iter().chain(counts).chain(std::iter::once(&self.at));
        numbers.for_each(|n| footer.extend_from_slice(&n.to_le_bytes()));
        footer.extend_from_slice(&FORMAT.to_le_bytes());
        footer.extend_from_slice(MAGIC);
        debug_assert_eq!(footer.len(), FOOTER);
        self.out.write_all(&footer)?;
        self.out.flush()?;
        Ok(())
    }
}
