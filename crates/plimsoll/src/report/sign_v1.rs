//! `plimsoll.sign/1`: what was signed (docs/formats/sign-v1.schema.json).

use super::json::text;
use crate::ops::signing::Signed;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'s> {
    schema: &'static str,
    reference: &'s str,
    subject: String,
    predicate_type: &'s str,
    key: String,
    attachment: String,
}

/// One signature.
pub(crate) fn write(signed: &Signed) -> Vec<u8> {
    text(&Written {
        schema: "plimsoll.sign/1",
        reference: signed.reference.as_typed(),
        subject: signed.subject.to_string(),
        predicate_type: &signed.predicate_type,
        key: signed.key.fingerprint().to_string(),
        attachment: signed.attachment.to_string(),
    })
}
