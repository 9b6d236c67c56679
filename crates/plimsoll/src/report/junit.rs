//! Findings as JUnit's XML: a suite a file, a test a finding; a file without findings is one test that passed. Findings
//! that policy lets pass are tests that passed, too, with their words as output.

use super::layers_html::text;
use crate::ops::LintedFile;
use model::Finding;
use std::fmt::Write;

/// The document.
pub(crate) fn write(files: &[LintedFile]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<testsuites name=\"plimsoll lint\">\n");
    for file in files {
        let path = text(&file.path);
        let findings = &file.linted.findings;
        let failures = findings.iter().filter(|finding| fails(file, finding)).count();
        let tests = findings.len().max(1);
        let _ = writeln!(out, "  <testsuite name=\"{path}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">");
        if findings.is_empty() {
            let _ = writeln!(out, "    <testcase name=\"no findings\" classname=\"{path}\"/>");
        }
        for finding in findings {
            case(&mut out, file, finding);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn fails(file: &LintedFile, finding: &Finding) -> bool {
    finding.severity >= file.linted.fail_on
}

fn case(out: &mut String, file: &LintedFile, finding: &Finding) {
    let name = practices::find(finding.code).map_or("", |rule| rule.name);
    let at = finding.place.text.as_ref().map_or(String::new(), |place| format!(":{}:{}", place.line, place.column));
    let path = text(&file.path);
    let (message, remedy) = (text(&finding.message), text(&finding.remedy));
    let _ = writeln!(out, "    <testcase name=\"{} {name} {path}{at}\" classname=\"{path}\">", finding.code);
    let _ = match fails(file, finding) {
        true => writeln!(out, "      <failure type=\"{}\" message=\"{message}\">{remedy}</failure>", finding.severity),
        false => writeln!(out, "      <system-out>{}: {message}; {remedy}</system-out>", finding.severity),
    };
    out.push_str("    </testcase>\n");
}
