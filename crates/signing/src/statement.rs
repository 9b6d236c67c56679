//! In-toto statements, version 1 (<https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>): who says what
//! kind of thing of which digests.

use crate::SigningError;
use model::Digest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const TYPE: &str = "https://in-toto.io/Statement/v1";
/// Earlier statements differ in nothing that is read here.
const EARLIER: &str = "https://in-toto.io/Statement/v0.1";
/// The predicate by which cosign 3 signs an image.
pub const COSIGN_SIGN: &str = "https://sigstore.dev/cosign/sign/v1";

/// What a statement says.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Of what: names, which prove nothing, and digests.
    pub subjects: Vec<(String, Vec<Digest>)>,
    /// What kind of thing is said, as a URI.
    pub predicate_type: String,
    /// What is said.
    pub predicate: Value,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    predicate_type: String,
    #[serde(default)]
    predicate: Value,
}

#[derive(Deserialize, Serialize)]
struct Subject {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    digest: BTreeMap<String, String>,
}

impl Statement {
    /// Of one digest.
    pub fn about(name: &str, digest: Digest, predicate_type: &str, predicate: Value) -> Self {
        let subjects = vec![(name.to_owned(), vec![digest])];
        Self { subjects, predicate_type: predicate_type.to_owned(), predicate }
    }

    /// That the image is signed, and nothing else.
    pub fn signature(digest: Digest) -> Self {
        Self::about("", digest, COSIGN_SIGN, Value::Object(Map::new()))
    }

    /// Whether it is about this digest.
    pub fn is_about(&self, digest: &Digest) -> bool {
        self.subjects.iter().any(|(_, digests)| digests.contains(digest))
    }

    /// Reads a statement. Digests in algorithms that are not known are left out.
    ///
    /// # Errors
    /// [`SigningError::Shape`].
    pub fn parse(raw: &[u8]) -> Result<Self, SigningError> {
        let written: Written = serde_json::from_slice(raw).map_err(|e| SigningError::shape("in-toto statement", e))?;
        if written.kind != TYPE && written.kind != EARLIER {
            return Err(SigningError::shape("in-toto statement", format!("its type is `{}`", written.kind)));
        }
        let digests = |subject: &Subject| -> Vec<Digest> {
            subject.digest.iter().filter_map(|(name, hex)| format!("{name}:{hex}").parse().ok()).collect()
        };
        let subjects = written.subject.iter().map(|subject| (subject.name.clone(), digests(subject))).collect();
        Ok(Self { subjects, predicate_type: written.predicate_type, predicate: written.predicate })
    }

    /// The statement as JSON.
    pub fn write(&self) -> Vec<u8> {
        let digest = |digest: &Digest| {
            let text = digest.to_string();
            let (name, hex) = text.split_once(':').unwrap_or_default();
            (name.to_owned(), hex.to_owned())
        };
        let subject = |(name, digests): &(String, Vec<Digest>)| Subject {
            name: name.clone(),
            digest: digests.iter().map(digest).collect(),
        };
        let written = Written {
            kind: TYPE.to_owned(),
            subject: self.subjects.iter().map(subject).collect(),
            predicate_type: self.predicate_type.clone(),
            predicate: self.predicate.clone(),
        };
        // Strings, maps and JSON: there is nothing in it that could fail.
        serde_json::to_vec(&written).unwrap_or_default()
    }
}

/// The URI of a predicate type by cosign's short name for it, or a URI as it is.
pub fn predicate_type(name: &str) -> Option<&str> {
    Some(match name {
        "signature" => COSIGN_SIGN,
        "slsaprovenance1" | "slsaprovenance" => "https://slsa.dev/provenance/v1",
        "slsaprovenance02" => "https://slsa.dev/provenance/v0.2",
        "spdxjson" | "spdx" => "https://spdx.dev/Document",
        "cyclonedx" => "https://cyclonedx.org/bom",
        "vuln" => "https://cosign.sigstore.dev/attestation/vuln/v1",
        "openvex" => "https://openvex.dev/ns",
        "link" => "https://in-toto.io/Link/v1",
        uri if uri.split_once(':').is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty()) => uri,
        _ => return None,
    })
}
