//! One repository of a registry: its manifests written as the bytes that they are, read back, and untagged.

use super::ask::{Ask, Body};
use super::blob::BlobReader;
use super::endpoint::Repository;
use super::manifest::Fetch;
use super::scope::Rights;
use super::wire::Response;
use super::{Inner, Registry, RegistryError, Told};
use crate::TransportError;
use crate::select::verify;
use model::oci::{Descriptor, Document, MANIFEST_LIMIT};
use model::{Digest, DigestError, Reference};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use std::io::{self, Read as _};
use std::sync::Arc;

/// A repository that may be written to.
#[derive(Clone)]
pub struct Remote {
    pub(super) client: Arc<Inner>,
    pub(super) repository: Repository,
    pub(super) target: String,
}

/// What a registry said of a manifest that it took.
pub(super) struct Put {
    /// Whether it keeps the list of referrers itself (`OCI-Subject`).
    pub(super) subject: bool,
}

impl Registry {
    /// The repository that `reference` names. Nothing is asked yet.
    ///
    /// # Errors
    /// [`TransportError::Registry`] for a host that cannot be dialled.
    pub fn remote(&self, reference: &Reference) -> Result<Remote, TransportError> {
        let target = reference.as_typed().to_owned();
        let repository =
            Repository::of(reference, &self.0.insecure).map_err(|source| TransportError::registry(&target, source))?;
        Ok(Remote { client: Arc::clone(&self.0), repository, target })
    }
}

impl Remote {
    pub(super) fn ask(&self, rights: Rights, ask: &Ask) -> Result<Told, RegistryError> {
        self.client.ask(&self.repository, &self.repository.scope(rights), ask)
    }

    pub(super) fn refused(&self, told: Told, what: &str) -> RegistryError {
        self.client.refused(&self.repository, told, what)
    }

    pub(super) fn wrong(&self, error: RegistryError) -> TransportError {
        TransportError::registry(&self.target, error)
    }

