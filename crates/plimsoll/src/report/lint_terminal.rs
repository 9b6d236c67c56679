//! Dockerfiles for people: each finding under the line that it is about.

use super::terminal::severity;
use crate::failure::count;
use crate::ops::LintedFile;
use crate::printer::Tone;
use model::{Finding, Severity, TextPlace, Verdict, escaped};
use practices::lint::HIDDEN;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How much of a line is shown, in characters.
const WIDE: usize = 140;
/// How much of it before the place in question.
const BEFORE: usize = 60;

/// All findings, then the verdict.
pub(crate) fn lint(files: &[LintedFile]) -> String {
    let mut out = String::new();
    for file in files {
        for found in &file.linted.findings {
            // Writing to a String cannot fail.
            let _ = finding(&mut out, file, found);
        }
    }
    let _ = verdict(&mut out, files);
    out
}

fn finding(out: &mut String, file: &LintedFile, finding: &Finding) -> std::fmt::Result {
    let name = practices::find(finding.code).map_or("", |rule| rule.name);
    let path = escaped(&file.path);
    let severity = severity(finding.severity).replace(' ', "");
    let code = Tone::Strong.set(finding.code);
    match &finding.place.text {
        Some(place) => {
            writeln!(out, "{path}:{}:{} {} {code} {name}", place.line, place.column, severity)?;
            writeln!(out, "  {}", finding.message)?;
            if finding.proof == HIDDEN {
                writeln!(out, "  {}", Tone::Faint.set(HIDDEN))?;
            } else {
                excerpt(out, file, place)?;
            }
        }
        None => writeln!(out, "{path} {} {code} {name}\n  {}", severity, finding.message)?,
    }
    writeln!(out, "  {} {}\n", Tone::Faint.set("remedy:"), finding.remedy)
}

/// The line with what is meant underlined.
fn excerpt(out: &mut String, file: &LintedFile, place: &TextPlace) -> std::fmt::Result {
    let text = file.file.text();
    let line = file.file.lines().span(place.line as usize, text).of(text).trim_start_matches('\u{feff}');
    let chars: Vec<char> = line.chars().map(|c| if c == '\t' { ' ' } else { c }).collect();
    let from = (place.column as usize - 1).min(chars.len());
    let to = if place.end_line > place.line { chars.len() } else { (place.end_column as usize - 1).min(chars.len()) };
    let first = if chars.len() > WIDE { from.saturating_sub(BEFORE) } else { 0 };
    let last = (first + WIDE).min(chars.len());
    let part = |a: usize, b: usize| {
        let text: String = chars.get(a..b.max(a)).unwrap_or_default().iter().collect();
        escaped(&text).into_owned()
    };
    let (before, meant, after) = (part(first, from), part(from, to.min(last)), part(to.min(last), last));
    let (cut, more) = (if first > 0 { "…" } else { "" }, if last < chars.len() { "…" } else { "" });
    let number = place.line.to_string();
    let gap = " ".repeat(number.len());
    writeln!(out, "  {} {cut}{before}{meant}{after}{more}", Tone::Faint.set(&format!("{number} |")))?;
    let indent = " ".repeat(cut.chars().count() + before.chars().count());
    let under = "^".repeat(meant.chars().count().max(1));
    writeln!(out, "  {} {indent}{}", Tone::Faint.set(&format!("{gap} |")), Tone::Warn.set(&under))
}

/// What was mended, by rule, and what would be on request; `None` if there is nothing to say.
pub(crate) fn fixed(made: &[&str], unsafe_ones: usize, all: bool) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for code in made {
        *counts.entry(code).or_default() += 1;
    }
    let codes: Vec<String> =
        counts.iter().map(|(code, n)| if *n > 1 { format!("{code} x{n}") } else { (*code).to_owned() }).collect();
    let done = (!made.is_empty()).then(|| format!("{} mended ({})", count(made.len(), "finding"), codes.join(", ")));
    let more = (unsafe_ones > 0 && !all).then(|| format!("{unsafe_ones} more with `--unsafe-fixes`"));
    let said: Vec<String> = done.into_iter().chain(more).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn verdict(out: &mut String, files: &[LintedFile]) -> std::fmt::Result {
    let worst = files.iter().map(|file| file.linted.verdict).max().unwrap_or(Verdict::Pass);
    let tone = if worst == Verdict::Pass { Tone::Good } else { Tone::Bad };
    let findings = || files.iter().flat_map(|file| &file.linted.findings);
    let mut counts: Vec<String> = Vec::new();
    for severity in Severity::ALL.iter().rev() {
        let number = findings().filter(|finding| finding.severity == *severity).count();
        if number > 0 {
            counts.push(format!("{number} {severity}"));
        }
    }
    let counts = if counts.is_empty() { "no findings".to_owned() } else { counts.join(", ") };
    let ignored: usize = files.iter().map(|file| file.linted.ignored).sum();
    let off = if ignored > 0 { format!("; {ignored} turned off by comments") } else { String::new() };
    writeln!(out, "{} {counts} in {}{off}", tone.set(&format!("{}:", worst.word())), count(files.len(), "file"))
}
