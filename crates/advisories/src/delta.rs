//! From segments back to statements: what changed since an index was made, and several segments as one.
//!
//! Statements and entries are carried over byte for byte, so that a merge of old segments and a fresh build of the same
//! statements are the same file.

use crate::build::Builder;
use crate::codec::Damage;
use crate::index::Index;
use crate::segment::{Number, Segment};
use crate::statement::Statement;
use rustc_hash::FxHashMap;

/// A package's key and the bytes of its entry.
type Encoded<'s> = (&'s str, &'s [u8]);

/// A statement's bytes and its packages.
type Whole<'s> = (&'s [u8], Vec<Encoded<'s>>);

/// The packages of each statement of a segment, in the order of their keys.
fn packages<'s>(segment: &Segment<'s>) -> Result<FxHashMap<Number, Vec<Encoded<'s>>>, Damage> {
    let mut all: FxHashMap<Number, Vec<Encoded<'_>>> = FxHashMap::default();
    segment.every_entry(|key, number, bytes| {
        all.entry(number).or_default().push((key, bytes));
        Ok(())
    })?;
    Ok(all)
}

/// All statements of an index that still hold, for a segment that takes the place of its segments.
pub fn merged(index: &Index<'_>) -> Result<Builder, Damage> {
    merged_without(index, &[])
}

/// What of an index a merge leaves out, since something else takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Without {
    /// Whose statements.
    pub source: String,
    /// Only those about this ecosystem alone, by OSV's name without a release. What is about others too stays: their
    /// archives have it as well, and of two statements of one name the newer holds.
    pub ecosystem: Option<String>,
}

impl Without {
    /// All that a source said.
    pub fn all(source: &str) -> Self {
        Self { source: source.to_owned(), ecosystem: None }
    }

    fn takes(&self, source: &str, packages: &[Encoded<'_>]) -> bool {
        let base = |key: &str| key.split([':', '\0']).next().unwrap_or_default().to_owned();
        let own = |ecosystem: &String| !packages.is_empty() && packages.iter().all(|(key, _)| base(key) == *ecosystem);
        self.source == source && self.ecosystem.as_ref().is_none_or(own)
    }
}

/// The same, without some.
pub fn merged_without(index: &Index<'_>, without: &[Without]) -> Result<Builder, Damage> {
    let mut builder = Builder::default();
    for (at, segment) in index.segments().iter().enumerate() {
        let packages = packages(segment)?;
        for number in 0..segment.statements() as Number {
            if at > 0 && index.is_hidden(at, segment, number)? {
                continue;
            }
            let (bytes, statement) = encoded(segment, number)?;
            let own = packages.get(&number).map_or(&[][..], Vec::as_slice);
            if without.iter().any(|one| one.takes(statement.source, own)) {
                continue;
            }
            builder.add_encoded(bytes, statement.modified, own);
        }
    }
    Ok(builder)
}

fn encoded<'s>(segment: &Segment<'s>, number: Number) -> Result<(&'s [u8], Statement<'s>), Damage> {
    let start = segment.statement_bytes(number)?;
    let mut cursor = start;
    let statement = Statement::get(&mut cursor)?;
    let mut whole = start;
    Ok((whole.take(cursor.at() - start.at())?, statement))
}

/// What a fresh segment says that `old` does not, and what of `old` the fresh one no longer says, as a segment to lay
/// over `old`. Empty if they say the same.
pub fn changes(old: &Index<'_>, fresh: &Segment<'_>) -> Result<Builder, Damage> {
    let mut before: FxHashMap<(&str, &str), Whole<'_>> = FxHashMap::default();
    for (at, segment) in old.segments().iter().enumerate() {
        let mut packages = packages(segment)?;
        for number in 0..segment.statements() as Number {
            if at == 0 || !old.is_hidden(at, segment, number)? {
                let (bytes, statement) = encoded(segment, number)?;
                let own = packages.remove(&number).unwrap_or_default();
                before.insert((statement.source, statement.id), (bytes, own));
            }
        }
    }
    let mut builder = Builder::default();
    let mut packages = packages(fresh)?;
    for number in 0..fresh.statements() as Number {
        let (bytes, statement) = encoded(fresh, number)?;
        let own = packages.remove(&number).unwrap_or_default();
        let same = before.remove(&(statement.source, statement.id)).is_some_and(|(b, p)| b == bytes && p == own);
        if !same {
            builder.add_encoded(bytes, statement.modified, &own);
        }
    }
    before.into_keys().for_each(|(source, id)| builder.remove(source, id));
    Ok(builder)
}
