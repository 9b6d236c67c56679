//! Two images, or SBOMs of them: which packages, settings, files and known vulnerabilities one has and the other has not.
//!
//! Pure but for reading the two. What one side cannot tell (an SBOM has no files) is left out, never taken for equal.

use super::advisories::Shelf;
use super::claimed::claimed;
use super::compare::{Difference, Sums, differing_files};
use super::open::{Access, open};
use super::read::{Asked, Reading, read_in_full};
use crate::failure::Failure;
use advisories::scan::{Found, Scan};
use facts::LayerFacts;
use jiff::Timestamp;
use ledger::cache::Cache;
use model::oci::ImageConfig;
use model::{Ecosystem, Package, Severity, Unknown, Version, VersionOrder};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Two sides, and what is different.
pub(crate) struct Diff {
    pub(crate) before: Reading,
    pub(crate) after: Reading,
    /// By ecosystem and name.
    pub(crate) packages: Vec<PackageChange>,
    /// What both configs state differently; `None` where a side has none.
    pub(crate) settings: Option<Vec<SettingChange>>,
    /// `None` where a side has no files to compare.
    pub(crate) files: Option<(Sums, Vec<Difference>)>,
    /// `None` where there is no index.
    pub(crate) vulnerabilities: Option<VulnerabilityChanges>,
}

/// A package that is not there in the same versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PackageChange {
    pub(crate) ecosystem: Ecosystem,
    pub(crate) name: String,
    /// Versions that only the first side has.
    pub(crate) before: Vec<String>,
    /// Versions that only the second side has.
    pub(crate) after: Vec<String>,
    pub(crate) how: Way,
}

/// In what way a package changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Added,
    Removed,
    Upgraded,
    Downgraded,
    /// Several versions, or two that its ecosystem cannot order.
    Changed,
}

impl Way {
    /// The report's word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Upgraded => "upgraded",
            Self::Downgraded => "downgraded",
            Self::Changed => "changed",
        }
    }
}

/// Something that the two configs state differently; `None` where it is not stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SettingChange {
    /// `label org.opencontainers.image.version`, `user`, `created`.
    pub(crate) name: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// Known vulnerabilities of one side alone, worst first, whatever was decided about them.
#[derive(Default)]
pub(crate) struct VulnerabilityChanges {
    pub(crate) gone: Vec<Known>,
    pub(crate) new: Vec<Known>,
    /// How many both have.
    pub(crate) kept: usize,
    /// What the index could not judge on either side.
    pub(crate) unknowns: Vec<Unknown>,
}

/// A vulnerability of a source package.
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) severity: Option<Severity>,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) fix: Option<String>,
}

/// One side as it was read.
pub(crate) struct Half {
    reading: Reading,
    /// `None`: an SBOM, which has no files.
    layers: Option<Vec<LayerFacts>>,
}

/// Reads an image, or an SBOM as `sbom:FILE`.
pub(crate) fn half(target: &str, access: &Access<'_>, cache: Option<&Cache>, asked: Asked) -> Result<Half, Failure> {
    if let Some(file) = target.strip_prefix("sbom:") {
        return Ok(Half { reading: claimed(file, target)?, layers: None });
    }
    let (reading, detail) = read_in_full(open(target, access)?, cache, asked);
    Ok(Half { reading, layers: Some(detail.layers) })
}

/// What differs from one side to the other. An index older than `max_age` days is an unknown.
pub(crate) fn diff(
    before: Half,
    after: Half,
    shelf: Option<&Shelf>,
    now: Timestamp,
    max_age: u32,
) -> Result<Diff, Failure> {
    let vulnerabilities = match shelf {
        None => None,
        Some(shelf) => {
            let [old, new] = [&before, &after].map(|half| shelf.scan(&half.reading, now, max_age));
            Some(vulnerabilities(old?, new?))
        }
    };
    let files = match (&before.layers, &after.layers) {
        (Some(old), Some(new)) => Some(differing_files(old, new)),
        _ => None,
    };
    let settings = match (&before.reading.image.config, &after.reading.image.config) {
        (Some(old), Some(new)) => Some(settings(old, new)),
        _ => None,
    };
    let packages = packages(&before.reading.facts.packages, &after.reading.facts.packages);
    Ok(Diff { before: before.reading, after: after.reading, packages, settings, files, vulnerabilities })
}

impl Diff {
    /// All that could not be read or judged, of which either side may have more than is said.
    pub(crate) fn gaps(&self) -> Vec<&Unknown> {
        let sides = [&self.before, &self.after].into_iter();
        let read = sides.flat_map(|reading| reading.facts.unknowns.iter().chain(&reading.unknowns));
        let judged = self.vulnerabilities.iter().flat_map(|changes| &changes.unknowns);
        let mut gaps: Vec<&Unknown> = read.chain(judged).filter(|unknown| unknown.kind.blocks()).collect();
        gaps.sort();
        gaps.dedup();
        gaps
    }
}

