//! `plimsoll.layers-compare/1`: two images' layers side by side (docs/formats/layers-compare-v1.schema.json).

use super::json::text;
use crate::ops::{Anatomy, Comparison, Difference, Sums};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema: &'static str,
    verdict: &'static str,
    before: Side<'a>,
    after: Side<'a>,
    shared_layers: usize,
    files: Files,
    differences: Vec<One>,
    waste: Vec<Waste>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Side<'a> {
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    layers: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    stored_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visible_bytes: Option<u64>,
    wasted_bytes: u64,
    unknowns: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Files {
    added: Sum,
    removed: Sum,
    changed: Sum,
    metadata_only: Sum,
}

#[derive(Serialize)]
struct Sum {
    files: u64,
    bytes: u64,
}

#[derive(Serialize)]
pub(super) struct One {
    path: String,
    how: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<u64>,
}

#[derive(Serialize)]
struct Waste {
    cause: &'static str,
    before: u64,
    after: u64,
}

/// The document.
pub(crate) fn write(comparison: &Comparison) -> Vec<u8> {
    text(&Document {
        schema: "plimsoll.layers-compare/1",
        verdict: comparison.verdict().word(),
        before: side(&comparison.before),
        after: side(&comparison.after),
        shared_layers: comparison.shared,
        files: files(&comparison.sums),
        differences: comparison.files.iter().map(one).collect(),
        waste: comparison
            .waste
            .iter()
            .map(|(cause, (before, after))| Waste { cause: cause.word(), before: *before, after: *after })
            .collect(),
    })
}

/// How many files differ.
pub(super) fn files(sums: &Sums) -> Files {
    let sum = |(files, bytes)| Sum { files, bytes };
    Files {
        added: sum(sums.added),
        removed: sum(sums.removed),
        changed: sum(sums.changed),
        metadata_only: sum(sums.metadata),
    }
}

fn side(anatomy: &Anatomy) -> Side<'_> {
    let (image, facts) = (&anatomy.reading.image, &anatomy.reading.facts);
    Side {
        target: &image.target,
        digest: image.subject.map(|subject| subject.digest().to_string()),
        layers: facts.layers.len(),
        stored_bytes: image.layers.iter().map(|layer| layer.blob.as_ref().map(|blob| blob.size)).sum(),
        file_bytes: anatomy.reading.of_all(facts.layers.iter().map(|layer| layer.file_bytes).sum()),
        visible_bytes: anatomy.reading.of_all(facts.visible_bytes),
        wasted_bytes: anatomy.totals.wasted,
        unknowns: facts.unknowns.iter().chain(&anatomy.reading.unknowns).map(ToString::to_string).collect(),
    }
}

/// A file that differs.
pub(super) fn one(difference: &Difference) -> One {
    let Difference { path, how, before, after } = difference;
    One { path: path.to_string(), how: how.word(), before: *before, after: *after }
}
