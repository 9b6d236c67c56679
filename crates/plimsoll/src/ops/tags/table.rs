//! The tags of a repository: what the registry lists, and what the ledger knows of each.

use super::past::pasts;
use crate::failure::Failure;
use jiff::Timestamp;
use ledger::Ledger;
use model::{Digest, Reference};
use practices::Past;
use std::collections::BTreeMap;
use transport::Registry;

/// The tags of one repository.
pub(crate) struct Table {
    /// `registry/repository`.
    pub(crate) repository: String,
    /// Whether the registry was asked; otherwise only the ledger was.
    pub(crate) listed: bool,
    /// Names in the registry's list that no tag can have.
    pub(crate) odd: usize,
    /// By name.
    pub(crate) tags: Vec<Tag>,
}

/// One tag.
pub(crate) struct Tag {
    pub(crate) name: String,
    /// What the ledger knows; nothing of a tag that nobody looked at.
    pub(crate) known: Option<Known>,
    pub(crate) flags: Vec<Flag>,
}

/// What the ledger knows of a tag.
pub(crate) struct Known {
    /// What it named at the last look; nothing if it was gone.
    pub(crate) digest: Option<Digest>,
    pub(crate) proved: bool,
    pub(crate) vantage: String,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    /// How many digests it has named.
    pub(crate) digests: usize,
}

/// What is worth a word about a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flag {
    /// Nobody has looked at it yet.
    New,
    /// It was seen, and is not there any more.
    Gone,
    /// It has named more than one digest.
    Moved,
}

impl Flag {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Moved => "moved",
        }
    }
}

/// Lists the tags that the registry has (unless there is none to ask) and those that the ledger knows.
pub(crate) fn table(
    reference: &Reference,
    registry: Option<&Registry>,
    ledger: Option<&Ledger>,
) -> Result<Table, Failure> {
    let repository = reference.name();
    let listed = registry.map(|registry| registry.tags(reference)).transpose()?;
    let pasts = ledger.map_or(Ok(Vec::new()), |ledger| pasts(ledger, None, &repository))?;
    let mut known: BTreeMap<String, Option<Known>> = BTreeMap::new();
    for name in listed.iter().flat_map(|list| &list.names) {
        known.insert(name.clone(), None);
    }
    for past in pasts {
        let place = known.entry(past.tag.clone()).or_default();
        // The registry's own word counts, wherever else the tag was seen.
        if place.is_none() || past.vantage == "direct" {
            *place = of(&past);
        }
    }
    let there = |name: &str| listed.as_ref().is_none_or(|l| l.names.binary_search_by(|n| n.as_str().cmp(name)).is_ok());
    let tags = known.into_iter().map(|(name, known)| {
        let gone = !there(&name) || known.as_ref().is_some_and(|k| listed.is_none() && k.digest.is_none());
        let moved = known.as_ref().is_some_and(|k| k.digests > 1);
        let flags = [(known.is_none(), Flag::New), (gone, Flag::Gone), (moved, Flag::Moved)];
        let flags = flags.into_iter().filter_map(|(holds, flag)| holds.then_some(flag)).collect();
        Tag { name, known, flags }
    });
    Ok(Table { repository, listed: listed.is_some(), odd: listed.as_ref().map_or(0, |l| l.odd), tags: tags.collect() })
}

fn of(past: &Past) -> Option<Known> {
    let (first, last) = (past.spans.first()?, past.spans.last()?);
    Some(Known {
        digest: last.digest,
        proved: last.proved,
        vantage: past.vantage.clone(),
        first: first.from,
        last: last.to,
        digests: past.digests().len(),
    })
}
