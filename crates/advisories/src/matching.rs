//! A package to the advisories whose ranges hold its version.
//!
//! A distribution's package is asked for by its release and its source package, any other by its ecosystem. Within a
//! world the most authoritative source decides about a vulnerability: where the distribution's own tracker says that a
//! package is fixed or not affected, no archive says otherwise. What cannot be judged is listed, never passed.

use crate::codec::{Cursor, Damage};
use crate::index::Index;
use crate::spans::{End, Span};
use crate::statement::{Entry, Statement};
use crate::{enrichment::Enrichment, rating};
use model::{Version, VersionOrder};
use std::collections::BTreeMap;

/// A package to ask about, in one world.
#[derive(Clone, Copy, Debug)]
pub struct Query<'q> {
    /// The world's key: `Debian:12`, `PyPI`.
    pub world: &'q str,
    /// The name in that world, folded as the world folds it.
    pub name: &'q str,
    /// The version.
    pub version: &'q str,
    /// How versions compare.
    pub order: VersionOrder,
    /// The module stream of a modular rpm: `nodejs:20`; empty for all else.
    pub module: &'q str,
}

/// One statement that holds for a package, and by what.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit<'s> {
    /// The statement.
    pub statement: Statement<'s>,
    /// What it says of the package.
    pub entry: Entry<'s>,
    /// What holds the version.
    pub how: How<'s>,
}

/// What holds a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How<'s> {
    /// A span.
    Span(Span<'s>),
    /// It is listed by itself.
    Listed(&'s str),
}

/// A statement about a package that could not be judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unjudged {
    /// The statement's id; empty where the package's own version is the trouble.
    pub id: String,
    /// Why.
    pub why: String,
}

/// What the index says of one package in one world.
#[derive(Clone, Debug, Default)]
pub struct Answer<'s> {
    /// The statements that hold.
    pub hits: Vec<Hit<'s>>,
    /// What could not be judged.
    pub unjudged: Vec<Unjudged>,
}

/// How an entry stands to a version.
enum Verdict {
    Out,
    In,
    Unreadable,
    NotAffected,
    Undetermined,
}

/// The key under which a package lies.
pub fn key(world: &str, name: &str) -> Vec<u8> {
    [world.as_bytes(), b"\0", name.as_bytes()].concat()
}

/// Asks the index about one package. `key` is that of [`key`], so that a caller who asks often may keep it.
pub fn ask<'s>(index: &Index<'s>, key: &[u8], query: &Query<'_>) -> Result<Answer<'s>, Damage> {
    let version = Version::parse(query.order, query.version);
    let mut answer = Answer::default();
    let mut words: Vec<Statement<'s>> = Vec::new();
    let mut entries = 0_usize;
    index.entries(key, |segment, number, cursor| {
        entries += 1;
        let statement = || index.segments()[segment].statement(number);
        let start = *cursor;
        match test(cursor, version.as_ref().ok(), query)? {
            Verdict::Out => {
                // The distribution's own word that this version is out of it may overrule others.
                if authority(Statement::head(&mut index.segments()[segment].statement_bytes(number)?)?.0) > 0 {
                    words.push(statement()?);
                }
            }
            Verdict::NotAffected => words.push(statement()?),
            Verdict::In => {
                let entry = Entry::get(&mut { start })?;
                let how = how(&entry, version.as_ref().ok(), query.version);
                answer.hits.extend(how.map(|how| Ok(Hit { statement: statement()?, entry, how })).transpose()?);
            }
            Verdict::Unreadable => {
                let entry = Entry::get(&mut { start })?;
                answer.unjudged.push(unreadable(&statement()?, &entry, query, version.is_err()));
            }
            Verdict::Undetermined => answer.unjudged.push(Unjudged {
                id: statement()?.id.to_owned(),
                why: "its source has not determined yet whether it is affected".to_owned(),
            }),
        }
        Ok(())
    })?;
    overrule(&mut answer.hits, &words);
    answer.unjudged.sort();
    answer.unjudged.dedup();
    Ok(answer)
}

