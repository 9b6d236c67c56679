//! OCI's and Docker's JSON: manifests, indexes, configs
//! (<https://github.com/opencontainers/image-spec/tree/v1.1.0>).
//!
//! A manifest keeps its raw bytes, since its digest is over those and it must never be written anew. Sizes
//! are checked before parsing; unknown fields are ignored, missing ones that we need are errors that name them.

use crate::{Digest, Platform};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// The largest manifest or index we parse: what registries accept at the most.
pub const MANIFEST_LIMIT: usize = 4 << 20;
/// The largest image config we parse.
pub const CONFIG_LIMIT: usize = 8 << 20;

/// Media types, both families.
pub mod media {
    /// OCI image manifest.
    pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    /// OCI image index.
    pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
    /// Docker's image manifest, schema 2.
    pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
    /// Docker's manifest list.
    pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
    /// Docker's schema 1, unsigned; obsolete.
    pub const DOCKER_SCHEMA1: &str = "application/vnd.docker.distribution.manifest.v1+json";
    /// Docker's schema 1, signed; obsolete.
    pub const DOCKER_SCHEMA1_SIGNED: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";
}

/// Why a document is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum OciError {
    /// Not JSON, or a needed field is missing or of another type.
    #[error("the {what} is not valid: {source}")]
    Json {
        /// `manifest`, `index` or `config`.
        what: &'static str,
        /// What serde found, with line and column.
        source: serde_json::Error,
    },
    /// Larger than any real one.
    #[error("the {what} is {size} bytes long: at most {limit} are read")]
    TooLarge {
        /// `manifest` or `config`.
        what: &'static str,
        /// Its size.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// Docker's first manifest format.
    #[error(
        "the image has a schema 1 manifest, which carries no verifiable config; pull it with an old Docker and push it again"
    )]
    Schema1,
    /// Neither an index nor a manifest.
    #[error("a document of type `{0}` is neither an image manifest nor an index")]
    NotAnImage(String),
}

/// A pointer to content: media type, digest, size
/// (<https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md>).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// Media type; empty where the document leaves it out.
    #[serde(default)]
    pub media_type: String,
    /// The content's digest.
    pub digest: Digest,
    /// The content's size in bytes.
    pub size: u64,
    /// Where else the content may be had; a *foreign* layer is kept only there.
    #[serde(default, deserialize_with = "null_default")]
    pub urls: Vec<String>,
    /// Annotations.
    #[serde(default, deserialize_with = "null_default")]
    pub annotations: BTreeMap<String, String>,
    /// The platform, in an index.
    #[serde(default, deserialize_with = "platform")]
    pub platform: Option<Platform>,
    /// The type of artefact, for referrers.
    #[serde(default)]
    pub artifact_type: Option<String>,
}

/// An image manifest with the bytes that its digest is over.
#[derive(Clone, Debug)]
pub struct Manifest {
    raw: Vec<u8>,
    /// Media type, from the document or its `Content-Type`.
    pub media_type: String,
    /// The config's descriptor.
    pub config: Descriptor,
    /// The layers, lowest first.
    pub layers: Vec<Descriptor>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// What this manifest refers to.
    pub subject: Option<Descriptor>,
    /// The type of artefact, where it is not an image.
    pub artifact_type: Option<String>,
}

/// An image index or manifest list.
#[derive(Clone, Debug)]
pub struct Index {
    raw: Vec<u8>,
    /// Media type.
    pub media_type: String,
    /// The children, in order.
    pub manifests: Vec<Descriptor>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
}

