//! The packages of an SPDX document: the image, its distribution, what is installed, and what is inside that.

use super::{Annotation, annotation};
use crate::licences::Declared;
use crate::party::Party;
use crate::prepared::{Prepared, algorithm, location, locator, own_file, own_hashes};
use crate::text::{line, name, term, web};
use facts::os::OsRelease;
use model::{Digest, Ecosystem, Evidence, Overlap, Package};
use serde::Serialize;
use std::borrow::Cow;

pub(super) const NO_ASSERTION: &str = "NOASSERTION";
pub(super) const IMAGE: &str = "SPDXRef-Image";
pub(super) const SYSTEM: &str = "SPDXRef-OperatingSystem";

/// A package's identifier from its name in [`Prepared`].
pub(super) fn reference(id: &str) -> String {
    format!("SPDXRef-Package-{id}")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Element<'a> {
    #[serde(rename = "SPDXID")]
    id: String,
    name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_info: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    package_file_name: Option<String>,
    supplier: Cow<'a, str>,
    download_location: &'static str,
    files_analyzed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checksums: Vec<Checksum>,
    #[serde(skip_serializing_if = "Option::is_none")]
    homepage: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_info: Option<String>,
    license_concluded: Cow<'a, str>,
    license_declared: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license_comments: Option<String>,
    copyright_text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_refs: Vec<ExternalRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_package_purpose: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<Annotation<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Checksum {
    algorithm: &'static str,
    checksum_value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExternalRef<'a> {
    reference_category: &'static str,
    reference_type: &'static str,
    reference_locator: Cow<'a, str>,
}

/// Every package, in the facts' order, each followed by its overlaps.
pub(super) fn all<'a>(prepared: &'a Prepared<'a>, tool: &'a str) -> impl Iterator<Item = Element<'a>> {
    let system = prepared.bill.facts.os.as_ref().map(|os| system(prepared, os));
    let packages = prepared.packages().flat_map(move |(at, package)| {
        let ids = prepared.overlap_ids[at].iter();
        let overlaps = ids.zip(&package.overlaps).map(move |(id, overlap)| inside(prepared, id, at, overlap));
        std::iter::once(installed(prepared, at, package)).chain(overlaps)
    });
    std::iter::once(image(prepared, tool)).chain(system).chain(packages)
}

impl<'a> Element<'a> {
    fn new(id: String, name: Cow<'a, str>) -> Self {
        Self {
            id,
            name,
            version_info: None,
            package_file_name: None,
            supplier: NO_ASSERTION.into(),
            download_location: NO_ASSERTION,
            files_analyzed: false,
            checksums: Vec::new(),
            homepage: None,
            source_info: None,
            license_concluded: NO_ASSERTION.into(),
            license_declared: NO_ASSERTION.into(),
            license_comments: None,
            copyright_text: NO_ASSERTION,
            summary: None,
            comment: None,
            external_refs: Vec::new(),
            primary_package_purpose: None,
            annotations: Vec::new(),
        }
    }

    /// As declared; and concluded, where the statement is a valid expression.
    fn concluded(mut self, licence: &'a Declared) -> Self {
        if let Some(expression) = licence.expression.as_ref().filter(|_| licence.proven) {
            self.license_concluded = expression.into();
        }
        self.licensed(licence)
    }

    /// Says of a part that its licence is that of the package whose files it is made of.
    fn of_whole(mut self, owner: &Package, licence: &Declared) -> Self {
        if licence.expression.is_some() {
            let stated = self.license_comments.map(|words| format!(". {words}")).unwrap_or_default();
            self.license_comments = Some(format!("Stated for all of {}{stated}", line(&owner.name)));
        }
        self
    }

    fn licensed(mut self, licence: &'a Declared) -> Self {
        if let Some(expression) = &licence.expression {
            self.license_declared = expression.into();
        }
        self.license_comments = licence.stated.as_ref().map(|words| format!("As stated: {words}"));
        self
    }
}

fn supplier(party: Option<Party>) -> Cow<'static, str> {
    party.map_or(NO_ASSERTION.into(), |p| p.spdx().into())
}

fn value(text: &str) -> Option<Cow<'_, str>> {
    (!text.trim().is_empty()).then(|| term(line(text)))
}

fn checksum(digest: &Digest) -> Checksum {
    Checksum { algorithm: algorithm(digest, false), checksum_value: digest.hex() }
}