/// Whose word wins within a world: a distribution's own tracker over an archive's copy.
fn authority(source: &str) -> u8 {
    u8::from(matches!(source, crate::feeds::debian::SOURCE | crate::feeds::secdb::SOURCE))
}

/// Takes out what a more authoritative statement about the same vulnerability does not hold.
fn overrule(hits: &mut Vec<Hit<'_>>, words: &[Statement<'_>]) {
    if words.is_empty() || hits.is_empty() {
        return;
    }
    let cleared: Vec<&str> = words.iter().flat_map(Statement::vulnerabilities).collect();
    hits.retain(|hit| {
        authority(hit.statement.source) > 0 || !hit.statement.vulnerabilities().iter().all(|v| cleared.contains(v))
    });
}

/// Reads as much of an entry as is needed to know whether it holds the version. Nothing is allocated.
#[inline]
fn test(cursor: &mut Cursor<'_>, version: Option<&Version<'_>>, query: &Query<'_>) -> Result<Verdict, Damage> {
    let head = cursor.number()?;
    match head & 3 {
        0 => {}
        1 => return Ok(Verdict::NotAffected),
        2 => return Ok(Verdict::Undetermined),
        _ => return Err(cursor.damage()),
    }
    let mut verdict = Verdict::Out;
    for _ in 0..cursor.count()? {
        let span = Span::get(cursor)?;
        match version.map(|v| span.holds(v)) {
            Some(Some(true)) => verdict = Verdict::In,
            Some(Some(false)) => {}
            // An open span holds every version, also one that nobody can read.
            None if span.from.is_none() && span.end == End::Open => verdict = Verdict::In,
            None | Some(None) => verdict = if matches!(verdict, Verdict::In) { verdict } else { Verdict::Unreadable },
        }
    }
    for _ in 0..cursor.count()? {
        let listed = cursor.text()?;
        if !matches!(verdict, Verdict::In) && is_same(listed, version, query.version) {
            verdict = Verdict::In;
        }
    }
    let word = |bit: u32| head >> (2 + bit) & 1 == 1;
    if !word(3) && !word(4) {
        return Ok(verdict);
    }
    // A module or an unreadable bound: read on.
    for bit in 0..3 {
        if word(bit) {
            cursor.text()?;
        }
    }
    let module = if word(3) { cursor.text()? } else { "" };
    if !module.is_empty() && !is_of_module(query, module) {
        return Ok(Verdict::Out);
    }
    Ok(if word(4) && !matches!(verdict, Verdict::In) { Verdict::Unreadable } else { verdict })
}

/// A statement about a module stream holds only for packages of that stream.
fn is_of_module(query: &Query<'_>, module: &str) -> bool {
    query.module == module || query.module.strip_prefix(module).is_some_and(|rest| rest.starts_with(':'))
}

fn is_same(listed: &str, version: Option<&Version<'_>>, text: &str) -> bool {
    listed == text
        || version.is_some_and(|v| {
            Version::parse(v.order(), listed).ok().and_then(|l| v.compare(&l)).is_some_and(|o| o.is_eq())
        })
}

fn how<'s>(entry: &Entry<'s>, version: Option<&Version<'_>>, text: &str) -> Option<How<'s>> {
    let holds = |span: &&Span<'s>| match version {
        Some(version) => span.holds(version) == Some(true),
        None => span.from.is_none() && span.end == End::Open,
    };
    let span = entry.spans.iter().find(holds).map(|s| How::Span(*s));
    span.or_else(|| entry.versions.iter().find(|l| is_same(l, version, text)).map(|l| How::Listed(l)))
}

