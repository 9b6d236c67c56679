//! "Which images are affected by this?", over all retained SBOMs, without the network and without the images.

use super::advisories::Shelf;
use crate::failure::Failure;
use advisories::Index;
use advisories::enrichment::Enrichment;
use advisories::release::Release;
use advisories::scan::{Scan, scan};
use documents::claims::{self, Claims};
use jiff::Timestamp;
use ledger::{Bill, Ledger};
use model::{Package, Purl, PurlParts, Severity, TreePath, Unknown, Version, VersionOrder};
use std::cmp::Ordering;

/// What is asked after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// A vulnerability, by any of its names.
    Vulnerability(String),
    /// A package, and which versions of it.
    Package { parts: PurlParts, bounds: Vec<Bound> },
}

/// One side of a range of versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    sign: Sign,
    version: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Is,
    Below,
    UpTo,
    Above,
    From,
}

/// The answer.
pub(crate) struct Affected {
    /// Images that have it, by name.
    pub(crate) images: Vec<AffectedImage>,
    /// How many images were looked at.
    pub(crate) looked_at: usize,
    /// What keeps the answer from being whole: an unknown vulnerability, images that could not be judged.
    pub(crate) unknowns: Vec<(Option<Bill>, Unknown)>,
}

/// An image that has it.
pub(crate) struct AffectedImage {
    pub(crate) bill: Bill,
    pub(crate) hits: Vec<Hit>,
}

/// Why an image is in the answer: a package of it, and where that is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hit {
    pub(crate) purl: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) path: String,
    pub(crate) layer: Option<String>,
    pub(crate) instruction: Option<String>,
    /// What the index says of it, where a vulnerability was asked after.
    pub(crate) judged: Option<Judged>,
}

/// What the index says of a package.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judged {
    pub(crate) id: String,
    pub(crate) severity: Option<Severity>,
    /// The version that mends it, of the package that it was judged by.
    pub(crate) fix: Option<String>,
    /// That package and its version.
    pub(crate) by: (String, String),
}

impl Question {
    /// Reads a vulnerability's name, or a package URL whose version may be a range: `pkg:npm/lodash@>=4,<4.17.21`.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let fail = |why: &str| Failure::NoQuestion { text: text.to_owned(), why: why.to_owned() };
        if !text.starts_with("pkg:") {
            let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
            let numbered = text.contains('-') && text.bytes().any(|b| b.is_ascii_digit());
            return if plain && numbered {
                Ok(Self::Vulnerability(canonical(text)))
            } else {
                Err(fail("it has no number"))
            };
        }
        let purl: Purl = text.parse().map_err(|error: model::PurlError| fail(&error.to_string()))?;
        let parts = purl.parts();
        let bounds: Result<_, &str> =
            parts.version.split(',').map(str::trim).filter(|b| !b.is_empty()).map(bound).collect();
        Ok(Self::Package { bounds: bounds.map_err(fail)?, parts })
    }
}

/// As databases write it: `cve-2024-3094` is `CVE-2024-3094`, and what follows `GHSA-` is in lower case.
fn canonical(text: &str) -> String {
    match text.split_at_checked(5) {
        Some((head, rest)) if head.eq_ignore_ascii_case("GHSA-") => format!("GHSA-{}", rest.to_lowercase()),
        _ => text.to_uppercase(),
    }
}

fn bound(text: &str) -> Result<Bound, &'static str> {
    const SIGNS: [(&str, Sign); 5] =
        [("<=", Sign::UpTo), (">=", Sign::From), ("<", Sign::Below), (">", Sign::Above), ("=", Sign::Is)];
    let signed = SIGNS.iter().find_map(|(word, sign)| Some((*sign, text.strip_prefix(word)?.trim())));
    let (sign, version) = signed.unwrap_or((Sign::Is, text));
    if version.is_empty() {
        Err("a version must follow the sign")
    } else {
        Ok(Bound { sign, version: version.to_owned() })
    }
}

