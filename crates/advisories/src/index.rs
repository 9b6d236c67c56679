//! A few segments that are one index: what a newer segment says again or takes back hides what an older one said.

use crate::codec::{Cursor, Damage, hash};
use crate::segment::{Number, Segment};
use crate::statement::Statement;
use rustc_hash::FxHashSet;

/// The index, open.
#[derive(Clone, Debug, Default)]
pub struct Index<'s> {
    /// The newest first.
    segments: Vec<Segment<'s>>,
    /// What each segment takes back of those behind it.
    gone: Vec<FxHashSet<(&'s str, &'s str)>>,
}

impl<'s> Index<'s> {
    /// The index of these segments, oldest first as the manifest lists them.
    pub fn new(oldest_first: Vec<Segment<'s>>) -> Result<Self, Damage> {
        let segments: Vec<Segment<'s>> = oldest_first.into_iter().rev().collect();
        let gone = segments.iter().map(|s| Ok(s.removals()?.into_iter().collect())).collect::<Result<_, Damage>>()?;
        Ok(Self { segments, gone })
    }

    /// Its segments, the newest first.
    pub(crate) fn segments(&self) -> &[Segment<'s>] {
        &self.segments
    }

    /// Calls `each` with every entry of a package that still holds: the segment, the statement's number, the entry.
    #[inline]
    pub(crate) fn entries(
        &self,
        key: &[u8],
        mut each: impl FnMut(usize, Number, &mut Cursor<'s>) -> Result<(), Damage>,
    ) -> Result<(), Damage> {
        let hash = hash(key);
        for (at, segment) in self.segments.iter().enumerate() {
            segment.entries(key, hash, |number, entry| {
                if at > 0 && self.is_hidden(at, segment, number)? {
                    return Ok(());
                }
                each(at, number, entry)
            })?;
        }
        Ok(())
    }

    /// Whether a newer segment has this statement again, or took it back.
    pub(crate) fn is_hidden(&self, at: usize, segment: &Segment<'s>, number: Number) -> Result<bool, Damage> {
        let head = Statement::head(&mut segment.statement_bytes(number)?)?;
        for newer in 0..at {
            let again = || self.segments[newer].named(head.1).map(|all| all.iter().any(|s| (s.source, s.id) == head));
            if self.gone[newer].contains(&head) || again()? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Every statement that goes by this name and still holds.
    pub fn named(&self, name: &str) -> Result<Vec<Statement<'s>>, Damage> {
        let mut found: Vec<Statement<'s>> = Vec::new();
        for (at, segment) in self.segments.iter().enumerate() {
            for statement in segment.named(name)? {
                let head = (statement.source, statement.id);
                let hidden = found.iter().any(|f| (f.source, f.id) == head)
                    || self.gone[..at].iter().any(|gone| gone.contains(&head));
                // A newer one may no longer go by this name.
                if !hidden && !self.renamed(at, &statement)? {
                    found.push(statement);
                }
            }
        }
        Ok(found)
    }

    fn renamed(&self, at: usize, statement: &Statement<'s>) -> Result<bool, Damage> {
        for newer in &self.segments[..at] {
            if newer.named(statement.id)?.iter().any(|s| (s.source, s.id) == (statement.source, statement.id)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How many entries a world has, over all segments; what is hidden counts too.
    pub fn entries_of(&self, world: &str) -> Result<u64, Damage> {
        let mut sum = 0;
        for segment in &self.segments {
            sum += segment.worlds()?.iter().filter(|(name, _)| *name == world).map(|(_, n)| n).sum::<u64>();
        }
        Ok(sum)
    }

    /// How many statements there are, over all segments; what is hidden counts too.
    pub fn statements(&self) -> u64 {
        self.segments.iter().map(Segment::statements).sum()
    }
}
