//! Package URLs (<https://github.com/package-url/purl-spec>): how a package is named everywhere.
//!
//! The raw name and version stay in [`crate::Package`]; the purl beside them is canonical, so that two tools
//! that saw the same package write the same text.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A canonical package URL. Made by [`PurlBuilder`] alone, so that it is always well formed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Purl(String);

impl Purl {
    /// Starts a purl of this type (`deb`, `npm`, …) and name.
    pub fn builder(kind: &str, name: &str) -> PurlBuilder {
        PurlBuilder { kind: kind.to_ascii_lowercase(), name: name.to_owned(), ..PurlBuilder::default() }
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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

    /// The canonical purl.
    pub fn build(mut self) -> Purl {
        self.normalise();
        let mut out = format!("pkg:{}/", self.kind);
        for segment in self.namespace.iter().flat_map(|n| n.split('/')).filter(|s| !s.is_empty()) {
            encode(&mut out, segment);
            out.push('/');
        }
        encode(&mut out, &self.name);
        if let Some(version) = &self.version {
            out.push('@');
            encode(&mut out, version);
        }
        self.qualifiers.sort();
        for (i, (key, value)) in self.qualifiers.iter().enumerate() {
            out.push(if i == 0 { '?' } else { '&' });
            out.push_str(key);
            out.push('=');
            encode(&mut out, value);
        }
        let segments = self.subpath.iter().flat_map(|s| s.split('/')).filter(|s| !matches!(*s, "" | "." | ".."));
        for (i, segment) in segments.enumerate() {
            out.push(if i == 0 { '#' } else { '/' });
            encode(&mut out, segment);
        }
        Purl(out)
    }

    /// The rules of the types that have some of their own (purl-spec, `PURL-TYPES`).
    fn normalise(&mut self) {
        let lower = |s: &mut String| *s = s.to_lowercase();
        match self.kind.as_str() {
            "deb" | "apk" | "alpm" | "github" | "bitbucket" | "composer" | "hex" | "golang" => {
                lower(&mut self.name);
                self.namespace.iter_mut().for_each(lower);
            }
            "rpm" => self.namespace.iter_mut().for_each(lower),
            "pypi" => self.name = self.name.to_lowercase().replace('_', "-"),
            _ => {}
        }
    }
}

fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b':' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_forms() {
        let deb =
            Purl::builder("deb", "libc6").namespace("debian").version("2.36-9+deb12u9").qualifier("arch", "amd64");
        assert_eq!(deb.build().as_str(), "pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64");
        let npm = Purl::builder("npm", "core").namespace("@babel").version("7.0.0");
        assert_eq!(npm.build().as_str(), "pkg:npm/%40babel/core@7.0.0");
        assert_eq!(Purl::builder("PyPI", "Django_x").build().as_str(), "pkg:pypi/django-x");
    }
}
