//! SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>): findings for code hosts and
//! editors. Written, not read.
//!
//! Columns count characters, as everywhere in the program. A finding in an image has a logical location (layer,
//! package) beside a physical one: its file, relative to the image's root, or the image itself, since some
//! readers drop a result without a file.

mod place;

use crate::bill::Tool;
use crate::ids::slug;
use crate::json::{Each, WriteError, write as write_json};
use crate::text::line;
use model::{Disposition, Finding, Severity, Unknown};
use place::{Fix, Location};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;

/// One run of the rules.
#[derive(Clone, Copy, Debug)]
pub struct Log<'a> {
    /// The program.
    pub tool: Tool<'a>,
    /// What was looked at, as the user named it: where a finding has no file of its own.
    pub target: &'a str,
    /// The table of rules, by code; a finding's code is looked up here.
    pub rules: &'a [SarifRule<'a>],
    /// What the rules found.
    pub findings: &'a [Finding],
    /// What could not be read: notifications of the run.
    pub unknowns: &'a [Unknown],
}

/// A rule as SARIF shows it.
#[derive(Clone, Copy, Debug)]
pub struct SarifRule<'a> {
    /// `PL101`; the first digit names the practice.
    pub code: &'a str,
    /// A name in words.
    pub name: &'a str,
    /// What it says, in a sentence.
    pub summary: &'a str,
    /// Why, and what to do; plain text.
    pub help: &'a str,
    /// Before policy.
    pub severity: Severity,
}

/// Writes the logs as the runs of one document, on one line of JSON.
pub fn write(logs: &[Log<'_>], out: impl Write) -> Result<(), WriteError> {
    let prints: Vec<_> = logs.iter().map(|log| fingerprints(log.findings)).collect();
    let runs = Each(|| logs.iter().zip(&prints).map(|(log, prints)| run(log, prints)));
    let document = Document {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs,
    };
    write_json(&document, out)
}

fn run<'a>(log: &'a Log<'a>, prints: &'a [String]) -> impl Serialize + 'a {
    let index: HashMap<&str, usize> = log.rules.iter().enumerate().map(|(at, rule)| (rule.code, at)).collect();
    let results = Each(move || {
        let rows: Vec<_> = log.findings.iter().zip(prints).map(|(f, print)| result(log, &index, f, print)).collect();
        rows.into_iter()
    });
    Run {
        tool: RunTool { driver: driver(log) },
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: Bases { image: Base { description: text("the root of the image") } },
        invocations: [Invocation {
            execution_successful: true,
            tool_execution_notifications: log.unknowns.iter().map(notification).collect(),
        }],
        results,
    }
}

#[derive(Serialize)]
struct Document<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: R,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a, R> {
    tool: RunTool<'a>,
    column_kind: &'static str,
    original_uri_base_ids: Bases<'a>,
    invocations: [Invocation<'a>; 1],
    results: R,
}

#[derive(Serialize)]
struct Bases<'a> {
    #[serde(rename = "IMAGE")]
    image: Base<'a>,
}

#[derive(Serialize)]
struct Base<'a> {
    description: Text<'a>,
}

#[derive(Serialize)]
struct RunTool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: Cow<'a, str>,
    version: Cow<'a, str>,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: &'a str,
    name: String,
    short_description: Text<'a>,
    full_description: Text<'a>,
    help: Text<'a>,
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties {
    tags: Vec<&'static str>,
    #[serde(rename = "security-severity")]
    security_severity: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a> {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
struct Notification<'a> {
    level: &'static str,
    message: Text<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text<'a>,
    locations: [Location<'a>; 1],
    partial_fingerprints: Fingerprints<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<[Suppression<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    properties: ResultProperties<'a>,
}

#[derive(Serialize)]
struct Fingerprints<'a> {
    #[serde(rename = "plimsollFinding/v1")]
    finding: &'a str,
}

#[derive(Serialize)]
struct Suppression<'a> {
    kind: &'static str,
    status: &'static str,
    justification: Cow<'a, str>,
}

#[derive(Serialize)]
struct ResultProperties<'a> {
    severity: &'static str,
    disposition: &'static str,
    proof: Cow<'a, str>,
    remedy: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
}

/// A message of plain text.
#[derive(Serialize)]
struct Text<'a> {
    text: Cow<'a, str>,
}

