//! A row of the ledger as a line of JSON: `plimsoll.ledger-row/1` (docs/formats/ledger-row-v1.schema.json).

use super::json::line as one_line;
use ledger::{Entry, State};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    schema: &'static str,
    repository: &'a str,
    sequence: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    children: Vec<Child<'a>>,
    vanished: bool,
    seen: String,
    last_seen: String,
    times: u64,
    vantage: String,
    proof: &'static str,
    witness: &'a str,
    hash: String,
}

#[derive(Serialize)]
struct Child<'a> {
    digest: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    platform: &'a str,
}

/// The line, with its newline.
pub(crate) fn line(entry: &Entry) -> Vec<u8> {
    let observation = &entry.observation;
    let (media_type, children) = match &observation.state {
        State::Is { media_type, children, .. } => (Some(media_type.as_str()), children.as_slice()),
        State::Vanished => (None, &[][..]),
    };
    one_line(&Row {
        schema: "plimsoll.ledger-row/1",
        repository: &observation.repository,
        sequence: entry.sequence,
        tag: observation.tag.as_deref(),
        digest: observation.digest().map(ToString::to_string),
        media_type,
        children: children.iter().map(|c| Child { digest: c.digest.to_string(), platform: &c.platform }).collect(),
        vanished: observation.state == State::Vanished,
        seen: observation.seen.to_string(),
        last_seen: entry.last().to_string(),
        times: entry.again.times + 1,
        vantage: observation.vantage.to_string(),
        proof: observation.proof.word(),
        witness: &observation.witness,
        hash: entry.hash.hex(),
    })
}
