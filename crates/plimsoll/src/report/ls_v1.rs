//! `plimsoll.ls/1`: what stands in an image (docs/formats/ls-v1.schema.json).

use super::json::text;
use crate::ops::{Inhabitant, Inside};
use facts::Kind;
use serde::Serialize;

#[derive(Serialize)]
struct Listing<'l> {
    schema: &'static str,
    target: &'l str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    complete: bool,
    entries: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    path: String,
    kind: &'static str,
    mode: String,
    uid: u32,
    gid: u32,
    size: u64,
    mtime: i64,
    layer: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
}

/// One listing.
pub(crate) fn write(image: &Inside, standing: &[Inhabitant<'_>]) -> Vec<u8> {
    let manifest = image.reading.image.manifest.as_ref();
    text(&Listing {
        schema: "plimsoll.ls/1",
        target: &image.reading.image.target,
        digest: manifest.map(|manifest| manifest.digest().to_string()),
        complete: !image.is_blocked(),
        entries: standing.iter().map(line).collect(),
    })
}

fn line(one: &Inhabitant<'_>) -> Line {
    let (kind, target) = match &one.entry.kind {
        Kind::Directory => ("directory", None),
        Kind::Symlink(to) => ("symlink", Some(String::from_utf8_lossy(to).into_owned())),
        Kind::HardLink(to) => ("hardlink", Some(format!("/{}", String::from_utf8_lossy(to.as_bytes())))),
        Kind::File => ("file", None),
        Kind::Special | Kind::Whiteout | Kind::Opaque => ("special", None),
    };
    let file = one.file;
    Line {
        path: format!("/{}", String::from_utf8_lossy(one.path.as_bytes())),
        kind,
        mode: format!("{:04o}", file.mode),
        uid: file.uid,
        gid: file.gid,
        size: file.size,
        mtime: file.mtime,
        layer: one.layer,
        sha256: file.sha256.as_ref().map(model::Sha256::hex),
        target,
    }
}