fn text(text: &str) -> Text<'_> {
    Text { text: line(text) }
}

fn driver<'a>(log: &Log<'a>) -> Driver<'a> {
    Driver { name: line(log.tool.name), version: line(log.tool.version), rules: log.rules.iter().map(rule).collect() }
}

fn rule<'a>(rule: &SarifRule<'a>) -> Rule<'a> {
    Rule {
        id: rule.code,
        name: slug(rule.name),
        short_description: text(rule.name),
        full_description: text(rule.summary),
        help: text(rule.help),
        default_configuration: Configuration { level: level(rule.severity) },
        properties: RuleProperties { tags: tags(rule.code), security_severity: score(rule.severity) },
    }
}

/// `security`, without which code hosts ignore the score, and the practice's word.
fn tags(code: &str) -> Vec<&'static str> {
    let digit = code.bytes().find(u8::is_ascii_digit).map(|b| b - b'0');
    let practice = model::Practice::ALL.into_iter().find(|p| Some(p.number()) == digit);
    ["security"].into_iter().chain(practice.map(|p| p.word())).collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The middle of the band that code hosts show under the severity's own name.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.5",
        Severity::Info => "0.0",
    }
}

fn notification(unknown: &Unknown) -> Notification<'static> {
    let level = if unknown.kind.blocks() { "error" } else { "warning" };
    Notification { level, message: Text { text: line(&unknown.to_string()).into_owned().into() } }
}

fn result<'a>(log: &Log<'a>, index: &HashMap<&str, usize>, finding: &'a Finding, print: &'a str) -> SarifResult<'a> {
    SarifResult {
        rule_id: finding.code,
        rule_index: index.get(finding.code).copied(),
        level: level(finding.severity),
        message: Text { text: format!("{}. {}", line(&finding.message), line(&finding.remedy)).into() },
        locations: [place::location(log.target, &finding.place)],
        partial_fingerprints: Fingerprints { finding: print },
        fixes: place::fix(finding).into_iter().collect(),
        suppressions: suppression(finding).map(|s| [s]),
        baseline_state: finding.known_before.map(|known| if known { "unchanged" } else { "new" }),
        properties: ResultProperties {
            severity: finding.severity.word(),
            disposition: finding.disposition.word(),
            proof: line(&finding.proof),
            remedy: line(&finding.remedy),
            subject: finding.subject.map(|s| s.to_string()),
        },
    }
}

/// A decision does not remove a finding; SARIF's word for one that was decided is a suppression.
fn suppression(finding: &Finding) -> Option<Suppression<'_>> {
    let status = match finding.disposition {
        Disposition::Open => return None,
        Disposition::Fixed | Disposition::NotAffected | Disposition::Accepted => "accepted",
        Disposition::UnderInvestigation => "underReview",
    };
    let word = || Cow::Borrowed(finding.disposition.word());
    let justification = finding.ruling.as_ref().map_or_else(word, |ruling| Cow::Owned(ruling.to_string()));
    Some(Suppression { kind: "external", status, justification })
}

/// What makes each finding the same in the next run: neither its line, which moves, nor its layer, which every
/// build makes anew, unless there is nothing else. Equal ones are counted.
fn fingerprints(findings: &[Finding]) -> Vec<String> {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let prints = findings.iter().map(|finding| {
        let print = fingerprint(finding);
        let count = seen.entry(print.clone()).and_modify(|n| *n += 1).or_insert(1);
        if *count == 1 { print } else { format!("{print}:{count}") }
    });
    prints.collect()
}

fn fingerprint(finding: &Finding) -> String {
    let place = &finding.place;
    let vague = place.path.is_none() && place.package.is_none() && place.text.is_none();
    let layer = place.layer.filter(|_| vague).map(|d| d.to_string()).unwrap_or_default();
    let proof = if place.text.is_some() || vague { finding.proof.as_str() } else { "" };
    let parts: [&[u8]; 6] = [
        finding.code.as_bytes(),
        place.text.as_ref().map(|t| t.path.as_bytes()).unwrap_or_default(),
        place.path.as_ref().map(|p| p.as_bytes()).unwrap_or_default(),
        place.package.as_deref().unwrap_or_default().as_bytes(),
        layer.as_bytes(),
        proof.as_bytes(),
    ];
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize()[..16].iter().map(|b| format!("{b:02x}")).collect()
}
