//! Package URLs (<https://github.com/package-url/purl-spec>): how a package is named everywhere.
//!
//! The raw name and version stay in [`crate::Package`]; the purl beside them is canonical, so that two tools
//! that saw the same package write the same text. Tested with the specification's own suite.
//!
//! Our own rather than the crate `packageurl` 0.7.1, which passes the same suite: a purl here is one string,
//! ordered, hashed and cached as such, and building one from what a reader has checked cannot fail.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A canonical package URL. Made by [`PurlBuilder`] alone, also when parsed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Purl(String);

/// Why a text or its parts are no package URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PurlError {
    /// It does not start with `pkg:`.
    #[error("a package URL starts with `pkg:`")]
    Scheme,
    /// The type is missing, or not a letter followed by letters, digits, `.` and `-`.
    #[error("the package URL has no valid type")]
    Type,
    /// There is no name.
    #[error("the package URL has no name")]
    Name,
    /// A qualifier's key is not a letter followed by letters, digits, `.`, `-` and `_`, or is there twice.
    #[error("the package URL has an invalid qualifier")]
    Qualifier,
    /// `%` without two hexadecimal digits, or bytes that are not UTF-8.
    #[error("the package URL is wrongly percent-encoded")]
    Encoding,
}

impl Purl {
    /// Starts a purl of this type (`deb`, `npm`, …) and name.
    pub fn builder(kind: &str, name: &str) -> PurlBuilder {
        PurlBuilder { kind: kind.to_ascii_lowercase(), name: name.to_owned(), ..PurlBuilder::default() }
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its parts, decoded.
    pub fn parts(&self) -> PurlParts {
        PurlParts::parse(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Purl {
    type Err = PurlError;

    /// Reads a purl as the specification says, and brings it into canonical form.
    fn from_str(text: &str) -> Result<Self, PurlError> {
        PurlParts::parse(text)?.try_build()
    }
}

/// The parts of a purl, decoded. Empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PurlParts {
    /// The type, in lower case.
    pub kind: String,
    /// The vendor, group, owner or distribution, its segments joined by `/`.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The qualifiers by key.
    pub qualifiers: BTreeMap<String, String>,
    /// The path below the package's root.
    pub subpath: String,
}

impl PurlParts {
    fn parse(text: &str) -> Result<Self, PurlError> {
        let (rest, subpath) = text.rsplit_once('#').unwrap_or((text, ""));
        let (rest, qualifiers) = rest.rsplit_once('?').unwrap_or((rest, ""));
        let (scheme, rest) = rest.split_once(':').ok_or(PurlError::Scheme)?;
        if !scheme.eq_ignore_ascii_case("pkg") {
            return Err(PurlError::Scheme);
        }
        let (kind, rest) = rest.trim_start_matches('/').split_once('/').ok_or(PurlError::Type)?;
        let (namespace, last) = rest.trim_matches('/').rsplit_once('/').unwrap_or(("", rest.trim_matches('/')));
        // Only in the last segment: npm's scopes start with an `@` that some write as it is.
        let (name, version) = last.rsplit_once('@').unwrap_or((last, ""));
        Ok(Self {
            kind: kind.to_ascii_lowercase(),
            namespace: decode_segments(namespace, |_| false)?,
            name: decode(name)?,
            version: decode(version)?,
            qualifiers: parse_qualifiers(qualifiers)?,
            subpath: decode_segments(subpath, |s| matches!(s, "." | ".."))?,
        })
    }

    fn try_build(self) -> Result<Purl, PurlError> {
        let builder = Purl::builder(&self.kind, &self.name)
            .namespace(&self.namespace)
            .version(&self.version)
            .subpath(&self.subpath);
        self.qualifiers.iter().fold(builder, |b, (key, value)| b.qualifier(key, value)).try_build()
    }
}

fn parse_qualifiers(text: &str) -> Result<BTreeMap<String, String>, PurlError> {
    let mut qualifiers = BTreeMap::new();
    for pair in text.split('&').filter(|p| !p.is_empty()) {
        let (key, value) = pair.split_once('=').ok_or(PurlError::Qualifier)?;
        let (key, value) = (key.to_ascii_lowercase(), decode(value)?);
        if !is_key(&key) || (!value.is_empty() && qualifiers.insert(key, value).is_some()) {
            return Err(PurlError::Qualifier);
        }
    }
    Ok(qualifiers)
}

fn decode_segments(text: &str, skip: impl Fn(&str) -> bool) -> Result<String, PurlError> {
    let mut out: Vec<String> = Vec::new();
    for segment in text.split('/').filter(|s| !s.is_empty()) {
        let segment = decode(segment)?;
        if segment.contains('/') {
            return Err(PurlError::Encoding);
        }
        if !skip(&segment) {
            out.push(segment);
        }
    }
    Ok(out.join("/"))
}

fn decode(text: &str) -> Result<String, PurlError> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    let digit = |bytes: &mut std::str::Bytes<'_>| {
        let digit = bytes.next().and_then(|b| char::from(b).to_digit(16));
        digit.map(|d| d as u8).ok_or(PurlError::Encoding)
    };
    while let Some(byte) = bytes.next() {
        out.push(if byte == b'%' { (digit(&mut bytes)? << 4) | digit(&mut bytes)? } else { byte });
    }
    String::from_utf8(out).map_err(|_| PurlError::Encoding)
}

/// The parts of a purl, before they are brought into canonical form.
#[derive(Clone, Debug, Default)]
pub struct PurlBuilder {
    kind: String,
    namespace: Option<String>,
    name: String,
    version: Option<String>,
    qualifiers: Vec<(String, String)>,
    subpath: Option<String>,
}

impl PurlBuilder {
    /// The vendor, group, owner or distribution; may have several segments.
    #[must_use]
    pub fn namespace(mut self, namespace: &str) -> Self {
        self.namespace = Some(namespace.to_owned()).filter(|n| !n.is_empty());
        self
    }

