//! An SBOM of any tool as a source of facts, all of them claims.

use super::Reading;
use crate::failure::{Failure, file};
use documents::claims::{self, Claims};
use facts::image::ImageFacts;
use facts::os::OsRelease;
use model::{Digest, Platform, Subject, TreePath, Unknown, UnknownKind};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use transport::{Image, LayerBytes, Layers, TransportError};

/// What an SBOM in a file says, read as if it were an image: `-` is standard input.
pub(crate) fn claimed(name: &str, target: &str) -> Result<Reading, Failure> {
    let bytes = whole(name).map_err(file("read", name))?;
    let path = TreePath::clean(name.as_bytes()).unwrap_or_else(|_| TreePath::root());
    let claims = claims::read(&bytes, &path).map_err(|error| Failure::Claims { path: name.into(), error })?;
    Ok(reading(claims, target, Subject::Document(Digest::of(&bytes)), name))
}

/// One byte more than is read, so that what is too long is known to be.
fn whole(name: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = claims::LONGEST as u64 + 1;
    if name == "-" {
        io::stdin().take(limit).read_to_end(&mut bytes)?;
    } else {
        File::open(Path::new(name))?.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn reading(mut claims: Claims, target: &str, subject: Subject, path: &str) -> Reading {
    let os = claims.distribution.clone().map(|(id, version_id)| OsRelease {
        id,
        version_id,
        path: path.to_owned(),
        ..OsRelease::default()
    });
    let unknowns = gaps(&claims);
    let packages = std::mem::take(&mut claims.packages);
    let facts = ImageFacts { os, packages, ..ImageFacts::default() };
    let image = Image {
        subject: Some(subject),
        target: target.to_owned(),
        reference: None,
        index: None,
        manifest: None,
        config: None,
        platform: Platform::of_this_machine(),
        layers: Vec::new(),
        unknowns: Vec::new(),
        bytes: Arc::new(Nothing),
    };
    Reading { image, facts, unknowns, unread: Vec::new(), cache_trouble: None, claims: Some(Box::new(claims)) }
}

/// What the document has and cannot be judged.
fn gaps(claims: &Claims) -> Vec<Unknown> {
    let mut gaps: Vec<Unknown> = Vec::new();
    for (reason, count) in &claims.left_out {
        let s = if *count == 1 { "" } else { "s" };
        gaps.push(Unknown::new(UnknownKind::Unidentified, format!("{count} component{s} {reason}")));
    }
    if claims.packages.is_empty() {
        let why = "the document names no package that could be judged";
        gaps.push(Unknown::new(UnknownKind::PackageDatabase, why));
    }
    gaps
}

/// A document has no layers.
struct Nothing;

impl Layers for Nothing {
    fn open(&self, index: usize) -> Result<LayerBytes, TransportError> {
        Err(TransportError::Missing { target: "an SBOM".to_owned(), name: format!("layer {index}") })
    }
}
