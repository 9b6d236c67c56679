//! SBOMs of any tool, read: what they *claim* to be in an image.
//!
//! CycloneDX (1.2 to 1.7) and SPDX (2.2 and 2.3) in JSON. A component counts by its purl; the notes that Plimsoll, syft
//! and trivy add of source packages, files and layers are understood. Nothing here becomes a fact: a claim is used, and
//! called one.

mod cyclonedx;
mod package;
mod spdx;

pub use package::Whereabouts;

use model::{Digest, Package};
use serde::Deserialize;

/// The largest document that is read, in bytes.
pub const LONGEST: usize = 256 << 20;
/// The most components that are read.
pub const MOST: usize = 1 << 20;
/// How deep components may hold components.
const DEPTH: usize = 32;

/// What a document claims.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// `CycloneDX 1.6`, `SPDX-2.3`.
    pub form: String,
    /// The tools that made it, as it says: `syft 1.18.1`.
    pub tools: Vec<String>,
    /// When it says that it was made.
    pub made: Option<String>,
    /// The name of what it is about.
    pub name: Option<String>,
    /// The digest of what it is about, where it states one.
    pub subject: Option<Digest>,
    /// The distribution: its id and version.
    pub distribution: Option<(String, Option<String>)>,
    /// The packages whose purls say what they are, sorted.
    pub packages: Vec<Package>,
    /// Where each of them is, as stated.
    pub whereabouts: Vec<Whereabouts>,
    /// Components without a purl that says what to judge them by, by reason.
    pub left_out: Vec<(&'static str, usize)>,
}

/// Why a document is no SBOM that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// Not JSON, or not of its form.
    #[error("it is no SBOM in JSON: {why} at line {line}, column {column}")]
    Json {
        /// What is wrong.
        why: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// JSON of another form.
    #[error("it is neither CycloneDX nor SPDX 2: it has no `bomFormat` and no `spdxVersion`")]
    Form,
    /// A version that is not known here.
    #[error("it is {0}, which is not read")]
    Version(String),
    /// Beyond a limit.
    #[error("it has more than {limit} {what}")]
    Limit {
        /// Of what.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
}

impl From<serde_json::Error> for ClaimError {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        let why = model::escaped(text.split(" at line ").next().unwrap_or_default()).into_owned();
        Self::Json { why, line: error.line(), column: error.column() }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    #[serde(default)]
    bom_format: Option<String>,
    #[serde(default)]
    spec_version: Option<String>,
    #[serde(default)]
    spdx_version: Option<String>,
}

/// Reads a document. `path` is the file it is in, which stands in where a component names no file.
///
/// # Errors
/// [`ClaimError`], with the line where there is one.
pub fn read(bytes: &[u8], path: &model::TreePath) -> Result<Claims, ClaimError> {
    if bytes.len() > LONGEST {
        return Err(ClaimError::Limit { what: "bytes", limit: LONGEST });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head: Head = serde_json::from_slice(bytes)?;
    match (head.bom_format.as_deref(), head.spdx_version) {
        (Some("CycloneDX"), _) => cyclonedx::read(bytes, &head.spec_version.unwrap_or_default(), path),
        (_, Some(version)) if matches!(version.as_str(), "SPDX-2.2" | "SPDX-2.3") => spdx::read(bytes, version, path),
        (_, Some(version)) => Err(ClaimError::Version(model::escaped(&version).into_owned())),
        _ => Err(ClaimError::Form),
    }
}

/// Packages and where they are, gathered in any order.
#[derive(Default)]
struct Gathered {
    all: Vec<(Package, Whereabouts)>,
    left_out: std::collections::BTreeMap<&'static str, usize>,
    /// The value of the first `distro` qualifier.
    distro: Option<String>,
}

impl Gathered {
    fn take(&mut self, stated: package::Stated<'_>, path: &model::TreePath) -> Result<(), ClaimError> {
        if self.all.len() >= MOST {
            return Err(ClaimError::Limit { what: "components", limit: MOST });
        }
        match stated.package(path) {
            Ok((package, whereabouts)) => {
                let distro = || package.purl.parts().qualifiers.get("distro").cloned();
                if self.distro.is_none() && package.ecosystem.is_distribution() {
                    self.distro = distro();
                }
                self.all.push((package, whereabouts));
            }
            Err(why) => *self.left_out.entry(why).or_default() += 1,
        }
        Ok(())
    }

    /// Sorted as facts are, each once.
    fn finish(mut self, claims: &mut Claims) {
        let key =
            |(p, _): &(Package, Whereabouts)| (p.ecosystem, p.name.clone(), p.version.clone(), p.purl.to_string());
        self.all.sort_by_cached_key(key);
        self.all.dedup_by(|a, b| a.0.purl == b.0.purl && a.1 == b.1);
        if claims.distribution.is_none() {
            claims.distribution = self.distro.as_deref().map(distribution);
        }
        (claims.packages, claims.whereabouts) = self.all.into_iter().unzip();
        claims.left_out = self.left_out.into_iter().collect();
    }
}

/// `debian-12` and `opensuse-leap-15.6`: the version is behind the last dash, if it begins with a digit.
fn distribution(distro: &str) -> (String, Option<String>) {
    match distro.rsplit_once('-') {
        Some((id, version)) if version.starts_with(|c: char| c.is_ascii_digit()) => {
            (id.to_lowercase(), Some(version.to_owned()))
        }
        _ => (distro.to_lowercase(), None),
    }
}

#[cfg(test)]
mod tests;
