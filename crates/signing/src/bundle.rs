//! Sigstore's bundle, version 0.3 (<https://docs.sigstore.dev/about/bundle/>): an envelope and what it is checked with, as
//! cosign 3 hangs it to an image.

use crate::envelope::Written;
use crate::{Envelope, PublicKey, SigningError};
use serde::Deserialize;
use serde_json::{Value, json};

/// Media type and artifact type of a bundle.
pub const BUNDLE_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// The annotation of the referrer that says what is in the bundle.
pub const CONTENT: (&str, &str) = ("dev.sigstore.bundle.content", "dsse-envelope");
/// The annotation of the referrer that names the predicate.
pub const PREDICATE: &str = "dev.sigstore.bundle.predicateType";
/// The most bytes of a bundle that are read; SBOMs travel in them.
pub const BUNDLE_LIMIT: u64 = 64 << 20;

/// What a bundle holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// What is said, and the signatures.
    pub envelope: Envelope,
    /// Whether a certificate is to be believed instead of a key: that needs a root of trust.
    pub keyless: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Read {
    media_type: String,
    verification_material: Material,
    #[serde(default)]
    dsse_envelope: Option<Written>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    #[serde(default)]
    certificate: Option<Value>,
    #[serde(default)]
    x509_certificate_chain: Option<Value>,
}

impl Bundle {
    /// Reads a bundle of version 0.3, or of the versions before.
    ///
    /// # Errors
    /// [`SigningError::Shape`], also for one that signs an artifact's own bytes and no statement.
    pub fn parse(raw: &[u8]) -> Result<Self, SigningError> {
        let read: Read = serde_json::from_slice(raw).map_err(|e| SigningError::shape("sigstore bundle", e))?;
        if !read.media_type.starts_with("application/vnd.dev.sigstore.bundle") {
            return Err(SigningError::shape("sigstore bundle", format!("its media type is `{}`", read.media_type)));
        }
        let envelope = read.dsse_envelope.as_ref();
        let envelope = envelope.ok_or_else(|| SigningError::shape("sigstore bundle", "it holds no DSSE envelope"))?;
        let Material { certificate, x509_certificate_chain } = read.verification_material;
        let keyless = certificate.is_some() || x509_certificate_chain.is_some();
        Ok(Self { envelope: Envelope::of(envelope)?, keyless })
    }

    /// The bundle of an envelope that `key` signed, as JSON.
    pub fn write(envelope: &Envelope, key: &PublicKey) -> Vec<u8> {
        let bundle = json!({
            "mediaType": BUNDLE_TYPE,
            "verificationMaterial": { "publicKey": { "hint": key.hint() }, "tlogEntries": [] },
            "dsseEnvelope": envelope.written(),
        });
        bundle.to_string().into_bytes()
    }
}
