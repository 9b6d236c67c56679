//! Where a result is, and the edit that mends it.

use super::{Text, text};
use crate::text::line;
use model::{Finding, Place, TextPlace};
use serde::Serialize;
use std::borrow::Cow;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location<'a> {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<Logical<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artefact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artefact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical<'a> {
    fully_qualified_name: Cow<'a, str>,
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fix<'a> {
    description: Text<'a>,
    artifact_changes: [Change<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    artifact_location: Artefact,
    replacements: [Replacement<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Content<'a>,
}

/// Text to insert as it is: the one text here that is not made fit for a line.
#[derive(Serialize)]
struct Content<'a> {
    text: &'a str,
}

/// A file that someone wrote, a file of the image, or the image as a whole.
pub(super) fn location<'a>(target: &str, place: &'a Place) -> Location<'a> {
    let physical_location = match (&place.text, &place.path) {
        (Some(text), _) => Physical { artifact_location: written(text), region: Some(region(text)) },
        (None, Some(path)) => Physical {
            artifact_location: Artefact { uri: uri(path.as_bytes()), uri_base_id: Some("IMAGE") },
            region: None,
        },
        (None, None) => {
            Physical { artifact_location: Artefact { uri: uri(target.as_bytes()), uri_base_id: None }, region: None }
        }
    };
    let layer = place.layer.map(|d| Logical { fully_qualified_name: d.to_string().into(), kind: "layer" });
    let package = place.package.as_deref().map(|p| Logical { fully_qualified_name: line(p), kind: "package" });
    Location { physical_location, logical_locations: layer.into_iter().chain(package).collect() }
}

/// The edit over the finding's span.
pub(super) fn fix(finding: &Finding) -> Option<Fix<'_>> {
    let (fix, place) = (finding.fix.as_ref()?, finding.place.text.as_ref()?);
    let inserted_content = Content { text: &fix.replacement };
    let replacements = [Replacement { deleted_region: region(place), inserted_content }];
    Some(Fix {
        description: text(&fix.summary),
        artifact_changes: [Change { artifact_location: written(place), replacements }],
    })
}

fn written(place: &TextPlace) -> Artefact {
    Artefact { uri: uri(place.path.as_bytes()), uri_base_id: None }
}

fn region(place: &TextPlace) -> Region {
    Region {
        start_line: place.line,
        start_column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
    }
}

/// A path as a relative reference of RFC 3986: what is not plain is percent-encoded, so that neither a scheme
/// nor a second path can be smuggled in.
fn uri(path: &[u8]) -> String {
    let path = path.strip_prefix(b"./").unwrap_or(path);
    // Two leading slashes would name a host.
    let slashes = path.iter().take_while(|&&b| b == b'/').count();
    let path = &path[slashes.saturating_sub(1)..];
    let mut out = String::with_capacity(path.len());
    for &byte in path {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b'/' | b'+' | b'@' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
