//! `plimsoll.report/1`: the one report of every command that judges (docs/formats/report-v1.schema.json).
//!
//! Field names and their meaning never change within version 1; fields may be added.

use super::decisions;
use super::json::text;
use crate::failure::Failure;
use crate::ops::{Checked, LintedFile, Looked};
use model::{Finding, Place, Unknown, Verdict};
use serde::Serialize;

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    tool: Tool,
    targets: Vec<Target<'a>>,
    verdict: &'static str,
    #[serde(rename = "failOn", skip_serializing_if = "Option::is_none")]
    fail_on: Option<&'static str>,
    findings: Vec<Row<'a>>,
    unknowns: Vec<Gap>,
    decisions: Vec<decisions::Row<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Error>,
}

/// A target that could not be opened, beside others that could.
pub(crate) struct Unopened<'a> {
    pub(crate) target: &'a str,
    pub(crate) failure: Failure,
}

#[derive(Serialize)]
struct Error {
    target: String,
    message: String,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Target<'a> {
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Subject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    packages: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layers: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    texts: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ignored: Option<usize>,
    checked: Vec<&'static str>,
    not_checked: Vec<NotChecked>,
}

#[derive(Serialize)]
struct Subject {
    kind: &'static str,
    digest: String,
}

#[derive(Serialize)]
struct NotChecked {
    practice: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    codes: Vec<&'static str>,
    reason: String,
}

#[derive(Serialize)]
struct Row<'a> {
    code: &'static str,
    name: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    aliases: &'static [&'static str],
    severity: &'static str,
    message: &'a str,
    remedy: &'a str,
    disposition: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionPlace<'a>>,
    proof: &'a str,
    target: &'a str,
    #[serde(rename = "where")]
    place: Where,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Fix<'a>>,
}

/// Which of the decisions.
#[derive(Serialize)]
struct DecisionPlace<'a> {
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct Fix<'a> {
    summary: &'a str,
    replacement: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Where {
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
}

#[derive(Serialize)]
struct Gap {
    target: String,
    kind: &'static str,
    blocking: bool,
    why: String,
    #[serde(rename = "where")]
    place: GapPlace,
}

#[derive(Serialize)]
struct GapPlace {
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
}

