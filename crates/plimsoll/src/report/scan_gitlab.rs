//! A scan as GitLab's report of container scanning, schema 15.2
//! (<https://gitlab.com/gitlab-org/security-products/security-report-schemas>).
//!
//! Its times are days: the same image, index and day give the same bytes. What was decided stays in the report, with the
//! decision beside it.

use super::json;
use super::scan_lines::{Line, lines};
use crate::ops::Scanned;
use jiff::civil::Date;
use model::{Digest, Severity};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    scan: Scan<'a>,
    vulnerabilities: Vec<Row<'a>>,
    remediations: [(); 0],
}

#[derive(Serialize)]
struct Scan<'a> {
    r#type: &'static str,
    analyzer: Tool,
    scanner: Tool,
    start_time: &'a str,
    end_time: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct Tool {
    id: &'static str,
    name: &'static str,
    version: &'static str,
    vendor: Vendor,
}

#[derive(Serialize)]
struct Vendor {
    name: &'static str,
}

#[derive(Serialize)]
struct Message {
    level: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Row<'a> {
    id: String,
    name: String,
    description: &'a str,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    solution: Option<String>,
    location: Location<'a>,
    identifiers: Vec<Identifier<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
}

#[derive(Serialize)]
struct Location<'a> {
    dependency: Dependency<'a>,
    operating_system: String,
    image: &'a str,
}

#[derive(Serialize)]
struct Dependency<'a> {
    package: Named<'a>,
    version: &'a str,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Identifier<'a> {
    r#type: String,
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct Details {
    decision: Text,
}

#[derive(Serialize)]
struct Text {
    r#type: &'static str,
    name: &'static str,
    value: String,
}

/// The document over all targets.
pub(crate) fn write(all: &[Scanned], today: Date) -> Vec<u8> {
    let time = format!("{today}T00:00:00");
    let tool = || Tool {
        id: "plimsoll",
        name: "Plimsoll",
        version: env!("CARGO_PKG_VERSION"),
        vendor: Vendor { name: "Plimsoll" },
    };
    let gaps = all.iter().flat_map(|scanned| &scanned.evaluation.unknowns).filter(|unknown| unknown.kind.blocks());
    let messages: Vec<Message> = gaps.map(|gap| Message { level: "warn", value: gap.to_string() }).collect();
    json::text(&Document {
        version: "15.2.1",
        scan: Scan {
            r#type: "container_scanning",
            analyzer: tool(),
            scanner: tool(),
            start_time: &time,
            end_time: &time,
            status: "success",
            messages,
        },
        vulnerabilities: all.iter().flat_map(lines).map(|line| row(&line)).collect(),
        remediations: [],
    })
}

fn row<'s>(line: &Line<'s>) -> Row<'s> {
    let (vulnerability, reading) = (line.vulnerability, &line.scanned.reading);
    let (name, version) = line.by;
    let what = format!("{}\0{}\0{name}\0{version}", reading.image.target, vulnerability.id);
    let system = reading.facts.os.as_ref().map_or_else(|| "not named".to_owned(), |os| os.distro());
    Row {
        id: Digest::of(what.as_bytes()).hex(),
        name: format!("{} in {name}", vulnerability.id),
        description: if vulnerability.summary.is_empty() { &vulnerability.id } else { &vulnerability.summary },
        severity: severity(line.rated()),
        solution: vulnerability.fix.as_ref().map(|fix| format!("Update {name} to {fix} or later.")),
        location: Location {
            dependency: Dependency { package: Named { name }, version },
            operating_system: system,
            image: &reading.image.target,
        },
        identifiers: std::iter::once(&vulnerability.id)
            .chain(&vulnerability.aliases)
            .map(|id| identifier(id))
            .collect(),
        details: line
            .ruling()
            .map(|ruling| Details { decision: Text { r#type: "text", name: "Decision", value: ruling.to_string() } }),
    }
}

fn identifier(id: &str) -> Identifier<'_> {
    let kind = id.split('-').next().unwrap_or_default().to_ascii_lowercase();
    Identifier { r#type: kind, name: id, value: id }
}

fn severity(severity: Option<Severity>) -> &'static str {
    match severity {
        None => "Unknown",
        Some(Severity::Info) => "Info",
        Some(Severity::Low) => "Low",
        Some(Severity::Medium) => "Medium",
        Some(Severity::High) => "High",
        Some(Severity::Critical) => "Critical",
    }
}
