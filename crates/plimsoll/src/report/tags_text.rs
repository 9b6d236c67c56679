//! Tags over time, for people.

use crate::failure::count;
use crate::ops::tags::{Audit, Event, Table};
use crate::printer::Tone;
use jiff::Timestamp;
use ledger::{Entry, Proof, State};
use model::{Digest, Severity, Verdict, escaped};
use std::collections::BTreeMap;

/// A digest as it is shown in a table: enough to tell it apart.
fn short(digest: &Digest) -> String {
    format!("{}:{}", digest.algorithm().name(), digest.hex().chars().take(12).collect::<String>())
}

/// A time to the second.
fn time(time: Timestamp) -> String {
    let seconds = Timestamp::from_second(time.as_second()).unwrap_or(time);
    seconds.to_string()
}

/// The tags of a repository.
pub(crate) fn table(table: &Table) -> String {
    let asked = if table.listed { "" } else { " (the ledger alone; the registry was not asked)" };
    let mut text = format!("{}{asked}\n", escaped(&table.repository));
    let width = table.tags.iter().map(|t| t.name.chars().count()).max().unwrap_or(0).min(60);
    for tag in &table.tags {
        let flags: Vec<&str> = tag.flags.iter().map(|flag| flag.word()).collect();
        let known = match &tag.known {
            None => format!("{:<19}  {:<42}", "not looked at yet", ""),
            Some(known) => {
                let digest = known.digest.as_ref().map_or_else(|| "gone".to_owned(), short);
                let how = if known.proved { "" } else { " claimed" };
                let seen = format!("{} .. {}", time(known.first), time(known.last));
                let from = if known.vantage == "direct" { String::new() } else { format!(" {}", known.vantage) };
                format!("{digest:<19}{how}{} {seen:<42}", escaped(&from))
            }
        };
        text.push_str(format!("  {:<width$}  {known}  {}", escaped(&tag.name), flags.join(", ")).trim_end());
        text.push('\n');
    }
    text.push_str(&format!("{}\n", count(table.tags.len(), "tag")));
    text
}

/// What a tag named, from each vantage, oldest first; rows that say the same are one line.
pub(crate) fn history(repository: &str, tag: &str, entries: &[Entry]) -> String {
    let mut by_vantage: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        by_vantage.entry(entry.observation.vantage.to_string()).or_default().push(entry);
    }
    let mut text = format!("{}:{}\n", escaped(repository), escaped(tag));
    for (vantage, entries) in by_vantage {
        text.push_str(&format!("seen from: {}\n", escaped(&vantage)));
        for span in spans(&entries) {
            let what = span.digest.map_or_else(|| "gone from the registry".to_owned(), |d| d.to_string());
            let how = if span.proved { "proved" } else { "claimed" };
            let seen = format!("{} .. {}", time(span.from), time(span.to));
            text.push_str(&format!("  {seen}  {what}  {how}, seen {}\n", times(span.times)));
            for child in span.children {
                text.push_str(&format!("      {:<16} {}\n", escaped(&child.1), child.0));
            }
        }
    }
    text
}

fn times(n: u64) -> String {
    if n == 1 { "once".to_owned() } else { format!("{n} times") }
}

/// Rows of one vantage that say the same.
pub(super) struct Same {
    pub(super) digest: Option<Digest>,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) proved: bool,
    pub(super) times: u64,
    /// Digest and platform of an index's children.
    children: Vec<(Digest, String)>,
}

pub(super) fn spans(entries: &[&Entry]) -> Vec<Same> {
    let mut spans: Vec<Same> = Vec::new();
    for entry in entries {
        let digest = entry.observation.digest().copied();
        let proved = entry.observation.proof == Proof::Proved;
        let times = entry.again.times + 1;
        match spans.last_mut().filter(|span| span.digest == digest) {
            Some(span) => {
                span.to = span.to.max(entry.last());
                span.proved |= proved;
                span.times += times;
            }
            None => {
                // What was counted beside the chain cannot go on after a row that says something else.
                if let Some(before) = spans.last_mut() {
                    before.to = before.to.min(entry.observation.seen.max(before.from));
                }
                let children = match &entry.observation.state {
                    State::Is { children, .. } => children.iter().map(|c| (c.digest, c.platform.clone())).collect(),
                    State::Vanished => Vec::new(),
                };
                spans.push(Same { digest, from: entry.observation.seen, to: entry.last(), proved, times, children });
            }
        }
    }
    spans
}

/// One line as it happens.
pub(crate) fn event(repository: &str, event: &Event) -> String {
    let name = |tag: &str| escaped(&format!("{repository}:{tag}")).into_owned();
    match event {
        Event::New { tag, digest } => format!("new       {} {digest}\n", name(tag)),
        Event::Moved { tag, from: Some(from), to } => format!("moved     {} {from} -> {to}\n", name(tag)),
        Event::Moved { tag, from: None, to } => format!("back      {} {to}\n", name(tag)),
        Event::Vanished { tag, last } => format!("vanished  {} {last}\n", name(tag)),
    }
}

/// Findings by tag, and the verdict.
pub(crate) fn audit(audit: &Audit) -> String {
    let mut text = String::new();
    for tag in &audit.tags {
        let from =
            if tag.past.vantage == "direct" { String::new() } else { format!(" (seen from {})", tag.past.vantage) };
        let title = format!("{}:{}{from}", tag.past.repository, tag.past.tag);
        text.push_str(&format!("{}\n", Tone::Strong.set(&escaped(&title))));
        for finding in &tag.findings {
            let name = practices::find(finding.code).map_or("", |rule| rule.name);
            let severity = format!("{:<8}", finding.severity.word());
            let tone = if finding.severity >= Severity::High { Tone::Bad } else { Tone::Warn };
            text.push_str(&format!(
                "{} {} {name}\n  {}\n  {} {}\n  {} {}\n",
                tone.set(&severity),
                finding.code,
                escaped(&finding.message),
                Tone::Faint.set("proof: "),
                escaped(&finding.proof),
                Tone::Faint.set("remedy:"),
                escaped(&finding.remedy)
            ));
        }
        text.push('\n');
    }
    let findings: usize = audit.tags.iter().map(|t| t.findings.len()).sum();
    let tone = if audit.verdict == Verdict::Fail { Tone::Bad } else { Tone::Good };
    let repositories = if audit.repositories == 1 {
        "1 repository".to_owned()
    } else {
        format!("{} repositories", audit.repositories)
    };
    text.push_str(&format!(
        "{}: {} in {} of {repositories}\n",
        tone.set(audit.verdict.word()),
        count(findings, "finding"),
        count(audit.audited, "tag"),
    ));
    text
}
