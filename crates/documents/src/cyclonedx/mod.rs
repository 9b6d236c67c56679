//! CycloneDX 1.6 and 1.7 in JSON (<https://cyclonedx.org/docs/1.6/json/>). Written, not read.
//!
//! The image is `metadata.component`; the distribution and every package are components. A package of another
//! ecosystem inside a distribution's package is nested in it, as an assembly. A vendored copy stays beside its
//! carrier, which lists it under `dependsOn`: copies can be carried by several packages and in circles, and a
//! tree could say neither. `compositions` state what is complete, so that an empty list is never mistaken for
//! "none"; what could not be read is an annotation.
//!
//! What has no field is a property:
//!
//! | name | of | value |
//! |---|---|---|
//! | `plimsoll:subject`, `plimsoll:config`, `plimsoll:platform` | image | what identifies it |
//! | `plimsoll:layer` | image | one layer in words, lowest first |
//! | `plimsoll:label:KEY` | image | a label |
//! | `plimsoll:layer:diffID`, `…:index` (the lowest is 1, as in every text), `…:instruction` | others | the layer that brought the best evidence |
//! | `plimsoll:ecosystem`, `plimsoll:trust`, `plimsoll:architecture` | package | as in the report |
//! | `plimsoll:source:name`, `plimsoll:source:version` | package | the source package it was built from |
//! | `plimsoll:licence:stated` | package | the words, where the licence does not say them |
//! | `plimsoll:homepage` | package | as stated, where it is no URL |
//! | `plimsoll:bundled-in` | package | the `bom-ref` of a carrier |
//! | `plimsoll:path` | operating system | the file that states it |
//! | `plimsoll:undated`, `plimsoll:creator:url` | document | no date was known; a person's page |
//! | `bsi:component:…` | package that is one file | BSI TR-03183-2's own, where asked for |
//!
//! XML and the older versions are left to converters.

mod component;
mod graph;
mod vulnerability;

pub use vulnerability::{Analysis, Vulnerability};

use crate::bill::{Bill, Creator};
use crate::identity::identity;
use crate::json::{Each, WriteError, write as write_json};
use crate::prepared::Prepared;
use crate::text::{email, line, web};
use component::{Component, Entity};
use serde::Serialize;
use std::borrow::Cow;
use std::io::Write;

/// The specification's version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 1.6, of April 2024; also ECMA-424.
    V1_6,
    /// 1.7, of October 2025.
    V1_7,
}

impl Version {
    fn word(self) -> &'static str {
        match self {
            Self::V1_6 => "1.6",
            Self::V1_7 => "1.7",
        }
    }

    fn schema(self) -> &'static str {
        match self {
            Self::V1_6 => "http://cyclonedx.org/schema/bom-1.6.schema.json",
            Self::V1_7 => "http://cyclonedx.org/schema/bom-1.7.schema.json",
        }
    }
}

/// Writes `bill` as one line of JSON. The serial number is derived from all that `bill` says.
pub fn write(bill: &Bill<'_>, version: Version, out: impl Write) -> Result<(), WriteError> {
    write_with(bill, version, &[], out)
}

/// The same with what is known of its packages.
///
/// # Errors
/// [`WriteError`] where `out` cannot be written to.
pub fn write_with(
    bill: &Bill<'_>,
    version: Version,
    vulnerabilities: &[Vulnerability<'_>],
    out: impl Write,
) -> Result<(), WriteError> {
    let prepared = Prepared::new(bill);
    let rows = vulnerability::rows(&prepared, vulnerabilities);
    let mut said = Vec::new();
    if !rows.is_empty() {
        write_json(&rows, &mut said)?;
    }
    let uuid = identity(version.schema(), bill, &said)?;
    write_json(&document(&prepared, version, &format!("urn:uuid:{uuid}"), &rows), out)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a, C, D, S, N, V> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    spec_version: &'static str,
    serial_number: &'a str,
    version: u32,
    metadata: Metadata<'a>,
    components: C,
    dependencies: D,
    compositions: S,
    annotations: N,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    vulnerabilities: &'a [V],
}

#[derive(Serialize)]
struct Metadata<'a> {
    timestamp: &'a str,
    lifecycles: [Phase; 1],
    tools: Tools<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Contact<'a>>,
    component: Component<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manufacturer: Option<Entity<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property<'a>>,
}

#[derive(Serialize)]
struct Phase {
    phase: &'static str,
}

#[derive(Serialize)]
struct Tools<'a> {
    components: [Program<'a>; 1],
}

#[derive(Serialize)]
struct Program<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: Cow<'a, str>,
    version: Cow<'a, str>,
}

/// A person, with an address where it is plainly one.
#[derive(Serialize)]
struct Contact<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Cow<'a, str>>,
}

/// A fact without a field of its own; the names are listed above.
#[derive(Serialize)]
struct Property<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
}

#[derive(Serialize)]
struct Annotation<'a> {
    subjects: [&'static str; 1],
    annotator: Annotator<'a>,
    timestamp: &'a str,
    text: String,
}

#[derive(Serialize)]
struct Annotator<'a> {
    component: Program<'a>,
}

fn document<'a>(
    prepared: &'a Prepared<'a>,
    version: Version,
    serial: &'a str,
    vulnerabilities: &'a [vulnerability::Row<'a>],
) -> impl Serialize + 'a {
    Document {
        schema: version.schema(),
        bom_format: "CycloneDX",
        spec_version: version.word(),
        serial_number: serial,
        version: 1,
        metadata: metadata(prepared),
        components: Each(move || component::all(prepared)),
        dependencies: Each(move || graph::dependencies(prepared)),
        compositions: graph::compositions(prepared),
        annotations: Each(move || prepared.notes().map(move |text| annotation(prepared, text))),
        vulnerabilities,
    }
}

fn metadata<'a>(prepared: &'a Prepared<'a>) -> Metadata<'a> {
    let creator = prepared.bill.options.creator.as_ref();
    let undated = prepared.undated.then(|| property("plimsoll:undated", "true"));
    let page = creator.filter(|c| c.person).and_then(|c| c.url).map(|u| property("plimsoll:creator:url", line(u)));
    Metadata {
        timestamp: &prepared.created,
        lifecycles: [Phase { phase: "post-build" }],
        tools: Tools { components: [program(prepared)] },
        authors: creator.filter(|c| c.person).map(contact).into_iter().collect(),
        component: component::image(prepared),
        manufacturer: creator.filter(|c| !c.person).map(organisation),
        properties: undated.into_iter().chain(page).collect(),
    }
}

fn contact<'a>(creator: &'a Creator<'a>) -> Contact<'a> {
    Contact { name: Some(line(creator.name)), email: creator.email.and_then(email).map(Cow::from) }
}

fn organisation<'a>(creator: &'a Creator<'a>) -> Entity<'a> {
    let address = creator.email.and_then(email).map(|e| Contact { name: None, email: Some(e.into()) });
    Entity {
        name: line(creator.name),
        url: creator.url.and_then(web).into_iter().collect(),
        contact: address.into_iter().collect(),
    }
}

fn program<'a>(prepared: &'a Prepared<'a>) -> Program<'a> {
    let tool = prepared.bill.tool;
    Program { kind: "application", name: line(tool.name), version: line(tool.version) }
}

fn annotation<'a>(prepared: &'a Prepared<'a>, text: String) -> Annotation<'a> {
    let annotator = Annotator { component: program(prepared) };
    Annotation { subjects: [component::IMAGE], annotator, timestamp: &prepared.created, text }
}

fn property<'a>(name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Property<'a> {
    Property { name: name.into(), value: value.into() }
}