fn packages(old: &[Package], new: &[Package]) -> Vec<PackageChange> {
    let (old, new) = (versions(old), versions(new));
    let none = BTreeSet::new();
    let keys: BTreeSet<&(Ecosystem, &str)> = old.keys().chain(new.keys()).collect();
    let change = |key: &(Ecosystem, &str)| {
        let (before, after) = (old.get(key).unwrap_or(&none), new.get(key).unwrap_or(&none));
        let only = |one: &BTreeSet<&str>, other| one.difference(other).map(|v| (*v).to_owned()).collect::<Vec<_>>();
        let (ecosystem, name) = (key.0, key.1.to_owned());
        let (before, after) = (only(before, after), only(after, before));
        let how = way(ecosystem, &before, &after)?;
        Some(PackageChange { ecosystem, name, before, after, how })
    };
    keys.into_iter().filter_map(change).collect()
}

/// The versions of each package.
fn versions(packages: &[Package]) -> BTreeMap<(Ecosystem, &str), BTreeSet<&str>> {
    let mut all: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        all.entry((package.ecosystem, package.name.as_str())).or_default().insert(&package.version);
    }
    all
}

fn way(ecosystem: Ecosystem, before: &[String], after: &[String]) -> Option<Way> {
    let order = VersionOrder::of(ecosystem);
    let compared = |old: &str, new: &str| {
        let (old, new) = (Version::parse(order, old).ok()?, Version::parse(order, new).ok()?);
        new.compare(&old)
    };
    Some(match (before, after) {
        ([], []) => return None,
        ([], _) => Way::Added,
        (_, []) => Way::Removed,
        ([old], [new]) => match compared(old, new) {
            Some(Ordering::Greater) => Way::Upgraded,
            Some(Ordering::Less) => Way::Downgraded,
            Some(Ordering::Equal) | None => Way::Changed,
        },
        _ => Way::Changed,
    })
}

/// Values of the environment and of build arguments are left out: they may be secrets.
fn settings(old: &ImageConfig, new: &ImageConfig) -> Vec<SettingChange> {
    let stated = |config: &ImageConfig| {
        let mut all = BTreeMap::new();
        all.extend(config.created.clone().map(|created| ("created".to_owned(), created)));
        let one = &config.config;
        let lists = [("entrypoint", &one.entrypoint), ("cmd", &one.cmd)];
        let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
        all.extend(lists.map(|(name, list)| (name.to_owned(), list.join(" "))));
        let texts = [("user", &one.user), ("workdir", &one.working_dir)];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        all.extend(texts.map(|(name, text)| (name.to_owned(), text.clone())));
        let names: Vec<&str> = one.env.iter().map(|pair| pair.split('=').next().unwrap_or_default()).collect();
        all.extend((!names.is_empty()).then(|| ("names of the environment".to_owned(), names.join(" "))));
        all.extend(one.labels.iter().map(|(key, value)| (format!("label {key}"), value.clone())));
        all
    };
    let (old, new) = (stated(old), stated(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let change = |name: &String| {
        let (before, after) = (old.get(name).cloned(), new.get(name).cloned());
        (before != after).then(|| SettingChange { name: name.clone(), before, after })
    };
    names.into_iter().filter_map(change).collect()
}

fn vulnerabilities(mut old: Scan, mut new: Scan) -> VulnerabilityChanges {
    let mut unknowns = std::mem::take(&mut old.unknowns);
    unknowns.append(&mut new.unknowns);
    let (old, new) = (by_name(&old), by_name(&new));
    let only = |one: &BTreeMap<_, &Found>, other: &BTreeMap<_, &Found>| {
        let mut found: Vec<&Found> = one.iter().filter(|(key, _)| !other.contains_key(*key)).map(|(_, f)| *f).collect();
        let risk = |found: &Found| advisories::matching::risk(&found.vulnerability);
        found.sort_by(|a, b| risk(b).partial_cmp(&risk(a)).unwrap_or(Ordering::Equal));
        found.into_iter().map(known).collect::<Vec<_>>()
    };
    let (gone, appeared) = (only(&old, &new), only(&new, &old));
    VulnerabilityChanges { kept: new.len() - appeared.len(), gone, new: appeared, unknowns }
}

/// Each vulnerability of each source package once. The package's version is no part of what it is.
fn by_name(scan: &Scan) -> BTreeMap<(&str, &str), &Found> {
    scan.found.iter().map(|found| ((found.vulnerability.id.as_str(), found.by.0.as_str()), found)).collect()
}

fn known(found: &Found) -> Known {
    let vulnerability = &found.vulnerability;
    let (name, version) = found.by.clone();
    Known {
        id: vulnerability.id.clone(),
        severity: vulnerability.rating.severity,
        name,
        version,
        fix: vulnerability.fix.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &[&str], after: &[&str], expected: Option<Way>) {
        let owned = |all: &[&str]| all.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
        assert_eq!(way(Ecosystem::Dpkg, &owned(before), &owned(after)), expected, "{before:?} {after:?}");
    }

    #[test]
    fn the_way_is_told_by_the_ecosystems_order() {
        check(&[], &[], None);
        check(&[], &["1"], Some(Way::Added));
        check(&["1"], &[], Some(Way::Removed));
        check(&["1.9"], &["1.10"], Some(Way::Upgraded));
        check(&["1.10"], &["1.10~rc1"], Some(Way::Downgraded));
        check(&["1", "2"], &["3"], Some(Way::Changed));
    }
}
