//! What packages depend on here (deb-control(5)): for each dependency, the installed package that satisfies it.
//!
//! The first alternative that holds counts, a real package before one that only provides the name.

use super::record::{Record, is_name, is_version, word};
use super::version::compare;
use rustc_hash::FxHashMap;
use std::cmp::Ordering;

/// Packages of one name (or providing one) that are looked at; so many architectures there are not.
const CANDIDATES: usize = 16;

/// `name:arch (>= version)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Term<'a> {
    name: &'a str,
    architecture: Option<&'a str>,
    bound: Option<(Bound, &'a str)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Earlier,
    AtMost,
    Exactly,
    AtLeast,
    Later,
}

#[derive(Default)]
struct Names<'a> {
    real: FxHashMap<&'a str, Vec<usize>>,
    /// With the version that is provided, if one is.
    provided: FxHashMap<&'a str, Vec<(usize, Option<&'a str>)>>,
}

/// Names in all dependencies of an image, and again in all that is provided; beyond that they are not resolved.
pub(super) const NAMES: usize = 500_000;

/// For each record, the indices of what it depends on: ascending, each once, never itself. With it, whether there
/// were no more than [`NAMES`].
pub(super) fn resolve(records: &[&Record<'_>]) -> (Vec<Vec<usize>>, bool) {
    let (mut provided, mut needed) = (0, 0);
    let names = index(records, &mut provided);
    let mut of = |at: usize| {
        let fields = records[at].depends;
        let needs = fields.iter().flat_map(|field| field.split(|&b| b == b','));
        let needs = needs.take_while(|need| within_limit(&mut needed, 1 + need.iter().filter(|&&b| b == b'|').count()));
        let mut found: Vec<usize> = needs.filter_map(|need| satisfy(need, at, records, &names)).collect();
        found.sort_unstable();
        found.dedup();
        found.retain(|&index| index != at);
        found
    };
    let found = (0..records.len()).map(&mut of).collect();
    (found, provided.max(needed) <= NAMES)
}

/// Counts `more` names; `false` once there are too many.
fn within_limit(count: &mut usize, more: usize) -> bool {
    *count += more;
    *count <= NAMES
}

fn index<'a>(records: &[&Record<'a>], count: &mut usize) -> Names<'a> {
    let mut names = Names::default();
    for (at, record) in records.iter().enumerate() {
        let real = names.real.entry(record.name).or_default();
        if real.len() < CANDIDATES {
            real.push(at);
        }
        let provides = record.provides.split(|&b| b == b',').take_while(|_| within_limit(count, 1));
        for term in provides.filter_map(term) {
            let provided = names.provided.entry(term.name).or_default();
            if provided.len() < CANDIDATES {
                provided.push((at, term.bound.map(|(_, version)| version)));
            }
        }
    }
    names
}

/// The package that satisfies one of the alternatives of `need`.
fn satisfy(need: &[u8], by: usize, records: &[&Record<'_>], names: &Names<'_>) -> Option<usize> {
    need.split(|&b| b == b'|').filter_map(term).find_map(|term| {
        let real = names.real.get(term.name).into_iter().flatten().map(|&at| (at, Some(records[at].version)));
        let provided = names.provided.get(term.name).into_iter().flatten().copied();
        let holds = |(at, version): &(usize, Option<&str>)| {
            within(term.bound, *version) && fits(&term, records[by], records[*at])
        };
        real.filter(holds)
            .chain(provided.filter(holds))
            // The same architecture first, else what stands first.
            .min_by_key(|(at, _)| records[*at].architecture != records[by].architecture)
            .map(|(at, _)| at)
    })
}

fn fits(term: &Term<'_>, by: &Record<'_>, to: &Record<'_>) -> bool {
    match term.architecture {
        Some("any") => true,
        Some(arch) => arch == to.architecture,
        None => {
            to.architecture == by.architecture || to.is_foreign || to.architecture == "all" || by.architecture == "all"
        }
    }
}

fn within(bound: Option<(Bound, &str)>, version: Option<&str>) -> bool {
    let Some((bound, limit)) = bound else { return true };
    version.is_some_and(|version| {
        let order = compare(version, limit);
        match bound {
            Bound::Earlier => order == Ordering::Less,
            Bound::AtMost => order != Ordering::Greater,
            Bound::Exactly => order == Ordering::Equal,
            Bound::AtLeast => order != Ordering::Less,
            Bound::Later => order == Ordering::Greater,
        }
    })
}

fn term(text: &[u8]) -> Option<Term<'_>> {
    let text = text.trim_ascii();
    let end = text.iter().position(|b| b" \t\n(:[<".contains(b)).unwrap_or(text.len());
    let name = word(&text[..end], is_name)?;
    let mut rest = &text[end..];
    let mut architecture = None;
    if let Some(after) = rest.strip_prefix(b":") {
        let end = after.iter().position(|&b| !is_name(b)).unwrap_or(after.len());
        architecture = word(&after[..end], is_name);
        rest = &after[end..];
    }
    let Some(open) = rest.iter().position(|&b| b == b'(') else {
        return Some(Term { name, architecture, bound: None });
    };
    let close = rest.iter().position(|&b| b == b')').filter(|&close| close > open)?;
    Some(Term { name, architecture, bound: Some(bound(rest[open + 1..close].trim_ascii())?) })
}