/// Either document that a reference may name.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "taken apart as soon as it is read; there are never many")]
pub enum Document {
    /// One image.
    Manifest(Manifest),
    /// Several, by platform.
    Index(Index),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnyDocument {
    #[serde(default)]
    schema_version: Option<u32>,
    #[serde(default)]
    media_type: Option<String>,
    #[serde(default)]
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
    #[serde(default, deserialize_with = "null_default")]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    subject: Option<Descriptor>,
}

impl Document {
    /// Reads a manifest or an index; `stated` is the media type that came with it, if any.
    pub fn parse(raw: &[u8], stated: Option<&str>) -> Result<Self, OciError> {
        if raw.len() > MANIFEST_LIMIT {
            return Err(OciError::TooLarge { what: "manifest", size: raw.len(), limit: MANIFEST_LIMIT });
        }
        let stated = stated.map(|s| s.split(';').next().unwrap_or(s).trim()).filter(|s| !s.is_empty());
        if matches!(stated, Some(media::DOCKER_SCHEMA1 | media::DOCKER_SCHEMA1_SIGNED)) {
            return Err(OciError::Schema1);
        }
        let any: AnyDocument =
            serde_json::from_slice(raw).map_err(|source| OciError::Json { what: "manifest", source })?;
        if any.schema_version == Some(1) {
            return Err(OciError::Schema1);
        }
        let media_type = any.media_type.or(stated.map(str::to_owned)).unwrap_or_default();
        match (any.config, any.layers, any.manifests) {
            (Some(config), Some(layers), None) => Ok(Self::Manifest(Manifest {
                raw: raw.to_owned(),
                media_type: or_default(media_type, media::OCI_MANIFEST),
                config,
                layers,
                annotations: any.annotations,
                subject: any.subject,
                artifact_type: any.artifact_type,
            })),
            (None, None, Some(manifests)) => Ok(Self::Index(Index {
                raw: raw.to_owned(),
                media_type: or_default(media_type, media::OCI_INDEX),
                manifests,
                annotations: any.annotations,
            })),
            _ => Err(OciError::NotAnImage(media_type)),
        }
    }

    /// The digest of the raw bytes.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Manifest(m) => m.digest(),
            Self::Index(i) => i.digest(),
        }
    }
}

fn or_default(stated: String, default: &str) -> String {
    if stated.is_empty() { default.to_owned() } else { stated }
}

impl Manifest {
    /// The bytes as they were received.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The digest of the raw bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.raw)
    }
}

impl Index {
    /// The bytes as they were received.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The digest of the raw bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.raw)
    }

    /// The children that are images: not attestations, which BuildKit lists with platform `unknown/unknown`.
    pub fn images(&self) -> impl Iterator<Item = &Descriptor> {
        self.manifests.iter().filter(|d| {
            !d.annotations.contains_key("vnd.docker.reference.type")
                && d.platform.as_ref().is_none_or(|p| p.os != "unknown")
        })
    }
}

/// An image's configuration (<https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md>).
#[derive(Clone, Debug, Deserialize)]
pub struct ImageConfig {
    #[serde(skip)]
    raw: Vec<u8>,
    /// Operating system, in Go's word.
    #[serde(default)]
    pub os: String,
    /// Processor, in Go's word.
    #[serde(default)]
    pub architecture: String,
    /// Its variant.
    #[serde(default)]
    pub variant: Option<String>,
    /// When it was made, as stated (RFC 3339).
    #[serde(default)]
    pub created: Option<String>,
    /// Who made it, as stated.
    #[serde(default)]
    pub author: Option<String>,
    /// How a container is started.
    #[serde(default, deserialize_with = "null_default")]
    pub config: RunConfig,
    /// The layers' diffIDs.
    #[serde(default)]
    pub rootfs: RootFs,
    /// What made each layer, lowest first; entries without a layer are marked.
    #[serde(default, deserialize_with = "null_default")]
    pub history: Vec<History>,
}

/// The `config` of an image config: Docker's names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RunConfig {
    /// User and group.
    #[serde(deserialize_with = "null_default")]
    pub user: String,
    /// Ports, as `80/tcp`.
    #[serde(deserialize_with = "null_default")]
    pub exposed_ports: BTreeMap<String, serde_json::Value>,
    /// Environment, as `KEY=value`.
    #[serde(deserialize_with = "null_default")]
    pub env: Vec<String>,
    /// Entry point.
    #[serde(deserialize_with = "null_default")]
    pub entrypoint: Vec<String>,
    /// Command.
    #[serde(deserialize_with = "null_default")]
    pub cmd: Vec<String>,
    /// Volumes.
    #[serde(deserialize_with = "null_default")]
    pub volumes: BTreeMap<String, serde_json::Value>,
    /// Working directory.
    #[serde(deserialize_with = "null_default")]
    pub working_dir: String,
    /// Labels.
    #[serde(deserialize_with = "null_default")]
    pub labels: BTreeMap<String, String>,
    /// The signal that stops it.
    #[serde(deserialize_with = "null_default")]
    pub stop_signal: String,
}

