//! `plimsoll.resolve/1`: which image references name (docs/formats/resolve-v1.schema.json).

use super::json::text;
use crate::failure::{Failure, with_causes};
use crate::ops::{Agreement, Resolution};
use model::Reference;
use serde::Serialize;
use transport::Vantage;

#[derive(Serialize)]
struct Resolve<'a> {
    schema: &'static str,
    resolutions: Vec<Answer<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer<'a> {
    Found(Box<Found<'a>>),
    Failed { reference: &'a str, error: String },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found<'a> {
    reference: &'a str,
    registry: &'a str,
    repository: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<&'a str>,
    kind: &'static str,
    digest: String,
    media_type: &'a str,
    size: usize,
    pin: String,
    seen: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<Aged>,
    vantage: Seen<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<Child>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    children: Vec<Child>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_and_digest: Option<Agreed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowance: Option<Allowance>,
    statements: Vec<Statement<'a>>,
}

#[derive(Serialize)]
struct Seen<'a> {
    kind: &'static str,
    host: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Child {
    digest: String,
    media_type: String,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
}

#[derive(Serialize)]
struct Aged {
    since: String,
    source: &'static str,
}

#[derive(Serialize)]
struct Agreed {
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<String>,
}

#[derive(Serialize)]
struct Allowance {
    limit: u64,
    remaining: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<u64>,
}

#[derive(Serialize)]
struct Statement<'a> {
    standing: &'static str,
    what: &'a str,
    why: &'a str,
}

/// The document for all references, in the order they were given.
pub(crate) fn write(references: &[Reference], answers: &[Result<Resolution, Failure>]) -> Vec<u8> {
    let resolutions = references.iter().zip(answers).map(|(reference, answer)| match answer {
        Ok(found) => Answer::Found(Box::new(of(found))),
        Err(failure) => Answer::Failed { reference: reference.as_typed(), error: with_causes(failure) },
    });
    text(&Resolve { schema: "plimsoll.resolve/1", resolutions: resolutions.collect() })
}

fn of(found: &Resolution) -> Found<'_> {
    let sighting = &found.sighting;
    Found {
        reference: found.reference.as_typed(),
        registry: found.reference.registry(),
        repository: found.reference.repository(),
        tag: found.reference.tag(),
        kind: if found.is_index() { "index" } else { "image" },
        digest: found.digest().to_string(),
        media_type: sighting.media_type(),
        size: sighting.raw().len(),
        pin: found.pin(),
        seen: found.seen.to_string(),
        as_of: found.past.map(|time| time.to_string()),
        age: found.age.map(|age| Aged { since: age.since.to_string(), source: age.source.word() }),
        vantage: match &sighting.vantage {
            Vantage::Direct => Seen { kind: "registry", host: found.reference.registry(), age: sighting.stated.age },
            Vantage::Mirror(host) => Seen { kind: "mirror", host, age: sighting.stated.age },
        },
        platform: found.chosen.as_ref().map(|chosen| child(&chosen.descriptor)),
        children: found.children().iter().map(child).collect(),
        tag_and_digest: found.agreement.as_ref().map(agreed),
        allowance: sighting.stated.allowance.map(|left| Allowance {
            limit: left.limit,
            remaining: left.remaining,
            window: left.window,
        }),
        statements: found
            .statements
            .iter()
            .map(|s| Statement { standing: s.standing.word(), what: &s.what, why: &s.why })
            .collect(),
    }
}

fn child(descriptor: &model::oci::Descriptor) -> Child {
    Child {
        digest: descriptor.digest.to_string(),
        media_type: descriptor.media_type.clone(),
        size: descriptor.size,
        platform: descriptor.platform.as_ref().map(ToString::to_string),
    }
}

fn agreed(agreement: &Agreement) -> Agreed {
    match agreement {
        Agreement::Same => Agreed { verdict: "same", now: None },
        Agreement::Moved(now) => Agreed { verdict: "moved", now: Some(now.to_string()) },
        Agreement::Part { index, .. } => Agreed { verdict: "part", now: Some(index.to_string()) },
        Agreement::Gone => Agreed { verdict: "gone", now: None },
    }
}
