//! Findings as Code Climate's issues, which GitLab shows in merge requests
//! (<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>).

use super::json;
use crate::ops::LintedFile;
use model::{Digest, Finding, Severity};
use serde::Serialize;
use std::collections::HashMap;

#[derive(Serialize)]
struct Issue<'a> {
    r#type: &'static str,
    check_name: &'a str,
    description: &'a str,
    categories: [&'static str; 1],
    severity: &'static str,
    fingerprint: String,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// The document: one list.
pub(crate) fn write(files: &[LintedFile]) -> Vec<u8> {
    let mut seen = HashMap::new();
    let all = files.iter().flat_map(|file| file.linted.findings.iter().map(move |finding| (file, finding)));
    let issues: Vec<Issue<'_>> = all.map(|(file, finding)| issue(file, finding, &mut seen)).collect();
    json::text(&issues)
}

fn issue<'a>(file: &'a LintedFile, finding: &'a Finding, seen: &mut HashMap<String, usize>) -> Issue<'a> {
    let (begin, end) = finding.place.text.as_ref().map_or((1, 1), |place| (place.line, place.end_line));
    Issue {
        r#type: "issue",
        check_name: finding.code,
        description: &finding.message,
        categories: ["Bug Risk"],
        severity: level(finding.severity),
        fingerprint: fingerprint(&file.path, finding, seen),
        location: Location { path: &file.path, lines: Lines { begin, end } },
    }
}

/// The same for the same finding after lines above it came or went: it is made of the text found, not of the message,
/// which may name a line; and of several alike the first stays the first.
fn fingerprint(path: &str, finding: &Finding, seen: &mut HashMap<String, usize>) -> String {
    let what = format!("{path}\0{}\0{}", finding.code, finding.proof);
    let number = seen.entry(what.clone()).or_default();
    *number += 1;
    Digest::of(format!("{what}\0{number}").as_bytes()).hex()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    }
}
