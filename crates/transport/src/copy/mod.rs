//! An image from one place to another, byte for byte: digest in, digest out.
//!
//! Manifests are carried as the bytes that they are and blobs as they are stored; nothing is compressed or written
//! anew. Where the way itself loses the digest, because a format or a store has no place for a manifest, that is
//! part of the result. Children come before their index, and the name of the image comes last, so that whoever
//! asks for it in the midst gets the old image or the new one.

mod archive;
mod blobs;
mod layout;
mod made;
mod origin;
mod plan;
mod sink;

#[cfg(test)]
mod tests;

use crate::registry::Sent;
pub use origin::Origin;
pub use sink::Destination;

use crate::TransportError;
use crate::select::descend;
use model::oci::{Descriptor, Document};
use model::{Digest, Platform};
use plan::Plan;
use sink::Sink;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What to copy and how.
pub struct CopyOptions<'a> {
    /// One platform of an index instead of all of it.
    pub platform: Option<Platform>,
    /// Also what refers to the image: signatures, SBOMs, attestations.
    pub referrers: bool,
    /// How many blobs are on their way at the same time.
    pub jobs: usize,
    /// Set from outside to give up.
    pub stop: Arc<AtomicBool>,
    /// Told how far it is.
    pub progress: &'a (dyn Fn(CopyStep) + Sync),
}

/// How far a copy is.
#[derive(Clone, Copy, Debug)]
pub enum CopyStep {
    /// So many bytes more are to be brought over.
    More(u64),
    /// So many bytes more are there.
    Done(u64),
}

/// What came of a copy.
#[derive(Debug)]
pub struct Copied {
    /// The digest that the source named.
    pub digest: Digest,
    /// What it is at the destination.
    pub kept: Kept,
    /// The names that it has there; none if it was put there by digest alone.
    pub names: Vec<String>,
    /// The manifests and indexes, children first.
    pub documents: Vec<Descriptor>,
    /// The blobs, and how each came there.
    pub blobs: Vec<(Descriptor, Sent)>,
    /// Blobs that the image says are kept elsewhere.
    pub foreign: Vec<Descriptor>,
    /// What was copied along because it refers to one of the documents: the subject and the referrer.
    pub referrers: Vec<(Digest, Descriptor)>,
}

/// What the digest became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is the same.
    Same,
    /// One platform of the index, under its own digest.
    Platform(Digest),
    /// The source had no manifest: one was made, and says the same of the same config and layers.
    Made(Digest),
    /// The destination has no place for it: it knows the image by its config.
    Config(Digest),
}

/// Copies what `from` names to `to`.
///
/// # Errors
/// [`TransportError`] of either side. Nothing has a name at the destination then that it did not have before.
pub fn copy(from: &Origin, to: &mut Destination, options: &CopyOptions<'_>) -> Result<Copied, TransportError> {
    let sink = to.sink();
    let wanted = options.platform.clone().or_else(|| sink.single().then(Platform::of_this_machine));
    let root = match &wanted {
        None => from.root.clone(),
        Some(platform) => {
            let load = &mut |child: &Descriptor| from.store.document(child);
            Document::Manifest(descend(from.root.clone(), platform, &from.target, load)?.1)
        }
    };
    sink.accept(&root)?;
    let plan = Plan::of(&root, from)?;
    let mut copied = Copied {
        digest: from.root.digest(),
        kept: Kept::Same,
        names: Vec::new(),
        documents: plan.descriptors(),
        blobs: Vec::new(),
        foreign: plan.foreign.clone(),
        referrers: Vec::new(),
    };
    copied.blobs = blobs::carry(&plan, from, sink, options)?;
    for document in plan.children() {
        sink.document(document)?;
    }
    if options.referrers {
        copied.referrers = referrers(&plan, from, sink, options)?;
    }
    sink.root(&root)?;
    let config = sink.finish()?;
    copied.names = sink.names();
    copied.kept = match (config, from.is_made, root.digest()) {
        (Some(config), ..) => Kept::Config(config),
        (None, true, digest) => Kept::Made(digest),
        (None, false, digest) if digest != copied.digest => Kept::Platform(digest),
        _ => Kept::Same,
    };
    Ok(copied)
}

/// Copies what refers to the documents of `plan`, and what refers to that.
fn referrers(
    plan: &Plan,
    from: &Origin,
    sink: &dyn Sink,
    options: &CopyOptions<'_>,
) -> Result<Vec<(Digest, Descriptor)>, TransportError> {
    let mut done = Vec::new();
    let mut open: Vec<Digest> = plan.documents.iter().map(Document::digest).collect();
    let mut seen: std::collections::BTreeSet<Digest> = open.iter().copied().collect();
    while let Some(subject) = open.pop() {
        for descriptor in from.store.referrers(&subject)? {
            if !seen.insert(descriptor.digest) {
                continue;
            }
            if seen.len() > plan::DOCUMENTS {
                let (name, at) = ("manifests and referrers of an image", plan::DOCUMENTS as u64);
                return Err(TransportError::Limit { target: from.target.clone(), name, at });
            }
            let document = from.store.document(&descriptor)?;
            let plan = Plan::of(&document, from)?;
            blobs::carry(&plan, from, sink, options)?;
            for child in plan.children() {
                sink.document(child)?;
            }
            sink.referrer(&document)?;
            open.push(descriptor.digest);
            done.push((subject, descriptor));
        }
    }
    Ok(done)
}
