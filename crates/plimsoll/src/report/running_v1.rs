//! `plimsoll.running/1`: which image each container runs (docs/formats/running-v1.schema.json).

use super::json::text;
use crate::ops::{Anew, Census, Running};
use jiff::Timestamp;
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    engine: &'a str,
    seen: String,
    containers: Vec<Container<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    asked: &'a str,
    image: String,
    repo_tags: &'a [String],
    repo_digests: &'a [String],
    verdict: &'static str,
    proof: &'a [String],
    anew: Made,
    #[serde(skip_serializing_if = "Option::is_none")]
    pin: Option<&'a str>,
}

#[derive(Serialize)]
struct Made {
    how: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
}

/// The document for one engine, as seen at `now`.
pub(crate) fn write(census: &Census, engine: &str, now: Timestamp) -> Vec<u8> {
    text(&Document {
        schema: "plimsoll.running/1",
        engine,
        seen: format!("{now:.0}"),
        containers: census.containers.iter().map(container).collect(),
    })
}

fn container(one: &Running) -> Container<'_> {
    let known = &one.container;
    let service = known.service.as_ref();
    Container {
        id: &known.id,
        name: &known.name,
        project: service.map(|(project, _)| project.as_str()),
        service: service.map(|(_, service)| service.as_str()),
        state: &known.state,
        created: known.created.map(|created| format!("{created:.0}")),
        asked: &known.asked,
        image: known.image.to_string(),
        repo_tags: one.held.as_ref().map(|held| held.tags.as_slice()).unwrap_or_default(),
        repo_digests: one.held.as_ref().map(|held| held.digests.as_slice()).unwrap_or_default(),
        verdict: one.verdict.word(),
        proof: &one.proof,
        anew: match &one.anew {
            Anew::Same => Made { how: "same", image: Some(known.image.to_string()) },
            Anew::Other(image) => Made { how: "other", image: Some(image.to_string()) },
            Anew::Pulled => Made { how: "pulled", image: None },
        },
        pin: one.pin.as_deref(),
    }
}
