//! SPDX 2.3 in JSON (<https://spdx.github.io/spdx-spec/v2.3/>). Written, not read.
//!
//! The image is the package that the document DESCRIBES. It CONTAINS the distribution (an operating system) and
//! every package; a package DEPENDS_ON those that satisfy its needs. Two words stretch a little:
//! - a package of another ecosystem inside a distribution's package (a Python distribution in a deb) is a package
//!   of its own that the distribution's package CONTAINS;
//! - a vendored copy is CONTAINed in its carrier as well, with a comment that says so.
//!
//! Where an evidence file's hash is known it stands in `sourceInfo`: SPDX asks SHA-1 of every `File`, and a hash
//! that nobody computed is not invented. Copyright texts are never asserted; a concluded licence only where the
//! package's own metadata holds a valid expression. A value that is itself a keyword or the beginning of an actor
//! (`NONE`, `Tool:`) has its first letter escaped, so that no converter takes it for the term. Tag-value, RDF and XML are left to converters.

mod package;
mod relation;

use crate::bill::Bill;
use crate::identity::identity;
use crate::json::{Each, WriteError, write as write_json};
use crate::licences::list_version;
use crate::party::Party;
use crate::prepared::Prepared;
use crate::text::{line, name, term};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;

/// Writes `bill` as one line of JSON. The namespace is derived from the subject and all that `bill` says.
pub fn write(bill: &Bill<'_>, out: impl Write) -> Result<(), WriteError> {
    let prepared = Prepared::new(bill);
    let tool = format!("Tool: {}-{}", line(bill.tool.name), line(bill.tool.version));
    let uuid = identity("SPDX-2.3", bill, &[])?;
    let subject = bill.subject.map(|s| format!("{}-{}-", s.kind(), s.digest().hex())).unwrap_or_default();
    let namespace = format!("https://spdx.org/spdxdocs/plimsoll-{subject}{uuid}");
    write_json(&document(&prepared, &tool, &namespace), out)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a, P, R, N> {
    spdx_version: &'static str,
    data_license: &'static str,
    #[serde(rename = "SPDXID")]
    id: &'static str,
    name: Cow<'a, str>,
    document_namespace: &'a str,
    creation_info: CreationInfo<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    packages: P,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    has_extracted_licensing_infos: Vec<Extracted<'a>>,
    relationships: R,
    annotations: N,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreationInfo<'a> {
    created: &'a str,
    creators: Vec<String>,
    license_list_version: String,
    comment: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Extracted<'a> {
    license_id: &'a str,
    extracted_text: Cow<'a, str>,
}

/// A remark; SPDX's only place for what has no field.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Annotation<'a> {
    annotation_date: &'a str,
    annotation_type: &'static str,
    annotator: &'a str,
    comment: String,
}

fn document<'a>(prepared: &'a Prepared<'a>, tool: &'a str, namespace: &'a str) -> impl Serialize + 'a {
    Document {
        spdx_version: "SPDX-2.3",
        data_license: "CC0-1.0",
        id: "SPDXRef-DOCUMENT",
        name: term(name(&prepared.name)),
        document_namespace: namespace,
        creation_info: creation_info(prepared, tool),
        comment: comment(prepared),
        packages: Each(move || package::all(prepared, tool)),
        has_extracted_licensing_infos: extracted(prepared),
        relationships: Each(move || relation::all(prepared)),
        annotations: Each(move || prepared.notes().map(move |note| annotation(prepared, tool, note))),
    }
}

fn annotation<'a>(prepared: &'a Prepared<'a>, annotator: &'a str, comment: String) -> Annotation<'a> {
    Annotation { annotation_date: &prepared.created, annotation_type: "OTHER", annotator, comment }
}

fn creation_info<'a>(prepared: &'a Prepared<'a>, tool: &'a str) -> CreationInfo<'a> {
    let creator = prepared.bill.options.creator.as_ref();
    let address = creator.and_then(|c| c.url).map(|u| format!(" The creator's page: {}.", line(u))).unwrap_or_default();
    let undated =
        if prepared.undated { " No date was given and the image states none; 1970-01-01 stands for that." } else { "" };
    CreationInfo {
        created: &prepared.created,
        creators: [tool.to_owned()].into_iter().chain(creator.and_then(Party::of_creator).map(|p| p.spdx())).collect(),
        license_list_version: list_version(),
        comment: format!(
            "SBOM type: analyzed; made from the content of the finished image. A concluded licence is the package's own \
             statement, or that of the package it is a part of, where that is a valid expression.{address}{undated}"
        ),
    }
}

fn comment(prepared: &Prepared<'_>) -> Option<String> {
    let facts = prepared.bill.facts;
    let blocking = facts.unknowns.iter().filter(|u| u.kind.blocks()).count();
    (!prepared.is_complete()).then(|| {
        format!(
            "This list is incomplete. Not read: {}, of which {blocking} may hide packages; programs in no package: {}. \
             Each is an annotation of this document.",
            facts.unknowns.len(),
            facts.unidentified.len()
        )
    })
}

fn extracted<'a>(prepared: &'a Prepared<'a>) -> Vec<Extracted<'a>> {
    let licences = prepared.licences.iter().chain([&prepared.image_licence]);
    let mut texts: BTreeMap<&str, &str> = BTreeMap::new();
    for (id, text) in licences.flat_map(|l| &l.references) {
        texts.entry(id).or_insert(text);
    }
    texts.into_iter().map(|(id, text)| Extracted { license_id: id, extracted_text: term(text.into()) }).collect()
}
