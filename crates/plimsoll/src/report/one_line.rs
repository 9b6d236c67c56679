//! Findings one a line: as GitHub's workflow commands, which it shows beside the lines of a pull request
//! (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>), and as hadolint's terminal has them.

use crate::ops::LintedFile;
use model::{Finding, Severity, escaped};
use std::fmt::Write;

/// GitHub's commands.
pub(crate) fn github(files: &[LintedFile]) -> String {
    lines(files, |out, file, finding| {
        let (command, path) = (command(finding.severity), property(&escaped(&file.path)));
        let name = practices::find(finding.code).map_or("", |rule| rule.name);
        let message = format!("{}; {}", finding.message, finding.remedy).replace('%', "%25");
        let _ = write!(out, "::{command} file={path}");
        if let Some(place) = &finding.place.text {
            let _ = write!(out, ",line={},endLine={},col={}", place.line, place.end_line, place.column);
            // On another line the last column is none of the first line's.
            if place.end_line == place.line {
                let _ = write!(out, ",endColumn={}", place.end_column);
            }
        }
        let _ = writeln!(out, ",title={} {name}::{message}", finding.code);
    })
}

/// hadolint's: `path:line CODE level: message`, with its code where it has exactly one for what our rule finds.
pub(crate) fn tty(files: &[LintedFile]) -> String {
    lines(files, |out, file, finding| {
        let aliases = practices::find(finding.code).map_or(&[][..], |rule| rule.aliases);
        let mut theirs = aliases.iter().copied().filter(|alias| alias.starts_with("DL"));
        // One of ours may be several of theirs, and which of them this is it does not know.
        let code = theirs.next().filter(|_| theirs.next().is_none()).unwrap_or(finding.code);
        let line = finding.place.text.as_ref().map_or(1, |place| place.line);
        let _ = writeln!(out, "{}:{line} {code} {}: {}", escaped(&file.path), level(finding.severity), finding.message);
    })
}

fn lines(files: &[LintedFile], one: impl Fn(&mut String, &LintedFile, &Finding)) -> String {
    let mut out = String::new();
    for file in files {
        file.linted.findings.iter().for_each(|finding| one(&mut out, file, finding));
    }
    out
}

/// What would end a property of a command.
fn property(text: &str) -> String {
    text.replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Low => "warning",
        Severity::Info => "notice",
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "info",
    }
}
