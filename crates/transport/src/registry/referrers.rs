//! What refers to a manifest: signatures, SBOMs, attestations
//! (<https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-referrers>).
//!
//! Registries that keep the list are asked for it. For the others clients keep an index under a tag made from the
//! digest; that tag is read, and changed here by reading it again after every write: two writers who change it at
//! the same moment are found out by the one who reads last, not in every case, since such a registry offers no lock.

use super::ask::Ask;
use super::pace::backoff;
use super::remote::{Remote, raw_of};
use super::scope::Rights;
use super::{RegistryError, links};
use crate::TransportError;
use crate::written::{self, annotate, bare, plain};
use model::Digest;
use model::oci::{Descriptor, Document, Index, MANIFEST_LIMIT, media};
use reqwest::Url;
use reqwest::header::{ACCEPT, HeaderValue};
use serde_json::{Value, json};

/// The most pages of a list that are read.
const PAGES: usize = 1000;
/// The most referrers of one manifest that are read.
pub const REFERRERS_LIMIT: usize = 1 << 16;
/// How often the index under the fallback tag is written anew when somebody else writes it too.
const RACES: u32 = 5;
/// The type and content of a config that has nothing to say.
const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";
const EMPTY: &[u8] = b"{}";

/// Something to be attached to a manifest: an SBOM, a signature, an attestation.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// What it is, as a media type.
    pub artifact_type: String,
    /// Its content.
    pub parts: Vec<Part>,
    /// Annotations of the whole.
    pub annotations: Vec<(String, String)>,
}

/// One blob of an attachment.
#[derive(Clone, Debug)]
pub struct Part {
    /// Media type.
    pub media_type: String,
    /// The content.
    pub bytes: Vec<u8>,
    /// Annotations of its descriptor.
    pub annotations: Vec<(String, String)>,
}

impl Remote {
    /// What refers to `subject`, of one type if one is given. None is an empty list.
    ///
    /// # Errors
    /// [`TransportError::Registry`]; [`RegistryError::NotReferrers`] if the fallback tag names something else.
    pub fn referrers(&self, subject: &Digest, artifact_type: Option<&str>) -> Result<Vec<Descriptor>, TransportError> {
        let mut found = match self.listed(subject, artifact_type)? {
            Some(found) => found,
            None => self.fallback(subject)?.map(|index| index.manifests).unwrap_or_default(),
        };
        // A registry need not filter, and one that says it did may not have.
        found.retain(|d| artifact_type.is_none_or(|wanted| d.artifact_type.as_deref() == Some(wanted)));
        let mut seen = std::collections::BTreeSet::new();
        found.retain(|d| seen.insert(d.digest));
        Ok(found)
    }

    /// The registry's own list; `None` if it keeps none.
    fn listed(&self, subject: &Digest, artifact_type: Option<&str>) -> Result<Option<Vec<Descriptor>>, TransportError> {
        let mut url = self.repository.url("referrers", &subject.to_string());
        if let Some(kind) = artifact_type {
            url.query_pairs_mut().append_pair("artifactType", kind);
        }
        let mut found = Vec::new();
        for _ in 0..PAGES {
            let Some((page, next)) = self.page(&url, subject)? else { return Ok(None) };
            found.extend(page.manifests);
            if found.len() > REFERRERS_LIMIT {
                let (name, at) = ("referrers of one manifest", REFERRERS_LIMIT as u64);
                return Err(TransportError::Limit { target: self.target.clone(), name, at });
            }
            match next {
                Some(next) if next != url => url = next,
                _ => return Ok(Some(found)),
            }
        }
        Err(TransportError::Limit { target: self.target.clone(), name: "pages of referrers", at: PAGES as u64 })
    }

    fn page(&self, url: &Url, subject: &Digest) -> Result<Option<(Index, Option<Url>)>, TransportError> {
        let what = format!("the referrers of {subject}");
        let mut ask = Ask::get(url.clone(), Default::default());
        ask.headers.insert(ACCEPT, HeaderValue::from_static(media::OCI_INDEX));
        let told = self.ask(Rights::PULL, &ask).map_err(|e| self.wrong(e))?;
        match told.response.status().as_u16() {
            200 => {}
            404 | 405 | 501 => return Ok(None),
            _ => return Err(self.wrong(self.refused(told, &what))),
        }
        let next = links::next(url, told.response.headers()).map_err(|e| self.wrong(e))?;
        let raw = self.client.web.document(told.response, "list of referrers", MANIFEST_LIMIT);
        let raw = raw.map_err(|e| self.wrong(e))?;
        match Document::parse(&raw, Some(media::OCI_INDEX)) {
            Ok(Document::Index(index)) => Ok(Some((index, next))),
            // A server that answers everything with a page for people keeps no list.
            _ => Ok(None),
        }
    }

