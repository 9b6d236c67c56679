//! Looking at tags again and again: one HEAD where nothing changed, a GET that is hashed where something did.
//!
//! A HEAD's answer is a claim, so it never makes a row of its own; what it says has changed is fetched and proved. Once
//! a day what is unchanged is fetched too, so that the ledger's chain vouches for it. A tag counts as gone only when
//! the registry says in its own words that there is no such manifest: a proxy's bare 404 is no absence.

use super::super::record::WITNESS;
use super::inside;
use crate::failure::Failure;
use jiff::Timestamp;
use ledger::{Entry, Ledger, Observation, Proof, Recorded, SEAL_AGAIN_AFTER, State, Vantage};
use model::{Digest, Reference};
use std::collections::BTreeSet;
use transport::{Poll, Registry, RegistryError, Sighting, TransportError};

/// Looks that are recorded together: an interrupt loses less than this.
const BATCH: usize = 50;

/// Which tags to look at.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    /// The repository; its tag, if it has one, is not what is meant.
    pub(crate) repository: Reference,
    /// These tags; `None` for all that the registry lists.
    pub(crate) tags: Option<Vec<String>>,
}

/// Something that was not so at the last look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// First look at this tag.
    New { tag: String, digest: Digest },
    /// It names something else.
    Moved { tag: String, from: Option<Digest>, to: Digest },
    /// It is gone.
    Vanished { tag: String, last: Digest },
}

/// What a round of looks gave.
#[derive(Default)]
pub(crate) struct Look {
    /// Tags that were looked at.
    pub(crate) tags: usize,
    /// Those of which a HEAD said that nothing changed.
    pub(crate) unchanged: usize,
    pub(crate) events: Vec<Event>,
    /// Tags of which nothing could be learned, and why.
    pub(crate) failures: Vec<(String, Failure)>,
}

/// Looks on behalf of one ledger.
pub(crate) struct Watch<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) ledger: &'a Ledger,
    /// Whether to go on; asked between looks.
    pub(crate) on: &'a dyn Fn() -> bool,
    /// The time of a look.
    pub(crate) clock: &'a dyn Fn() -> Timestamp,
}

