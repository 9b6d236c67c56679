//! The components: the image, its distribution, what is installed, and what is inside that.

use super::{Contact, Property, property};
use crate::licences::{Declared, is_long_listed};
use crate::party::Party;
use crate::prepared::{Prepared, algorithm, location, locator, own_hashes};
use crate::text::{line, name, web};
use facts::os::OsRelease;
use model::{Digest, Ecosystem, Evidence, Overlap, Package, Purl, Trust};
use serde::Serialize;
use std::borrow::Cow;

pub(super) const IMAGE: &str = "image";
pub(super) const SYSTEM: &str = "operating-system";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Component<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref")]
    bom_ref: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<Entity<'a>>,
    name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<LicenceChoice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_references: Vec<ExternalReference<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<Component<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Proof<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property<'a>>,
}

/// A supplier or manufacturer.
#[derive(Serialize)]
pub(super) struct Entity<'a> {
    pub(super) name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) url: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) contact: Vec<Contact<'a>>,
}

#[derive(Serialize)]
struct Hash {
    alg: &'static str,
    content: String,
}

/// One identifier or name, or one expression: the schema takes no mixture.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum LicenceChoice<'a> {
    License {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'a str>,
        acknowledgement: &'static str,
    },
    #[serde(untagged)]
    Expression { expression: &'a str, acknowledgement: &'static str },
}

#[derive(Serialize)]
struct ExternalReference<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct Proof<'a> {
    /// One object, not a list of one: the schema takes both, many readers only this.
    identity: Identity<'a>,
    occurrences: Vec<Occurrence>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    field: &'static str,
    confidence: f32,
    concluded_value: Cow<'a, str>,
    methods: [Method; 1],
}

#[derive(Serialize)]
struct Method {
    technique: &'static str,
    confidence: f32,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Occurrence {
    location: String,
    additional_context: String,
}

/// The distribution and every package, in the facts' order.
pub(super) fn all<'a>(prepared: &'a Prepared<'a>) -> impl Iterator<Item = Component<'a>> {
    let system = prepared.bill.facts.os.as_ref().map(|os| system(prepared, os));
    system.into_iter().chain(prepared.packages().map(|(at, package)| installed(prepared, at, package)))
}

impl<'a> Component<'a> {
    fn new(kind: &'static str, bom_ref: &'a str, name: Cow<'a, str>) -> Self {
        Self {
            kind,
            bom_ref,
            supplier: None,
            name,
            version: None,
            description: None,
            hashes: Vec::new(),
            licenses: Vec::new(),
            purl: None,
            external_references: Vec::new(),
            components: Vec::new(),
            evidence: None,
            properties: Vec::new(),
        }
    }
}

impl<'a> Entity<'a> {
    fn of(party: Party) -> Self {
        // With an address only a person has another name to put beside it.
        let name = party.person.then(|| Cow::Owned(party.name.clone()));
        let contact = party.email.map(|e| Contact { name, email: Some(e.into()) });
        Self { name: party.name.into(), url: Vec::new(), contact: contact.into_iter().collect() }
    }
}

pub(super) fn image<'a>(prepared: &'a Prepared<'a>) -> Component<'a> {
    let bill = prepared.bill;
    let subject = bill.subject.map(|s| property("plimsoll:subject", s.to_string()));
    let config = bill.config.map(|c| property("plimsoll:config", c.digest().to_string()));
    let platform = bill.platform.map(|p| property("plimsoll:platform", line(&p.to_string()).into_owned()));
    let layers = prepared.layer_notes().map(|note| property("plimsoll:layer", note));
    let labels = prepared.labels().map(|(k, v)| property(format!("plimsoll:label:{k}"), v));
    let facts = subject.into_iter().chain(config).chain(platform).chain(layers).chain(labels);
    Component {
        supplier: prepared.image_supplier().map(Entity::of),
        version: prepared.image_version().map(Cow::from),
        hashes: prepared.digest().map(hash).into_iter().collect(),
        licenses: licences(&prepared.image_licence),
        purl: prepared.image_purl().map(|p| p.as_str().to_owned().into()),
        properties: facts.collect(),
        ..Component::new("container", IMAGE, name(&prepared.name))
    }
}

fn system<'a>(prepared: &'a Prepared<'a>, os: &'a OsRelease) -> Component<'a> {
    let release = os.version_id.as_deref().or(os.codename.as_deref());
    let mut properties = layer(prepared, os.layer);
    properties.push(property("plimsoll:path", line(&os.path)));
    Component {
        supplier: Party::organisation(&os.id).map(Entity::of),
        version: release.map(line),
        description: os.pretty_name.as_deref().map(line),
        properties,
        ..Component::new("operating-system", SYSTEM, name(&os.id))
    }
}

