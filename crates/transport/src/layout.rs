//! OCI image layouts, in a folder or an archive
//! (<https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md>).
//!
//! A blob's path is made from a parsed digest, so no document can name a file outside `blobs`. Manifests and
//! config are compared with their descriptors before they are read; layers are verified by who reads them.

use crate::TransportError;
use crate::files::Files;
use crate::image::{Compression, Image, Layer, LayerBytes, Layers, Stored};
use crate::select::{descend, expect_image, is_foreign, layers_of, stored_as, verify, verify_digest};
use crate::target::Pick;
use model::oci::{CONFIG_LIMIT, Descriptor, Document, ImageConfig, Index, MANIFEST_LIMIT, Manifest, OciError, media};
use model::{Digest, Platform, Subject, Unknown, UnknownKind, escaped};
use std::sync::Arc;

/// The annotation that names an image of a layout.
pub(crate) const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// Where containerd and Docker put the whole reference, since `ref.name` has but the tag.
pub(crate) const CONTAINERD_NAME: &str = "io.containerd.image.name";
/// The most images that an error lists.
const LISTED: usize = 20;

/// Opens the image `pick` for `platform`.
pub(crate) fn open(files: Files, pick: &Pick, platform: &Platform, target: &str) -> Result<Image, TransportError> {
    let document = root_of(&files, pick, Some(platform), target)?;
    let mut load = |child: &Descriptor| document_of(&files, child, target);
    let (index, manifest) = descend(document, platform, target, &mut load)?;
    expect_image(&manifest, target)?;
    let config = config_of(&files, &manifest, target)?;
    let (mut layers, unknowns) = layers_of(&manifest, &config);
    for layer in &mut layers {
        settle_foreign(&files, layer);
    }
    let blobs = Blobs { digests: manifest.layers.iter().map(|d| d.digest).collect(), files };
    Ok(Image {
        subject: Some(Subject::Manifest(manifest.digest())),
        target: target.to_owned(),
        reference: None,
        index,
        platform: stated_platform(&config, platform),
        manifest: Some(manifest),
        config: Some(config),
        layers,
        unknowns,
        bytes: Arc::new(blobs),
    })
}

/// The platform that the config states; the one asked for where it states none.
pub(crate) fn stated_platform(config: &ImageConfig, asked: &Platform) -> Platform {
    if config.os.is_empty() && config.architecture.is_empty() { asked.clone() } else { config.platform() }
}

pub(crate) fn blob_path(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm().name(), digest.hex())
}

/// The document that `pick` names in `index.json`. Where that lists the platforms of one image apart, `platform`
/// chooses; without one they are several images.
pub(crate) fn root_of(
    files: &Files,
    pick: &Pick,
    platform: Option<&Platform>,
    target: &str,
) -> Result<Document, TransportError> {
    let raw = files.read("index.json", "index", MANIFEST_LIMIT)?;
    let document = |source| TransportError::Document { target: target.to_owned(), source };
    let index = match Document::parse(&raw, Some(media::OCI_INDEX)).map_err(document)? {
        Document::Index(index) => index,
        Document::Manifest(m) => return Err(document(OciError::NotAnImage(escaped(&m.media_type).into_owned()))),
    };
    let found: Vec<&Descriptor> = match pick {
        Pick::Only => only(&index),
        Pick::Tag(tag) => tagged(&index, tag),
        Pick::Digest(digest) => match index.manifests.iter().find(|d| d.digest == *digest) {
            Some(descriptor) => vec![descriptor],
            None => return unlisted(files, &index, digest, target),
        },
    };
    let distinct = |d: &&Descriptor| d.digest != found[0].digest;
    match found.as_slice() {
        [] => Err(TransportError::NoImage {
            target: target.to_owned(),
            wanted: match pick {
                Pick::Tag(tag) => escaped(tag).into_owned(),
                Pick::Only | Pick::Digest(_) => platform.map_or("any".to_owned(), Platform::to_string),
            },
            offered: offered(&index),
        }),
        [first, rest @ ..] if !rest.iter().any(distinct) => document_of(files, first, target),
        several if several.iter().all(|d| d.platform.is_some()) && platform.is_some() => {
            let platform = platform.cloned().unwrap_or_else(Platform::of_this_machine);
            by_platform(files, several, &platform, target)
        }
        _ => Err(TransportError::SeveralImages { target: target.to_owned(), offered: offered(&index) }),
    }
}

/// The images of a layout. What refers to them (signatures, SBOMs) lies beside them, with a type of its own.
fn only(index: &Index) -> Vec<&Descriptor> {
    let images: Vec<&Descriptor> = index.images().filter(|d| d.artifact_type.is_none()).collect();
    if images.is_empty() { index.images().collect() } else { images }
}

/// Those of this name: by the whole annotation, else by the tag at its end.
fn tagged<'a>(index: &'a Index, tag: &str) -> Vec<&'a Descriptor> {
    let names = |d: &'a Descriptor| [REF_NAME, CONTAINERD_NAME].into_iter().filter_map(|key| d.annotations.get(key));
    let whole: Vec<_> = index.images().filter(|d| names(d).any(|name| name == tag)).collect();
    if !whole.is_empty() {
        return whole;
    }
    index.images().filter(|d| names(d).any(|name| tag_of(name) == Some(tag))).collect()
}

