//! One `METADATA` or `PKG-INFO` (<https://packaging.python.org/en/latest/specifications/core-metadata/>).
//!
//! It looks like mail and is not: UTF-8 throughout, no encoded words. Like Python's own reader, this one stops at
//! the first line that is no header and keeps what came before.

use super::super::stated;
use model::Licence;
use std::borrow::Cow;

/// What we use of the metadata.
pub(super) struct Metadata {
    /// As stated; see [`normalise`].
    pub(super) name: String,
    /// As stated.
    pub(super) version: String,
    /// The expression of PEP 639, or else the older fields' words.
    pub(super) licence: Licence,
    /// The author, or else the maintainer.
    pub(super) supplier: Option<String>,
    /// A link.
    pub(super) homepage: Option<String>,
    /// One line.
    pub(super) summary: Option<String>,
    /// `Requires-Dist`, each as stated.
    pub(super) requires: Vec<String>,
}

/// Headers kept of one file.
const HEADERS: usize = 20_000;

impl Metadata {
    /// Reads the headers; the error says what is missing.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let headers = headers(bytes);
        let all = |name: &'static str| {
            headers
                .iter()
                .filter(move |(key, _)| key.eq_ignore_ascii_case(name.as_bytes()))
                .map(|(_, value)| value.as_ref())
        };
        let one = |name: &'static str| all(name).map(str::trim).find(|value| !matches!(*value, "" | "UNKNOWN"));
        let name = one("Name").filter(|name| is_name(name)).ok_or("metadata with no valid `Name`")?;
        let version = one("Version").filter(|v| stated::is_word(v)).ok_or("metadata with no valid `Version`")?;
        let author = stated::person(one("Author"), one("Author-email"));
        let maintainer = stated::person(one("Maintainer"), one("Maintainer-email"));
        Ok(Self {
            name: name.to_owned(),
            version: version.to_owned(),
            licence: licence(one("License-Expression"), one("License"), all("Classifier")),
            supplier: author.or(maintainer),
            homepage: one("Home-page").and_then(stated::link).or_else(|| home(all("Project-URL"))),
            summary: one("Summary").and_then(stated::line),
            requires: all("Requires-Dist").map(str::to_owned).collect(),
        })
    }

    /// The name by which others require it.
    pub(super) fn normal_name(&self) -> String {
        normalise(&self.name)
    }
}

/// Headers up to the first blank line, continuation lines joined by newlines.
fn headers(bytes: &[u8]) -> Vec<(&[u8], Cow<'_, str>)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut out: Vec<(&[u8], Cow<'_, str>)> = Vec::new();
    for line in bytes.split(|&b| b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || out.len() == HEADERS {
            break;
        }
        if matches!(line[0], b' ' | b'\t') {
            let Some((_, value)) = out.last_mut() else { break };
            let value = value.to_mut();
            value.push('\n');
            value.push_str(&String::from_utf8_lossy(line));
            continue;
        }
        let Some(colon) = memchr::memchr(b':', line) else { break };
        out.push((&line[..colon], String::from_utf8_lossy(&line[colon + 1..])));
    }
    out
}

/// A name by PEP 508: letters, digits, and `.`, `-`, `_` between them.
pub(super) fn is_name(name: &str) -> bool {
    let ends = |c: Option<u8>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let bytes = name.as_bytes();
    stated::is_word(name)
        && ends(bytes.first().copied())
        && ends(bytes.last().copied())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b))
}

/// PEP 503: lower case, runs of `.`, `-`, `_` are one `-`.
pub(super) fn normalise(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '.' | '-' | '_' if out.ends_with('-') => {}
            '.' | '-' | '_' => out.push('-'),
            c => out.push(c.to_ascii_lowercase()),
        }
    }
    out
}

fn home<'a>(urls: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut urls = urls.filter_map(|url| url.split_once(','));
    let (_, url) = urls.find(|(label, _)| label.trim().eq_ignore_ascii_case("homepage"))?;
    stated::link(url)
}

/// The expression if it is stated; else the licence field where it is one line, and the classifiers. Those are
/// joined by nothing, so only a single one makes an expression.
fn licence<'a>(expression: Option<&str>, field: Option<&str>, classifiers: impl Iterator<Item = &'a str>) -> Licence {
    if expression.is_some() {
        return stated::any_licence(expression);
    }
    let classes: Vec<&str> = classifiers.filter_map(licence_class).collect();
    let short = field.filter(|text| !text.contains('\n') || classes.is_empty());
    let words = stated::any_licence(short);
    let mut licence = stated::any_licence(short.into_iter().chain(classes.iter().copied()));
    let sole = (short.is_none() || words.expression.is_none()) && classes.len() == 1;
    let class = sole.then(|| stated::any_licence(classes.iter().copied()).expression).flatten();
    licence.expression = words.expression.or(class);
    licence
}

/// `License :: OSI Approved :: MIT License` is `MIT License`.
fn licence_class(classifier: &str) -> Option<&str> {
    let word = classifier.trim().strip_prefix("License ::")?.rsplit("::").next()?.trim();
    (word != "OSI Approved").then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let seen = match Metadata::read(text.as_bytes()) {
            Ok(m) => format!(
                "{} {} [{}] {} {}",
                m.normal_name(),
                m.version,
                m.licence.stated.join("|"),
                m.licence.expression.as_deref().unwrap_or("-"),
                m.supplier.as_deref().unwrap_or("-")
            ),
            Err(why) => why.to_owned(),
        };
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn headers_and_licences() {
        check("Name: A_b..C\nVersion: 1\n", "a-b-c 1 [] - -");
        check("Name: a\r\nVersion: 1\r\n\r\nLicense: MIT\r\n", "a 1 [] - -");
        check("name: a\nVERSION: 1\nLicense-Expression: MIT\nLicense: BSD\n", "a 1 [MIT] MIT -");
        check(
            "Name: a\nVersion: 1\nLicense: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\nAuthor: Q\n",
            "a 1 [MIT License] MIT Q",
        );
        check(
            "Name: a\nVersion: 1\nClassifier: License :: OSI Approved :: MIT License\nClassifier: License :: OSI Approved :: ISC License (ISCL)\n",
            "a 1 [MIT License|ISC License (ISCL)] - -",
        );
        check(
            "Name: a\nVersion: 1\nLicense: BSD\nClassifier: License :: OSI Approved :: BSD License\nAuthor-email: q@r.s\n",
            "a 1 [BSD|BSD License] - q@r.s",
        );
        check("Name: a\nVersion: 1\nLicense: Copyright me\n        Permission\n", "a 1 [Copyright me] - -");
    }

    #[test]
    fn hostile_headers() {
        check("", "metadata with no valid `Name`");
        check(" Name: a\nVersion: 1\n", "metadata with no valid `Name`");
        check("Name: a\nno colon\nVersion: 1\n", "metadata with no valid `Version`");
        check("Name: ../../a\nVersion: 1\n", "metadata with no valid `Name`");
        check("Name: a\u{1b}[2J\nVersion: 1\n", "metadata with no valid `Name`");
        check("Name: a\nVersion: 1 \n 2\n", "metadata with no valid `Version`");
        assert!(Metadata::read(b"Name: \xff\nVersion: 1\n").is_err());
        assert!(Metadata::read(&b"X: y\n".repeat(100_000)).is_err());
    }
}
