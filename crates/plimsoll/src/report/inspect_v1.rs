//! `plimsoll.inspect/1`: what an image is (docs/formats/inspect-v1.schema.json).

use super::json::text;
use crate::ops::Reading;
use practices::instruction;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Inspect<'a> {
    schema: &'static str,
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Subject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<String>,
    platform: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distribution: Option<Distribution<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stored_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plain_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visible_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entries: Option<u64>,
    packages: BTreeMap<&'static str, usize>,
    user: &'a str,
    labels: BTreeMap<&'a str, &'a str>,
    annotations: BTreeMap<&'a str, &'a str>,
    layers: Vec<Layer>,
    unknowns: Vec<String>,
}

#[derive(Serialize)]
struct Subject {
    kind: &'static str,
    digest: String,
}

#[derive(Serialize)]
struct Distribution<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    diff_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    blob: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stored_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plain_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entries: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instruction: Option<String>,
}

/// The document for one image.
pub(crate) fn write(reading: &Reading) -> Vec<u8> {
    let (image, facts) = (&reading.image, &reading.facts);
    let config = image.config.as_ref();
    let mut packages = BTreeMap::new();
    for package in &facts.packages {
        *packages.entry(package.ecosystem.word()).or_default() += 1;
    }
    text(&Inspect {
        schema: "plimsoll.inspect/1",
        target: &image.target,
        subject: image.subject.map(|s| Subject { kind: s.kind(), digest: s.digest().to_string() }),
        index: image.index.as_ref().map(|i| i.digest().to_string()),
        manifest: image.manifest.as_ref().map(|m| m.digest().to_string()),
        config: config.map(|c| c.digest().to_string()),
        platform: image.platform.to_string(),
        created: config.and_then(|c| c.created.as_deref()),
        distribution: facts.os.as_ref().map(|os| Distribution {
            id: &os.id,
            version: os.version_id.as_deref(),
            name: os.pretty_name.as_deref(),
        }),
        stored_bytes: stored_bytes(reading),
        plain_bytes: reading.of_all(facts.layers.iter().map(|l| l.plain_size).sum()),
        visible_bytes: reading.of_all(facts.visible_bytes),
        entries: reading.of_all(facts.entries),
        packages,
        user: config.map_or("", |c| &c.config.user),
        labels: config.map(|c| borrowed(&c.config.labels)).unwrap_or_default(),
        annotations: image.manifest.as_ref().map(|m| borrowed(&m.annotations)).unwrap_or_default(),
        layers: layers(reading),
        unknowns: facts.unknowns.iter().chain(&reading.unknowns).map(ToString::to_string).collect(),
    })
}

/// Bytes of all layers as stored, if the manifest states them.
pub(super) fn stored_bytes(reading: &Reading) -> Option<u64> {
    reading.image.layers.iter().map(|l| l.blob.as_ref().map(|b| b.size)).sum()
}

fn borrowed(map: &BTreeMap<String, String>) -> BTreeMap<&str, &str> {
    map.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect()
}

fn layers(reading: &Reading) -> Vec<Layer> {
    let count = reading.facts.layers.len();
    let layer = |(number, (summary, stored)): (usize, (&facts::image::LayerSummary, &transport::Layer))| Layer {
        diff_id: summary.diff_id.to_string(),
        blob: stored.blob.as_ref().map(|b| b.digest.to_string()),
        stored_bytes: stored.blob.as_ref().map(|b| b.size),
        plain_bytes: reading.is_read(number).then_some(summary.plain_size),
        entries: reading.is_read(number).then_some(summary.entries),
        file_bytes: reading.is_read(number).then_some(summary.file_bytes),
        // What a layer above hides is known once that is read.
        hidden_bytes: reading.unread.iter().all(|&unread| unread < number).then_some(summary.hidden_bytes),
        instruction: reading.image.config.as_ref().and_then(|c| instruction(c, count, number as u32)),
    };
    reading.facts.layers.iter().zip(&reading.image.layers).enumerate().map(layer).collect()
}