/// What follows the last colon, if that is not a port's.
fn tag_of(name: &str) -> Option<&str> {
    name.rsplit_once(':').map(|(_, tag)| tag).filter(|tag| !tag.contains('/'))
}

/// A layout may list the platforms of one image at its top, each as a child of its own.
fn by_platform(
    files: &Files,
    several: &[&Descriptor],
    platform: &Platform,
    target: &str,
) -> Result<Document, TransportError> {
    let fitting: Vec<_> = several.iter().filter(|d| d.platform.as_ref().is_some_and(|p| platform.accepts(p))).collect();
    let exact = fitting.iter().find(|d| d.platform.as_ref() == Some(platform));
    if let Some(chosen) = exact.or(fitting.first()) {
        // Two images for one platform are two images, not an image with two platforms.
        let twice = |d: &&&&Descriptor| d.platform == chosen.platform && d.digest != chosen.digest;
        return match fitting.iter().find(twice) {
            None => document_of(files, chosen, target),
            Some(_) => Err(TransportError::SeveralImages { target: target.to_owned(), offered: list(several) }),
        };
    }
    let mut offered: Vec<String> = several.iter().filter_map(|d| Some(d.platform.as_ref()?.to_string())).collect();
    offered.truncate(LISTED);
    let offered = escaped(&offered.join(", ")).into_owned();
    Err(TransportError::NoPlatform { target: target.to_owned(), wanted: platform.to_string(), offered })
}

/// A digest that `index.json` does not list: a child of what it lists, perhaps.
fn unlisted(files: &Files, index: &Index, digest: &Digest, target: &str) -> Result<Document, TransportError> {
    let path = blob_path(digest);
    if !files.has(&path) {
        let (target, wanted) = (target.to_owned(), digest.to_string());
        return Err(TransportError::NoImage { target, wanted, offered: offered(index) });
    }
    let raw = files.read(&path, "manifest", MANIFEST_LIMIT)?;
    verify_digest(&raw, digest, "manifest", target)?;
    Document::parse(&raw, None).map_err(|source| TransportError::Document { target: target.to_owned(), source })
}

fn offered(index: &Index) -> String {
    list(&index.images().collect::<Vec<_>>())
}

fn list(images: &[&Descriptor]) -> String {
    if images.is_empty() {
        return "none".to_owned();
    }
    let name = |d: &&Descriptor| match d.annotations.get(REF_NAME) {
        Some(name) => format!("`:{}`", escaped(name)),
        None => format!("`@{}`", d.digest),
    };
    let mut names: Vec<String> = images.iter().take(LISTED).map(name).collect();
    if images.len() > LISTED {
        names.push(format!("{} more", images.len() - LISTED));
    }
    names.join(", ")
}

pub(crate) fn document_of(files: &Files, descriptor: &Descriptor, target: &str) -> Result<Document, TransportError> {
    let raw = files.read(&blob_path(&descriptor.digest), "manifest", MANIFEST_LIMIT)?;
    verify(&raw, descriptor, "manifest", target)?;
    let document = Document::parse(&raw, Some(&descriptor.media_type));
    document.map_err(|source| TransportError::Document { target: target.to_owned(), source })
}

fn config_of(files: &Files, manifest: &Manifest, target: &str) -> Result<ImageConfig, TransportError> {
    let raw = files.read(&blob_path(&manifest.config.digest), "config", CONFIG_LIMIT)?;
    verify(&raw, &manifest.config, "config", target)?;
    ImageConfig::parse(&raw).map_err(|source| TransportError::Document { target: target.to_owned(), source })
}

/// A foreign layer that is here after all can be read; one that is only said to be elsewhere cannot.
fn settle_foreign(files: &Files, layer: &mut Layer) {
    let Some(blob) = &layer.blob else { return };
    if !is_foreign(&blob.media_type) && blob.urls.is_empty() {
        return;
    }
    layer.compression = if files.has(&blob_path(&blob.digest)) {
        stored_as(blob)
    } else {
        let why = format!("layer {} is foreign: its bytes are kept elsewhere", blob.digest);
        Compression::Unreadable(Unknown::new(UnknownKind::ForeignLayer, why))
    };
}

struct Blobs {
    files: Files,
    digests: Vec<Digest>,
}

impl Layers for Blobs {
    fn open(&self, index: usize) -> Result<LayerBytes, TransportError> {
        let digest = self.digests.get(index).ok_or_else(|| TransportError::Missing {
            target: self.files.shown().to_owned(),
            name: format!("layer {index}"),
        })?;
        Ok(self.files.open(&blob_path(digest))?.0)
    }

    fn manifest(&self, descriptor: &Descriptor) -> Result<Option<Manifest>, TransportError> {
        // An engine lists attestations that it does not hand out.
        if !self.files.has(&blob_path(&descriptor.digest)) {
            return Ok(None);
        }
        match document_of(&self.files, descriptor, self.files.shown())? {
            Document::Manifest(manifest) => Ok(Some(manifest)),
            Document::Index(_) => Ok(None),
        }
    }

    fn blob(&self, descriptor: &Descriptor) -> Result<Option<LayerBytes>, TransportError> {
        let path = blob_path(&descriptor.digest);
        if self.files.has(&path) { Ok(Some(self.files.open(&path)?.0)) } else { Ok(None) }
    }

    fn stored(&self, index: usize) -> Stored {
        self.digests.get(index).map_or(Stored::Here(None), |digest| self.files.stored(&blob_path(digest)))
    }
}
