//! Composer's order: the version is normalised as `Composer\Semver\VersionParser` does, then compared as PHP's
//! `version_compare` does. Refused: what the parser refuses, and branches (`dev-main`), which have no order.

use super::digits::{by_value, is_number, split_while};
use std::cmp::Ordering;

#[derive(Clone, Debug)]
pub(super) struct Composer(Vec<String>);

const SHAPE: &str = "it is neither numbers with a stability nor a date";

impl Composer {
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let text = stripped(text);
        if starts_with_dev(text) || matches!(text, "master" | "trunk" | "default") {
            return Err("it is a branch, and branches have no order");
        }
        let text = match text.split_once('+') {
            Some((version, build)) if !build.is_empty() && !version.is_empty() => version,
            _ => text,
        };
        let lower = text.to_ascii_lowercase();
        let body = lower.strip_prefix('v').unwrap_or(&lower);
        let normal = classical(body).or_else(|| dated(body)).or_else(|| numeric_branch(&lower)).ok_or(SHAPE)?;
        Ok(Self(normal))
    }
}

/// Without an alias and a stability flag.
fn stripped(text: &str) -> &str {
    let text = text.split_once(" as ").map_or(text, |(version, _)| version.trim_end());
    let flags = ["stable", "rc", "beta", "alpha", "dev"];
    match text.rsplit_once('@') {
        Some((version, flag)) if flags.iter().any(|f| flag.eq_ignore_ascii_case(f)) => version,
        _ => text,
    }
}

fn starts_with_dev(text: &str) -> bool {
    text.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("dev-"))
}

/// One to four numbers, the first of at most five digits; then a stability.
fn classical(text: &str) -> Option<Vec<String>> {
    let (first, mut rest) = split_while(text, |b| b.is_ascii_digit());
    if first.is_empty() || first.len() > 5 {
        return None;
    }
    let mut parts = vec![first.to_owned()];
    while parts.len() < 4 {
        let Some(after) = rest.strip_prefix('.') else { break };
        let (digits, after) = split_while(after, |b| b.is_ascii_digit());
        if digits.is_empty() {
            break;
        }
        parts.push(digits.to_owned());
        rest = after;
    }
    parts.resize(4, "0".to_owned());
    parts.extend(modifier(rest)?);
    Some(parts)
}

/// A date, perhaps with a time, as one to ten groups of digits; then a stability. The expression that Composer uses:
/// `\d{4}(?:[.:-]?\d{2}){1,6}(?:[.:-]?\d{1,3}){0,2}`, each group as long as it can be.
fn dated(text: &str) -> Option<Vec<String>> {
    let year = text.get(..4).filter(|y| is_number(y))?;
    candidates(&text[4..]).into_iter().find_map(|end| {
        let (date, rest) = text.split_at_checked(4 + end)?;
        let mut parts: Vec<String> = date.split(['.', ':', '-']).map(str::to_owned).collect();
        debug_assert!(date.starts_with(year));
        parts.extend(modifier(rest)?);
        Some(parts)
    })
}

/// Where the groups behind a year may end, in the order in which a greedy expression tries them.
fn candidates(text: &str) -> Vec<usize> {
    let group = |at: usize, most: usize| {
        let rest = text.get(at..)?;
        let skip = usize::from(rest.starts_with(['.', ':', '-']));
        let digits = rest.get(skip..)?.bytes().take(most).take_while(u8::is_ascii_digit).count();
        Some((skip, digits))
    };
    let mut pairs = vec![0];
    while pairs.len() <= 6 {
        let at = pairs[pairs.len() - 1];
        match group(at, 2) {
            Some((skip, 2)) => pairs.push(at + skip + 2),
            _ => break,
        }
    }
    let mut ends = Vec::new();
    for &at in pairs.iter().skip(1).rev() {
        extra(&group, at, 2, &mut ends);
    }
    ends
}

fn extra(group: &impl Fn(usize, usize) -> Option<(usize, usize)>, at: usize, left: u8, ends: &mut Vec<usize>) {
    if let Some((skip, most)) = group(at, 3).filter(|_| left > 0) {
        for digits in (1..=most).rev() {
            extra(group, at + skip + digits, left - 1, ends);
        }
    }
    ends.push(at);
}

