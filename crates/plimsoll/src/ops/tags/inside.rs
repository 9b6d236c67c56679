//! The small documents by which a change between two digests is told in layers and labels: the manifest and the config
//! of a single image, and of an index those of one of its images.
//!
//! At most two requests a digest, and none for what the ledger has. What cannot be had is only not known later, so
//! nothing fails here.

use ledger::Ledger;
use model::oci::{Descriptor, Document, Index, Manifest};
use model::{Digest, Platform, Reference};
use transport::Registry;

/// The image by which indexes are compared: this machine's, else the first that says for what it is.
pub(super) fn compared(index: &Index) -> Option<&Descriptor> {
    let here = Platform::of_this_machine();
    let named = || index.images().filter(|image| image.platform.is_some());
    let own = named().find(|image| image.platform.as_ref().is_some_and(|platform| here.accepts(platform)));
    own.or_else(|| named().next())
}

/// Keeps in the ledger what is needed to compare the document `digest`, if it is known at all.
pub(super) fn keep(registry: &Registry, ledger: &Ledger, repository: &Reference, digest: &Digest) {
    let Some(document) = known(ledger, digest) else { return };
    let mut fresh = Vec::new();
    if let Some(manifest) = image(registry, ledger, repository, document, &mut fresh) {
        let config = manifest.config.digest;
        if known_bytes(ledger, &config).is_none()
            && let Ok(content) = registry.config_of(repository, &manifest)
        {
            fresh.push((config, content.raw().to_vec()));
        }
    }
    if !fresh.is_empty() {
        let _ = ledger.keep(&fresh);
    }
}

fn image(
    registry: &Registry,
    ledger: &Ledger,
    repository: &Reference,
    document: Document,
    fresh: &mut Vec<(Digest, Vec<u8>)>,
) -> Option<Manifest> {
    let index = match document {
        Document::Manifest(manifest) => return Some(manifest),
        Document::Index(index) => index,
    };
    let child = compared(&index)?.digest;
    let document = match known(ledger, &child) {
        Some(document) => document,
        None => {
            let seen = registry.sight(repository, &child.to_string()).ok()?;
            fresh.push((child, seen.raw().to_vec()));
            seen.document
        }
    };
    match document {
        Document::Manifest(manifest) => Some(manifest),
        // An index in an index: its images are not looked into.
        Document::Index(_) => None,
    }
}

fn known(ledger: &Ledger, digest: &Digest) -> Option<Document> {
    Document::parse(&known_bytes(ledger, digest)?, None).ok()
}

fn known_bytes(ledger: &Ledger, digest: &Digest) -> Option<Vec<u8>> {
    ledger.document(digest).ok().flatten()
}
