//! OSV's archives: `ECOSYSTEM/all.zip`, one record a member (<https://google.github.io/osv.dev/data/>).

use super::FeedError;
use crate::build::Builder;
use crate::ecosystem::{World, folded, world};
use crate::spans::{Span, spans};
use crate::statement::{Entry, State, Statement};
use crate::when;
use documents::osv::{Affected, LONGEST_RECORD, Record, read};
use model::{Version, VersionOrder};
use std::io::{Read, Seek};

/// The source's word in statements.
pub const SOURCE: &str = "osv";
/// Members of one archive; OSV has under a million records in all.
const MOST_MEMBERS: usize = 4_000_000;

/// Reads every `parts`-th record of an archive, from the `part`-th on, so that several threads can share the work.
pub fn archive(archive: impl Read + Seek, part: usize, parts: usize, builder: &mut Builder) -> Result<(), FeedError> {
    let broken = |e: &dyn std::fmt::Display| FeedError::Archive(model::escaped(&e.to_string()).into_owned());
    let mut zip = zip::ZipArchive::new(archive).map_err(|e| broken(&e))?;
    if zip.len() > MOST_MEMBERS {
        return Err(FeedError::Archive(format!("it has more than {MOST_MEMBERS} members")));
    }
    let mut bytes = Vec::new();
    for member in (part..zip.len()).step_by(parts.max(1)) {
        let file = zip.by_index(member).map_err(|e| broken(&e))?;
        if !file.name().is_ok_and(|name| name.ends_with(".json")) {
            continue;
        }
        bytes.clear();
        file.take(LONGEST_RECORD as u64 + 1).read_to_end(&mut bytes).map_err(|e| broken(&e))?;
        record(&bytes, builder);
    }
    Ok(())
}

/// Adds one record.
pub fn record(bytes: &[u8], builder: &mut Builder) {
    match read(bytes) {
        Ok(record) => add(&record, builder),
        Err(_) => builder.leave_out("a record is no OSV record"),
    }
}

fn add(record: &Record<'_>, builder: &mut Builder) {
    let mut packages: Vec<(String, Entry<'_>)> = Vec::new();
    let mut distribution = false;
    for affected in &record.affected {
        let Some(package) = &affected.package else {
            builder.leave_out("a record names commits, not packages");
            continue;
        };
        let Some(world) = world(&package.ecosystem) else {
            let base = package.ecosystem.split(':').next().unwrap_or_default();
            builder.leave_out(&format!("the ecosystem `{}` is not judged", model::escaped(base)));
            continue;
        };
        distribution |= world.distribution;
        let key = format!("{}\0{}", world.key, folded(&world.key, &package.name));
        packages.push((key, entry(affected, &world, record)));
    }
    // Sorted, since a segment keeps them by package: the same record in any order is the same record.
    packages.sort_by(|a, b| a.0.cmp(&b.0));
    let withdrawn = !record.withdrawn.is_empty();
    if withdrawn {
        packages.clear();
    }
    builder.add(&statement(record, distribution, withdrawn), &packages);
}

fn statement<'r>(record: &'r Record<'_>, distribution: bool, withdrawn: bool) -> Statement<'r> {
    let texts = |list: &'r [std::borrow::Cow<'_, str>]| list.iter().map(AsRef::as_ref).collect::<Vec<&str>>();
    let mut upstream = texts(&record.upstream);
    // Some distributions name what they mend only as `related`.
    let names_cve = |list: &[&str]| list.iter().any(|id| id.starts_with("CVE-"));
    if distribution && !names_cve(&upstream) && !record.id.starts_with("CVE-") && !names_cve(&texts(&record.aliases)) {
        upstream.extend(texts(&record.related).into_iter().filter(|id| id.starts_with("CVE-")));
    }
    let scores = record.severity.iter().map(|s| (s.scheme.as_ref(), s.score.as_ref()));
    let mut severities: Vec<(&str, &str)> = scores.filter(|(scheme, _)| scheme.starts_with("CVSS")).collect();
    let word = record.database_specific.get("severity").filter(|_| !distribution);
    severities.extend(word.map(|word| ("word", word)));
    Statement {
        source: SOURCE,
        id: &record.id,
        modified: when::seconds(&record.modified),
        published: when::seconds(&record.published),
        withdrawn,
        summary: if record.summary.is_empty() { "" } else { &record.summary },
        aliases: texts(&record.aliases),
        upstream,
        severities,
    }
}

fn entry<'r>(affected: &'r Affected<'_>, world: &World<'r>, record: &'r Record<'_>) -> Entry<'r> {
    let mut all: Vec<Span<'r>> = Vec::new();
    let mut unreadable = "";
    for range in affected.ranges.iter().filter(|r| r.kind != "GIT") {
        match spans(world.order, range) {
            Ok(some) => all.extend(some),
            Err(version) => unreadable = if version.is_empty() { "(empty)" } else { version },
        }
    }
    let (own, database) = (&affected.ecosystem_specific, &affected.database_specific);
    let urgency = own.get("urgency").or(own.get("ubuntu_priority")).or(database.get("severity"));
    let urgency = urgency.or(record.database_specific.get("severity").filter(|_| world.distribution));
    Entry {
        state: State::Affected,
        urgency: urgency.unwrap_or_default(),
        note: database.get("unfixed_as_of").map_or("", |_| "when it was last looked at"),
        repository: world.repository,
        module: own.get("rpm_modularity").unwrap_or_default(),
        unreadable,
        versions: outside(&affected.versions, &all, world.order),
        spans: all,
    }
}

/// The listed versions that the spans do not hold already. One that the order cannot read is kept as a text.
fn outside<'r>(versions: &'r [std::borrow::Cow<'_, str>], spans: &[Span<'_>], order: VersionOrder) -> Vec<&'r str> {
    let held = |text: &&str| match Version::parse(order, text) {
        Ok(version) => spans.iter().any(|s| s.holds(&version) == Some(true)),
        Err(_) => false,
    };
    versions.iter().map(AsRef::as_ref).filter(|v| !held(v)).collect()
}
