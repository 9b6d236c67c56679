//! `plimsoll.layers/1`: an image's layers and what is in them in vain (docs/formats/layers-v1.schema.json).

use super::json::text;
use super::layers_text::sums;
use crate::ops::Anatomy;
use facts::image::WasteGroup;
use model::{Finding, TextPlace};
use practices::waste::{DiveOutcome, is_yours};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema: &'static str,
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Subject>,
    platform: String,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<String>,
    base: Base<'a>,
    lines: Lines<'a>,
    totals: Totals,
    layers: Vec<Layer<'a>>,
    waste: Vec<Waste<'a>>,
    secrets: Vec<Secret<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dive: Option<Dive<'a>>,
    unknowns: Vec<String>,
}

#[derive(Serialize)]
struct Subject {
    kind: &'static str,
    digest: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Base<'a> {
    layers: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    known_by: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Lines<'a> {
    known_by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    misfit: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Totals {
    #[serde(skip_serializing_if = "Option::is_none")]
    visible_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_bytes: Option<u64>,
    wasted_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    wasted_percent: Option<f64>,
    structural_bytes: u64,
    base_bytes: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Layer<'a> {
    diff_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    blob: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stored_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plain_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entries: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    added: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spare_bytes: Option<u64>,
    base: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    instruction: Option<&'a str>,
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    place: Option<Place<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    path: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Waste<'a> {
    layer: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden_by: Option<u32>,
    cause: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<&'a str>,
    files: u64,
    bytes: u64,
    largest: Vec<Largest>,
    base: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'a str>,
    mendable: bool,
}

#[derive(Serialize)]
struct Secret<'a> {
    code: &'a str,
    severity: &'static str,
    message: &'a str,
    proof: &'a str,
    remedy: &'a str,
}

#[derive(Serialize)]
struct Largest {
    path: String,
    bytes: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dive<'a> {
    efficiency: f64,
    wasted_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_wasted_percent: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
struct Rule<'a> {
    rule: &'static str,
    passed: bool,
    figures: &'a str,
}

/// The document for one image.
pub(crate) fn write(anatomy: &Anatomy) -> Vec<u8> {
    let (image, facts) = (&anatomy.reading.image, &anatomy.reading.facts);
    let percent = anatomy.dive.user_wasted_percent();
    text(&Document {
        schema: "plimsoll.layers/1",
        target: &image.target,
        subject: image.subject.map(|s| Subject { kind: s.kind(), digest: s.digest().to_string() }),
        platform: image.platform.to_string(),
        verdict: anatomy.verdict().word(),
        budget: anatomy.budget.map(|budget| budget.to_string()),
        base: Base { layers: anatomy.base.layers, known_by: anatomy.base.known_by.as_deref() },
        lines: Lines { known_by: anatomy.lines.known.word(), misfit: anatomy.lines.misfit.as_deref() },
        totals: Totals {
            visible_bytes: anatomy.reading.of_all(facts.visible_bytes),
            file_bytes: anatomy.reading.of_all(anatomy.totals.files),
            wasted_bytes: anatomy.totals.wasted,
            wasted_percent: anatomy.reading.of_all(anatomy.totals.percent()),
            structural_bytes: anatomy.totals.structural,
            base_bytes: anatomy.totals.base,
        },
        layers: layers(anatomy),
        waste: facts.waste.iter().enumerate().map(|(number, group)| waste(anatomy, number, group)).collect(),
        secrets: anatomy.secrets.iter().map(secret).collect(),
        dive: anatomy.reading.of_all(Dive {
            efficiency: anatomy.dive.efficiency,
            wasted_bytes: anatomy.dive.wasted_bytes,
            user_wasted_percent: percent.is_finite().then_some(percent),
            rules: anatomy.outcomes.iter().map(rule).collect(),
        }),
        unknowns: facts.unknowns.iter().chain(&anatomy.reading.unknowns).map(ToString::to_string).collect(),
    })
}

fn secret(finding: &Finding) -> Secret<'_> {
    let Finding { code, severity, message, proof, remedy, .. } = finding;
    Secret { code, severity: severity.word(), message, proof, remedy }
}

fn rule(outcome: &DiveOutcome) -> Rule<'_> {
    Rule { rule: outcome.rule, passed: outcome.passed, figures: &outcome.figures }
}

fn layers(anatomy: &Anatomy) -> Vec<Layer<'_>> {
    let (dead, spare) = sums(anatomy);
    let layer = |(number, summary): (usize, &facts::image::LayerSummary)| {
        let blob = anatomy.reading.image.layers.get(number).and_then(|layer| layer.blob.as_ref());
        let blame = anatomy.lines.layers.get(number);
        let known = |figure: u64| anatomy.reading.is_read(number).then_some(figure);
        Layer {
            diff_id: summary.diff_id.to_string(),
            blob: blob.map(|b| b.digest.to_string()),
            stored_bytes: blob.map(|b| b.size),
            plain_bytes: known(summary.plain_size),
            file_bytes: known(summary.file_bytes),
            entries: known(summary.entries),
            added: known(summary.changes.added),
            changed: known(summary.changes.changed),
            removed: known(summary.changes.removed),
            dead_bytes: known(dead[number]),
            spare_bytes: known(spare[number]),
            base: number < anatomy.base.layers,
            instruction: blame.and_then(|blame| blame.text.as_deref()),
            place: blame.and_then(|blame| blame.place.as_ref()).map(place),
        }
    };
    anatomy.reading.facts.layers.iter().enumerate().map(layer).collect()
}

fn place(place: &TextPlace) -> Place<'_> {
    let TextPlace { path, line, column, end_line, end_column } = place;
    Place { path, line: *line, column: *column, end_line: *end_line, end_column: *end_column }
}

/// Layers count from 1 here, as people count them.
fn waste<'a>(anatomy: &'a Anatomy, number: usize, group: &'a WasteGroup) -> Waste<'a> {
    let advice = anatomy.advice.iter().position(|advice| advice.group == number);
    let mended = anatomy.source.as_ref().map_or(&[][..], |source| &source.mended);
    Waste {
        layer: group.layer + 1,
        hidden_by: group.hidden_by.map(|by| by + 1),
        cause: group.cause.word(),
        tool: group.tool.as_deref(),
        files: group.files,
        bytes: group.bytes,
        largest: group.largest.iter().map(|(path, bytes)| Largest { path: path.to_string(), bytes: *bytes }).collect(),
        base: !is_yours(group, anatomy.base.layers),
        remedy: advice.and_then(|at| anatomy.advice.get(at)).map(|advice| advice.remedy.as_str()),
        mendable: advice.is_some_and(|at| mended.contains(&at)),
    }
}