    /// The version, in its ecosystem's own form.
    #[must_use]
    pub fn version(mut self, version: &str) -> Self {
        self.version = Some(version.to_owned()).filter(|v| !v.is_empty());
        self
    }

    /// One qualifier; an empty value drops it, as the spec says.
    #[must_use]
    pub fn qualifier(mut self, key: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.qualifiers.push((key.to_ascii_lowercase(), value.to_owned()));
        }
        self
    }

    /// A path below the package's root.
    #[must_use]
    pub fn subpath(mut self, subpath: &str) -> Self {
        self.subpath = Some(subpath.trim_matches('/').to_owned()).filter(|s| !s.is_empty());
        self
    }

    /// The canonical purl, if the type, the name and the qualifiers' keys are what they must be.
    pub fn try_build(self) -> Result<Purl, PurlError> {
        if !is_type(&self.kind) {
            return Err(PurlError::Type);
        }
        if self.name.is_empty() {
            return Err(PurlError::Name);
        }
        if !self.qualifiers.iter().all(|(key, _)| is_key(key)) {
            return Err(PurlError::Qualifier);
        }
        Ok(self.build())
    }

    /// The canonical purl, for a type and keys that are written in our code and a name that is known not to be
    /// empty; else use [`PurlBuilder::try_build`].
    pub fn build(mut self) -> Purl {
        self.normalise();
        let mut out = format!("pkg:{}/", self.kind);
        for segment in self.namespace.iter().flat_map(|n| n.split('/')).filter(|s| !s.is_empty()) {
            encode(&mut out, segment, b"");
            out.push('/');
        }
        encode(&mut out, &self.name, b"");
        if let Some(version) = &self.version {
            out.push('@');
            encode(&mut out, version, b"");
        }
        self.qualifiers.sort();
        for (i, (key, value)) in self.qualifiers.iter().enumerate() {
            out.push(if i == 0 { '?' } else { '&' });
            out.push_str(key);
            out.push('=');
            encode(&mut out, value, b"/");
        }
        let segments = self.subpath.iter().flat_map(|s| s.split('/')).filter(|s| !matches!(*s, "" | "." | ".."));
        for (i, segment) in segments.enumerate() {
            out.push(if i == 0 { '#' } else { '/' });
            encode(&mut out, segment, b"");
        }
        Purl(out)
    }

