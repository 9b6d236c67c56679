//! Findings as JUnit's XML: a suite a target, a test a finding; a target without findings is one test that passed.
//! Findings that policy or a decision lets pass are tests that passed, too, with their words as output. What could not be
//! read, so that nothing can be said of it, is an error.

use super::layers_html::text;
use crate::ops::{LintedFile, Scanned};
use model::{Finding, Severity, Unknown};
use std::fmt::Write;

/// One target.
struct Suite<'a> {
    name: &'a str,
    findings: &'a [Finding],
    unknowns: Vec<&'a Unknown>,
    fail_on: Severity,
}

/// Dockerfiles, a suite each.
pub(crate) fn write_lint(files: &[LintedFile]) -> String {
    let suites = files.iter().map(|file| Suite {
        name: &file.path,
        findings: &file.linted.findings,
        unknowns: Vec::new(),
        fail_on: file.linted.fail_on,
    });
    document("plimsoll lint", suites)
}

/// Scanned targets, a suite each.
pub(crate) fn write_scan(all: &[Scanned]) -> String {
    let suites = all.iter().map(|scanned| Suite {
        name: &scanned.reading.image.target,
        findings: &scanned.evaluation.findings,
        unknowns: scanned.evaluation.unknowns.iter().filter(|unknown| unknown.kind.blocks()).collect(),
        fail_on: scanned.evaluation.fail_on,
    });
    document("plimsoll scan", suites)
}

fn document<'a>(name: &str, suites: impl Iterator<Item = Suite<'a>>) -> String {
    let mut out = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<testsuites name=\"{name}\">\n");
    suites.for_each(|suite| write_suite(&mut out, &suite));
    out.push_str("</testsuites>\n");
    out
}

fn write_suite(out: &mut String, suite: &Suite<'_>) {
    let name = text(suite.name);
    let failures = suite.findings.iter().filter(|finding| fails(suite, finding)).count();
    let errors = suite.unknowns.len();
    let tests = (suite.findings.len() + errors).max(1);
    // Writing to a String cannot fail.
    let _ =
        writeln!(out, "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">");
    if suite.findings.is_empty() && errors == 0 {
        let _ = writeln!(out, "    <testcase name=\"no findings\" classname=\"{name}\"/>");
    }
    for finding in suite.findings {
        case(out, suite, finding);
    }
    for unknown in &suite.unknowns {
        let (kind, why) = (unknown.kind.word(), text(&unknown.to_string()));
        let _ = writeln!(out, "    <testcase name=\"could not be judged: {why}\" classname=\"{name}\">");
        let _ = writeln!(out, "      <error type=\"{kind}\" message=\"{why}\"/>\n    </testcase>");
    }
    out.push_str("  </testsuite>\n");
}

fn fails(suite: &Suite<'_>, finding: &Finding) -> bool {
    finding.fails(suite.fail_on)
}

fn case(out: &mut String, suite: &Suite<'_>, finding: &Finding) {
    let name = practices::find(finding.code).map_or("", |rule| rule.name);
    let path = text(suite.name);
    let (message, remedy) = (text(&finding.message), text(&finding.remedy));
    let what = match &finding.place.text {
        Some(place) => format!("{path}:{}:{}", place.line, place.column),
        // In an image the message tells one finding from the others of its rule.
        None => message.clone(),
    };
    let _ = writeln!(out, "    <testcase name=\"{} {name} {what}\" classname=\"{path}\">", finding.code);
    let _ = match (fails(suite, finding), &finding.ruling) {
        (true, _) => {
            writeln!(out, "      <failure type=\"{}\" message=\"{message}\">{remedy}</failure>", finding.severity)
        }
        (false, None) => writeln!(out, "      <system-out>{}: {message}; {remedy}</system-out>", finding.severity),
        (false, Some(ruling)) => {
            let ruling = text(&ruling.to_string());
            writeln!(out, "      <system-out>{}: {message}; {ruling}</system-out>", finding.severity)
        }
    };
    out.push_str("    </testcase>\n");
}