impl Watch<'_> {
    /// Looks at every tag once.
    pub(crate) fn round(&self, watched: &Watched) -> Result<Look, Failure> {
        let name = watched.repository.name();
        let tags = match &watched.tags {
            Some(tags) => tags.clone(),
            None => {
                let listed = self.registry.tags(&watched.repository)?.names;
                let known = self.ledger.tags(&name)?.into_iter().filter(|e| e.observation.digest().is_some());
                let known = known.filter_map(|e| e.observation.tag);
                listed.into_iter().chain(known).collect::<BTreeSet<_>>().into_iter().collect()
            }
        };
        let mut look = Look::default();
        for batch in tags.chunks(BATCH) {
            self.batch(watched, batch, &mut look)?;
        }
        Ok(look)
    }

    /// Looks at these tags and records what was seen.
    pub(crate) fn batch(&self, watched: &Watched, tags: &[String], look: &mut Look) -> Result<(), Failure> {
        let repository = &watched.repository;
        let name = repository.name();
        let mut seen = Vec::new();
        for tag in tags.iter().take_while(|_| (self.on)()) {
            look.tags += 1;
            let last = self.ledger.last_direct(&name, tag)?;
            match self.one(watched, tag, last.as_ref()) {
                Ok(observation) => seen.push((observation, last)),
                Err(failure) => look.failures.push((tag.clone(), failure)),
            }
        }
        let observations: Vec<Observation> = seen.iter().map(|(observation, _)| observation.clone()).collect();
        let receipt = self.ledger.observe(&observations)?;
        for ((observation, last), recorded) in seen.into_iter().zip(receipt.recorded) {
            match event(&observation, last.as_ref()) {
                Some(event) if matches!(recorded, Recorded::Row(_)) => {
                    // What was there before too: whoever saw it first may have kept nothing of its inside.
                    for digest in event.digests() {
                        inside::keep(self.registry, self.ledger, repository, &digest);
                    }
                    look.events.push(event);
                }
                _ => look.unchanged += usize::from(observation.proof == Proof::Claimed),
            }
        }
        Ok(())
    }

    fn one(&self, watched: &Watched, tag: &str, last: Option<&Entry>) -> Result<Observation, Failure> {
        let repository = &watched.repository;
        let now = (self.clock)();
        let known = last.filter(|e| is_sealed(e, now)).and_then(|e| e.observation.digest());
        if let Some(known) = known {
            match self.registry.poll(repository, tag, known) {
                Ok(Poll::Unchanged) => {
                    let state = State::Is { digest: *known, media_type: String::new(), children: Vec::new() };
                    return Ok(Observation::claimed(&repository.name(), Some(tag), state).by(
                        now,
                        Vantage::Direct,
                        WITNESS,
                    ));
                }
                // What changed, is gone, or cannot be told by a HEAD is asked for in full.
                Ok(Poll::Changed(_) | Poll::Unstated) => {}
                Err(error) if is_absence(&error, false) => {}
                Err(error) => return Err(error.into()),
            }
        }
        match self.registry.sight_at(repository, tag, &transport::Vantage::Direct) {
            Ok(sighting) => proved(repository, tag, &sighting, now),
            // A tag that somebody wrote down and that never was is more likely misspelt than gone.
            Err(error) if is_absence(&error, true) && (last.is_some() || watched.tags.is_none()) => {
                let gone = Observation::claimed(&repository.name(), Some(tag), State::Vanished);
                Ok(gone.by(now, Vantage::Direct, WITNESS))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Event {
    /// The digests whose difference somebody may ask for.
    fn digests(&self) -> impl Iterator<Item = Digest> {
        let (before, now) = match self {
            Self::New { digest, .. } => (None, Some(*digest)),
            Self::Moved { from, to, .. } => (*from, Some(*to)),
            Self::Vanished { .. } => (None, None),
        };
        before.into_iter().chain(now)
    }
}

/// Whether the last row is proved and young enough for a claim to be counted at it.
fn is_sealed(entry: &Entry, now: Timestamp) -> bool {
    let age = now.duration_since(entry.observation.seen);
    entry.observation.proof == Proof::Proved && age.unsigned_abs() < SEAL_AGAIN_AFTER
}

fn proved(repository: &Reference, tag: &str, sighting: &Sighting, now: Timestamp) -> Result<Observation, Failure> {
    let (name, raw) = (repository.name(), sighting.raw());
    let seen = Observation::proved(&name, Some(tag), sighting.digest, raw, Some(sighting.media_type()));
    let target = || format!("{name}:{tag}");
    let seen = seen.map_err(|source| TransportError::Document { target: target(), source })?;
    Ok(seen.by(now, Vantage::Direct, WITNESS))
}

fn event(observation: &Observation, last: Option<&Entry>) -> Option<Event> {
    let tag = observation.tag.clone()?;
    let before = last.map(|entry| entry.observation.digest().copied());
    match (before, observation.digest().copied()) {
        (None, Some(digest)) => Some(Event::New { tag, digest }),
        (Some(from), Some(to)) if from != Some(to) => Some(Event::Moved { tag, from, to }),
        (Some(Some(last)), None) => Some(Event::Vanished { tag, last }),
        _ => None,
    }
}

/// Whether the registry says that there is no such manifest. In answer to a HEAD it can say no word.
fn is_absence(error: &TransportError, in_words: bool) -> bool {
    let TransportError::Registry { source, .. } = error else { return false };
    match source.as_ref() {
        RegistryError::NotFound { said, .. } => {
            !in_words || ["MANIFEST_UNKNOWN", "NAME_UNKNOWN", "NOT_FOUND"].iter().any(|word| said.contains(word))
        }
        _ => false,
    }
}