fn installed<'a>(prepared: &'a Prepared<'a>, at: usize, package: &'a Package) -> Component<'a> {
    let ids = prepared.overlap_ids[at].iter();
    let web = package.homepage.as_deref().and_then(web);
    Component {
        supplier: Party::of_package(package).map(Entity::of),
        version: (!package.version.is_empty()).then(|| line(&package.version)),
        description: package.summary.as_deref().map(line),
        hashes: own_hashes(prepared, package).iter().map(hash).collect(),
        licenses: licences(&prepared.licences[at]),
        purl: locator(&package.purl),
        external_references: web.map(|url| ExternalReference { kind: "website", url }).into_iter().collect(),
        components: ids.zip(&package.overlaps).map(|(id, o)| inside(prepared, id, at, o)).collect(),
        evidence: proof(prepared, &package.purl, package.trust, &package.evidence),
        properties: properties(prepared, at, package),
        ..Component::new(kind(package.ecosystem), &prepared.ids[at], name(&package.name))
    }
}

/// A package of another ecosystem inside one of the distribution: supplied by whoever supplies that, under the licence
/// that is stated for all its files.
fn inside<'a>(prepared: &'a Prepared<'a>, id: &'a str, at: usize, overlap: &'a Overlap) -> Component<'a> {
    let owner = &prepared.bill.facts.packages[at];
    let licenses = licences(&prepared.licences[at]);
    let mut properties = layer(prepared, overlap.evidence.layer);
    properties.push(property("plimsoll:ecosystem", overlap.ecosystem.word()));
    if !licenses.is_empty() {
        properties.push(property("plimsoll:licence:of", prepared.ids[at].as_str()));
    }
    let evidence = std::slice::from_ref(&overlap.evidence);
    Component {
        supplier: Party::of_package(owner).map(Entity::of),
        version: (!overlap.version.is_empty()).then(|| line(&overlap.version)),
        licenses,
        purl: locator(&overlap.purl),
        evidence: proof(prepared, &overlap.purl, Trust::Installed, evidence),
        properties,
        ..Component::new(kind(overlap.ecosystem), id, name(&overlap.name))
    }
}

fn kind(ecosystem: Ecosystem) -> &'static str {
    if ecosystem == Ecosystem::Program { "application" } else { "library" }
}

fn hash(digest: &Digest) -> Hash {
    Hash { alg: algorithm(digest, true), content: digest.hex() }
}

fn licences(licence: &Declared) -> Vec<LicenceChoice<'_>> {
    let acknowledgement = "declared";
    let named = |name| LicenceChoice::License { id: None, name: Some(name), acknowledgement };
    let choice = licence.expression.as_deref().map(|expression| match licence.references.as_slice() {
        [(id, words)] if id == expression => named(words),
        _ if is_long_listed(expression) => LicenceChoice::License { id: Some(expression), name: None, acknowledgement },
        _ => LicenceChoice::Expression { expression, acknowledgement },
    });
    choice.into_iter().collect()
}

