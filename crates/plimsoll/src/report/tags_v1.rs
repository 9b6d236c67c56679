//! `plimsoll.tags/1`, `plimsoll.tags-history/1` and `plimsoll.tags-audit/1`; their schemas are in docs/formats.

use super::json::text;
use super::tags_text::{Same, spans};
use crate::ops::tags;
use ledger::Entry;
use model::Finding;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Table<'a> {
    schema: &'static str,
    repository: &'a str,
    listed: bool,
    tags: Vec<Tag<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tag<'a> {
    tag: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proved: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vantage: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digests: Option<usize>,
    flags: Vec<&'static str>,
}

#[derive(Serialize)]
struct History<'a> {
    schema: &'static str,
    repository: &'a str,
    tag: &'a str,
    vantages: Vec<Vantage>,
}

#[derive(Serialize)]
struct Vantage {
    vantage: String,
    spans: Vec<Span>,
}

#[derive(Serialize)]
struct Span {
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    from: String,
    to: String,
    proved: bool,
}

#[derive(Serialize)]
struct Audit<'a> {
    schema: &'static str,
    verdict: &'static str,
    repositories: usize,
    audited: usize,
    tags: Vec<Audited<'a>>,
}

#[derive(Serialize)]
struct Audited<'a> {
    repository: &'a str,
    tag: &'a str,
    vantage: &'a str,
    spans: Vec<Span>,
    findings: Vec<Found<'a>>,
}

#[derive(Serialize)]
struct Found<'a> {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    message: &'a str,
    proof: &'a str,
    remedy: &'a str,
}

/// The tags of a repository.
pub(crate) fn table(table: &tags::Table) -> Vec<u8> {
    let tags = table.tags.iter().map(tag).collect();
    text(&Table { schema: "plimsoll.tags/1", repository: &table.repository, listed: table.listed, tags })
}

fn tag(tag: &tags::Tag) -> Tag<'_> {
    let known = tag.known.as_ref();
    Tag {
        tag: &tag.name,
        digest: known.and_then(|k| k.digest).map(|d| d.to_string()),
        proved: known.map(|k| k.proved),
        vantage: known.map(|k| k.vantage.as_str()),
        first_seen: known.map(|k| k.first.to_string()),
        last_seen: known.map(|k| k.last.to_string()),
        digests: known.map(|k| k.digests),
        flags: tag.flags.iter().map(|flag| flag.word()).collect(),
    }
}

/// What a tag named, from each vantage.
pub(crate) fn history(repository: &str, tag: &str, entries: &[Entry]) -> Vec<u8> {
    let mut by_vantage: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        by_vantage.entry(entry.observation.vantage.to_string()).or_default().push(entry);
    }
    let span = |same: Same| Span {
        digest: same.digest.map(|d| d.to_string()),
        from: same.from.to_string(),
        to: same.to.to_string(),
        proved: same.proved,
    };
    let vantages = by_vantage
        .into_iter()
        .map(|(vantage, entries)| Vantage { vantage, spans: spans(&entries).into_iter().map(span).collect() })
        .collect();
    text(&History { schema: "plimsoll.tags-history/1", repository, tag, vantages })
}

/// Findings by tag.
pub(crate) fn audit(audit: &tags::Audit) -> Vec<u8> {
    let span = |span: &practices::Span| Span {
        digest: span.digest.map(|d| d.to_string()),
        from: span.from.to_string(),
        to: span.to.to_string(),
        proved: span.proved,
    };
    let tags = audit.tags.iter().map(|audited| Audited {
        repository: &audited.past.repository,
        tag: &audited.past.tag,
        vantage: &audited.past.vantage,
        spans: audited.past.spans.iter().map(span).collect(),
        findings: audited.findings.iter().map(found).collect(),
    });
    text(&Audit {
        schema: "plimsoll.tags-audit/1",
        verdict: audit.verdict.word(),
        repositories: audit.repositories,
        audited: audit.audited,
        tags: tags.collect(),
    })
}

fn found(finding: &Finding) -> Found<'_> {
    Found {
        code: finding.code,
        name: practices::find(finding.code).map_or("", |rule| rule.name),
        severity: finding.severity.word(),
        message: &finding.message,
        proof: &finding.proof,
        remedy: &finding.remedy,
    }
}