fn unreadable(statement: &Statement<'_>, entry: &Entry<'_>, query: &Query<'_>, own: bool) -> Unjudged {
    let order = query.order.word();
    if own {
        let why = format!("its version `{}` is none of the order {order}", model::escaped(query.version));
        return Unjudged { id: String::new(), why };
    }
    let bound = if entry.unreadable.is_empty() { "a bound" } else { entry.unreadable };
    let why = format!("`{}` in its range is no version of the order {order}", model::escaped(bound));
    Unjudged { id: statement.id.to_owned(), why }
}

/// A vulnerability of one package: every statement about it, and what follows from them.
#[derive(Clone, Debug, PartialEq)]
pub struct Vulnerability {
    /// Its number in the common list, else its best-known name.
    pub id: String,
    /// Its other names, sorted.
    pub aliases: Vec<String>,
    /// One line about it.
    pub summary: String,
    /// The lowest version without it, as far as one is stated.
    pub fix: Option<String>,
    /// Why there is no fix, in the source's word: `postponed`, `ignored`.
    pub note: String,
    /// How bad it is.
    pub rating: rating::Rating,
    /// Whether it is exploited, and how likely that is.
    pub known: Option<crate::enrichment::Facts>,
    /// The day it was first published, as far as any statement says; seconds since 1970, or 0.
    pub published: i64,
    /// The day on which the fix was announced; seconds since 1970, or 0 where nobody dates it. Only what is itself the
    /// announcement of a fix dates one: the day on which a hole got its number is earlier than any fix.
    pub announced: i64,
    /// What each source says.
    pub said: Vec<Said>,
}

/// What one source says of a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// The source.
    pub source: String,
    /// The statement's id there.
    pub id: String,
    /// The span or version that holds: `< 1.2.3`, `>= 1.0, < 1.2.3`, `= 1.1`.
    pub range: String,
    /// The repository it holds for, where a distribution has several.
    pub repository: String,
}