fn purl(locator: Cow<'_, str>) -> ExternalRef<'_> {
    ExternalRef { reference_category: "PACKAGE-MANAGER", reference_type: "purl", reference_locator: locator }
}

fn image<'a>(prepared: &'a Prepared<'a>, tool: &'a str) -> Element<'a> {
    let bill = prepared.bill;
    let layers = prepared.layer_notes();
    let labels = prepared.labels().map(|(key, value)| format!("label {key}={value}"));
    Element {
        version_info: prepared.image_version().map(Cow::from),
        supplier: supplier(prepared.image_supplier()),
        checksums: prepared.digest().map(checksum).into_iter().collect(),
        source_info: bill.subject.map(|s| format!("identified by its {} digest {}", s.kind(), s.digest())),
        comment: bill.platform.map(|p| format!("platform {}", line(&p.to_string()))),
        external_refs: prepared.image_purl().map(|p| purl(p.as_str().to_owned().into())).into_iter().collect(),
        primary_package_purpose: Some("CONTAINER"),
        annotations: layers.chain(labels).map(|text| annotation(prepared, tool, text)).collect(),
        ..Element::new(IMAGE.to_owned(), term(name(&prepared.name)))
    }
    .licensed(&prepared.image_licence)
}

fn system<'a>(prepared: &'a Prepared<'a>, os: &'a OsRelease) -> Element<'a> {
    let release = os.version_id.as_deref().or(os.codename.as_deref());
    Element {
        version_info: release.and_then(value),
        supplier: supplier(Party::organisation(&os.id)),
        source_info: Some(format!("stated by {} {}", line(&os.path), layer_words(prepared, os.layer))),
        summary: os.pretty_name.as_deref().and_then(value),
        primary_package_purpose: Some("OPERATING-SYSTEM"),
        ..Element::new(SYSTEM.to_owned(), term(name(&os.id)))
    }
}

fn installed<'a>(prepared: &'a Prepared<'a>, at: usize, package: &'a Package) -> Element<'a> {
    let file = own_file(package);
    Element {
        version_info: value(&package.version),
        package_file_name: file.map(location),
        supplier: supplier(Party::of_package(package)),
        checksums: own_hashes(prepared, package).iter().map(checksum).collect(),
        homepage: package.homepage.as_deref().and_then(web),
        source_info: Some(source_info(prepared, package)),
        summary: package.summary.as_deref().and_then(value),
        comment: odd_homepage(package).map(|h| format!("homepage as stated: {h}")),
        external_refs: locator(&package.purl).map(purl).into_iter().collect(),
        primary_package_purpose: purpose(package.ecosystem),
        ..Element::new(reference(&prepared.ids[at]), term(name(&package.name)))
    }
    .concluded(&prepared.licences[at])
}

/// A package of another ecosystem inside one of the distribution: supplied by whoever supplies that, under the licence
/// that is stated for all its files.
fn inside<'a>(prepared: &'a Prepared<'a>, id: &str, at: usize, overlap: &'a Overlap) -> Element<'a> {
    let owner = &prepared.bill.facts.packages[at];
    let licence = &prepared.licences[at];
    let source = evidence_words(prepared, &overlap.evidence);
    Element {
        version_info: value(&overlap.version),
        supplier: supplier(Party::of_package(owner)),
        source_info: Some(format!("part of {} {}; {source}", line(&owner.name), line(&owner.version))),
        external_refs: locator(&overlap.purl).map(purl).into_iter().collect(),
        primary_package_purpose: purpose(overlap.ecosystem),
        ..Element::new(reference(id), term(name(&overlap.name)))
    }
    .concluded(licence)
    .of_whole(owner, licence)
}

fn purpose(ecosystem: Ecosystem) -> Option<&'static str> {
    match ecosystem {
        Ecosystem::Dpkg | Ecosystem::Apk | Ecosystem::Rpm => None,
        Ecosystem::Program => Some("APPLICATION"),
        _ => Some("LIBRARY"),
    }
}

fn odd_homepage(package: &Package) -> Option<Cow<'_, str>> {
    package.homepage.as_deref().filter(|h| !h.trim().is_empty() && web(h).is_none()).map(line)
}

/// How the package is known, by which files of which layers, and from what it was built.
fn source_info(prepared: &Prepared<'_>, package: &Package) -> String {
    let mut out = format!("{} {}", package.ecosystem.word(), package.trust.word());
    if let Some(architecture) = &package.architecture {
        out += &format!(", architecture {}", line(architecture));
    }
    if let Some(source) = &package.source {
        out += &format!("; built from source package {} {}", line(&source.name), line(&source.version));
    }
    for evidence in &package.evidence {
        out += &format!("; {}", evidence_words(prepared, evidence));
    }
    out
}

fn evidence_words(prepared: &Prepared<'_>, evidence: &Evidence) -> String {
    let hash = evidence.sha256.map(|h| format!(" (sha256:{})", h.hex())).unwrap_or_default();
    format!("by {}{hash} {}", location(evidence), layer_words(prepared, evidence.layer))
}

fn layer_words<'a>(prepared: &'a Prepared<'_>, layer: u32) -> Cow<'a, str> {
    prepared
        .layer(layer)
        .map_or_else(|| format!("in layer {}", u64::from(layer) + 1).into(), |l| l.words.as_str().into())
}
