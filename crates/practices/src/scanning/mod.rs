//! Practice 4: known vulnerabilities of what is in the image.
//!
//! Each vulnerability of a source package breaks exactly one rule, so that policy can set a level for each kind: one that
//! is exploited, one that nobody rated, one that has a fix, one that has none. The matching itself is the crate
//! `advisories`'s; here is what it means for a verdict.

pub mod baseline;
pub mod decisions;
pub(crate) mod exploited_vulnerability;
pub(crate) mod likely_exploited;
pub(crate) mod overdue_fix;
pub mod steps;
pub(crate) mod unjudged_package;
pub(crate) mod unrated_vulnerability;
pub(crate) mod vulnerability_with_fix;
pub(crate) mod vulnerability_without_fix;

use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, MOST_HITS};
use crate::words::{clipped, listed};
use advisories::matching::Vulnerability;
use advisories::scan::Found;
use model::{Package, Severity};
use std::collections::BTreeMap;

/// Which of the rules a vulnerability breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Exploited,
    Unrated,
    WithFix,
    WithoutFix,
}

/// The word for a vulnerability's severity, in every format; what nobody rates has one of its own.
pub fn severity_word(severity: Option<Severity>) -> &'static str {
    match severity {
        None => "unknown",
        Some(Severity::Info) => "negligible",
        Some(severity) => severity.word(),
    }
}

fn kind(vulnerability: &Vulnerability) -> Kind {
    let exploited = vulnerability.known.as_ref().is_some_and(|k| k.exploited_since.is_some());
    match (exploited, vulnerability.rating.severity, &vulnerability.fix) {
        (true, _, _) => Kind::Exploited,
        (_, None, _) => Kind::Unrated,
        (_, _, Some(_)) => Kind::WithFix,
        (_, _, None) => Kind::WithoutFix,
    }
}

/// All packages of a source with the same vulnerability, of which the same was decided.
type Group<'s> = (Vec<&'s Found>, Option<&'s decisions::Found>);

/// The vulnerabilities of one kind, one hit for all binary packages of a source that share a decision; open ones first,
/// the worst of them first, so that what is not listed is never worse than what is.
fn hits(evidence: &Evidence<'_>, wanted: Kind) -> Checked {
    let about = |vulnerability: &Vulnerability| clipped(&vulnerability.summary).to_string();
    hits_where(evidence, |vulnerability| (kind(vulnerability) == wanted).then(|| about(vulnerability)))
}

/// The same of all vulnerabilities about which `about` has something to say, be it nothing but that they count.
fn hits_where(evidence: &Evidence<'_>, about: impl Fn(&Vulnerability) -> Option<String>) -> Checked {
    let scan = evidence.needs_scan()?;
    let facts = evidence.needs_facts()?;
    let mut groups: BTreeMap<_, Group<'_>> = BTreeMap::new();
    for (at, found) in scan.found.iter().enumerate().filter(|(_, f)| about(&f.vulnerability).is_some()) {
        let said = evidence.decided.and_then(|d| d.found.get(at));
        let key = (found.by.0.as_str(), found.by.1.as_str(), found.vulnerability.id.as_str(), said);
        groups.entry(key).or_insert_with(|| (Vec::new(), said)).0.push(found);
    }
    let mut hits: Vec<Hit> = groups
        .values()
        .filter_map(|(group, said)| {
            let about = about(&group.first()?.vulnerability)?;
            hit(evidence, &facts.packages, group, *said, &about)
        })
        .collect();
    hits.sort_by_key(|hit| (hit.ruling.is_some(), hit.known_before, std::cmp::Reverse(hit.severity)));
    hits.truncate(MOST_HITS);
    Ok(hits)
}

fn hit(
    evidence: &Evidence<'_>,
    packages: &[Package],
    group: &[&Found],
    said: Option<&decisions::Found>,
    about: &str,
) -> Option<Hit> {
    let found = group.first()?;
    let (vulnerability, (name, version)) = (&found.vulnerability, &found.by);
    let affected: Vec<&Package> = group.iter().filter_map(|f| packages.get(f.package as usize)).collect();
    let package = affected.first()?;
    let about = if about.is_empty() { String::new() } else { format!(": {about}") };
    let message = format!("{} in {} {}{about}", clipped(&vulnerability.id), clipped(name), clipped(version));
    let lapsed = said.and_then(|s| s.lapsed.as_ref()).map_or(String::new(), |why| format!("\n{why}"));
    let mut hit = Hit::new(message, proof(found, &affected) + &lapsed, remedy(vulnerability, name))
        .of_package(package.purl.as_str())
        .at(&package.proof().path)
        .in_layer(evidence.layer(package.proof().layer));
    hit.ruling = said.and_then(|s| s.ruling.clone());
    hit.known_before = evidence.baseline.map(|baseline| baseline.has(vulnerability, name));
    // An exploited one is as bad as its rule says, whatever its score.
    hit.severity = vulnerability.rating.severity.filter(|_| kind(vulnerability) != Kind::Exploited);
    Some(hit)
}

