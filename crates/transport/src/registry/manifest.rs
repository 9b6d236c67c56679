//! Manifests, indexes and configs: small documents, fetched whole and verified before anyone sees them.

use super::Inner;
use super::blob::BlobReader;
use super::endpoint::Repository;
use crate::TransportError;
use model::oci::{CONFIG_LIMIT, Descriptor, Document, ImageConfig, MANIFEST_LIMIT, OciError, media};
use model::{Algorithm, Digest, DigestError, Hasher};
use reqwest::blocking::Response;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use std::io::Read as _;
use std::sync::Arc;

/// All four, always: with fewer a registry converts, or serves a child in the index's place.
fn accept() -> HeaderValue {
    HeaderValue::from_static(
        "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
         application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json",
    )
}

/// One fetch of documents from a repository, for one target.
pub(super) struct Fetch<'a> {
    pub(super) client: &'a Arc<Inner>,
    pub(super) repository: &'a Repository,
    pub(super) target: &'a str,
}

impl Fetch<'_> {
    /// The document that a tag or digest names. The digest of its raw bytes is what it is; the digest that was
    /// asked for, and the one in `Docker-Content-Digest`, must agree with it.
    pub(super) fn document(&self, wanted: &str) -> Result<Document, TransportError> {
        let url = self.repository.url("manifests", wanted);
        let headers = HeaderMap::from_iter([(ACCEPT, accept())]);
        let what = format!("manifest `{wanted}` in `{}`", self.repository.name);
        let wrap = |source| TransportError::registry(self.target, source);
        let response = self.client.get(self.repository, url, headers, &what).map_err(wrap)?;
        let stated = text(&response, CONTENT_TYPE.as_str());
        let claimed = text(&response, "docker-content-digest");
        let raw = self.client.web.document(response, "manifest", MANIFEST_LIMIT).map_err(wrap)?;
        if let Ok(wanted) = wanted.parse::<Digest>() {
            self.verify("manifest", &wanted, &raw)?;
        }
        if let Some(claimed) = claimed {
            self.verify_claim(&claimed, &raw)?;
        }
        Document::parse(&raw, stated.as_deref()).map_err(|source| self.wrong(source))
    }

    /// The child of an index that `descriptor` promises.
    pub(super) fn child(&self, descriptor: &Descriptor) -> Result<Document, TransportError> {
        let document = self.document(&descriptor.digest.to_string())?;
        let size = match &document {
            Document::Manifest(manifest) => manifest.raw().len(),
            Document::Index(index) => index.raw().len(),
        };
        self.check_size("manifest", descriptor, size)?;
        Ok(document)
    }

    /// The config that a manifest promises.
    pub(super) fn config(&self, descriptor: &Descriptor) -> Result<ImageConfig, TransportError> {
        let size = usize::try_from(descriptor.size).unwrap_or(usize::MAX);
        if size > CONFIG_LIMIT {
            return Err(self.wrong(OciError::TooLarge { what: "config", size, limit: CONFIG_LIMIT }));
        }
        let mut raw = Vec::new();
        let read = BlobReader::open(self.client, self.repository, self.target, descriptor)?.read_to_end(&mut raw);
        read.map_err(|e| self.interrupted(e))?;
        self.verify("config", &descriptor.digest, &raw)?;
        ImageConfig::parse(&raw).map_err(|source| self.wrong(source))
    }

    fn verify(&self, what: &'static str, expected: &Digest, raw: &[u8]) -> Result<(), TransportError> {
        let mut hasher = expected.hasher();
        hasher.update(raw);
        let found = hasher.finish();
        if found == *expected {
            return Ok(());
        }
        Err(self.mismatch(what, expected.to_string(), found.to_string()))
    }

    /// A header that names an algorithm we cannot compute is no proof either way; any other must be true.
    fn verify_claim(&self, claimed: &str, raw: &[u8]) -> Result<(), TransportError> {
        match claimed.parse::<Digest>() {
            Ok(digest) => self.verify("manifest's Docker-Content-Digest", &digest, raw).map_err(|e| match e {
                // Here the header is the claim and the bytes are what was there.
                TransportError::Mismatch { target, what, expected, found } => {
                    TransportError::Mismatch { target, what, expected: found, found: expected }
                }
                other => other,
            }),
            Err(DigestError::UnknownAlgorithm(_)) => Ok(()),
            Err(_) => {
                let mut hasher = Hasher::new(Algorithm::Sha256);
                hasher.update(raw);
                let found = model::escaped(&claimed.chars().take(200).collect::<String>()).into_owned();
                Err(self.mismatch("manifest's Docker-Content-Digest", hasher.finish().to_string(), found))
            }
        }
    }

    fn check_size(&self, what: &'static str, promised: &Descriptor, size: usize) -> Result<(), TransportError> {
        if promised.size == size as u64 {
            return Ok(());
        }
        Err(self.mismatch(what, format!("{} bytes long", promised.size), format!("{size}")))
    }

    fn mismatch(&self, what: &'static str, expected: String, found: String) -> TransportError {
        TransportError::Mismatch { target: self.target.to_owned(), what, expected, found }
    }

    /// A document that is not what it should be.
    pub(super) fn wrong(&self, source: OciError) -> TransportError {
        TransportError::Document { target: self.target.to_owned(), source }
    }

    /// The reader's error holds ours.
    fn interrupted(&self, error: std::io::Error) -> TransportError {
        match error.downcast::<TransportError>() {
            Ok(ours) => ours,
            Err(source) => TransportError::File { path: self.target.to_owned(), source },
        }
    }
}

fn text(response: &Response, header: &str) -> Option<String> {
    response.headers().get(header).and_then(|v| v.to_str().ok()).map(str::to_owned)
}