/// `[._-]?(stable|beta|b|rc|alpha|a|patch|pl|p)([.-]?digits)*` and `[.-]?dev`, to the end, as parts to compare.
fn modifier(text: &str) -> Option<Vec<String>> {
    const WORDS: [(&str, &str); 9] = [
        ("stable", ""),
        ("beta", "beta"),
        ("b", "beta"),
        ("rc", "RC"),
        ("alpha", "alpha"),
        ("a", "alpha"),
        ("patch", "patch"),
        ("pl", "patch"),
        ("p", "patch"),
    ];
    let body = text.strip_prefix(['.', '_', '-']).unwrap_or(text);
    for (word, full) in WORDS {
        let Some(rest) = body.strip_prefix(word) else { continue };
        let (number, rest) = numbers(rest);
        if !is_dev(rest) {
            continue;
        }
        if full.is_empty() {
            return Some(Vec::new());
        }
        let mut parts = vec![full.to_owned()];
        parts.extend(
            number.trim_start_matches(['.', '-']).split(['.', '-']).filter(|p| !p.is_empty()).map(str::to_owned),
        );
        if !rest.is_empty() {
            parts.push("dev".to_owned());
        }
        return Some(parts);
    }
    let dev = |rest: &str| (!rest.is_empty() && is_dev(rest)).then(|| vec!["dev".to_owned()]);
    // A lone separator matches too: `1.0-` is `1.0`.
    if body.is_empty() { Some(Vec::new()) } else { dev(body).or_else(|| dev(text)) }
}

fn is_dev(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(['.', '-']).unwrap_or(text) == "dev"
}

/// `(?:[.-]?\d+)*`.
fn numbers(text: &str) -> (&str, &str) {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let skip = usize::from(rest.starts_with(['.', '-']));
        let digits = rest[skip..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return text.split_at(at);
        }
        at += skip + digits;
    }
}

/// `2.1.x-dev`: as new as its line can be.
fn numeric_branch(text: &str) -> Option<Vec<String>> {
    let body = text.strip_suffix("dev")?;
    let body = body.strip_suffix(['.', '-']).unwrap_or(body).trim();
    let body = body.strip_prefix('v').unwrap_or(body);
    let mut parts: Vec<String> = Vec::new();
    for (i, part) in body.split('.').enumerate() {
        let wild = i > 0 && matches!(part, "x" | "*");
        if i > 3 || !(wild || is_number(part)) {
            return None;
        }
        parts.push(if wild { "9999999".to_owned() } else { part.to_owned() });
    }
    parts.resize(4, "9999999".to_owned());
    parts.push("dev".to_owned());
    Some(parts)
}

pub(super) fn compare(a: &Composer, b: &Composer) -> Ordering {
    let (a, b) = (&a.0, &b.0);
    for (left, right) in a.iter().zip(b) {
        let order = match (is_number(left), is_number(right)) {
            (true, true) => by_value(left, right),
            (true, false) => form("#").cmp(&form(right)),
            (false, true) => form(left).cmp(&form("#")),
            (false, false) => form(left).cmp(&form(right)),
        };
        if order.is_ne() {
            return order;
        }
    }
    let rest = |longer: &[String]| match longer.first() {
        Some(part) if is_number(part) => Ordering::Greater,
        Some(part) => form(part).cmp(&form("#")),
        None => Ordering::Equal,
    };
    match a.len().cmp(&b.len()) {
        Ordering::Greater => rest(&a[b.len()..]),
        Ordering::Less => rest(&b[a.len()..]).reverse(),
        Ordering::Equal => Ordering::Equal,
    }
}

/// PHP's order of words; `#` stands for a number.
fn form(word: &str) -> i32 {
    const FORMS: [(&str, i32); 6] = [("dev", 0), ("alpha", 1), ("beta", 2), ("RC", 3), ("#", 4), ("p", 5)];
    FORMS.iter().find(|(name, _)| word.starts_with(name)).map_or(-1, |(_, rank)| *rank)
}
