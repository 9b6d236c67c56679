//! Archives of `docker save` in all its ages, and of the tools that write the same: `manifest.json`, configs and
//! plain layers, without a manifest whose digest a registry would know.
//!
//! The image is known by its config, so the config's bytes are its identity; where the config's file is named
//! after its digest, it must have that digest. The layers are verified against the config's diffIDs.

use crate::TransportError;
use crate::archive::Archive;
use crate::files::Files;
use crate::image::{Compression, Image, Layer, LayerBytes, Layers, Stored};
use crate::layout::stated_platform;
use crate::select::{LAYERS_LIMIT, count_unknowns, verify_digest};
use model::oci::{CONFIG_LIMIT, ImageConfig, MANIFEST_LIMIT, OciError};
use model::{Digest, Platform, Reference, Subject, escaped};
use serde::Deserialize;
use std::sync::Arc;

/// The most images that an error lists.
const LISTED: usize = 20;

/// One image in `manifest.json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    #[serde(default)]
    layers: Option<Vec<String>>,
}

/// Opens `image` (a reference or a config's digest), or the only image there is.
pub(crate) fn open(
    archive: Archive,
    image: Option<&str>,
    platform: &Platform,
    target: &str,
) -> Result<Image, TransportError> {
    let files = Files::Archive(archive);
    let entries = entries(&files, target)?;
    let entry = pick(&entries, image, target)?;
    let config = config_of(&files, entry, target)?;
    let names: Vec<String> = entry.layers.clone().unwrap_or_default();
    let layer = |(at, _): (usize, &String)| Layer {
        diff_id: config.rootfs.diff_ids.get(at).copied(),
        blob: None,
        compression: Compression::Sniff,
    };
    Ok(Image {
        subject: Some(Subject::Config(config.digest())),
        target: target.to_owned(),
        reference: image.and_then(|i| i.parse::<Reference>().ok()),
        index: None,
        manifest: None,
        platform: stated_platform(&config, platform),
        layers: names.iter().take(LAYERS_LIMIT).enumerate().map(layer).collect(),
        unknowns: count_unknowns(names.len(), config.rootfs.diff_ids.len()),
        config: Some(config),
        bytes: Arc::new(Members { files, names }),
    })
}

fn entries(files: &Files, target: &str) -> Result<Vec<Entry>, TransportError> {
    let raw = files.read("manifest.json", "manifest", MANIFEST_LIMIT)?;
    let what = "manifest.json";
    serde_json::from_slice(&raw).map_err(|source| TransportError::Document {
        target: target.to_owned(),
        source: OciError::Json { what, source },
    })
}

/// The entry asked for. Several entries that are one image, under different tags, count as one.
fn pick<'a>(entries: &'a [Entry], image: Option<&str>, target: &str) -> Result<&'a Entry, TransportError> {
    let matching: Vec<&Entry> = entries.iter().filter(|e| image.is_none_or(|i| is_meant(e, i))).collect();
    match (matching.as_slice(), image) {
        ([], _) => Err(TransportError::NoImage {
            target: target.to_owned(),
            wanted: escaped(image.unwrap_or("any")).into_owned(),
            offered: offered(entries),
        }),
        ([first, rest @ ..], _) if rest.iter().all(|e| e.config == first.config && e.layers == first.layers) => {
            Ok(first)
        }
        _ => Err(TransportError::SeveralImages { target: target.to_owned(), offered: offered(entries) }),
    }
}

fn is_meant(entry: &Entry, image: &str) -> bool {
    let same = |tag: &String| match (tag.parse::<Reference>(), image.parse::<Reference>()) {
        (Ok(a), Ok(b)) => a.name() == b.name() && a.wanted() == b.wanted(),
        _ => tag == image,
    };
    let digest = image.parse::<Digest>().ok();
    entry.repo_tags.iter().flatten().any(same) || digest.is_some_and(|d| named_digest(&entry.config) == Some(d))
}

fn offered(entries: &[Entry]) -> String {
    if entries.is_empty() {
        return "none".to_owned();
    }
    let name = |e: &Entry| match e.repo_tags.iter().flatten().next() {
        Some(tag) => format!("`:{}`", escaped(tag)),
        None => named_digest(&e.config).map_or_else(|| escaped(&e.config).into_owned(), |d| format!("`@{d}`")),
    };
    let mut names: Vec<String> = entries.iter().take(LISTED).map(name).collect();
    if entries.len() > LISTED {
        names.push(format!("{} more", entries.len() - LISTED));
    }
    names.join(", ")
}

/// The digest that a config's file name states: `HEX.json`, `sha256:HEX` or `blobs/sha256/HEX`.
fn named_digest(name: &str) -> Option<Digest> {
    let last = name.rsplit('/').next()?;
    let hex = last.strip_suffix(".json").unwrap_or(last);
    format!("sha256:{}", hex.strip_prefix("sha256:").unwrap_or(hex)).parse().ok()
}

fn config_of(files: &Files, entry: &Entry, target: &str) -> Result<ImageConfig, TransportError> {
    let raw = files.read(&entry.config, "config", CONFIG_LIMIT)?;
    if let Some(digest) = named_digest(&entry.config) {
        verify_digest(&raw, &digest, "config", target)?;
    }
    ImageConfig::parse(&raw).map_err(|source| TransportError::Document { target: target.to_owned(), source })
}

struct Members {
    files: Files,
    names: Vec<String>,
}

impl Layers for Members {
    fn open(&self, index: usize) -> Result<LayerBytes, TransportError> {
        let name = self.names.get(index).ok_or_else(|| TransportError::Missing {
            target: self.files.shown().to_owned(),
            name: format!("layer {index}"),
        })?;
        Ok(self.files.open(name)?.0)
    }

    fn stored(&self, index: usize) -> Stored {
        self.names.get(index).map_or(Stored::Here(None), |name| self.files.stored(name))
    }
}
