//! `tag` and `promote`: tags that are to name an image, safely.
//!
//! The image is known by its digest before a tag is touched. A tag that should never move is not moved without a reason.
//! What is meant is written into the ledger before the first request, so that a run that was killed can be finished or
//! taken back; each tag is looked at again just before it is moved, and read back after. Registries offer no lock: who
//! moves the same tag in the instant between look and write is found out by the next look, not kept away.

use super::copy::{CopyRequest, copy};
use super::open::{Access, registry};
use super::{Sight, record};
use crate::failure::Failure;
use jiff::Timestamp;
use ledger::{Ledger, Move, MoveEnd, Vantage};
use model::oci::Document;
use model::{Digest, Reference};
use practices::mobility;
use std::collections::BTreeSet;
use transport::{Registry, RegistryError, Remote, TransportError};

/// What is to be done.
pub(crate) struct PromoteRequest<'r> {
    pub(crate) source: &'r Reference,
    pub(crate) destinations: &'r [Reference],
    /// Why a tag that should not move is moved all the same.
    pub(crate) reason: Option<&'r str>,
    /// Only say what would be done.
    pub(crate) dry: bool,
    /// Whether the image may go into other repositories.
    pub(crate) copies: bool,
    pub(crate) referrers: bool,
    pub(crate) watched: bool,
}

/// What was done, or would be.
pub(crate) struct Promotion {
    pub(crate) source: Reference,
    pub(crate) digest: Digest,
    pub(crate) steps: Vec<Step>,
}

