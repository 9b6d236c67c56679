//! A scan as CycloneDX: the image's bill of materials with the vulnerabilities of its components, and what was decided.

use super::scan_lines::{Line, lines};
use crate::failure::Failure;
use crate::ops::{Listed, Scanned};
use documents::Bill;
use documents::cyclonedx::{Analysis, Version, Vulnerability, write_with};

/// The document about one image.
pub(crate) fn write(scanned: &Scanned, created: Option<&str>) -> Result<Vec<u8>, Failure> {
    let lines: Vec<(Line<'_>, String)> = lines(scanned).map(with_reason).collect();
    let vulnerabilities: Vec<Vulnerability<'_>> = lines.iter().map(|(line, reason)| one(line, reason)).collect();
    let listed = Listed::of(&scanned.reading);
    let bill = Bill { created, ..listed.bill() };
    let mut out = Vec::new();
    write_with(&bill, Version::V1_6, &vulnerabilities, &mut out)?;
    Ok(out)
}

fn with_reason(line: Line<'_>) -> (Line<'_>, String) {
    let reason = line.reason();
    (line, reason)
}

fn one<'a>(line: &'a Line<'a>, reason: &'a str) -> Vulnerability<'a> {
    let vulnerability = line.vulnerability;
    let update = |fix: &String| format!("update {} to {fix} or later", line.by.0);
    let analysis = line.ruling().map(|ruling| Analysis {
        status: ruling.status,
        justification: ruling.justification,
        detail: reason,
    });
    Vulnerability {
        id: &vulnerability.id,
        aliases: &vulnerability.aliases,
        description: &vulnerability.summary,
        severity: vulnerability.rating.severity,
        score: vulnerability.rating.score,
        rated_by: &vulnerability.rating.by,
        recommendation: vulnerability.fix.as_ref().map(update),
        affects: line.indexes().collect(),
        analysis,
    }
}