/// The report over all targets.
pub(crate) fn write(checked: &[Checked], unopened: &[Unopened<'_>], log: Option<&decisions::Log<'_>>) -> Vec<u8> {
    let worst = checked.iter().map(|c| c.evaluation.verdict).max().unwrap_or(Verdict::Pass);
    // Of a target that could not be opened nothing is known, so all together cannot pass.
    let verdict = if unopened.is_empty() { worst } else { worst.max(Verdict::Inconclusive) };
    text(&Report {
        schema: "plimsoll.report/1",
        tool: Tool { name: "plimsoll", version: env!("CARGO_PKG_VERSION") },
        targets: checked.iter().map(target).collect(),
        verdict: verdict.word(),
        fail_on: checked.first().map(|c| c.evaluation.fail_on.word()),
        findings: checked.iter().flat_map(|c| c.evaluation.findings.iter().map(move |f| row(&c.target, f))).collect(),
        unknowns: checked.iter().flat_map(|c| c.evaluation.unknowns.iter().map(move |u| gap(c, u))).collect(),
        decisions: log.map(decisions::Log::rows).unwrap_or_default(),
        errors: unopened
            .iter()
            .map(|u| Error { target: u.target.to_owned(), message: u.failure.to_string() })
            .collect(),
    })
}

/// The report over Dockerfiles.
pub(crate) fn write_lint(files: &[LintedFile], unread: &[Unopened<'_>]) -> Vec<u8> {
    let worst = files.iter().map(|file| file.linted.verdict).max().unwrap_or(Verdict::Pass);
    let verdict = if unread.is_empty() { worst } else { worst.max(Verdict::Inconclusive) };
    let errors = unread.iter().map(|u| Error { target: u.target.to_owned(), message: u.failure.to_string() });
    text(&Report {
        schema: "plimsoll.report/1",
        tool: Tool { name: "plimsoll", version: env!("CARGO_PKG_VERSION") },
        targets: files.iter().map(text_target).collect(),
        verdict: verdict.word(),
        fail_on: files.first().map(|file| file.linted.fail_on.word()),
        findings: files.iter().flat_map(|file| file.linted.findings.iter().map(|f| row(&file.path, f))).collect(),
        unknowns: Vec::new(),
        decisions: Vec::new(),
        errors: errors.collect(),
    })
}

fn text_target(file: &LintedFile) -> Target<'_> {
    Target {
        target: &file.path,
        reference: None,
        subject: None,
        platform: None,
        verdict: file.linted.verdict.word(),
        packages: None,
        layers: None,
        texts: None,
        ignored: Some(file.linted.ignored),
        checked: Vec::new(),
        not_checked: Vec::new(),
    }
}

fn target(checked: &Checked) -> Target<'_> {
    let (reading, texts) = match &checked.looked {
        Looked::Image(reading) => (Some(reading), None),
        Looked::Texts(sources) => (None, Some(sources.texts.len())),
    };
    let image = reading.map(|r| &r.image);
    let not_checked = checked.evaluation.not_checked.iter().map(|n| NotChecked {
        practice: n.practice.word(),
        codes: n.codes.clone(),
        reason: n.reason.to_string(),
    });
    Target {
        target: &checked.target,
        reference: image.and_then(|i| i.reference.as_ref()).map(|r| r.as_typed().to_owned()),
        subject: image.and_then(|i| i.subject).map(|s| Subject { kind: s.kind(), digest: s.digest().to_string() }),
        platform: image.map(|i| i.platform.to_string()),
        verdict: checked.evaluation.verdict.word(),
        packages: reading.map(|r| r.facts.packages.len()),
        layers: reading.map(|r| r.facts.layers.len()),
        texts,
        ignored: texts.map(|_| checked.evaluation.ignored),
        checked: checked.evaluation.checked.iter().map(|p| p.word()).collect(),
        not_checked: not_checked.collect(),
    }
}

fn row<'a>(target: &'a str, finding: &'a Finding) -> Row<'a> {
    let rule = practices::find(finding.code);
    Row {
        code: finding.code,
        name: rule.map_or("", |r| r.name),
        aliases: rule.map_or(&[], |r| r.aliases),
        severity: finding.severity.word(),
        message: &finding.message,
        remedy: &finding.remedy,
        disposition: finding.disposition.word(),
        decision: finding.ruling.as_ref().map(|r| DecisionPlace { file: &r.file, line: r.line }),
        proof: &finding.proof,
        target,
        place: place(finding, &finding.place),
        fix: finding.fix.as_ref().map(|f| Fix { summary: &f.summary, replacement: &f.replacement }),
    }
}

fn place(finding: &Finding, place: &Place) -> Where {
    let text = place.text.as_ref();
    Where {
        digest: finding.subject.map(|s| s.digest().to_string()),
        layer: place.layer.map(|l| l.to_string()),
        path: text.map(|t| t.path.clone()).or_else(|| place.path.as_ref().map(ToString::to_string)),
        package: place.package.clone(),
        line: text.map(|t| t.line),
        column: text.map(|t| t.column),
        end_line: text.map(|t| t.end_line),
        end_column: text.map(|t| t.end_column),
    }
}

fn gap(checked: &Checked, unknown: &Unknown) -> Gap {
    Gap {
        target: checked.target.clone(),
        kind: unknown.kind.word(),
        blocking: unknown.kind.blocks(),
        why: unknown.why.clone(),
        place: GapPlace {
            layer: unknown.spot.layer.map(|l| l.to_string()),
            path: unknown.spot.path.as_ref().map(ToString::to_string),
            offset: unknown.spot.offset,
        },
    }
}
