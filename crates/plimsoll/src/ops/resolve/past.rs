//! What the ledger adds to an answer: whether a tag ever named a digest, what it named at a time, how old a digest is.
//!
//! An age has three sources, and says which it has: the ledger's own first sight (the digest is at least that old),
//! the date that the registry states, and the date that the image states of itself, which its maker chose freely.

use super::{Agreement, Resolution, Resolver, Standing, Statement};
use crate::failure::Failure;
use crate::ops::{Sight, record};
use jiff::{SignedDuration, Timestamp};
use ledger::Ledger;
use model::oci::{Document, Manifest};
use model::{Digest, Platform, Reference};
use transport::{Sighting, Stated, Vantage};

/// The annotation by which images state when they were made.
const CREATED: &str = "org.opencontainers.image.created";

/// How old a digest is, at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Age {
    /// Since when it is known or said to be there.
    pub(crate) since: Timestamp,
    /// Who says so.
    pub(crate) source: AgeSource,
    /// Whether the ledger saw the tag name another digest before, so that this one is new under it.
    pub(crate) arrived: bool,
}

/// Where a date comes from, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AgeSource {
    Ledger,
    Registry,
    Image,
}

/// What came of asking for an age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AgeVerdict {
    /// As old as was asked for, and not by the image's own word alone.
    Old,
    /// Younger, or not known to be older.
    Young,
    /// Only the image itself says that it is old, or nobody says anything.
    Unknown,
}

impl AgeSource {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Registry => "registry",
            Self::Image => "image",
        }
    }

    fn standing(self) -> Standing {
        match self {
            Self::Ledger => Standing::Proved,
            Self::Registry => Standing::Claimed,
            Self::Image => Standing::Weak,
        }
    }

    fn why(self) -> &'static str {
        match self {
            Self::Ledger => "the ledger saw it first then",
            Self::Registry => "the registry's `Last-Modified` says so",
            Self::Image => "the image says so of itself, and whoever made it chose the date",
        }
    }
}

/// Writes what was seen into the ledger; gives the number of references that were looked at.
pub(crate) fn remember(
    ledger: &Ledger,
    answers: &[Result<Resolution, Failure>],
    now: Timestamp,
) -> Result<usize, Failure> {
    let fresh: Vec<&Resolution> = answers.iter().flatten().filter(|found| found.past.is_none()).collect();
    let seen: Vec<(Reference, &Sighting)> = fresh.iter().flat_map(|found| seen(found)).collect();
    let sights: Vec<Sight<'_>> = seen
        .iter()
        .map(|(reference, sighting)| Sight {
            reference,
            digest: sighting.digest,
            raw: sighting.raw(),
            stated_type: sighting.stated.media_type.as_deref(),
            vantage: vantage(sighting),
        })
        .collect();
    record(ledger, &sights, now)?;
    Ok(fresh.len())
}

/// What was looked at, and what was there. A tag beside a digest was looked at as well: if it agrees, it is what is
/// remembered, and if it has moved, what it names now is remembered too.
fn seen(found: &Resolution) -> Vec<(Reference, &Sighting)> {
    let tagged = || found.reference.as_typed().split('@').next().unwrap_or_default().parse::<Reference>();
    let asked = match (&found.agreement, tagged()) {
        (Some(Agreement::Same), Ok(tagged)) => tagged,
        _ => found.reference.clone(),
    };
    let beside = found.beside.as_ref().and_then(|sighting| Some((tagged().ok()?, sighting)));
    [(asked, &found.sighting)].into_iter().chain(beside).collect()
}

fn vantage(sighting: &Sighting) -> ledger::Vantage {
    match &sighting.vantage {
        Vantage::Mirror(host) => ledger::Vantage::Mirror(host.clone()),
        Vantage::Direct => ledger::Vantage::Direct,
    }
}

