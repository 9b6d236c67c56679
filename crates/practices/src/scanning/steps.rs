//! What to do about vulnerabilities: for each package the smallest update after which most of them are gone.

use advisories::matching::{Vulnerability, risk};
use advisories::scan::Found;
use model::{Package, Version, VersionOrder};
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

/// One update of one package, or what no update removes.
#[derive(Clone, Debug, PartialEq)]
pub struct Step<'s> {
    /// Whose advisories judged the package: `Debian:12`, `PyPI`.
    pub world: &'s str,
    /// The package in that world; for Debian and Alpine the source package.
    pub name: &'s str,
    /// Its version.
    pub version: &'s str,
    /// The lowest version without any of `removes`; `None` where no source names a version without one of them.
    pub to: Option<&'s str>,
    /// What the update removes, the worst first.
    pub removes: Vec<&'s Vulnerability>,
    /// What stays: no source names a version without it, or none that its ecosystem can read.
    pub leaves: Vec<&'s Vulnerability>,
    /// The packages of the image that the update replaces, by index, sorted.
    pub packages: Vec<u32>,
}

/// The steps for what was found, the one that removes the worst first; those that remove nothing last.
pub fn steps<'s>(found: impl Iterator<Item = &'s Found>, packages: &[Package]) -> Vec<Step<'s>> {
    let mut groups: BTreeMap<(&str, &str, &str), Vec<&Found>> = BTreeMap::new();
    for one in found {
        groups.entry((&one.world, &one.by.0, &one.by.1)).or_default().push(one);
    }
    let mut steps: Vec<Step<'_>> = groups.values().filter_map(|group| step(group, packages)).collect();
    // Stable: steps of one risk and count stay by world and name.
    steps.sort_by_key(|step| Reverse(step.removes.len()));
    steps.sort_by(|a, b| worst(b).partial_cmp(&worst(a)).unwrap_or(Ordering::Equal));
    steps
}

/// How bad the worst is that the step removes; below everything where it removes nothing.
fn worst(step: &Step<'_>) -> Option<(bool, f32, f32)> {
    step.removes.first().map(|vulnerability| risk(vulnerability))
}

/// The step for one package, which may be several binary ones of one source.
fn step<'s>(group: &[&'s Found], packages: &[Package]) -> Option<Step<'s>> {
    let first = *group.first()?;
    let order = VersionOrder::of(packages.get(first.package as usize)?.ecosystem);
    let mut numbers: Vec<u32> = group.iter().map(|found| found.package).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let (mut removes, mut leaves) = (Vec::new(), Vec::new());
    let mut to: Option<Version<'s>> = None;
    let mut stated = None;
    for vulnerability in each_once(group) {
        let fix = vulnerability.fix.as_deref();
        let Some(version) = fix.and_then(|fix| Version::parse(order, fix).ok()) else {
            leaves.push(vulnerability);
            continue;
        };
        match to.as_ref().map(|highest| version.compare(highest)) {
            // Two versions that nobody can put in order: the first one stays the step.
            Some(None) => leaves.push(vulnerability),
            Some(Some(Ordering::Less | Ordering::Equal)) => removes.push(vulnerability),
            None | Some(Some(Ordering::Greater)) => {
                (to, stated) = (Some(version), fix);
                removes.push(vulnerability);
            }
        }
    }
    let (name, version) = (first.by.0.as_str(), first.by.1.as_str());
    Some(Step { world: &first.world, name, version, to: stated, removes, leaves, packages: numbers })
}

/// The vulnerabilities of a group, the worst first.
fn each_once<'s>(group: &[&'s Found]) -> Vec<&'s Vulnerability> {
    let by_id: BTreeMap<&str, &'s Vulnerability> =
        group.iter().map(|found| (found.vulnerability.id.as_str(), &found.vulnerability)).collect();
    let mut all: Vec<&Vulnerability> = by_id.into_values().collect();
    all.sort_by(|a, b| risk(b).partial_cmp(&risk(a)).unwrap_or(Ordering::Equal));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;
    use advisories::rating::Rating;
    use model::Severity;

    fn found(package: u32, id: &str, severity: Severity, fix: Option<&str>) -> Found {
        let vulnerability = Vulnerability {
            id: id.to_owned(),
            aliases: Vec::new(),
            summary: String::new(),
            fix: fix.map(str::to_owned),
            note: String::new(),
            rating: Rating { severity: Some(severity), score: None, by: String::new() },
            known: None,
            published: 0,
            announced: 0,
            said: Vec::new(),
        };
        Found { package, world: "Debian:12".into(), by: (format!("source{package}"), "1".into()), vulnerability }
    }

    /// `name to version: what it removes | what it leaves`, a line a step. The bench's packages are Debian's.
    fn shown(all: &[Found]) -> String {
        let packages = Bench::good().facts.packages;
        let ids = |all: &[&Vulnerability]| all.iter().map(|v| v.id.as_str()).collect::<Vec<_>>().join(" ");
        let line = |step: &Step<'_>| {
            format!("{} to {}: {} | {}", step.name, step.to.unwrap_or("-"), ids(&step.removes), ids(&step.leaves))
        };
        steps(all.iter(), &packages).iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_highest_fix_by_the_packages_own_order_removes_all() {
        let all = [
            found(0, "A", Severity::Low, Some("1.10")),
            found(0, "B", Severity::High, Some("1.9")),
            found(0, "C", Severity::Medium, Some("1.10~rc1")),
            found(0, "D", Severity::Critical, None),
        ];
        assert_eq!(shown(&all), "source0 to 1.10: B C A | D");
    }

    #[test]
    fn the_worst_that_goes_decides_the_order() {
        let all = [
            found(0, "A", Severity::Low, Some("2")),
            found(1, "B", Severity::High, Some("2")),
            found(0, "C", Severity::Critical, None),
        ];
        assert_eq!(shown(&all), "source1 to 2: B | \nsource0 to 2: A | C");
    }

    #[test]
    fn nothing_to_update_to_comes_last() {
        let all = [found(0, "A", Severity::Critical, None), found(1, "B", Severity::Low, Some("2"))];
        assert_eq!(shown(&all), "source1 to 2: B | \nsource0 to -:  | A");
    }

    #[test]
    fn a_fix_that_its_ecosystem_cannot_read_is_no_step() {
        assert_eq!(shown(&[found(0, "A", Severity::Low, Some("not a version"))]), "source0 to -:  | A");
    }
}
