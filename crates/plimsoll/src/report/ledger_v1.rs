//! `plimsoll.ledger-status/1` and `plimsoll.ledger-verify/1` (docs/formats/ledger-status-v1.schema.json,
//! docs/formats/ledger-verify-v1.schema.json).

use super::json::text;
use ledger::{Problem, Report, Status};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusDocument<'a> {
    schema: &'static str,
    ledger: &'a str,
    repositories: u64,
    observations: u64,
    documents: u64,
    document_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_row: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VerifyDocument<'a> {
    schema: &'static str,
    ledger: &'a str,
    whole: bool,
    checkpoint: bool,
    repositories: u64,
    observations: u64,
    documents: u64,
    problems: Vec<ProblemDocument<'a>>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProblemDocument<'a> {
    kind: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a str>,
}

/// How much there is.
pub(crate) fn status(place: &str, status: &Status) -> Vec<u8> {
    text(&StatusDocument {
        schema: "plimsoll.ledger-status/1",
        ledger: place,
        repositories: status.repositories,
        observations: status.observations,
        documents: status.documents,
        document_bytes: status.document_bytes,
        first_seen: status.first.map(|time| time.to_string()),
        last_row: status.last.map(|time| time.to_string()),
    })
}

/// Whether it is what was written.
pub(crate) fn verified(place: &str, checkpoint: bool, report: &Report) -> Vec<u8> {
    text(&VerifyDocument {
        schema: "plimsoll.ledger-verify/1",
        ledger: place,
        whole: report.problems.is_empty(),
        checkpoint,
        repositories: report.repositories,
        observations: report.observations,
        documents: report.documents,
        problems: report.problems.iter().map(problem).collect(),
    })
}

fn problem(problem: &Problem) -> ProblemDocument<'_> {
    let row = |sequence: u64| Some(i64::try_from(sequence).unwrap_or(i64::MAX));
    let about = match problem {
        Problem::Altered { repository, sequence, field } => {
            ProblemDocument { kind: "altered", row: Some(*sequence), field: Some(field), ..of(repository) }
        }
        Problem::Moved { repository, sequence, was } => {
            ProblemDocument { kind: "moved", row: Some(*sequence), to: Some(*was), ..of(repository) }
        }
        Problem::Missing { repository, from, to } => {
            ProblemDocument { kind: "missing", row: Some(*from), to: Some(*to), ..of(repository) }
        }
        Problem::Unlinked { repository, sequence } => {
            ProblemDocument { kind: "unlinked", row: Some(*sequence), ..of(repository) }
        }
        Problem::Truncated { repository, rows, expected } => {
            ProblemDocument { kind: "truncated", row: row(*rows), to: row(*expected), ..of(repository) }
        }
        Problem::Rewritten { repository, sequence } => {
            ProblemDocument { kind: "rewritten", row: row(*sequence), ..of(repository) }
        }
        Problem::Document { digest } => {
            ProblemDocument { kind: "document", digest: Some(digest), ..ProblemDocument::default() }
        }
        Problem::NoDocument { repository, sequence, digest } => {
            let digest = Some(digest.as_str());
            ProblemDocument { kind: "no-document", row: Some(*sequence), digest, ..of(repository) }
        }
        Problem::Sighting { repository, sequence } => {
            ProblemDocument { kind: "sighting", row: Some(*sequence), ..of(repository) }
        }
    };
    ProblemDocument { message: problem.to_string(), ..about }
}

fn of(repository: &str) -> ProblemDocument<'_> {
    ProblemDocument { repository: Some(repository), ..ProblemDocument::default() }
}
