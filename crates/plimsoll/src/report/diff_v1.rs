//! `plimsoll.diff/1`: two images or SBOMs compared (docs/formats/diff-v1.schema.json).

use super::compare_v1::{Files, One, files, one};
use super::json::text;
use crate::ops::{Diff, Known, PackageChange, Reading, SettingChange, VulnerabilityChanges};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    before: Side<'a>,
    after: Side<'a>,
    packages: Vec<Package<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<Vec<Setting<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Files>,
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<Vec<One>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vulnerabilities: Option<Vulnerabilities<'a>>,
    unknowns: Vec<String>,
}

#[derive(Serialize)]
struct Side<'a> {
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    claimed: bool,
    packages: usize,
}

#[derive(Serialize)]
struct Package<'a> {
    ecosystem: &'static str,
    name: &'a str,
    how: &'static str,
    before: &'a [String],
    after: &'a [String],
}

#[derive(Serialize)]
struct Setting<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a str>,
}

#[derive(Serialize)]
struct Vulnerabilities<'a> {
    new: Vec<Vulnerability<'a>>,
    gone: Vec<Vulnerability<'a>>,
    kept: usize,
}

#[derive(Serialize)]
struct Vulnerability<'a> {
    id: &'a str,
    severity: &'static str,
    name: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'a str>,
}

/// The document.
pub(crate) fn write(diff: &Diff) -> Vec<u8> {
    text(&Document {
        schema: "plimsoll.diff/1",
        before: side(&diff.before),
        after: side(&diff.after),
        packages: diff.packages.iter().map(package).collect(),
        settings: diff.settings.as_ref().map(|all| all.iter().map(setting).collect()),
        files: diff.files.as_ref().map(|(sums, _)| files(sums)),
        differences: diff.files.as_ref().map(|(_, all)| all.iter().map(one).collect()),
        vulnerabilities: diff.vulnerabilities.as_ref().map(vulnerabilities),
        unknowns: diff.gaps().into_iter().map(ToString::to_string).collect(),
    })
}

fn side(reading: &Reading) -> Side<'_> {
    Side {
        target: &reading.image.target,
        digest: reading.image.subject.map(|subject| subject.digest().to_string()),
        claimed: reading.claims.is_some(),
        packages: reading.facts.packages.len(),
    }
}

fn package(change: &PackageChange) -> Package<'_> {
    let PackageChange { ecosystem, name, before, after, how } = change;
    Package { ecosystem: ecosystem.word(), name, how: how.word(), before, after }
}

fn setting(change: &SettingChange) -> Setting<'_> {
    Setting { name: &change.name, before: change.before.as_deref(), after: change.after.as_deref() }
}

fn vulnerabilities(changes: &VulnerabilityChanges) -> Vulnerabilities<'_> {
    Vulnerabilities {
        new: changes.new.iter().map(vulnerability).collect(),
        gone: changes.gone.iter().map(vulnerability).collect(),
        kept: changes.kept,
    }
}

fn vulnerability(known: &Known) -> Vulnerability<'_> {
    let Known { id, severity, name, version, fix } = known;
    Vulnerability { id, severity: practices::severity_word(*severity), name, version, fix: fix.as_deref() }
}
