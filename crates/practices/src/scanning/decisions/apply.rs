//! Decisions over what a scan found: who decides about what, and what became of each decision.

use super::{Decision, Decisions, PackagePattern};
use advisories::scan::{self, Scan};
use jiff::civil::Date;
use model::{Package, PurlParts, Reference, Ruling, Version, VersionOrder};

/// What decisions say of one scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// By finding of the scan, in its order.
    pub found: Vec<Found>,
    /// By decision, in the file's order.
    pub states: Vec<State>,
}

/// What decisions say of one finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The decision in force.
    pub ruling: Option<Ruling>,
    /// Without one: a decision that selects it and is not in force, and why it is not.
    pub lapsed: Option<String>,
}

/// What became of a decision; of several targets the last in this order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Its image pattern fits none of the targets, so nothing can be said of it.
    Elsewhere,
    /// It is in force and selects nothing.
    Unused,
    /// Its day has not come.
    NotYet,
    /// It is in force, and earlier ones decide all that it selects.
    Shadowed,
    /// It decides something.
    Used,
    /// It has ended, for all or for a part of what it selects.
    Expired,
}

impl State {
    /// The report's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Elsewhere => "elsewhere",
            Self::Unused => "unused",
            Self::NotYet => "not_yet",
            Self::Shadowed => "shadowed",
            Self::Expired => "expired",
            Self::Used => "used",
        }
    }

    /// What it means, for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Elsewhere => "it is about other images",
            Self::Unused => "nothing that was found is what it selects",
            Self::NotYet => "its date is in the future",
            Self::Shadowed => "earlier decisions decide all that it selects",
            Self::Expired => "it has ended, and decides nothing any more",
            Self::Used => "it is in force",
        }
    }
}

/// Applies decisions to what was found of an image on a day.
pub fn decide(
    decisions: &Decisions,
    scan: &Scan,
    packages: &[Package],
    target: &str,
    reference: Option<&Reference>,
    today: Date,
) -> Decided {
    let name = reference.map(|r| r.name());
    let about = |decision: &Decision| {
        let image = decision.selector.image.as_ref();
        image.is_none_or(|i| i.is_match(target) || name.as_ref().is_some_and(|n| i.is_match(n)))
    };
    let of_image: Vec<bool> = decisions.all.iter().map(about).collect();
    let start = |(decision, here): (&Decision, &bool)| match here {
        false => State::Elsewhere,
        true if decision.date > today => State::NotYet,
        true if decision.until.is_some_and(|until| until < today) => State::Expired,
        true => State::Unused,
    };
    let mut states: Vec<State> = decisions.all.iter().zip(&of_image).map(start).collect();
    let mut found = Vec::with_capacity(scan.found.len());
    for one in &scan.found {
        let package = packages.get(one.package as usize);
        let mut said = Found::default();
        for (at, decision) in decisions.all.iter().enumerate().filter(|(at, _)| of_image[*at]) {
            if !package.is_some_and(|package| selects(decision, one, package)) {
                continue;
            }
            match package.and_then(|package| lapse(decision, one, package, today)) {
                Some((state, why)) => {
                    states[at] = states[at].max(state);
                    said.lapsed.get_or_insert_with(|| told(decision, decisions, &why));
                }
                None if said.ruling.is_some() => states[at] = states[at].max(State::Shadowed),
                None => {
                    states[at] = states[at].max(State::Used);
                    said.ruling = Some(ruling(decision, decisions));
                }
            }
        }
        if said.ruling.is_some() {
            said.lapsed = None;
        }
        found.push(said);
    }
    Decided { found, states }
}

fn ruling(decision: &Decision, decisions: &Decisions) -> Ruling {
    Ruling {
        status: decision.status,
        justification: decision.justification,
        reason: decision.reason.clone(),
        owner: decision.owner.clone(),
        made: decision.date.to_string(),
        ends: decision.ends(),
        file: decisions.file.clone(),
        line: decision.line,
    }
}

fn told(decision: &Decision, decisions: &Decisions, why: &str) -> String {
    let (file, owner) = (model::escaped(&decisions.file), model::escaped(&decision.owner));
    format!("a decision by {owner} on {} does not hold: {why} [{file}:{}]", decision.date, decision.line)
}

fn selects(decision: &Decision, found: &scan::Found, package: &Package) -> bool {
    let selector = &decision.selector;
    let (id, aliases) = (&found.vulnerability.id, &found.vulnerability.aliases);
    let named = |wanted: &String| std::iter::once(id).chain(aliases).any(|name| name.eq_ignore_ascii_case(wanted));
    // A package that lies in several places is decided about only if each of them is meant.
    let lies = |path: &globset::GlobMatcher| {
        !package.evidence.is_empty()
            && package.evidence.iter().all(|e| path.is_match(e.path.to_string().trim_start_matches('/')))
    };
    selector.vulnerabilities.iter().any(named)
        && selector.package.as_ref().is_none_or(|pattern| is_meant(pattern, found, package))
        && selector.path.as_ref().is_none_or(lies)
}

fn is_meant(pattern: &PackagePattern, found: &scan::Found, package: &Package) -> bool {
    match pattern {
        PackagePattern::Name(name) => *name == package.name || *name == found.by.0,
        PackagePattern::Purl(wanted) => fits(wanted, &package.purl.parts()),
    }
}

fn fits(wanted: &PurlParts, own: &PurlParts) -> bool {
    let open = |wanted: &str, own: &str| wanted.is_empty() || wanted == own;
    (&wanted.kind, &wanted.namespace, &wanted.name) == (&own.kind, &own.namespace, &own.name)
        && open(&wanted.version, &own.version)
        && open(&wanted.subpath, &own.subpath)
        && wanted.qualifiers.iter().all(|(key, value)| own.qualifiers.get(key) == Some(value))
}

/// Why a decision is not in force for a finding; `None` if it is.
fn lapse(decision: &Decision, found: &scan::Found, package: &Package, today: Date) -> Option<(State, String)> {
    if decision.date > today {
        return Some((State::NotYet, "it is dated in the future".to_owned()));
    }
    if let Some(until) = decision.until.filter(|until| *until < today) {
        return Some((State::Expired, format!("it ended on {until}")));
    }
    let fixed = decision.fixed_in.as_ref()?;
    let order = VersionOrder::of(package.ecosystem);
    let shown = model::escaped(fixed);
    match compared(order, &found.by.1, fixed) {
        Some(std::cmp::Ordering::Less) => None,
        Some(_) => Some((State::Expired, format!("it ended with version {shown}"))),
        None => Some((State::Expired, format!("whether version {shown} is reached cannot be told"))),
    }
}

fn compared(order: VersionOrder, own: &str, fixed: &str) -> Option<std::cmp::Ordering> {
    Version::parse(order, own).ok()?.compare(&Version::parse(order, fixed).ok()?)
}