/// Whether a tag that does not name its digest now ever did, as far as the ledger saw.
pub(crate) fn ever(ledger: &Ledger, found: &Resolution) -> Result<Option<Statement>, Failure> {
    let (Some(Agreement::Moved(_) | Agreement::Gone), Some(tag)) = (&found.agreement, found.reference.tag()) else {
        return Ok(None);
    };
    let seen = ledger.first_seen(&found.reference.name(), Some(tag), &found.digest())?;
    Ok(Some(match seen {
        Some(entry) => {
            let (first, last) = (entry.observation.seen, entry.last());
            let what = format!("tag `{tag}` named {} once", found.digest());
            Statement::new(Standing::Proved, what, format!("the ledger saw it from {first} to {last}"))
        }
        None => {
            let what = format!("tag `{tag}` ever named {}", found.digest());
            Statement::new(Standing::NotChecked, what, "the ledger never saw it, which proves nothing")
        }
    }))
}

/// What a tag named at `time`, from the ledger alone; `None` if it does not know.
pub(crate) fn as_of(ledger: &Ledger, reference: &Reference, time: Timestamp) -> Result<Option<Resolution>, Failure> {
    let tag = reference.tag().unwrap_or("latest");
    let Some(known) = ledger.as_of(&reference.name(), tag, time)? else { return Ok(None) };
    let Some(digest) = known.entry.observation.digest().copied() else { return Ok(None) };
    let Some(raw) = ledger.document(&digest)? else { return Ok(None) };
    let Ok(document) = Document::parse(&raw, None) else { return Ok(None) };
    let vantage = match &known.entry.observation.vantage {
        ledger::Vantage::Mirror(host) | ledger::Vantage::Cache(host) => Vantage::Mirror(host.clone()),
        _ => Vantage::Direct,
    };
    let standing = if known.certain { Standing::Proved } else { Standing::Claimed };
    let (first, last) = (known.entry.observation.seen, known.last);
    let why = if known.certain {
        format!("the ledger's chain has it from {first} to {}", known.sealed)
    } else if time <= last {
        let sealed = known.sealed;
        format!(
            "the ledger's chain has it until {sealed}; that it was seen again until {last} is a note beside the chain"
        )
    } else {
        format!("the ledger saw it from {first} to {last}, and nobody looked between then and that time")
    };
    let what = format!("tag `{tag}` named {digest} at {time}");
    let sighting = Sighting { document, digest, stated: Stated::default(), vantage, passed_over: Vec::new() };
    Ok(Some(Resolution {
        reference: reference.clone(),
        sighting,
        chosen: None,
        agreement: None,
        beside: None,
        seen: last,
        statements: vec![Statement::new(standing, what, why)],
        past: Some(time),
        age: None,
    }))
}

impl Resolver {
    /// How old the answer is: by the ledger if it knows it to be older than `enough`, else by the registry's word,
    /// else by the image's; of those that do not reach `enough`, the oldest.
    pub(crate) fn age(
        &self,
        ledger: Option<&Ledger>,
        found: &Resolution,
        enough: Timestamp,
    ) -> Result<Option<Age>, Failure> {
        let first = ledger.map(|ledger| first_sight(ledger, found)).transpose()?.flatten();
        let dated = |source| move |since| Age { since, source, arrived: false };
        let stated = found.sighting.stated.modified.map(dated(AgeSource::Registry));
        let mut known: Vec<Age> = first.into_iter().chain(stated).collect();
        if !known.iter().any(|age| age.since <= enough) {
            let created = self.created(found);
            known.extend(created.map(dated(AgeSource::Image)));
        }
        let reaches = known.iter().find(|age| age.since <= enough);
        Ok(reaches.or(known.iter().min_by_key(|age| age.since)).copied())
    }

    /// When the image says that it was made. One of several is enough: they are made together, or say nothing.
    fn created(&self, found: &Resolution) -> Option<Timestamp> {
        let date = |text: Option<&String>| text.and_then(|text| text.parse::<Timestamp>().ok());
        let of_manifest = |manifest: &Manifest| {
            date(manifest.annotations.get(CREATED)).or_else(|| {
                let config = self.client.config_of(&found.reference, manifest).ok()?;
                date(config.created.as_ref())
            })
        };
        match &found.sighting.document {
            Document::Manifest(manifest) => of_manifest(manifest),
            Document::Index(index) => date(index.annotations.get(CREATED)).or_else(|| {
                let platform = index.images().find_map(|child| child.platform.clone());
                let platform = platform.unwrap_or_else(Platform::of_this_machine);
                let chosen = self.client.choose(&found.reference, &found.sighting.document, &platform).ok()?;
                let seen = self.client.sight(&found.reference, &chosen.descriptor.digest.to_string()).ok()?;
                match &seen.document {
                    Document::Manifest(manifest) => of_manifest(manifest),
                    Document::Index(_) => None,
                }
            }),
        }
    }
}