/// How sure each kind of evidence makes us, in the schema's technique and a number from 0 to 1. The numbers order
/// the kinds; they measure nothing.
fn technique(trust: Trust) -> (&'static str, f32) {
    match trust {
        Trust::Installed => ("manifest-analysis", 1.0),
        Trust::Embedded => ("binary-analysis", 1.0),
        Trust::Recognised => ("binary-analysis", 0.75),
        Trust::Named => ("filename", 0.5),
    }
}

fn proof<'a>(prepared: &Prepared<'_>, purl: &'a Purl, trust: Trust, evidence: &[Evidence]) -> Option<Proof<'a>> {
    let (technique, confidence) = technique(trust);
    let method = Method { technique, confidence, value: location(evidence.first()?) };
    let identity = Identity { field: "purl", confidence, concluded_value: locator(purl)?, methods: [method] };
    Some(Proof { identity, occurrences: evidence.iter().map(|e| occurrence(prepared, e)).collect() })
}

fn occurrence(prepared: &Prepared<'_>, evidence: &Evidence) -> Occurrence {
    let hash = evidence.sha256.map(|h| format!("sha256:{} ", h.hex())).unwrap_or_default();
    let diff_id = prepared.layer(evidence.layer).map(|l| format!(" {}", l.diff_id)).unwrap_or_default();
    Occurrence {
        location: location(evidence),
        additional_context: format!("{hash}in layer {}{diff_id}", u64::from(evidence.layer) + 1),
    }
}

fn layer<'a>(prepared: &'a Prepared<'a>, index: u32) -> Vec<Property<'a>> {
    let layer = prepared.layer(index);
    let diff_id = layer.map(|l| property("plimsoll:layer:diffID", l.diff_id.as_str()));
    let instruction = layer.and_then(|l| l.instruction.as_deref()).map(|i| property("plimsoll:layer:instruction", i));
    // From 1 on, lowest first: as every text of ours counts layers, and as SPDX comments do.
    let index = property("plimsoll:layer:index", (index + 1).to_string());
    diff_id.into_iter().chain([index]).chain(instruction).collect()
}

fn properties<'a>(prepared: &'a Prepared<'a>, at: usize, package: &'a Package) -> Vec<Property<'a>> {
    let mut out = package.evidence.first().map(|e| layer(prepared, e.layer)).unwrap_or_default();
    out.push(property("plimsoll:ecosystem", package.ecosystem.word()));
    out.push(property("plimsoll:trust", package.trust.word()));
    out.extend(package.architecture.as_deref().map(|a| property("plimsoll:architecture", line(a))));
    if let Some(source) = &package.source {
        out.push(property("plimsoll:source:name", line(&source.name)));
        out.push(property("plimsoll:source:version", line(&source.version)));
    }
    let stated = prepared.licences[at].stated.as_deref();
    out.extend(stated.map(|words| property("plimsoll:licence:stated", words)));
    let odd = package.homepage.as_deref().filter(|h| !h.trim().is_empty() && web(h).is_none());
    out.extend(odd.map(|h| property("plimsoll:homepage", line(h))));
    out.extend(prepared.carriers(package).map(|id| property("plimsoll:bundled-in", id)));
    if prepared.bill.options.bsi {
        out.extend(bsi(package));
    }
    out
}

/// BSI TR-03183-2's properties of a component that is one file
/// (<https://github.com/BSI-Bund/tr-03183-cyclonedx-property-taxonomy>); what a package manager spread over many
/// files has none of them.
fn bsi(package: &Package) -> Vec<Property<'_>> {
    let archive = match package.ecosystem {
        Ecosystem::Java => "archive",
        Ecosystem::Program => "no archive",
        _ => return Vec::new(),
    };
    let Some(proof) = package.evidence.first() else { return Vec::new() };
    let file =
        proof.member.as_deref().map_or(proof.path.file_name(), |m| m.rsplit(['/', '!']).next().unwrap_or(m).as_bytes());
    vec![
        property("bsi:component:filename", line(&model::visible(file)).into_owned()),
        property("bsi:component:executable", "executable"),
        property("bsi:component:archive", archive),
        property("bsi:component:structured", "structured"),
    ]
}