/// Asks every retained SBOM. A vulnerability needs the index; that it is not older than `max_age` days is part of the
/// answer.
pub(crate) fn affected(
    question: &Question,
    ledger: &Ledger,
    shelf: Option<&Shelf>,
    now: Timestamp,
    max_age: u32,
) -> Result<Affected, Failure> {
    let bills = ledger.bills()?;
    if bills.is_empty() {
        return Err(Failure::NothingRetained);
    }
    let mut answer = Affected { images: Vec::new(), looked_at: bills.len(), unknowns: Vec::new() };
    let opened = shelf.map(|shelf| Ok::<_, Failure>((shelf.index()?, shelf.enrichment()?))).transpose()?;
    if matches!(question, Question::Vulnerability(_)) && shelf.is_none() {
        let why = "there is no index of advisories (`plimsoll db update` makes one)";
        answer.unknowns.push((None, Unknown::new(model::UnknownKind::NoAdvisories, why)));
    }
    if let (Question::Vulnerability(id), Some(shelf)) = (question, shelf) {
        answer.unknowns.extend(shelf.stale(now, max_age).into_iter().map(|unknown| (None, unknown)));
        if shelf.index()?.named(id)?.is_empty() {
            let why = format!("the index knows no vulnerability of that name: {id}");
            answer.unknowns.push((None, Unknown::new(model::UnknownKind::NoAdvisories, why)));
            return Ok(answer);
        }
    }
    for bill in bills {
        let Some(document) = ledger.bill(&bill)? else { continue };
        // One document that is damaged keeps no other image from being found.
        let claims = match claims::read(&document, &TreePath::root()) {
            Ok(claims) => claims,
            Err(error) => {
                let why = format!("its retained SBOM cannot be read: {error}");
                answer.unknowns.push((Some(bill), Unknown::new(model::UnknownKind::Damaged, why)));
                continue;
            }
        };
        let hits = match (question, &opened) {
            (Question::Package { parts, bounds }, _) => {
                let (hits, unread) = of_package(&claims, parts, bounds);
                answer.unknowns.extend(unread.into_iter().map(|unknown| (Some(bill.clone()), unknown)));
                hits
            }
            (Question::Vulnerability(id), Some((index, enrichment))) => {
                let scan = judged(&claims, index, enrichment)?;
                let unknowns = scan.unknowns.iter().filter(|unknown| unknown.kind.blocks());
                answer.unknowns.extend(unknowns.map(|unknown| (Some(bill.clone()), unknown.clone())));
                of_vulnerability(&claims, &scan, id)
            }
            (Question::Vulnerability(_), None) => Vec::new(),
        };
        if !hits.is_empty() {
            answer.images.push(AffectedImage { bill, hits });
        }
    }
    Ok(answer)
}

fn judged(claims: &Claims, index: &Index<'_>, enrichment: &Enrichment<'_>) -> Result<Scan, Failure> {
    let release = claims.distribution.as_ref().map(|(id, version)| Release { id, version: version.as_deref() });
    Ok(scan(index, enrichment, release, &claims.packages)?)
}

fn of_vulnerability(claims: &Claims, scan: &Scan, id: &str) -> Vec<Hit> {
    let same = |other: &str| other.eq_ignore_ascii_case(id);
    let named = |v: &advisories::matching::Vulnerability| {
        same(&v.id) || v.aliases.iter().any(|a| same(a)) || v.said.iter().any(|said| same(&said.id))
    };
    let found = scan.found.iter().filter(|found| named(&found.vulnerability));
    let hits = found.filter_map(|found| {
        let v = &found.vulnerability;
        let (by, fix) = (found.by.clone(), v.fix.clone());
        let judged = Judged { id: v.id.clone(), severity: v.rating.severity, fix, by };
        Some(Hit { judged: Some(judged), ..hit(claims, found.package as usize)? })
    });
    hits.collect()
}

