//! Affected images for people: by image, each package with its place and what mends it.

use crate::failure::count;
use crate::ops::{Affected, AffectedImage, Hit};
use crate::printer::Tone;
use model::escaped;
use std::fmt::{self, Write};

/// The answer.
pub(crate) fn write(affected: &Affected, asked: &str) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = all(&mut out, affected, asked);
    out
}

fn all(out: &mut String, affected: &Affected, asked: &str) -> fmt::Result {
    for image in &affected.images {
        one(out, image)?;
    }
    if !affected.unknowns.is_empty() {
        writeln!(out, "{}", Tone::Warn.set("could not be judged, so nothing can be said of it:"))?;
        for (bill, unknown) in &affected.unknowns {
            let of = bill.as_ref().map_or(String::new(), |bill| format!("{}: ", escaped(&bill.target)));
            writeln!(out, "  {of}{unknown}")?;
        }
        writeln!(out)?;
    }
    let tone = match (affected.images.len(), affected.unknowns.len()) {
        (0, 0) => Tone::Good,
        (0, _) => Tone::Warn,
        _ => Tone::Bad,
    };
    let (number, all) = (affected.images.len(), count(affected.looked_at, "retained image"));
    writeln!(out, "{} {number} of {all} by {}", tone.set("affected:"), escaped(asked))
}

fn one(out: &mut String, image: &AffectedImage) -> fmt::Result {
    let bill = &image.bill;
    writeln!(out, "{}", Tone::Strong.set(&escaped(&bill.target)))?;
    writeln!(
        out,
        "  {} {}, read last on {}",
        escaped(&bill.subject),
        escaped(&bill.platform),
        bill.last.strftime("%Y-%m-%d")
    )?;
    for hit in &image.hits {
        writeln!(out, "  {} {}{}", escaped(&hit.name), escaped(&hit.version), judged(hit))?;
        let layer = hit.layer.as_ref().map_or(String::new(), |layer| format!(", layer {layer}"));
        let by = hit.instruction.as_ref().map_or(String::new(), |by| format!(", {by}"));
        writeln!(out, "    {}", Tone::Faint.set(&escaped(&format!("by {}{layer}{by}", hit.path))))?;
    }
    writeln!(out)
}

fn judged(hit: &Hit) -> String {
    let Some(judged) = &hit.judged else { return String::new() };
    let fix = match &judged.fix {
        Some(fix) if judged.by.0 != hit.name => format!("fixed in {} {fix}", judged.by.0),
        Some(fix) => format!("fixed in {fix}"),
        None => "no fix".to_owned(),
    };
    format!("  {} {}, {}", escaped(&judged.id), practices::severity_word(judged.severity), escaped(&fix))
}