/// One tag.
pub(crate) struct Step {
    pub(crate) reference: Reference,
    pub(crate) tag: String,
    /// What it named before.
    pub(crate) old: Option<Digest>,
    pub(crate) fate: StepFate,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepFate {
    /// It names the image already.
    Same,
    /// It would be moved.
    Planned,
    /// It was moved, and read back.
    Moved,
    /// It should never move, and names another image.
    Refused,
}

impl Promotion {
    /// Whether some tag kept everything from being done.
    pub(crate) fn is_refused(&self) -> bool {
        self.steps.iter().any(|step| step.fate == StepFate::Refused)
    }
}

/// Lets tags name what `source` names now.
pub(crate) fn promote(
    request: &PromoteRequest<'_>,
    access: &Access<'_>,
    ledger: &Ledger,
) -> Result<Promotion, Failure> {
    if access.offline {
        return Err(Failure::Offline(request.source.as_typed().to_owned()));
    }
    let client = registry(access)?;
    let from = client.remote(request.source)?;
    // By the registry itself: a mirror may tell what the tag named last week.
    let document = from.document(&request.source.wanted())?;
    // What tags name is told in SHA-256, whatever the image was asked for by.
    let digest = document.digest();
    let mut steps = steps(request, digest, &client)?;
    let source = request.source.clone();
    let stopped = request.dry || steps.iter().any(|step| step.fate == StepFate::Refused);
    if stopped || steps.iter().all(|step| step.fate == StepFate::Same) {
        return Ok(Promotion { source, digest, steps });
    }
    let moves = moves(&steps, digest, request.reason, access.surroundings.now);
    ledger.begin_moves(&moves)?;
    bring(request, &steps, &from, digest, access)?;
    for one in &moves {
        shift(one, &document, &client, ledger)?;
    }
    for step in steps.iter_mut().filter(|step| step.fate == StepFate::Planned) {
        step.fate = StepFate::Moved;
    }
    Ok(Promotion { source, digest, steps })
}

/// What each tag names now and what is to become of it: those that move least first, so that the name which must be right
/// is right before the names that lead to it.
fn steps(request: &PromoteRequest<'_>, digest: Digest, client: &Registry) -> Result<Vec<Step>, Failure> {
    let home = request.source.name();
    let mut steps = Vec::new();
    for reference in request.destinations {
        let (Some(tag), None) = (reference.tag(), reference.digest()) else {
            return Err(Failure::NotATag(reference.as_typed().to_owned()));
        };
        if !request.copies && reference.name() != home {
            return Err(Failure::OtherRepository { reference: reference.as_typed().to_owned(), home });
        }
        if steps.iter().any(|step: &Step| step.tag == tag && step.reference.name() == reference.name()) {
            continue;
        }
        let old = named(&client.remote(reference)?, tag)?.map(|document| document.digest());
        let fate = match old {
            Some(old) if old == digest => StepFate::Same,
            Some(_) if mobility(tag) == 0 && request.reason.is_none() => StepFate::Refused,
            _ => StepFate::Planned,
        };
        steps.push(Step { reference: reference.clone(), tag: tag.to_owned(), old, fate });
    }
    steps.sort_by_key(|step| mobility(&step.tag));
    Ok(steps)
}

/// What a tag names by the registry's own word, hashed; `None` if it says in its own words that there is no such tag. A
/// bare 404 may come from anything on the way, and must not free a version's tag.
fn named(remote: &Remote, tag: &str) -> Result<Option<Document>, Failure> {
    match remote.document(tag) {
        Ok(document) => Ok(Some(document)),
        Err(TransportError::Registry { source, .. })
            if matches!(*source, RegistryError::NotFound { certain: true, .. }) =>
        {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn moves(steps: &[Step], new: Digest, reason: Option<&str>, began: Timestamp) -> Vec<Move> {
    let planned = steps.iter().filter(|step| step.fate == StepFate::Planned);
    let one = |step: &Step| Move {
        repository: step.reference.name(),
        tag: step.tag.clone(),
        began,
        old: step.old,
        new,
        reason: reason.filter(|_| mobility(&step.tag) == 0 && step.old.is_some()).unwrap_or_default().to_owned(),
        ended: None,
    };
    planned.map(one).collect()
}

/// The image into every repository that is to have it, by its digest alone.
fn bring(
    request: &PromoteRequest<'_>,
    steps: &[Step],
    from: &Remote,
    digest: Digest,
    access: &Access<'_>,
) -> Result<(), Failure> {
    let planned = steps.iter().filter(|step| step.fate == StepFate::Planned);
    let places: BTreeSet<String> = planned.map(|step| step.reference.name()).collect();
    let source = format!("{}@{digest}", request.source.name());
    for place in places.iter().filter(|place| **place != request.source.name()) {
        let destination = format!("{place}@{digest}");
        let (jobs, referrers, watched) = (4, request.referrers, request.watched);
        let wanted = CopyRequest { source: &source, destination: &destination, referrers, jobs, watched };
        copy(&wanted, access)?;
    }
    // The source itself must still be there for the tags of its own repository.
    from.document(&digest.to_string())?;
    Ok(())
}

/// Moves one tag, if it still names what it named when the move was written down.
fn shift(one: &Move, document: &Document, client: &Registry, ledger: &Ledger) -> Result<(), Failure> {
    let reference = of(one)?;
    let remote = client.remote(&reference)?;
    let found = named(&remote, &one.tag)?.map(|document| document.digest());
    if found != one.old && found != Some(one.new) {
        ledger.end_move(one, crate::surroundings::now(), MoveEnd::Lost)?;
        return Err(Failure::MovedMeanwhile { reference: reference.as_typed().to_owned(), found });
    }
    if found != Some(one.new) {
        remote.tag(document, &one.tag)?;
    }
    seen(&reference, document, ledger)?;
    Ok(ledger.end_move(one, crate::surroundings::now(), MoveEnd::Done)?)
}

/// What was read back is an observation.
fn seen(reference: &Reference, document: &Document, ledger: &Ledger) -> Result<(), Failure> {
    let (raw, media_type) = match document {
        Document::Manifest(manifest) => (manifest.raw(), &manifest.media_type),
        Document::Index(index) => (index.raw(), &index.media_type),
    };
    let stated_type = Some(media_type.as_str());
    let sight = Sight { reference, digest: document.digest(), raw, stated_type, vantage: Vantage::Direct };
    record(ledger, &[sight], crate::surroundings::now()).map(drop)
}

fn of(one: &Move) -> Result<Reference, Failure> {
    let text = format!("{}:{}", one.repository, one.tag);
    text.parse().map_err(|_| Failure::NotATag(text.clone()))
}

/// What is to become of moves that nobody ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mending {
    /// Do what was meant.
    Resume,
    /// Let the tags name what they named.
    Undo,
}

/// A move that was open, and how it ended.
pub(crate) struct Mended {
    pub(crate) reference: String,
    pub(crate) old: Option<Digest>,
    pub(crate) new: Digest,
    pub(crate) end: MoveEnd,
    /// What the tag names, where somebody else moved it.
    pub(crate) found: Option<Digest>,
}

/// Finishes or takes back what runs left open that were killed.
pub(crate) fn mend(mending: Mending, access: &Access<'_>, ledger: &Ledger) -> Result<Vec<Mended>, Failure> {
    let open = ledger.open_moves()?;
    if let (true, Some(first)) = (access.offline, open.first()) {
        return Err(Failure::Offline(format!("{}:{}", first.repository, first.tag)));
    }
    let client = registry(access)?;
    open.iter().map(|one| mend_one(one, mending, &client, ledger)).collect()
}

fn mend_one(one: &Move, mending: Mending, client: &Registry, ledger: &Ledger) -> Result<Mended, Failure> {
    let reference = of(one)?;
    let remote = client.remote(&reference)?;
    let found = named(&remote, &one.tag)?.map(|document| document.digest());
    let (wanted, ours) = match mending {
        Mending::Resume => (Some(one.new), found == one.old || found == Some(one.new)),
        Mending::Undo => (one.old, found == Some(one.new) || found == one.old),
    };
    let end = match (ours, mending) {
        (false, _) => MoveEnd::Lost,
        (true, Mending::Resume) => MoveEnd::Done,
        (true, Mending::Undo) => MoveEnd::Undone,
    };
    if ours && found != wanted {
        match wanted {
            Some(digest) => {
                let document = remote.document(&digest.to_string())?;
                remote.tag(&document, &one.tag)?;
                seen(&reference, &document, ledger)?;
            }
            None => remote.untag(&one.tag)?,
        }
    }
    ledger.end_move(one, crate::surroundings::now(), end)?;
    let (old, new) = (one.old, one.new);
    Ok(Mended { reference: reference.as_typed().to_owned(), old, new, end, found })
}

/// Removes a tag and nothing else.
pub(crate) fn untag(reference: &Reference, access: &Access<'_>) -> Result<(), Failure> {
    if access.offline {
        return Err(Failure::Offline(reference.as_typed().to_owned()));
    }
    let (Some(tag), None) = (reference.tag(), reference.digest()) else {
        return Err(Failure::NotATag(reference.as_typed().to_owned()));
    };
    Ok(registry(access)?.remote(reference)?.untag(tag)?)
}