fn bound(text: &[u8]) -> Option<(Bound, &str)> {
    let end = text.iter().position(|b| !b"<>=".contains(b))?;
    let bound = match &text[..end] {
        b"<<" => Bound::Earlier,
        b"<=" | b"<" => Bound::AtMost,
        b"=" => Bound::Exactly,
        b">=" | b">" => Bound::AtLeast,
        b">>" => Bound::Later,
        _ => return None,
    };
    Some((bound, word(text[end..].trim_ascii(), is_version)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::dpkg::deb822::paragraphs;

    /// `name -> name name` of every record that depends on something.
    fn check(text: &str, expected: &str) {
        let text = text.replace(';', "\n\n").replace(" / ", "\n");
        let read = |p| Record::read(&p, false).expect("a record");
        let records: Vec<Record<'_>> = paragraphs(text.as_bytes()).map(read).collect();
        let records: Vec<&Record<'_>> = records.iter().collect();
        let full = |at: usize| format!("{}:{}", records[at].name, records[at].architecture);
        let lines: Vec<String> = resolve(&records)
            .0
            .into_iter()
            .enumerate()
            .filter(|(_, needs)| !needs.is_empty())
            .map(|(at, needs)| format!("{} -> {}", full(at), needs.into_iter().map(full).collect::<Vec<_>>().join(" ")))
            .collect();
        assert_eq!(lines.join("; "), expected, "{text}");
    }

    fn package(name: &str, more: &str) -> String {
        format!("Package: {name} / Version: 1.0 / Architecture: amd64{more};")
    }

    #[test]
    fn names_versions_and_alternatives() {
        let two = package("b", "") + &package("c", "");
        let a = |depends: &str| package("a", &format!(" / Depends: {depends}")) + &two;
        check(&a("b, c (>= 0.9)"), "a:amd64 -> b:amd64 c:amd64");
        check(&a("b (>> 1.0) | c"), "a:amd64 -> c:amd64");
        check(&a("x | c:any | b"), "a:amd64 -> c:amd64");
        check(&a("b (= 1.0), b (<< 2), b (<= 1.0)"), "a:amd64 -> b:amd64");
        check(&a("missing, b (>= 2) , a"), "");
        check(&package("a", " / Pre-Depends: b / Depends: c"), "");
        check(&(package("a", " / Pre-Depends: b / Depends: c") + &two), "a:amd64 -> b:amd64 c:amd64");
    }

    /// dpkg configures a package only when its dependencies are there, so all of a real system's must be found.
    #[test]
    fn all_dependencies_of_a_real_system_are_satisfied() {
        let status = include_bytes!("../../../../../testdata/dpkg/sid-status");
        let records: Vec<Record<'_>> = paragraphs(status).map(|p| Record::read(&p, true).unwrap()).collect();
        let records: Vec<&Record<'_>> = records.iter().collect();
        let names = index(&records, &mut 0);
        let mut needs = 0;
        for (at, record) in records.iter().enumerate() {
            for need in record.depends.iter().flat_map(|f| f.split(|&b| b == b',')).filter(|n| !n.is_empty()) {
                needs += 1;
                assert!(satisfy(need, at, &records, &names).is_some(), "{}: {}", record.name, need.escape_ascii());
            }
        }
        assert_eq!(needs, 190);
    }

    #[test]
    fn provided_names() {
        let b = package("b", " / Provides: mta, awk (= 3)");
        check(&(package("a", " / Depends: mta") + &b), "a:amd64 -> b:amd64");
        check(&(package("a", " / Depends: mta (>= 1)") + &b), "");
        check(&(package("a", " / Depends: awk (>= 2)") + &b), "a:amd64 -> b:amd64");
        check(&(package("a", " / Depends: awk") + &b + &package("awk", "")), "a:amd64 -> awk:amd64");
    }

    #[test]
    fn architectures() {
        let libs = "Package: l / Version: 1 / Architecture: i386;Package: l / Version: 1 / Architecture: amd64;";
        check(&(package("a", " / Depends: l") + libs), "a:amd64 -> l:amd64");
        check(&(package("a", " / Depends: l:i386") + libs), "a:amd64 -> l:i386");
        let foreign = "Package: l / Version: 1 / Architecture: i386 / Multi-Arch: foreign;";
        check(&(package("a", " / Depends: l") + foreign), "a:amd64 -> l:i386");
        check(&(package("a", " / Depends: l") + "Package: l / Version: 1 / Architecture: i386;"), "");
    }

    #[test]
    fn nonsense() {
        let b = package("b", "");
        for depends in ["(", "b (", "b )(", "b (!! 1)", "b (= )", "|,|,,", "b\u{202e}", ":any", "<b>", "[b]"] {
            check(&(package("a", &format!(" / Depends: {depends}")) + &b), "");
        }
    }
}
