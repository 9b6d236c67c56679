//! `plimsoll.scan/1`: what a scan found (docs/formats/scan-v1.schema.json).
//!
//! Field names and their meaning never change within version 1; fields may be added.

use super::decisions::{self, Log};
use super::json::text;
use super::report_v1::Unopened;
use super::scan_table::{Group, grouped};
use crate::failure::with_causes;
use crate::ops::Scanned;
use advisories::Manifest;
use advisories::matching::Vulnerability;
use documents::claims::Claims;
use model::{Disposition, Package, Verdict};
use practices::instruction;
use practices::steps::Step;
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool: Tool,
    index: Vec<Source<'a>>,
    targets: Vec<Target<'a>>,
    #[serde(rename = "notOpened", skip_serializing_if = "Vec::is_empty")]
    not_opened: Vec<NotOpened<'a>>,
    decisions: Vec<decisions::Row<'a>>,
    verdict: &'static str,
}

/// A target of which nothing is known.
#[derive(Serialize)]
struct NotOpened<'a> {
    target: &'a str,
    error: String,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Source<'a> {
    name: &'a str,
    asked: &'a str,
    newest: &'a str,
    records: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Target<'a> {
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed: Option<Claimed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distribution: Option<String>,
    judged: usize,
    judged_by_distribution: usize,
    vulnerabilities: Vec<Row<'a>>,
    actions: Vec<Action<'a>>,
    not_judged: Vec<NotJudged<'a>>,
    unknowns: Vec<Gap<'a>>,
    verdict: &'static str,
}

/// An update, and what goes with it.
#[derive(Serialize)]
struct Action<'a> {
    world: &'a str,
    name: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    removes: Vec<&'a str>,
    leaves: Vec<&'a str>,
    packages: Vec<&'a str>,
}

/// The SBOM that says what is there, where no image was read.
#[derive(Serialize)]
struct Claimed<'a> {
    form: &'a str,
    tools: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    made: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    id: &'a str,
    aliases: &'a [String],
    summary: &'a str,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    rated_by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exploited_since: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epss: Option<f32>,
    world: &'a str,
    name: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'a str,
    disposition: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    known_before: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Decision<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lapsed: Option<&'a str>,
    packages: Vec<Place<'a>>,
    said: Vec<Said<'a>>,
}

/// Which of the decisions.
#[derive(Serialize)]
struct Decision<'a> {
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct Place<'a> {
    package: &'a str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instruction: Option<String>,
}

#[derive(Serialize)]
struct Said<'a> {
    source: &'a str,
    id: &'a str,
    range: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    repository: &'a str,
}

#[derive(Serialize)]
struct NotJudged<'a> {
    package: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    id: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct Gap<'a> {
    kind: &'static str,
    blocking: bool,
    why: &'a str,
}

/// The document over all targets.
pub(crate) fn write(all: &[Scanned], unopened: &[Unopened<'_>], log: Option<&Log<'_>>, manifest: &Manifest) -> Vec<u8> {
    let sources = manifest.sources.iter();
    let worst = all.iter().map(|s| s.evaluation.verdict).max().unwrap_or(Verdict::Pass);
    // What was not opened may hold anything.
    let verdict = if unopened.is_empty() { worst } else { worst.max(Verdict::Inconclusive) };
    text(&Document {
        schema: "plimsoll.scan/1",
        tool: Tool { name: "plimsoll", version: env!("CARGO_PKG_VERSION") },
        index: sources
            .map(|s| Source { name: &s.name, asked: &s.asked, newest: &s.newest, records: s.records })
            .collect(),
        targets: all.iter().map(target).collect(),
        not_opened: unopened.iter().map(|u| NotOpened { target: u.target, error: with_causes(&u.failure) }).collect(),
        decisions: log.map(Log::rows).unwrap_or_default(),
        verdict: verdict.word(),
    })
}

fn target(scanned: &Scanned) -> Target<'_> {
    let (image, facts, scan) = (&scanned.reading.image, &scanned.reading.facts, &scanned.scan);
    let package = |at: u32| facts.packages.get(at as usize).map_or("", |p| p.purl.as_str());
    let unjudged = scan.unjudged.iter();
    Target {
        target: &image.target,
        digest: image.subject.map(|s| s.digest().to_string()),
        platform: scanned.reading.claims.is_none().then(|| image.platform.to_string()),
        claimed: scanned.reading.claims.as_deref().map(claimed),
        distribution: facts.os.as_ref().map(|os| os.distro()),
        judged: scan.judged,
        judged_by_distribution: scan.judged_by_distribution,
        vulnerabilities: grouped(scanned).iter().filter_map(|group| row(scanned, group)).collect(),
        actions: scanned.steps().into_iter().map(|step| action(step, package)).collect(),
        not_judged: unjudged
            .map(|u| NotJudged { package: package(u.package), id: &u.what.id, why: &u.what.why })
            .collect(),
        unknowns: scanned
            .evaluation
            .unknowns
            .iter()
            .map(|u| Gap { kind: u.kind.word(), blocking: u.kind.blocks(), why: &u.why })
            .collect(),
        verdict: scanned.evaluation.verdict.word(),
    }
}

