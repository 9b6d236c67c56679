//! What a registry holds: blobs, manifests, tags and unfinished uploads, by repository.

use model::Digest;
use model::oci::media;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// All repositories.
#[derive(Default)]
pub(super) struct Shelf {
    pub(super) repositories: BTreeMap<String, Repository>,
    /// Names for uploads.
    pub(super) next: u64,
}

#[derive(Default)]
pub(super) struct Repository {
    pub(super) blobs: BTreeMap<Digest, Arc<Vec<u8>>>,
    pub(super) manifests: BTreeMap<Digest, Stored>,
    pub(super) tags: BTreeMap<String, Digest>,
    pub(super) uploads: BTreeMap<String, Vec<u8>>,
}

/// A manifest with the type it was pushed as.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) media_type: String,
    pub(super) raw: Arc<Vec<u8>>,
}

impl Shelf {
    pub(super) fn repository(&mut self, name: &str) -> &mut Repository {
        self.repositories.entry(name.to_owned()).or_default()
    }

    /// Begins an upload and gives its name.
    pub(super) fn begin(&mut self, name: &str) -> String {
        self.next += 1;
        let id = format!("upload-{}", self.next);
        self.repository(name).uploads.insert(id.clone(), Vec::new());
        id
    }
}

impl Repository {
    /// The manifest by tag or digest.
    pub(super) fn manifest(&self, reference: &str) -> Option<(Digest, &Stored)> {
        let digest = reference.parse().ok().or_else(|| self.tags.get(reference).copied())?;
        Some((digest, self.manifests.get(&digest)?))
    }

    /// What a manifest names and is not here: digests of blobs, and children of an index.
    pub(super) fn missing(&self, manifest: &Value) -> Vec<String> {
        let list = |key: &str| manifest[key].as_array().cloned().unwrap_or_default();
        let digest = |d: &Value| d["digest"].as_str().unwrap_or_default().to_owned();
        let foreign = |d: &Value| {
            d["urls"].as_array().is_some_and(|urls| !urls.is_empty())
                || d["mediaType"].as_str().is_some_and(|kind| kind.contains(".nondistributable."))
        };
        let config = manifest.get("config").cloned();
        let blobs = list("layers").into_iter().filter(|d| !foreign(d)).chain(config).map(|d| digest(&d));
        let blobs = blobs.filter(|d| !d.parse().is_ok_and(|d: Digest| self.blobs.contains_key(&d)));
        let children = list("manifests").into_iter().map(|d| digest(&d));
        let children = children.filter(|d| !d.parse().is_ok_and(|d: Digest| self.manifests.contains_key(&d)));
        blobs.chain(children).collect()
    }

    /// The index of what refers to `subject`, of one type if that is asked for
    /// (<https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-referrers>).
    pub(super) fn referrers(&self, subject: &str, artifact_type: Option<&str>) -> Vec<Value> {
        let descriptor = |(digest, stored): (&Digest, &Stored)| {
            let manifest: Value = serde_json::from_slice(&stored.raw).ok()?;
            (manifest["subject"]["digest"] == subject).then(|| described(*digest, stored, &manifest))
        };
        let all = self.manifests.iter().filter_map(descriptor);
        all.filter(|d| artifact_type.is_none_or(|wanted| d["artifactType"] == wanted)).collect()
    }
}

fn described(digest: Digest, stored: &Stored, manifest: &Value) -> Value {
    let kind = manifest.get("artifactType").or_else(|| manifest["config"].get("mediaType"));
    let mut descriptor = serde_json::json!({
        "mediaType": stored.media_type, "digest": digest.to_string(), "size": stored.raw.len(),
    });
    if let Some(kind) = kind {
        descriptor["artifactType"] = kind.clone();
    }
    if let Some(annotations) = manifest.get("annotations") {
        descriptor["annotations"] = annotations.clone();
    }
    descriptor
}

/// The types that a registry takes as manifests.
pub(super) const TYPES: [&str; 4] = [media::OCI_MANIFEST, media::OCI_INDEX, media::DOCKER_MANIFEST, media::DOCKER_LIST];
