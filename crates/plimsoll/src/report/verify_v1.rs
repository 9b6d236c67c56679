//! `plimsoll.verify/1`: who signed an image (docs/formats/verify-v1.schema.json).

use super::json::text;
use crate::ops::signing::{Entry, Form, Mark, Verification};
use serde::Serialize;

#[derive(Serialize)]
struct Written<'v> {
    schema: &'static str,
    reference: &'v str,
    subject: String,
    verdict: &'static str,
    required: Vec<Required<'v>>,
    entries: Vec<Said<'v>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Required<'v> {
    predicate_type: &'v str,
    met: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Said<'v> {
    digest: String,
    form: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    predicate_type: Option<&'v str>,
    standing: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<Key<'v>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'v str>,
}

#[derive(Serialize)]
struct Key<'v> {
    name: &'v str,
    fingerprint: String,
}

/// All that is said of one image.
pub(crate) fn write(found: &Verification) -> Vec<u8> {
    let required = found.required.iter().map(|r| Required { predicate_type: &r.predicate_type, met: r.met });
    text(&Written {
        schema: "plimsoll.verify/1",
        reference: found.reference.as_typed(),
        subject: found.subject.to_string(),
        verdict: if found.passes() { "pass" } else { "fail" },
        required: required.collect(),
        entries: found.entries.iter().map(said).collect(),
    })
}

fn said(entry: &Entry) -> Said<'_> {
    let (standing, key, why) = match &entry.mark {
        Mark::Verified { key, fingerprint } => {
            ("verified", Some(Key { name: key, fingerprint: fingerprint.to_string() }), None)
        }
        Mark::Other => ("other-subject", None, None),
        Mark::Stranger => ("unknown-key", None, None),
        Mark::Keyless => ("not-checked", None, Some("a certificate's, and no root of trust is at hand")),
        Mark::Broken(why) => ("unreadable", None, Some(why.as_str())),
    };
    let form = match entry.form {
        Form::Bundle => "sigstore-bundle",
        Form::SimpleSigning => "simple-signing",
        Form::Envelope => "dsse-envelope",
    };
    Said { digest: entry.digest.to_string(), form, predicate_type: entry.predicate_type.as_deref(), standing, key, why }
}