fn action<'s>(step: Step<'s>, package: impl Fn(u32) -> &'s str) -> Action<'s> {
    let ids = |all: &[&'s Vulnerability]| all.iter().map(|one| one.id.as_str()).collect();
    Action {
        world: step.world,
        name: step.name,
        version: step.version,
        to: step.to,
        removes: ids(&step.removes),
        leaves: ids(&step.leaves),
        packages: step.packages.into_iter().map(package).collect(),
    }
}

fn claimed(claims: &Claims) -> Claimed<'_> {
    Claimed {
        form: &claims.form,
        tools: &claims.tools,
        made: claims.made.as_deref(),
        name: claims.name.as_deref(),
        subject: claims.subject.map(|subject| subject.to_string()),
    }
}

fn row<'s>(scanned: &'s Scanned, group: &Group<'s>) -> Option<Row<'s>> {
    let found = *group.found.first()?;
    let v = &found.vulnerability;
    let said = v.said.iter();
    Some(Row {
        id: &v.id,
        aliases: &v.aliases,
        summary: &v.summary,
        severity: practices::severity_word(v.rating.severity),
        score: v.rating.score,
        rated_by: &v.rating.by,
        exploited_since: v.known.as_ref().and_then(|k| k.exploited_since.as_deref()),
        epss: v.known.as_ref().and_then(|k| k.epss),
        world: &found.world,
        name: &found.by.0,
        version: &found.by.1,
        fix: v.fix.as_deref(),
        note: &v.note,
        known_before: group.known,
        disposition: group.ruling().map_or(Disposition::Open, |r| r.status).word(),
        decision: group.ruling().map(|r| Decision { file: &r.file, line: r.line }),
        lapsed: group.said.and_then(|s| s.lapsed.as_deref()),
        packages: group
            .found
            .iter()
            .filter_map(|f| Some((f.package, scanned.reading.facts.packages.get(f.package as usize)?)))
            .map(|(at, package)| place(scanned, at, package))
            .collect(),
        said: said.map(|s| Said { source: &s.source, id: &s.id, range: &s.range, repository: &s.repository }).collect(),
    })
}

fn place<'s>(scanned: &'s Scanned, at: u32, package: &'s Package) -> Place<'s> {
    if let Some(claims) = &scanned.reading.claims {
        let stated = claims.whereabouts.get(at as usize).cloned().unwrap_or_default();
        let (path, layer, instruction) = (package.proof().path.to_string(), stated.layer, stated.instruction);
        return Place { package: package.purl.as_str(), path, layer, instruction };
    }
    let facts = &scanned.reading.facts;
    let proof = package.proof();
    let config = scanned.reading.image.config.as_ref();
    Place {
        package: package.purl.as_str(),
        path: proof.path.to_string(),
        layer: facts.layers.get(proof.layer as usize).map(|l| l.diff_id.to_string()),
        instruction: config.and_then(|c| instruction(c, facts.layers.len(), proof.layer)),
    }
}
