//! Findings as Checkstyle's XML (<https://checkstyle.org/dtds/>), which most build servers read.

use super::layers_html::text;
use crate::ops::LintedFile;
use model::Severity;
use std::fmt::Write;

/// The document.
pub(crate) fn write(files: &[LintedFile]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<checkstyle version=\"4.3\">\n");
    for file in files {
        let _ = writeln!(out, "  <file name=\"{}\">", text(&file.path));
        for finding in &file.linted.findings {
            let (line, column) = finding.place.text.as_ref().map_or((1, 1), |place| (place.line, place.column));
            let _ = writeln!(
                out,
                "    <error line=\"{line}\" column=\"{column}\" severity=\"{}\" message=\"{}; {}\" source=\"plimsoll.{}\"/>",
                level(finding.severity),
                text(&finding.message),
                text(&finding.remedy),
                finding.code
            );
        }
        out.push_str("  </file>\n");
    }
    out.push_str("</checkstyle>\n");
    out
}

/// Checkstyle has three.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Low => "warning",
        Severity::Info => "info",
    }
}