/// Packages of that name (or built from a source of that name) within the bounds, and those whose versions cannot be
/// compared with them.
fn of_package(claims: &Claims, parts: &PurlParts, bounds: &[Bound]) -> (Vec<Hit>, Vec<Unknown>) {
    let (mut hits, mut unread) = (Vec::new(), Vec::new());
    for (at, package) in claims.packages.iter().enumerate() {
        let Some(version) = version_of(package, parts) else { continue };
        let order = VersionOrder::of(package.ecosystem);
        match bounds.iter().map(|bound| bound.holds(order, version)).collect::<Option<Vec<bool>>>() {
            Some(all) if all.iter().all(|holds| *holds) => hits.extend(hit(claims, at)),
            Some(_) => {}
            None => {
                let why = format!("the version {version} of {} cannot be compared with that range", package.name);
                unread.push(Unknown::new(model::UnknownKind::BadRecord, why));
            }
        }
    }
    (hits, unread)
}

/// The version by which a package is the one that is asked after.
fn version_of<'p>(package: &'p Package, asked: &PurlParts) -> Option<&'p str> {
    let own = package.purl.parts();
    if own.kind != asked.kind || (!asked.namespace.is_empty() && own.namespace != asked.namespace) {
        return None;
    }
    if own.name == asked.name {
        return Some(&package.version);
    }
    let source = package.source.as_ref().filter(|source| source.name == asked.name)?;
    Some(if source.version.is_empty() { &package.version } else { &source.version })
}

impl Bound {
    /// `None` where the two cannot be compared.
    fn holds(&self, order: VersionOrder, version: &str) -> Option<bool> {
        if self.sign == Sign::Is && self.version == version {
            return Some(true);
        }
        let (own, other) = (Version::parse(order, &self.version).ok()?, Version::parse(order, version).ok()?);
        let found = other.compare(&own)?;
        Some(match self.sign {
            Sign::Is => found == Ordering::Equal,
            Sign::Below => found == Ordering::Less,
            Sign::UpTo => found != Ordering::Greater,
            Sign::Above => found == Ordering::Greater,
            Sign::From => found != Ordering::Less,
        })
    }
}

fn hit(claims: &Claims, at: usize) -> Option<Hit> {
    let package = claims.packages.get(at)?;
    let place = claims.whereabouts.get(at).cloned().unwrap_or_default();
    Some(Hit {
        purl: package.purl.as_str().to_owned(),
        name: package.name.clone(),
        version: package.version.clone(),
        path: package.proof().path.to_string(),
        layer: place.layer,
        instruction: place.instruction,
        judged: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_asked() {
        let check = |text: &str, expected: &str| {
            assert!(matches!(Question::parse(text), Ok(Question::Vulnerability(id)) if id == expected), "{text}");
        };
        check("CVE-2024-3094", "CVE-2024-3094");
        check("ghsa-JFH8-c2jp-5v3q", "GHSA-jfh8-c2jp-5v3q");
        check("dsa-5532-1", "DSA-5532-1");
        for text in ["", "openssl", "CVE", "CVE 2024-3094", "pkg:", "pkg:npm", "pkg:npm/x@<"] {
            assert!(Question::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ranges() {
        let check = |purl: &str, version: &str, expected: Option<bool>| {
            let Ok(Question::Package { bounds, .. }) = Question::parse(purl) else { panic!("{purl}") };
            let holds = bounds.iter().map(|b| b.holds(VersionOrder::Npm, version)).collect::<Option<Vec<bool>>>();
            assert_eq!(holds.map(|all| all.iter().all(|holds| *holds)), expected, "{purl} {version}");
        };
        check("pkg:npm/lodash", "4.17.20", Some(true));
        check("pkg:npm/lodash@4.17.20", "4.17.20", Some(true));
        check("pkg:npm/lodash@4.17.20", "4.17.21", Some(false));
        check("pkg:npm/lodash@<4.17.21", "4.17.20", Some(true));
        check("pkg:npm/lodash@<4.17.21", "4.17.21", Some(false));
        check("pkg:npm/lodash@>=4.0.0,<=4.17.20", "4.17.20", Some(true));
        check("pkg:npm/lodash@>4.17.20", "4.17.20", Some(false));
        check("pkg:npm/%40types/node@>=20.0.0", "20.1.0", Some(true));
        check("pkg:npm/lodash@<4.17.21", "not a version", None);
    }
}
