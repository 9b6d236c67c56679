//! Manifests, indexes and configs: small documents, fetched whole and verified before anyone sees them.

use super::blob::BlobReader;
use super::endpoint::Repository;
use super::pace::{ATTEMPTS, backoff};
use super::stated::Stated;
use super::{Inner, RegistryError};
use crate::TransportError;
use crate::select::{verify, verify_digest};
use model::oci::{CONFIG_LIMIT, Descriptor, Document, ImageConfig, MANIFEST_LIMIT, OciError};
use model::{Algorithm, Digest, DigestError, Hasher, escaped};
use reqwest::Url;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use std::io::Read as _;
use std::sync::Arc;

/// All four, always: with fewer a registry converts, or serves a child in the index's place.
pub(super) fn accept() -> HeaderValue {
    HeaderValue::from_static(
        "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
         application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json",
    )
}

/// A document as it came: what the headers state of it, and the bytes.
struct Got {
    stated: Stated,
    raw: Vec<u8>,
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
        self.stated(wanted).map(|(document, _)| document)
    }

    /// The same, with what the headers state of it.
    pub(super) fn stated(&self, wanted: &str) -> Result<(Document, Stated), TransportError> {
        let url = self.repository.url("manifests", wanted);
        let headers = HeaderMap::from_iter([(ACCEPT, accept())]);
        let what = format!("manifest `{wanted}` in `{}`", self.repository.name);
        let got = self.patiently(&url, &headers, &what).map_err(|e| TransportError::registry(self.target, e))?;
        let Got { stated, raw } = got;
        if let Ok(wanted) = wanted.parse::<Digest>() {
            verify_digest(&raw, &wanted, "manifest", self.target)?;
        }
        if let Some(claimed) = &stated.digest {
            self.verify_claim(claimed, &raw)?;
        }
        let document = Document::parse(&raw, stated.media_type.as_deref()).map_err(|source| self.wrong(source))?;
        Ok((document, stated))
    }

    /// A document whose body breaks off is asked for again, a bounded number of times.
    fn patiently(&self, url: &Url, headers: &HeaderMap, what: &str) -> Result<Got, RegistryError> {
        let mut attempt = 0;
        loop {
            match self.got(url, headers, what) {
                Err(RegistryError::Broken { .. }) if attempt + 1 < ATTEMPTS => {
                    self.client.web.pace.wait(backoff(attempt));
                    attempt += 1;
                }
                other => return other,
            }
        }
    }

    fn got(&self, url: &Url, headers: &HeaderMap, what: &str) -> Result<Got, RegistryError> {
        let response = self.client.get(self.repository, url.clone(), headers.clone(), what)?;
        let stated = Stated::of(response.headers());
        let raw = self.client.web.document(response, "manifest", MANIFEST_LIMIT)?;
        Ok(Got { stated, raw })
    }

    /// The bytes that a tag or digest names, whatever they are: for comparing them with others.
    pub(super) fn raw(&self, wanted: &str) -> Result<Vec<u8>, TransportError> {
        let url = self.repository.url("manifests", wanted);
        let headers = HeaderMap::from_iter([(ACCEPT, accept())]);
        let what = format!("manifest `{wanted}` in `{}`", self.repository.name);
        let got = self.patiently(&url, &headers, &what).map_err(|e| TransportError::registry(self.target, e))?;
        Ok(got.raw)
    }

    /// The child of an index that `descriptor` promises.
    pub(crate) fn child(&self, descriptor: &Descriptor) -> Result<Document, TransportError> {
        let document = self.document(&descriptor.digest.to_string())?;
        let raw = match &document {
            Document::Manifest(manifest) => manifest.raw(),
            Document::Index(index) => index.raw(),
        };
        verify(raw, descriptor, "manifest", self.target)?;
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
        verify(&raw, descriptor, "config", self.target)?;
        ImageConfig::parse(&raw).map_err(|source| self.wrong(source))
    }

    /// A header that names an algorithm we cannot compute is no proof either way; any other must be true.
    fn verify_claim(&self, claimed: &str, raw: &[u8]) -> Result<(), TransportError> {
        let parsed = claimed.parse::<Digest>();
        if matches!(parsed, Err(DigestError::UnknownAlgorithm(_))) {
            return Ok(());
        }
        let mut hasher = Hasher::new(parsed.as_ref().map_or(Algorithm::Sha256, Digest::algorithm));
        hasher.update(raw);
        let expected = hasher.finish();
        if parsed == Ok(expected) {
            return Ok(());
        }
        let found = escaped(&claimed.chars().take(200).collect::<String>()).into_owned();
        let (target, what) = (self.target.to_owned(), "Docker-Content-Digest of the manifest");
        Err(TransportError::Mismatch { target, what, expected: expected.to_string(), found })
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
