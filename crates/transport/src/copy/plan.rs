//! What belongs to an image: every document below its index, every blob, each once.

use super::origin::Origin;
use crate::TransportError;
use crate::registry::raw_of;
use crate::select::{NESTING_LIMIT, is_foreign};
use crate::written::bare;
use model::Digest;
use model::oci::{Descriptor, Document};
use std::collections::BTreeSet;

/// The most manifests and indexes of one image that are copied.
pub(super) const DOCUMENTS: usize = 4096;

/// The parts of an image in the order in which they can be written.
pub(super) struct Plan {
    /// Children before their index; the last is the image itself.
    pub(super) documents: Vec<Document>,
    /// The largest first, so that they do not keep everybody waiting at the end.
    pub(super) blobs: Vec<Descriptor>,
    /// Blobs that registries need not keep.
    pub(super) foreign: Vec<Descriptor>,
}

impl Plan {
    /// Reads all documents below `root`.
    pub(super) fn of(root: &Document, from: &Origin) -> Result<Self, TransportError> {
        let mut plan = Self { documents: Vec::new(), blobs: Vec::new(), foreign: Vec::new() };
        plan.add(root.clone(), from, 0, &mut BTreeSet::new())?;
        let mut seen = BTreeSet::new();
        plan.blobs.retain(|blob| seen.insert(blob.digest));
        plan.foreign.retain(|blob| seen.insert(blob.digest));
        plan.blobs.sort_by_key(|blob| std::cmp::Reverse(blob.size));
        Ok(plan)
    }

    fn add(
        &mut self,
        document: Document,
        from: &Origin,
        depth: usize,
        seen: &mut BTreeSet<Digest>,
    ) -> Result<(), TransportError> {
        let limit = |name, at: usize| TransportError::Limit { target: from.target.clone(), name, at: at as u64 };
        if depth > NESTING_LIMIT {
            return Err(limit("indexes nested in indexes", NESTING_LIMIT));
        }
        if !seen.insert(document.digest()) {
            return Ok(());
        }
        if seen.len() > DOCUMENTS {
            return Err(limit("manifests of one image", DOCUMENTS));
        }
        match &document {
            Document::Index(index) => {
                for child in &index.manifests {
                    self.add(from.store.document(child)?, from, depth + 1, seen)?;
                }
            }
            Document::Manifest(manifest) => {
                for blob in manifest.layers.iter().chain([&manifest.config]) {
                    let elsewhere = is_foreign(&blob.media_type) || !blob.urls.is_empty();
                    if elsewhere { self.foreign.push(blob.clone()) } else { self.blobs.push(blob.clone()) }
                }
            }
        }
        self.documents.push(document);
        Ok(())
    }

    /// All documents but the image itself.
    pub(super) fn children(&self) -> &[Document] {
        self.documents.split_last().map_or(&[], |(_, children)| children)
    }

    /// The descriptors of the documents.
    pub(super) fn descriptors(&self) -> Vec<Descriptor> {
        self.documents.iter().map(|d| bare(raw_of(d).1, raw_of(d).0)).collect()
    }
}
