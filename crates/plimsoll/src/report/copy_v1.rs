//! `plimsoll.copy/1`: what was copied (docs/formats/copy-v1.schema.json).

use super::json::text;
use crate::ops::Copying;
use model::oci::Descriptor;
use serde::Serialize;
use transport::{Copied, Kept, Sent};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Copy<'a> {
    schema: &'static str,
    source: &'a str,
    destination: &'a str,
    digest: String,
    kept: &'static str,
    result: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    names: &'a [String],
    documents: Vec<Content<'a>>,
    blobs: Vec<Blob<'a>>,
    foreign: Vec<Content<'a>>,
    referrers: Vec<Referrer<'a>>,
    bytes: Bytes,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    digest: String,
    media_type: &'a str,
    size: u64,
}

#[derive(Serialize)]
struct Blob<'a> {
    #[serde(flatten)]
    content: Content<'a>,
    how: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Referrer<'a> {
    subject: String,
    digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<&'a str>,
}

#[derive(Serialize)]
struct Bytes {
    written: u64,
    mounted: u64,
    present: u64,
}

/// The document for one copy.
pub(crate) fn write(copying: &Copying) -> Vec<u8> {
    let copied = &copying.copied;
    text(&Copy {
        schema: "plimsoll.copy/1",
        source: &copying.source,
        destination: &copying.destination,
        digest: copied.digest.to_string(),
        kept: word(&copied.kept),
        result: result(copied),
        why: why(&copied.kept),
        names: &copied.names,
        documents: copied.documents.iter().map(content).collect(),
        blobs: copied.blobs.iter().map(|(blob, sent)| Blob { content: content(blob), how: how(*sent) }).collect(),
        foreign: copied.foreign.iter().map(content).collect(),
        referrers: copied
            .referrers
            .iter()
            .map(|(subject, descriptor)| Referrer {
                subject: subject.to_string(),
                digest: descriptor.digest.to_string(),
                artifact_type: descriptor.artifact_type.as_deref(),
            })
            .collect(),
        bytes: Bytes {
            written: bytes(copied, Sent::Written),
            mounted: bytes(copied, Sent::Mounted),
            present: bytes(copied, Sent::Present),
        },
    })
}

fn content(blob: &Descriptor) -> Content<'_> {
    Content { digest: blob.digest.to_string(), media_type: &blob.media_type, size: blob.size }
}

fn how(sent: Sent) -> &'static str {
    match sent {
        Sent::Present => "present",
        Sent::Mounted => "mounted",
        Sent::Written => "written",
    }
}

fn word(kept: &Kept) -> &'static str {
    match kept {
        Kept::Same => "same",
        Kept::Platform(_) => "platform",
        Kept::Made(_) => "made",
        Kept::Config(_) => "config",
    }
}

/// The digest that the image has at the destination.
pub(super) fn result(copied: &Copied) -> String {
    match copied.kept {
        Kept::Same => copied.digest.to_string(),
        Kept::Platform(digest) | Kept::Made(digest) | Kept::Config(digest) => digest.to_string(),
    }
}

/// Why the digest is another one.
pub(super) fn why(kept: &Kept) -> Option<&'static str> {
    match kept {
        Kept::Same => None,
        Kept::Platform(_) => Some("one platform was taken out of the index"),
        Kept::Made(_) => Some("the source keeps no manifest, so one was made for the same config and layers"),
        Kept::Config(_) => Some("the engine's store has no place for a manifest and knows the image by its config"),
    }
}

/// The sum over the blobs that came there in this way.
pub(super) fn bytes(copied: &Copied, sent: Sent) -> u64 {
    copied.blobs.iter().filter(|(_, how)| *how == sent).map(|(blob, _)| blob.size).sum()
}
