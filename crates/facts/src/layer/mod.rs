//! One layer, read once: verified, inflated, walked, and what matters kept.
//!
//! Two threads share the work: one reads, hashes what is stored and inflates it; one hashes the plain stream and
//! walks it, since the hash of a file comes almost free with that of the stream around it. They pass buffers of fixed
//! size through a short queue, so memory does not grow with the layer. Nothing that was read becomes a fact before
//! the end of the stream has matched its digests; on a mismatch all of it is dropped.

mod again;
mod file;
mod hash;
mod inflate;
mod pipe;
mod walk;

pub use again::content;

use crate::entry::LayerFacts;
use crate::keep::Look;
use crate::limits::Limits;
use model::{Algorithm, Digest, Unknown, UnknownKind};
use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// How many of a file's first bytes a [`crate::keep::Candidate`] shows.
pub const HEAD: usize = 64;

/// The version of what is kept of a layer. Raise it when a reader starts to want more, so that cached layers
/// are read again.
pub const GROUND_VERSION: u32 = 6;

/// How a layer's stream is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// A tar.
    Plain,
    /// Gzip, of any number of members.
    Gzip,
    /// Zstandard, of any number of frames.
    Zstd,
    /// Told by its first bytes.
    Sniff,
}

impl Encoding {
    /// Told by the first bytes of a stream; never [`Encoding::Sniff`].
    pub fn of(head: &[u8]) -> Self {
        inflate::sniff(head)
    }

    /// What a stream that is stated to be `self` is by its first bytes (512 tell most). A statement is only left where
    /// the bytes say something else for sure: what is neither packed nor a tar is as damaged as its statement makes it.
    #[must_use]
    pub fn or_as_found(self, head: &[u8]) -> Self {
        let is_tar = head.get(257..262).is_some_and(|magic| magic == b"ustar");
        match Self::of(head) {
            Self::Plain if !is_tar => self,
            found => found,
        }
    }

    /// A stable word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Sniff => "unstated",
        }
    }

    /// The encoding of that word, of those that a stream can have.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Plain, Self::Gzip, Self::Zstd].into_iter().find(|one| one.word() == word)
    }
}

/// What a layer's stream is promised to be. What is `None` was not promised, and is not checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Promise {
    /// The stored bytes' digest and length.
    pub blob: Option<(Digest, u64)>,
    /// The plain stream's digest.
    pub diff_id: Option<Digest>,
}

/// What reading a layer needs from outside.
pub struct Means<'a> {
    /// The limits.
    pub limits: &'a Limits,
    /// Who says what to keep.
    pub looks: &'a [Look],
    /// Makes an unlinked temporary file.
    pub spool: &'a (dyn Fn() -> io::Result<File> + Sync),
    /// Plain bytes that may still be read of the whole image; an entry counts as some more.
    pub allowance: &'a AtomicU64,
    /// Called with the number of stored bytes each time some were read.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// Reads one layer to its end.
///
/// # Errors
/// A blocking [`Unknown`] without facts, if the stream could not be read to its end or is not what was promised.
pub fn read(
    stream: impl Read + Send,
    encoding: Encoding,
    promise: &Promise,
    means: &Means<'_>,
) -> Result<LayerFacts, Unknown> {
    let (pipe, end) = pipe::pipe(promise.diff_id.map_or(Algorithm::Sha256, |d| d.algorithm()));
    let (stored, walked) = thread::scope(|scope| {
        let inflating = scope.spawn(move || inflate::run(stream, encoding, promise, means, pipe));
        let walked = walk::run(end, means);
        (inflating.join(), walked)
    });
    let bug = |_| Unknown::new(UnknownKind::Damaged, "a thread that read the layer stopped early");
    let stored = stored.map_err(bug)??;
    let (diff_id, walked) = walked;
    stored.check(promise)?;
    if let Some(promised) = promise.diff_id.filter(|p| *p != diff_id) {
        let why = format!("the plain layer should be {promised} but is {diff_id}; nothing in it was believed");
        return Err(Unknown::new(UnknownKind::Mismatch, why).in_layer(promised));
    }
    let walked = walked.map_err(|unknown| unknown.in_layer(diff_id))?;
    let mut facts = LayerFacts { diff_id, plain_size: stored.plain, ..walked };
    facts.unknowns.iter_mut().for_each(|u| u.spot.layer = Some(diff_id));
    Ok(facts)
}

/// What was seen of the stored and the plain stream.
struct Streamed {
    digest: Option<Digest>,
    stored: u64,
    plain: u64,
}

impl Streamed {
    fn check(&self, promise: &Promise) -> Result<(), Unknown> {
        let Some((digest, size)) = promise.blob else { return Ok(()) };
        let mismatch = |why: String| {
            let unknown = Unknown::new(UnknownKind::Mismatch, why);
            Err(promise.diff_id.map_or(unknown.clone(), |d| unknown.in_layer(d)))
        };
        if self.stored != size {
            return mismatch(format!("the stored layer {digest} should be {size} bytes long but is {}", self.stored));
        }
        match self.digest {
            Some(found) if found != digest => {
                mismatch(format!("the stored layer should be {digest} but is {found}; nothing in it was believed"))
            }
            _ => Ok(()),
        }
    }
}

/// Takes `count` from what is left; `false` if there is not so much.
fn take(allowance: &AtomicU64, count: u64) -> bool {
    allowance.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(count)).is_ok()
}

/// Takes of an image's allowance what reading this layer takes, for one that is known already; `false` if there is not
/// so much. What an image gets told must not hang on which of its layers were read before.
pub fn charge(facts: &LayerFacts, allowance: &AtomicU64) -> bool {
    take(allowance, (facts.entries.len() as u64).saturating_mul(walk::ENTRY_COST).saturating_add(facts.plain_size))
}

/// Takes what the layer keeps in memory until the image is assembled, beside its entries; `false` if `room` has not so
/// much. Outside of the walk on purpose: what is a fact of a layer must not hang on its neighbours.
pub fn weigh(facts: &LayerFacts, room: &AtomicU64) -> bool {
    let kept = facts.kept.iter().map(|part| part.bytes.len() as u64);
    let told = facts.unknowns.iter().map(|unknown| unknown.why.len() as u64 + walk::GAP_COST);
    take(room, kept.chain(told).fold(0, u64::saturating_add))
}

#[cfg(test)]
mod tests;
