//! `plimsoll.promote/1`: tags that were moved (docs/formats/promote-v1.schema.json).

use super::json::text;
use crate::ops::{Mended, Promotion, StepFate};
use model::Digest;
use serde::Serialize;

#[derive(Serialize)]
struct Written<'p> {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'p str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    tags: Vec<Line<'p>>,
}

#[derive(Serialize)]
struct Line<'p> {
    reference: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<String>,
    new: String,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
}

fn said(digest: Option<Digest>) -> Option<String> {
    digest.map(|digest| digest.to_string())
}

/// One promotion.
pub(crate) fn write(promotion: &Promotion) -> Vec<u8> {
    let word = |fate| match fate {
        StepFate::Same => "same",
        StepFate::Planned => "planned",
        StepFate::Moved => "moved",
        StepFate::Refused => "refused",
    };
    let lines = promotion.steps.iter().map(|step| Line {
        reference: step.reference.as_typed(),
        old: said(step.old),
        new: promotion.digest.to_string(),
        outcome: word(step.fate),
        found: None,
    });
    text(&Written {
        schema: "plimsoll.promote/1",
        source: Some(promotion.source.as_typed()),
        digest: said(Some(promotion.digest)),
        tags: lines.collect(),
    })
}

/// How open moves ended.
pub(crate) fn mended(mended: &[Mended]) -> Vec<u8> {
    let lines = mended.iter().map(|one| Line {
        reference: &one.reference,
        old: said(one.old),
        new: one.new.to_string(),
        outcome: one.end.word(),
        found: said(one.found),
    });
    text(&Written { schema: "plimsoll.promote/1", source: None, digest: None, tags: lines.collect() })
}
