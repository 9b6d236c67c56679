//! cosign's signatures before version 3 (<https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md>): under a
//! tag made from the image's digest, each layer a payload that names the digest, and its signature in an annotation.

use crate::{PublicKey, SigningError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::Digest;
use serde::Deserialize;

/// The media type of a payload.
pub const SIMPLE_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// The annotation of the layer that holds the signature of the payload's bytes, in base64.
pub const SIGNATURE: &str = "dev.cosignproject.cosign/signature";

#[derive(Deserialize)]
struct Payload {
    critical: Critical,
}

#[derive(Deserialize)]
struct Critical {
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    digest: String,
}

/// The tag under which such signatures (`sig`) or attestations (`att`) of an image are.
pub fn tag_of(digest: &Digest, kind: &str) -> String {
    format!("{}.{kind}", digest.to_string().replace(':', "-"))
}

/// The first of `keys` that made the signature, as the annotation holds it, of these bytes.
///
/// # Errors
/// [`SigningError::Shape`] for an annotation that is no base64.
pub fn simple_signer<'k>(
    payload: &[u8],
    annotation: &str,
    keys: impl IntoIterator<Item = &'k PublicKey>,
) -> Result<Option<&'k PublicKey>, SigningError> {
    let signature = STANDARD.decode(annotation).map_err(|e| SigningError::shape("signature in base64", e))?;
    Ok(keys.into_iter().find(|key| key.signed(payload, &signature)))
}

/// The digest that a payload is about.
///
/// # Errors
/// [`SigningError::Shape`].
pub fn simple_subject(payload: &[u8]) -> Result<Digest, SigningError> {
    let what = "payload of a signature";
    let payload: Payload = serde_json::from_slice(payload).map_err(|e| SigningError::shape(what, e))?;
    let kinds = ["cosign container image signature", "atomic container signature"];
    if !kinds.contains(&payload.critical.kind.as_str()) {
        return Err(SigningError::shape(what, format!("its type is `{}`", payload.critical.kind)));
    }
    payload.critical.image.digest.parse().map_err(|e| SigningError::shape(what, e))
}
