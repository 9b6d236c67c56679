//! A component with a purl, as a package of the kind that is judged.

use model::{Ecosystem, Evidence, Package, Purl, PurlParts, SourcePackage, TreePath};

/// Where a component is, as its document says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// The layer that brought it: a digest, or a number.
    pub layer: Option<String>,
    /// The instruction that made the layer.
    pub instruction: Option<String>,
}

/// What a document states of a component.
#[derive(Default)]
pub(super) struct Stated<'s> {
    pub(super) purl: Option<&'s str>,
    /// The source package and its version, where a note says so.
    pub(super) source: Option<(&'s str, &'s str)>,
    pub(super) path: Option<&'s str>,
    pub(super) layer: Option<&'s str>,
    pub(super) instruction: Option<&'s str>,
}

impl Stated<'_> {
    /// The package; else why there is none.
    pub(super) fn package(&self, document: &TreePath) -> Result<(Package, Whereabouts), &'static str> {
        let text = self.purl.filter(|text| !text.is_empty()).ok_or("without a purl")?;
        let purl: Purl = text.parse().map_err(|_| "with a purl that is none")?;
        let parts = purl.parts();
        let ecosystem = ecosystem(&parts.kind).ok_or("with a purl of a kind that is not judged")?;
        let path = self.path.and_then(|p| TreePath::clean(p.trim_start_matches('/').as_bytes()).ok());
        let path = path.unwrap_or_else(|| document.clone());
        let evidence = Evidence { path, member: None, layer: 0, sha256: None };
        let (name, version) = (name(ecosystem, &parts), version(ecosystem, &parts));
        let mut package = Package::new(ecosystem, purl, &name, &version, evidence);
        package.architecture = parts.qualifiers.get("arch").cloned();
        package.source = self.source(ecosystem, &parts);
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok((package, Whereabouts { layer: owned(self.layer), instruction: owned(self.instruction) }))
    }

    /// The source package: a note's word, else the purl's `upstream`, `NAME` or `NAME@VERSION`.
    fn source(&self, ecosystem: Ecosystem, parts: &PurlParts) -> Option<SourcePackage> {
        let source = |name: &str, version: &str| SourcePackage { name: name.to_owned(), version: version.to_owned() };
        if !ecosystem.is_distribution() {
            return None;
        }
        if let Some((name, version)) = self.source {
            return Some(source(name, version));
        }
        let upstream = parts.qualifiers.get("upstream")?;
        let (name, version) = upstream.split_once('@').unwrap_or((upstream, ""));
        // An rpm's is the file of its source: `bash-5.1.8-9.el9.src.rpm`.
        let name = match name.strip_suffix(".src.rpm") {
            Some(file) => file.rsplitn(3, '-').nth(2).unwrap_or(file),
            None => name,
        };
        Some(source(name, version))
    }
}

fn ecosystem(kind: &str) -> Option<Ecosystem> {
    Some(match kind {
        "deb" => Ecosystem::Dpkg,
        "apk" => Ecosystem::Apk,
        "rpm" => Ecosystem::Rpm,
        "npm" => Ecosystem::Npm,
        "pypi" => Ecosystem::Python,
        "maven" => Ecosystem::Java,
        "golang" => Ecosystem::Go,
        "cargo" => Ecosystem::Rust,
        "gem" => Ecosystem::Gem,
        "composer" => Ecosystem::Composer,
        "nuget" => Ecosystem::Nuget,
        "generic" => Ecosystem::Program,
        _ => return None,
    })
}

/// The name as the ecosystem writes it: a distribution's namespace is no part of it, an npm scope is.
fn name(ecosystem: Ecosystem, parts: &PurlParts) -> String {
    let whole = match ecosystem {
        Ecosystem::Npm | Ecosystem::Go | Ecosystem::Composer if !parts.namespace.is_empty() => {
            format!("{}/{}", parts.namespace, parts.name)
        }
        _ => parts.name.clone(),
    };
    match ecosystem {
        Ecosystem::Go if !parts.subpath.is_empty() => format!("{whole}/{}", parts.subpath),
        _ => whole,
    }
}

/// The version as the ecosystem writes it: an rpm's epoch comes first.
fn version(ecosystem: Ecosystem, parts: &PurlParts) -> String {
    match parts.qualifiers.get("epoch").filter(|epoch| *epoch != "0") {
        Some(epoch) if ecosystem.is_distribution() && !parts.version.contains(':') => {
            format!("{epoch}:{}", parts.version)
        }
        _ => parts.version.clone(),
    }
}
