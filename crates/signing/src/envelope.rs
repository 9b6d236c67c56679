//! DSSE envelopes (<https://github.com/secure-systems-lab/dsse/blob/v1.0.2/envelope.md>): a payload, what it is, and who
//! signed both.

use crate::{PublicKey, SigningError, SigningKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The payload type of in-toto statements.
pub const STATEMENT_TYPE: &str = "application/vnd.in-toto+json";
/// The media type of an envelope that stands alone.
pub const ENVELOPE_TYPE: &str = "application/vnd.dsse.envelope.v1+json";
/// The most signatures of one envelope that are looked at.
const SIGNATURES_LIMIT: usize = 64;

/// A payload and its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    payload_type: String,
    payload: Vec<u8>,
    signatures: Vec<Vec<u8>>,
}

/// As it is written; all bytes in base64.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Written {
    payload: String,
    payload_type: String,
    signatures: Vec<Signature>,
}

#[derive(Deserialize, Serialize)]
struct Signature {
    sig: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyid: Option<String>,
}

impl Envelope {
    /// A statement that `key` signs.
    ///
    /// # Errors
    /// [`SigningError::Sign`].
    pub fn signed(statement: Vec<u8>, key: &SigningKey) -> Result<Self, SigningError> {
        let signature = key.sign(&pae(STATEMENT_TYPE, &statement))?;
        Ok(Self { payload_type: STATEMENT_TYPE.to_owned(), payload: statement, signatures: vec![signature] })
    }

    /// What it says, signed or not.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// What the payload says that it is.
    pub fn payload_type(&self) -> &str {
        &self.payload_type
    }

    /// The first of `keys` that signed the payload as what it says that it is.
    pub fn check<'k>(&self, keys: impl IntoIterator<Item = &'k PublicKey>) -> Option<&'k PublicKey> {
        let message = pae(&self.payload_type, &self.payload);
        keys.into_iter().find(|key| self.signatures.iter().any(|signature| key.signed(&message, signature)))
    }

    /// Reads an envelope as it stands alone, in cosign's older attestations.
    ///
    /// # Errors
    /// [`SigningError::Shape`].
    pub fn parse(raw: &[u8]) -> Result<Self, SigningError> {
        Self::of(&serde_json::from_slice(raw).map_err(|e| SigningError::shape("envelope", e))?)
    }

    pub(crate) fn of(written: &Written) -> Result<Self, SigningError> {
        let bytes = |text: &str| STANDARD.decode(text).map_err(|e| SigningError::shape("envelope", e));
        if written.signatures.len() > SIGNATURES_LIMIT {
            return Err(SigningError::shape("envelope", format!("it has more than {SIGNATURES_LIMIT} signatures")));
        }
        let signatures = written.signatures.iter().map(|signature| bytes(&signature.sig)).collect::<Result<_, _>>()?;
        Ok(Self { payload_type: written.payload_type.clone(), payload: bytes(&written.payload)?, signatures })
    }

    pub(crate) fn written(&self) -> Written {
        let signature = |bytes: &Vec<u8>| Signature { sig: STANDARD.encode(bytes), keyid: None };
        Written {
            payload: STANDARD.encode(&self.payload),
            payload_type: self.payload_type.clone(),
            signatures: self.signatures.iter().map(signature).collect(),
        }
    }
}

/// What is signed: type and payload with their lengths, so that neither can be taken for a part of the other.
fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut message = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    message.extend_from_slice(payload);
    message
}