/// Who says so, by what range, how bad, and where the packages are.
fn proof(found: &Found, affected: &[&Package]) -> String {
    let vulnerability = &found.vulnerability;
    let said =
        listed(vulnerability.said.iter().map(|s| format!("{} ({}): {}", clipped(&s.id), s.source, clipped(&s.range))));
    let mut text = format!("{}: {said}", clipped(&found.world));
    let rating = &vulnerability.rating;
    if !rating.by.is_empty() {
        text.push_str(&format!("\nrated by {}", clipped(&rating.by)));
        rating.score.iter().for_each(|score| text.push_str(&format!(": {score:.1}")));
    }
    if let Some(known) = &vulnerability.known {
        known.exploited_since.iter().for_each(|day| text.push_str(&format!("\nexploited, says CISA since {day}")));
        known.epss.iter().for_each(|epss| text.push_str(&format!("\nEPSS {epss:.3}")));
    }
    let names = affected.iter().map(|p| format!("{} by {}", clipped(&p.name), p.proof().path));
    text.push_str(&format!("\n{}", listed(names)));
    text
}

fn remedy(vulnerability: &Vulnerability, name: &str) -> String {
    match &vulnerability.fix {
        Some(fix) => format!("update {} to {} or later", clipped(name), clipped(fix)),
        None if vulnerability.note.is_empty() => "no source names a version without it: remove what is not needed, or \
             accept it with a reason and an end"
            .to_owned(),
        None => format!(
            "no source names a version without it ({}): remove what is not needed, or accept it with a reason and an end",
            clipped(&vulnerability.note)
        ),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use crate::bench::Bench;
    use crate::evaluate::evaluate;
    use crate::evidence::Missing;
    use crate::policy::Policy;
    use advisories::enrichment::Facts;
    use advisories::matching::{Said, Unjudged, Vulnerability};
    use advisories::rating::Rating;
    use advisories::scan::{Found, NotJudged, Scan};
    use model::{Practice, Severity, Unknown, UnknownKind, Verdict};

    pub(crate) fn vulnerability(id: &str, severity: Option<Severity>, fix: Option<&str>) -> Vulnerability {
        Vulnerability {
            id: id.to_owned(),
            aliases: Vec::new(),
            summary: "a hole".to_owned(),
            fix: fix.map(str::to_owned),
            note: String::new(),
            rating: Rating { severity, score: severity.map(|_| 7.5), by: "CVSS 3.1 of X".to_owned() },
            known: None,
            published: 0,
            announced: 0,
            said: vec![Said {
                source: "osv".into(),
                id: "DSA-1".into(),
                range: "< 2".into(),
                repository: String::new(),
            }],
        }
    }

    pub(crate) fn found(package: u32, vulnerability: Vulnerability) -> Found {
        Found { package, world: "Debian:12".into(), by: ("source".into(), "1".into()), vulnerability }
    }

    fn codes(bench: &Bench) -> Vec<(&'static str, Severity)> {
        let all = evaluate(&bench.evidence(), &Policy::default()).findings;
        all.iter().filter(|f| f.code.starts_with("PL4")).map(|f| (f.code, f.severity)).collect()
    }

    #[test]
    fn each_vulnerability_breaks_one_rule() {
        let mut bench = Bench::good();
        let mut exploited = vulnerability("CVE-1", Some(Severity::Low), None);
        exploited.known = Some(Facts { exploited_since: Some("2024-01-01".into()), ..Facts::default() });
        bench.scan = Some(Scan {
            found: vec![
                found(0, exploited),
                found(0, vulnerability("CVE-2", Some(Severity::Critical), Some("2"))),
                found(1, vulnerability("CVE-2", Some(Severity::Critical), Some("2"))),
                found(0, vulnerability("CVE-3", Some(Severity::Info), None)),
                found(0, vulnerability("CVE-4", None, None)),
            ],
            unjudged: vec![NotJudged { package: 0, what: Unjudged { id: String::new(), why: "odd".into() } }],
            ..Scan::default()
        });
        let expected = [
            ("PL401", Severity::Critical),
            ("PL402", Severity::Critical),
            ("PL404", Severity::Medium),
            ("PL403", Severity::Info),
            ("PL405", Severity::Info),
        ];
        assert_eq!(codes(&bench), expected);
        let hits = bench.hits(super::vulnerability_with_fix::RULE.check);
        assert_eq!(hits[0].message, "CVE-2 in source 1: a hole");
        assert_eq!(hits[0].remedy, "update source to 2 or later");
        assert!(
            hits[0].proof.starts_with("Debian:12: DSA-1 (osv): < 2\nrated by CVSS 3.1 of X: 7.5\n"),
            "{}",
            hits[0].proof
        );
    }

    #[test]
    fn without_an_index_nothing_is_judged_and_that_is_said() {
        let bench = Bench { scan: None, ..Bench::good() };
        assert_eq!((super::vulnerability_with_fix::RULE.check)(&bench.evidence()), Err(Missing::Index));
        let evaluation = evaluate(&bench.evidence(), &Policy::default());
        assert!(!evaluation.checked.contains(&Practice::Scanning));
    }

    #[test]
    fn what_the_index_does_not_know_keeps_the_verdict_from_pass() {
        let mut bench = Bench::good();
        let unknown = Unknown::new(UnknownKind::NoAdvisories, "the index has no advisories for Debian:99");
        bench.scan = Some(Scan { unknowns: vec![unknown], ..Scan::default() });
        assert_eq!(evaluate(&bench.evidence(), &Policy::default()).verdict, Verdict::Inconclusive);
    }
}