/// Joins hits into vulnerabilities, rates and enriches them. Sorted by the risk order: exploited ones first, then by
/// severity, then by probability of exploitation, then by name; the unrated stand between high and medium.
pub fn join(
    index: &Index<'_>,
    enrichment: &Enrichment<'_>,
    world: &str,
    order: VersionOrder,
    hits: &[Hit<'_>],
) -> Result<Vec<Vulnerability>, Damage> {
    let mut groups: BTreeMap<&str, Vec<&Hit<'_>>> = BTreeMap::new();
    for hit in hits {
        hit.statement.vulnerabilities().into_iter().for_each(|v| groups.entry(v).or_default().push(hit));
    }
    let one = |(id, hits): (&str, Vec<&Hit<'_>>)| vulnerability(index, enrichment, world, order, id, &hits);
    let mut all: Vec<Vulnerability> = groups.into_iter().map(one).collect::<Result<_, _>>()?;
    all.sort_by(|a, b| {
        risk(b).partial_cmp(&risk(a)).unwrap_or(std::cmp::Ordering::Equal).then_with(|| a.id.cmp(&b.id))
    });
    Ok(all)
}

/// Higher is worse.
pub fn risk(v: &Vulnerability) -> (bool, f32, f32) {
    let exploited = v.known.as_ref().is_some_and(|k| k.exploited_since.is_some());
    // Between medium (2) and high (3).
    let severity = v.rating.severity.map_or(2.5, |s| f32::from(s as u8));
    (exploited, severity, v.known.as_ref().and_then(|k| k.epss).unwrap_or(0.0))
}

fn vulnerability(
    index: &Index<'_>,
    enrichment: &Enrichment<'_>,
    world: &str,
    order: VersionOrder,
    id: &str,
    hits: &[&Hit<'_>],
) -> Result<Vulnerability, Damage> {
    let mut named = index.named(id)?;
    // A distribution's advisory is about several; what it says of names and scores is of all of them.
    named.retain(|s| s.vulnerabilities().len() == 1);
    let mut aliases: Vec<String> =
        named.iter().flat_map(|s| s.names().collect::<Vec<_>>()).map(str::to_owned).collect();
    aliases.extend(hits.iter().map(|h| h.statement.id.to_owned()));
    aliases.retain(|name| name != id);
    aliases.sort();
    aliases.dedup();
    let who = world.split(':').next().unwrap_or_default();
    let own: Vec<(&str, &str)> = hits.iter().map(|h| (who, h.entry.urgency)).filter(|(_, u)| !u.is_empty()).collect();
    let mut said: Vec<Said> = hits.iter().map(|h| said(h)).collect();
    said.sort();
    said.dedup();
    let texts = hits.iter().map(|h| h.statement.summary).chain(named.iter().map(|s| s.summary));
    let published = hits.iter().map(|h| h.statement.published).chain(named.iter().map(|s| s.published));
    let fix = fix(order, hits);
    Ok(Vulnerability {
        id: id.to_owned(),
        aliases,
        summary: texts.filter(|t| !t.is_empty()).max_by_key(|t| t.len()).unwrap_or_default().to_owned(),
        announced: fix.as_deref().map_or(0, |fix| announced(fix, hits)),
        fix,
        note: hits.iter().map(|h| h.entry.note).find(|n| !n.is_empty()).unwrap_or_default().to_owned(),
        rating: rating::rate(&own, &named),
        known: enrichment.get(id),
        published: published.filter(|p| *p > 0).min().unwrap_or(0),
        said,
    })
}

/// The version that is past every span that holds, if each of them ends with a fix.
fn fix(order: VersionOrder, hits: &[&Hit<'_>]) -> Option<String> {
    let most = hits.iter().map(|h| authority(h.statement.source)).max()?;
    let mut best: Option<&str> = None;
    for hit in hits.iter().filter(|h| authority(h.statement.source) == most) {
        let How::Span(Span { end: End::Fixed(fixed), .. }) = hit.how else { continue };
        let later = |best: &str| {
            let (a, b) = (Version::parse(order, fixed).ok()?, Version::parse(order, best).ok()?);
            Some(a.compare(&b)?.is_gt())
        };
        if best.is_none_or(|best| later(best) == Some(true)) {
            best = Some(fixed);
        }
    }
    best.map(str::to_owned)
}

/// Statements by those who publish a fix on the day that they publish it, by their ids.
const ANNOUNCEMENTS: [&str; 13] = [
    "DSA-",
    "DLA-",
    "USN-",
    "RHSA-",
    "RHBA-",
    "ALSA-",
    "RLSA-",
    "ELSA-",
    "SUSE-SU-",
    "openSUSE-SU-",
    "GHSA-",
    "RUSTSEC-",
    "GO-",
];

/// The first day on which an announcement names this fix; 0 if none that is dated does.
fn announced(fix: &str, hits: &[&Hit<'_>]) -> i64 {
    let names_it =
        |hit: &&&Hit<'_>| matches!(hit.how, How::Span(Span { end: End::Fixed(fixed), .. }) if *fixed == *fix);
    let dated = hits.iter().filter(names_it).map(|hit| &hit.statement);
    let days = dated.filter(|s| ANNOUNCEMENTS.iter().any(|prefix| s.id.starts_with(prefix))).map(|s| s.published);
    days.filter(|day| *day > 0).min().unwrap_or(0)
}

fn said(hit: &Hit<'_>) -> Said {
    let range = match hit.how {
        How::Listed(version) => format!("= {version}"),
        How::Span(span) => {
            let from = span.from.map(|v| format!(">= {v}"));
            let to = match span.end {
                End::Open => None,
                End::Fixed(v) | End::Limit(v) => Some(format!("< {v}")),
                End::Last(v) => Some(format!("<= {v}")),
            };
            let both: Vec<String> = from.into_iter().chain(to).collect();
            if both.is_empty() { "every version".to_owned() } else { both.join(", ") }
        }
    };
    Said {
        source: hit.statement.source.to_owned(),
        id: hit.statement.id.to_owned(),
        range,
        repository: hit.entry.repository.to_owned(),
    }
}
