//! Python's order: PEP 440, by the crate that `uv` uses. Texts from before it (`2004d`, `1.0-rc-final`) are ordered as
//! setuptools did until 2022, among themselves and before every valid version. Refused: an empty text.

use std::cmp::Ordering;
use std::str::FromStr;

#[derive(Clone, Debug)]
pub(super) enum Python {
    Legacy(Vec<String>),
    Valid(pep440_rs::Version),
}

impl Python {
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Err("it is empty");
        }
        Ok(pep440_rs::Version::from_str(text).map_or_else(|_| Self::Legacy(legacy(text)), Self::Valid))
    }
}

pub(super) fn compare(a: &Python, b: &Python) -> Ordering {
    match (a, b) {
        (Python::Valid(a), Python::Valid(b)) => a.cmp(b),
        (Python::Legacy(a), Python::Legacy(b)) => a.cmp(b),
        (Python::Legacy(_), Python::Valid(_)) => Ordering::Less,
        (Python::Valid(_), Python::Legacy(_)) => Ordering::Greater,
    }
}

/// The key that setuptools sorted by: words are marked with `*`, numbers padded to eight digits, and a word that comes
/// before `*final` takes away the dashes and zeros before it.
fn legacy(text: &str) -> Vec<String> {
    let mut key: Vec<String> = Vec::new();
    for part in parts(&text.to_lowercase()).into_iter().map(replaced).chain(["final".to_owned()]) {
        if part.is_empty() || part == "." {
            continue;
        }
        if part.starts_with(|c: char| c.is_ascii_digit()) {
            key.push(format!("{part:0>8}"));
            continue;
        }
        let word = format!("*{part}");
        if word.as_str() < "*final" {
            while key.last().is_some_and(|k| k == "*final-") {
                key.pop();
            }
        }
        while key.last().is_some_and(|k| k == "00000000") {
            key.pop();
        }
        key.push(word);
    }
    key
}

fn replaced(part: String) -> String {
    let known = match part.as_str() {
        "pre" | "preview" | "rc" => "c",
        "-" => "final-",
        "dev" => "@",
        _ => return part,
    };
    known.to_owned()
}

/// Runs of digits, runs of letters, dots and dashes each alone; what is between those stays as it is.
fn parts(text: &str) -> Vec<String> {
    let kind = |c: char| match c {
        c if c.is_ascii_digit() => 1,
        c if c.is_ascii_lowercase() => 2,
        '.' => 3,
        '-' => 4,
        _ => 5,
    };
    let mut out: Vec<String> = Vec::new();
    let mut last = 0;
    for c in text.chars() {
        match out.last_mut() {
            Some(run) if kind(c) == last && !matches!(last, 3 | 4) => run.push(c),
            _ => out.push(c.to_string()),
        }
        last = kind(c);
    }
    out
}