    pub(super) fn fetch(&self) -> Fetch<'_> {
        Fetch { client: &self.client, repository: &self.repository, target: &self.target }
    }

    /// `registry/repository`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.repository.host, self.repository.name)
    }

    /// The document that a tag or digest names, verified.
    ///
    /// # Errors
    /// [`TransportError`] of all kinds that reading a manifest has.
    pub fn document(&self, wanted: &str) -> Result<Document, TransportError> {
        self.fetch().document(wanted)
    }

    /// The document that a descriptor promises.
    pub(crate) fn child(&self, descriptor: &Descriptor) -> Result<Document, TransportError> {
        self.fetch().child(descriptor)
    }

    /// A blob as a stream, not verified.
    pub(crate) fn open_blob(&self, blob: &Descriptor) -> Result<BlobReader, TransportError> {
        BlobReader::open(&self.client, &self.repository, &self.target, blob)
    }

    /// A blob of at most `limit` bytes, whole and verified.
    ///
    /// # Errors
    /// [`TransportError::Limit`] for a larger one; [`TransportError`] of all kinds that reading a layer has.
    pub fn small_blob(&self, blob: &Descriptor, limit: u64) -> Result<Vec<u8>, TransportError> {
        if blob.size > limit {
            return Err(TransportError::Limit { target: self.target.clone(), name: "bytes of a blob", at: limit });
        }
        let failed = |error: io::Error| match error.downcast::<TransportError>() {
            Ok(ours) => ours,
            Err(source) => TransportError::File { path: self.target.clone(), source },
        };
        let mut raw = Vec::new();
        self.open_blob(blob)?.take(limit.saturating_add(1)).read_to_end(&mut raw).map_err(failed)?;
        verify(&raw, blob, "blob", &self.target)?;
        Ok(raw)
    }

    /// The name of this repository if blobs can be mounted from it into `other`: on the same registry, and not the
    /// same repository.
    pub(crate) fn mounts_into(&self, other: &Self) -> Option<&str> {
        let (from, to) = (&self.repository, &other.repository);
        (from.host == to.host && from.name != to.name).then_some(from.name.as_str())
    }

    /// Whether the registry says that it has this manifest (a HEAD, and therefore a claim).
    pub(crate) fn has_manifest(&self, digest: &Digest) -> Result<bool, TransportError> {
        let url = self.repository.url("manifests", &digest.to_string());
        let mut ask = Ask::new(Method::HEAD, url);
        ask.headers.insert(reqwest::header::ACCEPT, super::manifest::accept());
        let told = self.ask(Rights::PUSH, &ask).map_err(|e| self.wrong(e))?;
        match told.response.status().as_u16() {
            200 => Ok(true),
            404 => Ok(false),
            _ => Err(self.wrong(self.refused(told, &format!("manifest {digest}")))),
        }
    }

    /// Writes a manifest or index under a tag or its own digest, byte for byte, and reads it back.
    ///
    /// # Errors
    /// [`TransportError::Registry`]; [`RegistryError::NotKept`] if what is read back is something else.
    pub(crate) fn put_document(&self, document: &Document, reference: &str) -> Result<bool, TransportError> {
        let (raw, media_type) = raw_of(document);
        let put = self.put(raw, media_type, reference).map_err(|e| self.wrong(e))?;
        let kept = self.fetch().raw(reference)?;
        let (wrote, found) = (Digest::of(raw), Digest::of(&kept));
        if wrote != found {
            let (host, reference) = (self.repository.host.clone(), reference.to_owned());
            return Err(self.wrong(RegistryError::NotKept {
                host,
                reference,
                wrote: wrote.to_string(),
                found: found.to_string(),
            }));
        }
        Ok(put.subject)
    }

    /// Lets `tag` name a document that is in the repository already, and reads it back.
    ///
    /// # Errors
    /// [`TransportError::Registry`]; [`RegistryError::NotKept`] if what is read back is something else.
    pub fn tag(&self, document: &Document, tag: &str) -> Result<(), TransportError> {
        self.put_document(document, tag).map(drop)
    }

    pub(super) fn put(&self, raw: &[u8], media_type: &str, reference: &str) -> Result<Put, RegistryError> {
        let mut ask = Ask::new(Method::PUT, self.repository.url("manifests", reference));
        let kind = HeaderValue::try_from(media_type).map_err(|e| RegistryError::Client(e.to_string()))?;
        ask.headers.insert(CONTENT_TYPE, kind);
        ask.body = Body::Bytes(raw.into());
        let told = self.ask(Rights::PUSH, &ask)?;
        match told.response.status().as_u16() {
            200..=299 => {
                match reference.parse::<Digest>() {
                    Ok(digest) => self.check_digest(&told.response, &digest)?,
                    Err(_) => self.check_digest(&told.response, &Digest::of(raw))?,
                }
                Ok(Put { subject: told.response.headers().contains_key("oci-subject") })
            }
            400 | 413 if raw.len() >= MANIFEST_LIMIT => {
                let (host, size) = (self.repository.host.clone(), raw.len());
                Err(RegistryError::LargeManifest { host, size, limit: MANIFEST_LIMIT })
            }
            _ => Err(self.refused(told, &format!("a place for manifest `{reference}`"))),
        }
    }

    /// Removes a tag and nothing else. A registry that only deletes by digest would take every tag of the image
    /// along, so there the tag stays and the error says so.
    ///
    /// # Errors
    /// [`RegistryError::NoUntag`] where the registry cannot; [`TransportError::Registry`] else.
    pub fn untag(&self, tag: &str) -> Result<(), TransportError> {
        let url = self.repository.url("manifests", tag);
        let told = self.ask(Rights::DELETE, &Ask::new(Method::DELETE, url)).map_err(|e| self.wrong(e))?;
        match told.response.status().as_u16() {
            200..=299 => Ok(()),
            400 | 405 | 501 => {
                let said = self.client.web.said(told.response);
                let (host, tag) = (self.repository.host.clone(), tag.to_owned());
                Err(self.wrong(RegistryError::NoUntag { host, tag, said }))
            }
            _ => Err(self.wrong(self.refused(told, &format!("tag `{tag}`")))),
        }
    }

    /// Deletes a manifest by digest, and with it every tag that names it.
    ///
    /// # Errors
    /// [`TransportError::Registry`].
    pub fn delete_manifest(&self, digest: &Digest) -> Result<(), TransportError> {
        let url = self.repository.url("manifests", &digest.to_string());
        let told = self.ask(Rights::DELETE, &Ask::new(Method::DELETE, url)).map_err(|e| self.wrong(e))?;
        if told.response.status().is_success() {
            return Ok(());
        }
        Err(self.wrong(self.refused(told, &format!("manifest {digest}"))))
    }

    /// A registry that names another digest than it was given is not believed to have kept the content. One of
    /// another algorithm proves nothing.
    pub(super) fn check_digest(&self, response: &Response, expected: &Digest) -> Result<(), RegistryError> {
        let Some(stated) = response.headers().get("docker-content-digest") else { return Ok(()) };
        let stated = stated.to_str().unwrap_or_default();
        match stated.parse::<Digest>() {
            Ok(digest) if digest == *expected || digest.algorithm() != expected.algorithm() => Ok(()),
            Err(DigestError::UnknownAlgorithm(_)) => Ok(()),
            _ => Err(RegistryError::Unverified {
                expected: expected.to_string(),
                found: model::escaped(&stated.chars().take(200).collect::<String>()).into_owned(),
            }),
        }
    }
}

/// The bytes and the type of a document.
pub(crate) fn raw_of(document: &Document) -> (&[u8], &str) {
    match document {
        Document::Manifest(manifest) => (manifest.raw(), &manifest.media_type),
        Document::Index(index) => (index.raw(), &index.media_type),
    }
}
