//! One immutable file of the index, read in place (docs/formats/advisory-index.md).
//!
//! A segment is bytes that someone mapped or read; nothing of it is trusted. Opening looks at the footer alone.

use crate::codec::{Cursor, Damage, hash};
use crate::statement::{Entry, Statement};

pub(crate) const MAGIC: &[u8; 8] = b"PLIMADV\x01";
pub(crate) const FORMAT: u64 = 1;
/// Statements, their offsets, packages, their slots, worlds, names, statements that are gone.
pub(crate) const SECTIONS: usize = 7;
pub(crate) const FOOTER: usize = (SECTIONS + 2 + 1 + 1) * 8 + 8;

const NAMES: [&str; SECTIONS] =
    ["statements", "offsets of statements", "packages", "slots of packages", "worlds", "names", "removals"];
/// A row of the names: a hash and a statement's number.
const ROW: usize = 12;

/// Why a file is no segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is something else, or was cut off.
    #[error("it is no advisory index, or it was cut off")]
    NotAnIndex,
    /// Another version of the format.
    #[error("it is an advisory index of format {0}, and this program reads format {FORMAT}")]
    Format(u64),
    /// Its footer contradicts itself.
    #[error(transparent)]
    Damaged(#[from] Damage),
}

/// A segment, open.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'s> {
    sections: [&'s [u8]; SECTIONS],
    statements: u64,
    packages: u64,
}

/// A statement's number in its segment.
pub(crate) type Number = u32;

impl<'s> Segment<'s> {
    /// Reads the footer.
    pub fn open(bytes: &'s [u8]) -> Result<Self, OpenError> {
        let start = bytes.len().checked_sub(FOOTER).ok_or(OpenError::NotAnIndex)?;
        let (body, footer) = bytes.split_at(start);
        if !body.starts_with(MAGIC) || !footer.ends_with(MAGIC) {
            return Err(OpenError::NotAnIndex);
        }
        let number = |i: usize| u64::from_le_bytes(std::array::from_fn(|b| footer[i * 8 + b]));
        let format = number(SECTIONS + 3);
        if format != FORMAT {
            return Err(OpenError::Format(format));
        }
        if number(SECTIONS + 2) != start as u64 {
            return Err(OpenError::NotAnIndex);
        }
        let mut sections: [&[u8]; SECTIONS] = [&[]; SECTIONS];
        for (i, section) in sections.iter_mut().enumerate() {
            let end = if i + 1 < SECTIONS { number(i + 1) } else { start as u64 };
            let (from, to) = (usize::try_from(number(i)), usize::try_from(end));
            let damage = Damage { part: "footer", at: i * 8 };
            *section = body.get(from.map_err(|_| damage)?..to.map_err(|_| damage)?).ok_or(damage)?;
        }
        let segment = Self { sections, statements: number(SECTIONS), packages: number(SECTIONS + 1) };
        segment.check_shape()?;
        Ok(segment)
    }

    fn check_shape(&self) -> Result<(), Damage> {
        let damage = |at: usize| Damage { part: "footer", at };
        if self.sections[1].len() as u64 != self.statements.saturating_mul(4) {
            return Err(damage(SECTIONS * 8));
        }
        let slots = self.sections[3].len();
        if !slots.is_multiple_of(8) || !(slots / 8).is_power_of_two() || self.packages > (slots / 8) as u64 {
            return Err(damage(3 * 8));
        }
        if self.sections[5].len().is_multiple_of(ROW) { Ok(()) } else { Err(damage(5 * 8)) }
    }