    /// The rules of the types that have some of their own (purl-spec, `types/*-definition.json`). npm's names keep
    /// their case, against its definition: `JSONStream` is another package than `jsonstream`.
    fn normalise(&mut self) {
        let lower = |s: &mut String| *s = s.to_lowercase();
        match self.kind.as_str() {
            "deb" | "apk" | "alpm" | "github" | "bitbucket" | "composer" | "hex" | "golang" => {
                lower(&mut self.name);
                self.namespace.iter_mut().for_each(lower);
            }
            "rpm" => self.namespace.iter_mut().for_each(lower),
            // Dots stay, as every tool writes them, although PEP 503 treats them as dashes too.
            "pypi" => self.name = self.name.to_lowercase().replace('_', "-"),
            _ => {}
        }
    }
}

fn is_type(kind: &str) -> bool {
    let rest = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    kind.starts_with(|c: char| c.is_ascii_alphabetic()) && kind.bytes().all(rest)
}

fn is_key(key: &str) -> bool {
    let rest = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.bytes().all(rest)
}

fn encode(out: &mut String, text: &str, also: &[u8]) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b':' => out.push(char::from(byte)),
            byte if also.contains(&byte) => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `type|namespace|name|version|key=value;key=value|subpath`.
    fn parts(text: &str) -> PurlParts {
        let [kind, namespace, name, version, qualifiers, subpath] =
            text.split('|').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap();
        let pair = |pair: &str| pair.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned()));
        PurlParts {
            kind,
            namespace,
            name,
            version,
            qualifiers: qualifiers.split(';').filter_map(pair).collect(),
            subpath,
        }
    }

    #[test]
    fn the_suite_of_the_specification() {
        let suite = include_str!("../../../testdata/purl/cases.tsv");
        let (mut valid, mut wrong) = (0, 0);
        for line in suite.lines() {
            let [what, input, canonical, fields] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            match what {
                "valid" => {
                    let purl: Purl = input.parse().unwrap_or_else(|e| panic!("{input}: {e}"));
                    assert_eq!(purl.as_str(), canonical);
                    assert_eq!(purl.parts(), parts(fields), "{input}");
                    assert_eq!(canonical.parse::<Purl>().unwrap(), purl);
                    assert_eq!(parts(fields).try_build().unwrap(), purl);
                    valid += 1;
                }
                "invalid" => assert!(input.parse::<Purl>().is_err(), "{input}"),
                "unbuildable" => assert!(parts(fields).try_build().is_err(), "{fields}"),
                _ => panic!("{what}?"),
            }
            wrong += u32::from(what != "valid");
        }
        assert_eq!((valid, wrong), (VALID, WRONG));
    }

    /// How many cases there are, so that none is lost.
    const VALID: u32 = 47;
    const WRONG: u32 = 14;

    #[test]
    fn what_does_not_parse() {
        let check = |text: &str, expected: PurlError| assert_eq!(text.parse::<Purl>(), Err(expected), "{text}");
        check("", PurlError::Scheme);
        check("http://x/y", PurlError::Scheme);
        check("pkg:npm", PurlError::Type);
        check("pkg:npm/@1", PurlError::Name);
        check("pkg:npm/a?b", PurlError::Qualifier);
        check("pkg:npm/a?b=1&B=2", PurlError::Qualifier);
        check("pkg:npm/a%2", PurlError::Encoding);
        check("pkg:npm/a%zz", PurlError::Encoding);
        check("pkg:npm/a%ff", PurlError::Encoding);
        check("pkg:npm/a%2Fb/c", PurlError::Encoding);
    }

    #[test]
    fn canonical_forms() {
        let deb =
            Purl::builder("deb", "libc6").namespace("debian").version("2.36-9+deb12u9").qualifier("arch", "amd64");
        assert_eq!(deb.build().as_str(), "pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64");
        let npm = Purl::builder("npm", "core").namespace("@babel").version("7.0.0");
        assert_eq!(npm.build().as_str(), "pkg:npm/%40babel/core@7.0.0");
        assert_eq!(Purl::builder("PyPI", "Django_x").build().as_str(), "pkg:pypi/django-x");
        let hostile = Purl::builder("npm", "a/b\n?#@").version("1@/2").build();
        assert_eq!(hostile.as_str(), "pkg:npm/a%2Fb%0A%3F%23%40@1%40%2F2");
        assert_eq!(hostile.parts().name, "a/b\n?#@");
    }
}
