//! The Debian security tracker's own data (`https://security-tracker.debian.org/tracker/data/json`): by source package
//! and CVE, what each release is: fixed in a version, open, or not affected, with urgency and the reason why not fixed.
//!
//! It says what OSV's archive does not: what has no fix, what was postponed or ignored, and what is not affected.

use super::FeedError;
use crate::build::Builder;
use crate::spans::{End, Span};
use crate::statement::{Entry, State, Statement};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The source's word in statements.
pub const SOURCE: &str = "debian-tracker";

/// Debian's releases by the names that the tracker uses.
const RELEASES: [(&str, &str); 9] = [
    ("wheezy", "7"),
    ("jessie", "8"),
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("forky", "14"),
    ("sid", "sid"),
];

#[derive(Deserialize)]
struct Issue {
    #[serde(default)]
    description: String,
    #[serde(default)]
    releases: BTreeMap<String, Release>,
}

#[derive(Deserialize)]
struct Release {
    #[serde(default)]
    status: String,
    #[serde(default)]
    fixed_version: Option<String>,
    #[serde(default)]
    urgency: String,
    #[serde(default)]
    nodsa_reason: Option<String>,
}

/// Reads the whole file. Statements are one a CVE, with every source package that the tracker names for it.
pub fn tracker(bytes: &[u8], builder: &mut Builder) -> Result<(), FeedError> {
    let packages: BTreeMap<String, BTreeMap<String, Issue>> = serde_json::from_slice(bytes)?;
    let mut by_issue: BTreeMap<&str, Vec<(&str, &Issue)>> = BTreeMap::new();
    for (package, issues) in &packages {
        issues.iter().for_each(|(id, issue)| by_issue.entry(id).or_default().push((package, issue)));
    }
    for (id, packages) in by_issue {
        let mut entries = Vec::new();
        for (package, issue) in &packages {
            for (name, release) in &issue.releases {
                match RELEASES.iter().find(|(codename, _)| codename == name) {
                    Some((_, number)) => entries.push((format!("Debian:{number}\0{package}"), entry(release))),
                    None => builder.leave_out("the tracker names a release that is not known here"),
                }
            }
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        let summary = packages.iter().map(|(_, issue)| issue.description.as_str()).find(|d| !d.is_empty());
        let statement = Statement {
            source: SOURCE,
            id,
            modified: 0,
            published: 0,
            withdrawn: false,
            summary: summary.unwrap_or_default(),
            aliases: Vec::new(),
            upstream: Vec::new(),
            severities: Vec::new(),
        };
        builder.add(&statement, &entries);
    }
    Ok(())
}

fn entry(release: &Release) -> Entry<'_> {
    let (state, end) = match (release.status.as_str(), release.fixed_version.as_deref()) {
        // Version 0 is the tracker's way to say that it never was affected.
        ("resolved", Some("0")) => (State::NotAffected, None),
        ("resolved", Some(version)) => (State::Affected, Some(End::Fixed(version))),
        ("open", _) => (State::Affected, Some(End::Open)),
        _ => (State::Undetermined, None),
    };
    let urgency = release.urgency.trim_end_matches('*');
    Entry {
        state,
        urgency: if matches!(urgency, "not yet assigned" | "end-of-life") { "" } else { urgency },
        note: match (release.nodsa_reason.as_deref(), urgency) {
            (_, "end-of-life") => "end-of-life",
            (Some("") | None, _) => "",
            (Some(reason), _) => reason,
        },
        repository: "",
        module: "",
        unreadable: "",
        spans: end.into_iter().map(|end| Span { from: None, end }).collect(),
        versions: Vec::new(),
    }
}