    /// The index under the fallback tag; `None` if there is no such tag.
    fn fallback(&self, subject: &Digest) -> Result<Option<Index>, TransportError> {
        let tag = fallback_tag(subject);
        match self.document(&tag) {
            Ok(Document::Index(index)) => Ok(Some(index)),
            Ok(Document::Manifest(_)) => {
                let host = self.repository.host.clone();
                Err(self.wrong(RegistryError::NotReferrers { host, tag }))
            }
            Err(TransportError::Registry { source, .. }) if matches!(*source, RegistryError::NotFound { .. }) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Attaches something to the manifest `subject`, which must be there, and gives the digest of the attachment.
    ///
    /// # Errors
    /// [`TransportError::Registry`], also when the list under the fallback tag could not be kept whole.
    pub fn attach(&self, subject: &Descriptor, attachment: &Attachment) -> Result<Digest, TransportError> {
        let config = Part { media_type: EMPTY_TYPE.to_owned(), bytes: EMPTY.to_vec(), annotations: Vec::new() };
        let mut descriptors = Vec::new();
        for Part { media_type, bytes, annotations } in [config].into_iter().chain(attachment.parts.iter().cloned()) {
            let blob = bare(&media_type, &bytes);
            let source: std::sync::Arc<dyn super::ask::Source> = std::sync::Arc::new(Memory(bytes));
            self.put_blob(&blob, None, &source)?;
            let mut value = plain(&blob);
            annotate(&mut value, &annotations);
            descriptors.push(value);
        }
        let config = descriptors.remove(0);
        let layers = if descriptors.is_empty() { vec![config.clone()] } else { descriptors };
        let mut manifest = json!({
            "schemaVersion": 2, "mediaType": media::OCI_MANIFEST, "artifactType": attachment.artifact_type,
            "config": config, "layers": layers, "subject": plain(subject),
        });
        annotate(&mut manifest, &attachment.annotations);
        let raw = manifest.to_string();
        let document = Document::parse(raw.as_bytes(), None)
            .map_err(|source| TransportError::Document { target: self.target.clone(), source })?;
        self.put_referrer(&document)?;
        Ok(document.digest())
    }

    /// Writes a manifest that has a subject, by its digest, and sees to it that it is listed.
    pub(crate) fn put_referrer(&self, document: &Document) -> Result<(), TransportError> {
        let listed = self.put_document(document, &document.digest().to_string())?;
        let (raw, media_type) = raw_of(document);
        let Some((subject, entry)) = entry(raw, media_type) else { return Ok(()) };
        if listed || self.listed(&subject, None)?.is_some() {
            return Ok(());
        }
        self.change(&subject, |manifests| {
            if !manifests.iter().any(|known| known["digest"] == entry["digest"]) {
                manifests.push(entry.clone());
            }
        })
    }

    /// Deletes the attachment `digest` of `subject`, and its entry in the list where clients keep that.
    ///
    /// # Errors
    /// [`TransportError::Registry`].
    pub fn detach(&self, subject: &Digest, digest: &Digest) -> Result<(), TransportError> {
        self.delete_manifest(digest)?;
        if self.listed(subject, None)?.is_some() || self.fallback(subject)?.is_none() {
            return Ok(());
        }
        let gone = digest.to_string();
        self.change(subject, |manifests| manifests.retain(|known| known["digest"] != gone.as_str()))
    }

    /// Changes the list under the fallback tag until what is read back is what was meant.
    fn change(&self, subject: &Digest, change: impl Fn(&mut Vec<Value>)) -> Result<(), TransportError> {
        let tag = fallback_tag(subject);
        for attempt in 0..RACES {
            let before = self.fallback(subject)?;
            let after = changed(before.as_ref(), &change);
            if before.as_ref().is_some_and(|index| same_list(index, &after)) {
                return Ok(());
            }
            let raw = after.to_string();
            self.put(raw.as_bytes(), media::OCI_INDEX, &tag).map_err(|e| self.wrong(e))?;
            let kept = self.fallback(subject)?;
            if kept.as_ref().is_some_and(|index| same_list(index, &changed(Some(index), &change))) {
                return Ok(());
            }
            self.client.web.pace.wait(backoff(attempt));
        }
        let host = self.repository.host.clone();
        Err(self.wrong(RegistryError::Contended { host, tag }))
    }
}

/// The index with the change made; all else in it stays.
fn changed(before: Option<&Index>, change: impl Fn(&mut Vec<Value>)) -> Value {
    let kept = before.and_then(|index| serde_json::from_slice::<Value>(index.raw()).ok());
    let mut index = kept.unwrap_or_else(|| written::index(Vec::new()));
    let mut manifests = index["manifests"].as_array().cloned().unwrap_or_default();
    change(&mut manifests);
    index["manifests"] = Value::Array(manifests);
    index
}

fn same_list(index: &Index, other: &Value) -> bool {
    let known = index.manifests.iter().map(|d| d.digest.to_string());
    let wanted = other["manifests"].as_array().into_iter().flatten();
    known.eq(wanted.map(|d| d["digest"].as_str().unwrap_or_default().to_owned()))
}

/// The tag under which clients keep the list where the registry does not: algorithm and hex joined by `-`
/// (<https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#referrers-tag-schema>).
pub(crate) fn fallback_tag(subject: &Digest) -> String {
    let hex = subject.hex();
    format!("{}-{}", subject.algorithm().name(), &hex[..hex.len().min(64)])
}

/// The subject of a manifest and its entry in the list of referrers; `None` for what has no subject.
pub(crate) fn entry(raw: &[u8], media_type: &str) -> Option<(Digest, Value)> {
    let manifest: Value = serde_json::from_slice(raw).ok()?;
    let subject = manifest["subject"]["digest"].as_str()?.parse().ok()?;
    let mut entry = plain(&bare(media_type, raw));
    let stated = manifest["artifactType"].as_str().filter(|kind| !kind.is_empty());
    if let Some(kind) = stated.or_else(|| manifest["config"]["mediaType"].as_str()) {
        entry["artifactType"] = kind.into();
    }
    if let Some(annotations) = manifest.get("annotations").filter(|a| a.is_object()) {
        entry["annotations"] = annotations.clone();
    }
    Some((subject, entry))
}

/// Bytes in memory, to be sent.
pub(crate) struct Memory(pub(crate) Vec<u8>);

impl super::ask::Source for Memory {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn open(&self) -> std::io::Result<Box<dyn std::io::Read + Send>> {
        Ok(Box::new(std::io::Cursor::new(self.0.clone())))
    }
}
