//! `plimsoll.affected/1`: which retained images have it (docs/formats/affected-v1.schema.json).

use super::json::text;
use crate::ops::{Affected, AffectedImage, Hit};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema: &'static str,
    asked: &'a str,
    looked_at: usize,
    images: Vec<Image<'a>>,
    unknowns: Vec<Gap<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Image<'a> {
    target: &'a str,
    digest: &'a str,
    kind: &'a str,
    platform: &'a str,
    read_first: String,
    read_last: String,
    packages: Vec<Package<'a>>,
}

#[derive(Serialize)]
struct Package<'a> {
    purl: &'a str,
    name: &'a str,
    version: &'a str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instruction: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vulnerability: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'a str>,
}

#[derive(Serialize)]
struct Gap<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
    kind: &'static str,
    why: &'a str,
}

/// The document.
pub(crate) fn write(affected: &Affected, asked: &str) -> Vec<u8> {
    let unknowns = affected.unknowns.iter();
    text(&Document {
        schema: "plimsoll.affected/1",
        asked,
        looked_at: affected.looked_at,
        images: affected.images.iter().map(image).collect(),
        unknowns: unknowns
            .map(|(bill, unknown)| Gap {
                target: bill.as_ref().map(|bill| bill.target.as_str()),
                kind: unknown.kind.word(),
                why: &unknown.why,
            })
            .collect(),
    })
}

fn image(image: &AffectedImage) -> Image<'_> {
    let bill = &image.bill;
    Image {
        target: &bill.target,
        digest: &bill.subject,
        kind: &bill.kind,
        platform: &bill.platform,
        read_first: bill.first.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        read_last: bill.last.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        packages: image.hits.iter().map(package).collect(),
    }
}

fn package(hit: &Hit) -> Package<'_> {
    let judged = hit.judged.as_ref();
    Package {
        purl: &hit.purl,
        name: &hit.name,
        version: &hit.version,
        path: &hit.path,
        layer: hit.layer.as_deref(),
        instruction: hit.instruction.as_deref(),
        vulnerability: judged.map(|j| j.id.as_str()),
        severity: judged.map(|j| practices::severity_word(j.severity)),
        fix: judged.and_then(|j| j.fix.as_deref()),
    }
}
