//! The OCI documents that we write ourselves: descriptors, an index, a layout's marker
//! (<https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md>, `image-index.md`, `image-layout.md`).

use model::Digest;
use model::oci::{Descriptor, media};
use serde_json::{Value, json};

/// The content of the file `oci-layout`.
pub(crate) const LAYOUT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// A descriptor of bytes that are here.
pub(crate) fn bare(media_type: &str, bytes: &[u8]) -> Descriptor {
    Descriptor {
        media_type: media_type.to_owned(),
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
        urls: Vec::new(),
        annotations: Default::default(),
        platform: None,
        artifact_type: None,
    }
}

/// What every descriptor says: type, digest, size.
pub(crate) fn plain(descriptor: &Descriptor) -> Value {
    json!({
        "mediaType": descriptor.media_type, "digest": descriptor.digest.to_string(), "size": descriptor.size,
    })
}

/// An index that lists `manifests`.
pub(crate) fn index(manifests: Vec<Value>) -> Value {
    json!({"schemaVersion": 2, "mediaType": media::OCI_INDEX, "manifests": manifests})
}

/// Adds annotations to a descriptor or a manifest.
pub(crate) fn annotate(value: &mut Value, annotations: &[(String, String)]) {
    for (key, text) in annotations {
        value["annotations"][key] = text.as_str().into();
    }
}