    fn cursor(&self, section: usize, at: usize) -> Cursor<'s> {
        Cursor::new(NAMES[section], self.sections[section], at)
    }

    /// How many statements it holds.
    pub fn statements(&self) -> u64 {
        self.statements
    }

    /// How many packages are named in it.
    pub fn packages(&self) -> u64 {
        self.packages
    }

    pub(crate) fn statement_bytes(&self, number: Number) -> Result<Cursor<'s>, Damage> {
        let at = self.cursor(1, (number as usize).saturating_mul(4)).u32()?;
        Ok(self.cursor(0, at as usize))
    }

    pub(crate) fn statement(&self, number: Number) -> Result<Statement<'s>, Damage> {
        Statement::get(&mut self.statement_bytes(number)?)
    }

    /// Calls `each` with every entry of the package: the statement's number and the entry, not yet read.
    #[inline]
    pub(crate) fn entries(
        &self,
        key: &[u8],
        hash: u64,
        mut each: impl FnMut(Number, &mut Cursor<'s>) -> Result<(), Damage>,
    ) -> Result<(), Damage> {
        let Some(mut cursor) = self.find(key, hash)? else { return Ok(()) };
        let length = cursor.count()?;
        let end = cursor.at() + length;
        while cursor.at() < end {
            let number = u32::try_from(cursor.number()?).map_err(|_| cursor.damage())?;
            let length = cursor.count()?;
            let at = cursor.at();
            let own = cursor.take(length)?;
            // The entry ends where it says, whatever is written in it.
            let mut entry = self.cursor(2, at).within(at + own.len());
            each(number, &mut entry)?;
        }
        Ok(())
    }

    #[inline]
    fn find(&self, key: &[u8], hash: u64) -> Result<Option<Cursor<'s>>, Damage> {
        let count = self.sections[3].len() / 8;
        let mut at = hash as usize & (count - 1);
        for _ in 0..count {
            let slot = self.sections[3].get(at * 8..at * 8 + 8).ok_or(Damage { part: NAMES[3], at })?;
            let slot = u64::from_le_bytes(std::array::from_fn(|b| slot[b]));
            if slot == 0 {
                return Ok(None);
            }
            if slot >> 32 == hash >> 32 {
                let mut cursor = self.cursor(2, (slot as u32 as usize).wrapping_sub(1));
                let length = cursor.count()?;
                if cursor.take(length)? == key {
                    return Ok(Some(cursor));
                }
            }
            at = (at + 1) & (count - 1);
        }
        Ok(None)
    }

    /// The statements that go by this name, whoever made them.
    pub(crate) fn named(&self, name: &str) -> Result<Vec<Statement<'s>>, Damage> {
        let wanted = hash(name.as_bytes());
        let rows = self.sections[5];
        let row = |i: usize| {
            let row = &rows[i * ROW..i * ROW + ROW];
            let hash = u64::from_le_bytes(std::array::from_fn(|b| row[b]));
            (hash, u32::from_le_bytes(std::array::from_fn(|b| row[8 + b])))
        };
        let count = rows.len() / ROW;
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            if row(middle).0 < wanted { low = middle + 1 } else { high = middle }
        }
        let mut found = Vec::new();
        while low < count && row(low).0 == wanted {
            let statement = self.statement(row(low).1)?;
            // Another name may have the same hash.
            if statement.names().any(|n| n == name) {
                found.push(statement);
            }
            low += 1;
        }
        Ok(found)
    }

    /// Each world with the number of its entries.
    pub fn worlds(&self) -> Result<Vec<(&'s str, u64)>, Damage> {
        let mut cursor = self.cursor(4, 0);
        let mut worlds = Vec::new();
        while !cursor.is_at_end() {
            worlds.push((cursor.text()?, cursor.number()?));
        }
        Ok(worlds)
    }

    /// The statements of older segments that no longer hold.
    pub(crate) fn removals(&self) -> Result<Vec<(&'s str, &'s str)>, Damage> {
        let mut cursor = self.cursor(6, 0);
        let mut gone = Vec::new();
        while !cursor.is_at_end() {
            gone.push((cursor.text()?, cursor.text()?));
        }
        Ok(gone)
    }

    /// Every package with its entries as they are written: key, statement's number, bytes.
    pub(crate) fn every_entry(
        &self,
        mut each: impl FnMut(&'s str, Number, &'s [u8]) -> Result<(), Damage>,
    ) -> Result<(), Damage> {
        let mut cursor = self.cursor(2, 0);
        while !cursor.is_at_end() {
            let key = cursor.text()?;
            let end = cursor.count()? + cursor.at();
            while cursor.at() < end {
                let number = u32::try_from(cursor.number()?).map_err(|_| cursor.damage())?;
                let length = cursor.count()?;
                each(key, number, cursor.take(length)?)?;
            }
        }
        Ok(())
    }

    /// Reads all of it, for whoever must know before using it that nothing is damaged.
    pub fn verify(&self) -> Result<(), Damage> {
        for number in 0..self.statements as Number {
            self.statement(number)?;
        }
        let most = self.statements;
        self.every_entry(|_, number, bytes| {
            if u64::from(number) >= most {
                return Err(Damage { part: NAMES[2], at: 0 });
            }
            Entry::get(&mut Cursor::new(NAMES[2], bytes, 0)).map(drop)
        })?;
        self.worlds()?;
        self.removals().map(drop)
    }
}