/// Since when the ledger knows the digest, and whether the tag named another before.
fn first_sight(ledger: &Ledger, found: &Resolution) -> Result<Option<Age>, Failure> {
    let name = found.reference.name();
    let Some(entry) = ledger.first_seen(&name, None, &found.digest())? else { return Ok(None) };
    let since = entry.observation.seen;
    let before = ledger.history(&name, found.reference.tag().unwrap_or("latest"))?;
    let arrived = before.iter().any(|row| row.observation.seen < since && row.observation.digest().is_some());
    Ok(Some(Age { since, source: AgeSource::Ledger, arrived }))
}

/// Holds an age against the one that was asked for.
pub(crate) fn judge(
    digest: Digest,
    age: Option<Age>,
    least: SignedDuration,
    now: Timestamp,
) -> (AgeVerdict, Statement) {
    let what = format!("{digest} has been there for {}", words(least));
    let Some(age) = age else {
        let why = "neither the ledger, nor the registry, nor the image tells a date";
        return (AgeVerdict::Unknown, Statement::new(Standing::NotChecked, what, why));
    };
    let old = now.duration_since(age.since) >= least;
    let why = format!("since {:.0}: {}", age.since, age.source.why());
    match (old, age.source) {
        (true, AgeSource::Image) => (AgeVerdict::Unknown, Statement::new(Standing::Weak, what, why)),
        (true, source) => (AgeVerdict::Old, Statement::new(source.standing(), what, why)),
        (false, AgeSource::Ledger) if !age.arrived => {
            let why = format!("it is known {why}, and nothing tells whether it is older");
            (AgeVerdict::Unknown, Statement::new(Standing::NotChecked, what, why))
        }
        (false, source) => {
            let before = if source == AgeSource::Ledger { ", and the tag named another before" } else { "" };
            let why = format!("it is known {why}{before}; wait, or pin the digest that was there before");
            (AgeVerdict::Young, Statement::new(Standing::Refuted, what, why))
        }
    }
}

/// `7d`, `36h`: the largest unit that says it exactly.
fn words(time: SignedDuration) -> String {
    let seconds = time.as_secs();
    let units = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let (unit, name) = units.into_iter().find(|(unit, _)| seconds % unit == 0).unwrap_or((1, "s"));
    format!("{}{name}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_as_good_as_its_source() {
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        let week = SignedDuration::from_hours(7 * 24);
        let check = |days: i64, source: Option<AgeSource>, arrived: bool, expected: &str| {
            let since = now - SignedDuration::from_hours(24 * days);
            let age = source.map(|source| Age { since, source, arrived });
            let (verdict, statement) = judge(Digest::of(b""), age, week, now);
            assert_eq!(format!("{verdict:?} {}", statement.standing.word()), expected, "{source:?} {days}");
        };
        use AgeSource::{Image, Ledger, Registry};
        check(7, Some(Ledger), false, "Old proved");
        check(7, Some(Registry), false, "Old claimed");
        check(7, Some(Image), false, "Unknown weak");
        check(6, Some(Ledger), false, "Unknown not checked");
        check(6, Some(Ledger), true, "Young refuted");
        check(6, Some(Registry), false, "Young refuted");
        check(6, Some(Image), false, "Young refuted");
        check(-1, Some(Registry), false, "Young refuted");
        check(0, None, false, "Unknown not checked");
    }

    #[test]
    fn durations_in_words() {
        let check = |seconds, expected: &str| assert_eq!(words(SignedDuration::from_secs(seconds)), expected);
        check(7 * 86_400, "7d");
        check(36 * 3600, "36h");
        check(90, "90s");
        check(120, "2m");
    }
}
