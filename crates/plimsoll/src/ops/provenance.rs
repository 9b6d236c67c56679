//! The provenance that BuildKit attached to an image, as far as it maps layers to lines.
//!
//! Attestations lie in the image's index, beside the image
//! (<https://github.com/moby/buildkit/blob/v0.30.0/docs/attestations/attestation-storage.md>). Bytes are believed once
//! they have the digest that the index and the attestation's manifest state; what they say is the builder's claim.

use documents::buildkit::{LONGEST_STATEMENT, LineMap, PROVENANCE, StatementError, line_map};
use model::oci::Descriptor;
use model::{Digest, Subject};
use std::io::Read;
use transport::{Image, TransportError};

/// Annotations by which BuildKit ties an attestation to its image, and a statement to its type.
const KIND: &str = "vnd.docker.reference.type";
const OF: &str = "vnd.docker.reference.digest";
const PREDICATE: &str = "in-toto.io/predicate-type";

/// Why a provenance that is there could not be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProvenanceError {
    /// It could not be had.
    #[error(transparent)]
    Transport(Box<TransportError>),
    /// It broke off.
    #[error("the provenance {0} cannot be read: {1}")]
    Broken(Digest, std::io::Error),
    /// It is something else.
    #[error("the provenance should be {0} and is something else")]
    Mismatch(Digest),
    /// It makes no sense.
    #[error(transparent)]
    Statement(#[from] StatementError),
}

impl From<TransportError> for ProvenanceError {
    fn from(error: TransportError) -> Self {
        Self::Transport(Box::new(error))
    }
}

/// The map of an image's layers to lines, if a builder attached one.
pub(super) fn provenance(image: &Image) -> Result<Option<LineMap>, ProvenanceError> {
    let (Some(index), Some(Subject::Manifest(digest))) = (&image.index, image.subject) else { return Ok(None) };
    let digest = digest.to_string();
    let is_its = |d: &&Descriptor| {
        d.annotations.get(KIND).is_some_and(|kind| kind == "attestation-manifest")
            && d.annotations.get(OF).is_some_and(|of| *of == digest)
    };
    for attestation in index.manifests.iter().filter(is_its) {
        let Some(manifest) = image.bytes.manifest(attestation)? else { continue };
        let is_provenance =
            |d: &&Descriptor| d.annotations.get(PREDICATE).is_some_and(|kind| kind.starts_with(PROVENANCE));
        if let Some(statement) = manifest.layers.iter().find(is_provenance)
            && let Some(bytes) = bytes(image, statement)?
            && let Some(map) = line_map(&bytes)?
        {
            return Ok(Some(map));
        }
    }
    Ok(None)
}

/// Whether bytes have this digest.
fn is(digest: &Digest, bytes: &[u8]) -> bool {
    let mut hasher = digest.hasher();
    hasher.update(bytes);
    hasher.finish() == *digest
}

/// A statement, verified.
fn bytes(image: &Image, statement: &Descriptor) -> Result<Option<Vec<u8>>, ProvenanceError> {
    let Some(stream) = image.bytes.blob(statement)? else { return Ok(None) };
    let mut bytes = Vec::new();
    let read = stream.take(LONGEST_STATEMENT as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| ProvenanceError::Broken(statement.digest, error))?;
    // A longer one is refused by who reads it, with its limit.
    if bytes.len() <= LONGEST_STATEMENT && !is(&statement.digest, &bytes) {
        return Err(ProvenanceError::Mismatch(statement.digest));
    }
    Ok(Some(bytes))
}
