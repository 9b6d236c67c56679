//! OpenVEX 0.2.0 in JSON (<https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md>). Written, not read.
//!
//! The document's `@id` is a hash of its statements, so that the same statements are the same document.

use crate::json::{WriteError, write as write_json};
use model::Digest;
use serde::Serialize;
use std::io::Write;

const CONTEXT: &str = "https://openvex.dev/ns/v0.2.0";
/// Where documents without a place of their own are named, as the specification's own tools do.
const NAMES: &str = "https://openvex.dev/docs/public/vex-";

/// What is stated about vulnerabilities in products.
#[derive(Clone, Debug)]
pub struct Vex<'a> {
    /// Who answers for the statements.
    pub author: &'a str,
    /// When the document was made, RFC 3339.
    pub timestamp: &'a str,
    /// The program that made it.
    pub tooling: &'a str,
    /// The statements; a reader takes the last of several about the same.
    pub statements: Vec<Statement<'a>>,
}

/// What is stated about one vulnerability in one product.
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    /// The vulnerability's best-known name.
    pub vulnerability: &'a str,
    /// Its other names.
    pub aliases: &'a [String],
    /// When it was stated, RFC 3339; the document's time unless given.
    pub timestamp: Option<String>,
    /// The product: a package URL or another IRI.
    pub product: String,
    /// The product's SHA-256, where it has one.
    pub hash: Option<Digest>,
    /// Package URLs of the product's parts that the statement is about.
    pub parts: Vec<&'a str>,
    /// What is stated.
    pub status: Status<'a>,
}

/// OpenVEX's statuses, each with what it must be accompanied by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status<'a> {
    /// It does not apply.
    NotAffected {
        /// One of the specification's five words.
        justification: &'a str,
        /// Why, in words.
        impact: &'a str,
    },
    /// It applies.
    Affected {
        /// What is done about it.
        action: &'a str,
    },
    /// It is gone.
    Fixed {
        /// How that is known.
        notes: &'a str,
    },
    /// Nobody has decided.
    UnderInvestigation {
        /// What is known so far.
        notes: &'a str,
    },
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@id")]
    id: String,
    author: &'a str,
    timestamp: &'a str,
    version: u32,
    tooling: &'a str,
    statements: &'a [Row<'a>],
}

#[derive(Serialize)]
struct Row<'a> {
    vulnerability: Name<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<&'a str>,
    products: [Product<'a>; 1],
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_notes: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    impact_statement: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_statement: Option<&'a str>,
}

#[derive(Serialize)]
struct Name<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    aliases: &'a [String],
}

#[derive(Serialize)]
struct Product<'a> {
    #[serde(rename = "@id")]
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hashes: Option<Hashes>,
    subcomponents: Vec<Part<'a>>,
}

#[derive(Serialize)]
struct Hashes {
    #[serde(rename = "sha-256")]
    sha256: String,
}

#[derive(Serialize)]
struct Part<'a> {
    #[serde(rename = "@id")]
    id: &'a str,
}

/// Writes the document as one line of JSON.
///
/// # Errors
/// [`WriteError`] where `out` cannot be written to.
pub fn write(vex: &Vex<'_>, out: impl Write) -> Result<(), WriteError> {
    let rows: Vec<Row<'_>> = vex.statements.iter().map(row).collect();
    let mut said = Vec::new();
    write_json(&(vex.author, vex.timestamp, &rows), &mut said)?;
    let document = Document {
        context: CONTEXT,
        id: format!("{NAMES}{}", Digest::of(&said).hex()),
        author: vex.author,
        timestamp: vex.timestamp,
        version: 1,
        tooling: vex.tooling,
        statements: &rows,
    };
    write_json(&document, out)
}

fn row<'a>(statement: &'a Statement<'a>) -> Row<'a> {
    let product = Product {
        id: &statement.product,
        hashes: statement
            .hash
            .filter(|h| h.algorithm() == model::Algorithm::Sha256)
            .map(|h| Hashes { sha256: h.hex() }),
        subcomponents: statement.parts.iter().map(|id| Part { id }).collect(),
    };
    let mut row = Row {
        vulnerability: Name { name: statement.vulnerability, aliases: statement.aliases },
        timestamp: statement.timestamp.as_deref(),
        products: [product],
        status: "",
        status_notes: None,
        justification: None,
        impact_statement: None,
        action_statement: None,
    };
    match statement.status {
        Status::NotAffected { justification, impact } => {
            row.status = "not_affected";
            (row.justification, row.impact_statement) = (Some(justification), Some(impact));
        }
        Status::Affected { action } => (row.status, row.action_statement) = ("affected", Some(action)),
        Status::Fixed { notes } => (row.status, row.status_notes) = ("fixed", Some(notes)),
        Status::UnderInvestigation { notes } => (row.status, row.status_notes) = ("under_investigation", Some(notes)),
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(status: Status<'_>) -> serde_json::Value {
        let statement = Statement {
            vulnerability: "CVE-1",
            aliases: &[],
            timestamp: None,
            product: "pkg:oci/app@sha256%3Aab".to_owned(),
            hash: Some(Digest::of(b"app")),
            parts: vec!["pkg:deb/debian/openssl@3"],
            status,
        };
        let statements = vec![statement];
        let vex = Vex { author: "ann", timestamp: "2026-11-27T00:00:00Z", tooling: "plimsoll", statements };
        let mut out = Vec::new();
        write(&vex, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn each_status_brings_what_the_specification_asks_for() {
        let row = |status| written(status)["statements"][0].clone();
        let one = row(Status::NotAffected { justification: "component_not_present", impact: "gone" });
        assert_eq!((&one["status"], &one["justification"]), (&"not_affected".into(), &"component_not_present".into()));
        assert_eq!(row(Status::Affected { action: "update" })["action_statement"], "update");
        assert_eq!(row(Status::Fixed { notes: "patched" })["status_notes"], "patched");
        let one = row(Status::UnderInvestigation { notes: "nobody decided" });
        assert_eq!(one["products"][0]["subcomponents"][0]["@id"], "pkg:deb/debian/openssl@3");
        assert_eq!(one["products"][0]["hashes"]["sha-256"], Digest::of(b"app").hex());
    }

    #[test]
    fn the_same_statements_are_the_same_document() {
        let id = |status| written(status)["@id"].as_str().unwrap().to_owned();
        let fixed = id(Status::Fixed { notes: "patched" });
        assert_eq!(fixed, id(Status::Fixed { notes: "patched" }));
        assert_ne!(fixed, id(Status::Fixed { notes: "patched twice" }));
        assert!(fixed.starts_with(NAMES));
    }
}