/// The layers of a config.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RootFs {
    /// The plain layers' digests, lowest first.
    #[serde(default, deserialize_with = "null_default")]
    pub diff_ids: Vec<Digest>,
}

/// One step of a build.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct History {
    /// When.
    pub created: Option<String>,
    /// The command.
    #[serde(deserialize_with = "null_default")]
    pub created_by: String,
    /// A remark.
    pub comment: Option<String>,
    /// Whether this step made no layer.
    #[serde(deserialize_with = "null_default")]
    pub empty_layer: bool,
}

impl ImageConfig {
    /// Reads a config.
    pub fn parse(raw: &[u8]) -> Result<Self, OciError> {
        if raw.len() > CONFIG_LIMIT {
            return Err(OciError::TooLarge { what: "config", size: raw.len(), limit: CONFIG_LIMIT });
        }
        let mut config: Self =
            serde_json::from_slice(raw).map_err(|source| OciError::Json { what: "config", source })?;
        config.raw = raw.to_owned();
        Ok(config)
    }

    /// The bytes as they were received.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The digest of the raw bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.raw)
    }

    /// The platform it states.
    pub fn platform(&self) -> Platform {
        Platform {
            os: self.os.clone(),
            architecture: self.architecture.clone(),
            variant: self.variant.clone().filter(|v| !v.is_empty()),
            os_version: None,
        }
    }

    /// The history entries that made layers, lowest first: one a layer where the builder was honest.
    pub fn instructions(&self) -> impl Iterator<Item = &History> {
        self.history.iter().filter(|h| !h.empty_layer)
    }
}

/// Go's encoders write `null` for an empty list or map.
fn null_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn platform<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Platform>, D::Error> {
    #[derive(Deserialize)]
    struct Raw {
        #[serde(default)]
        os: String,
        #[serde(default)]
        architecture: String,
        variant: Option<String>,
        #[serde(rename = "os.version")]
        os_version: Option<String>,
    }
    let raw: Option<Raw> = Option::deserialize(deserializer)?;
    Ok(raw.map(|r| Platform {
        os: r.os,
        architecture: r.architecture,
        variant: r.variant.filter(|v| !v.is_empty()),
        os_version: r.os_version.filter(|v| !v.is_empty()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_hides_its_attestations() {
        let d = Digest::of(b"");
        let raw = format!(
            r#"{{"schemaVersion":2,"manifests":[
              {{"mediaType":"m","digest":"{d}","size":1,"platform":{{"os":"linux","architecture":"amd64"}}}},
              {{"mediaType":"m","digest":"{d}","size":1,"platform":{{"os":"unknown","architecture":"unknown"}}}}]}}"#
        );
        let Document::Index(index) = Document::parse(raw.as_bytes(), None).unwrap() else { panic!("an index") };
        assert_eq!(index.images().count(), 1);
        assert_eq!(index.digest(), Digest::of(raw.as_bytes()));
    }

    #[test]
    fn schema_1_is_named() {
        let error = Document::parse(br#"{"schemaVersion":1,"fsLayers":[]}"#, None).unwrap_err();
        assert!(matches!(error, OciError::Schema1));
    }

    #[test]
    fn a_config_of_nulls_is_empty_not_an_error() {
        let raw = br#"{"os":"linux","config":{"Env":null,"Labels":null},"history":null,"rootfs":{"type":"layers","diff_ids":null}}"#;
        let config = ImageConfig::parse(raw).unwrap();
        assert!(config.config.env.is_empty() && config.rootfs.diff_ids.is_empty());
    }
}
