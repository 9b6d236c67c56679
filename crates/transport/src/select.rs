//! What every source does alike once it has documents: pick the image for a platform, and turn a manifest and
//! its config into closed layers. Nothing here opens or fetches anything.

use crate::{Compression, Layer, TransportError};
use model::oci::{Descriptor, Document, ImageConfig, Index, Manifest, OciError, media};

use model::{Digest, Platform, Unknown, UnknownKind, escaped};

/// The most layers of an image that are read. Docker makes at most 127; some builders make a few hundred.
pub const LAYERS_LIMIT: usize = 4096;
/// How deep indexes may lie in each other.
pub const NESTING_LIMIT: usize = 8;
/// The most manifests and indexes that are read to find one image.
pub const DOCUMENTS_LIMIT: usize = 64;
/// The most platforms that an error lists.
const LISTED: usize = 20;

/// The config types of images; Docker's first registries said `application/octet-stream`, or nothing.
const IMAGE_CONFIGS: [&str; 4] = [
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
    "application/octet-stream",
    "",
];

/// Follows `document` down to the one manifest for `platform`, reading children with `load`, which verifies them.
/// Every nested index is searched, in order, until one has what is wanted.
///
/// # Errors
/// What `load` says, [`TransportError::NoPlatform`], or [`TransportError::Limit`] past [`NESTING_LIMIT`] or
/// [`DOCUMENTS_LIMIT`].
pub(crate) fn descend(
    document: Document,
    platform: &Platform,
    target: &str,
    load: &mut dyn FnMut(&Descriptor) -> Result<Document, TransportError>,
) -> Result<(Option<Index>, Manifest), TransportError> {
    let top = match document {
        Document::Manifest(manifest) => return Ok((None, manifest)),
        Document::Index(index) => index,
    };
    let mut search = Search { platform, target, load, budget: DOCUMENTS_LIMIT, seen: vec![top.clone()] };
    match search.within(&top, 1)? {
        Some(manifest) => Ok((Some(top), manifest)),
        None => Err(no_platform(&search.seen, platform, target)),
    }
}

struct Search<'a> {
    platform: &'a Platform,
    target: &'a str,
    load: &'a mut dyn FnMut(&Descriptor) -> Result<Document, TransportError>,
    budget: usize,
    /// The indexes searched, for the error that lists what they have.
    seen: Vec<Index>,
}

impl Search<'_> {
    fn within(&mut self, index: &Index, depth: usize) -> Result<Option<Manifest>, TransportError> {
        let limit = |name, at| TransportError::Limit { target: self.target.to_owned(), name, at };
        if depth > NESTING_LIMIT {
            return Err(limit("indexes nested in indexes", NESTING_LIMIT as u64));
        }
        let chosen: Vec<&Descriptor> = match best(index, self.platform) {
            Some(child) => vec![child],
            None => nested(index).collect(),
        };
        for child in chosen {
            self.budget = self.budget.checked_sub(1).ok_or_else(|| TransportError::Limit {
                target: self.target.to_owned(),
                name: "manifests read to find one image",
                at: DOCUMENTS_LIMIT as u64,
            })?;
            match (self.load)(child)? {
                Document::Manifest(manifest) => return Ok(Some(manifest)),
                Document::Index(inner) => {
                    let found = self.within(&inner, depth + 1)?;
                    if found.is_some() {
                        return Ok(found);
                    }
                    self.seen.push(inner);
                }
            }
        }
        Ok(None)
    }
}

/// The child of `index` for `platform`: the closest variant first, then the order of the index. An only child that
/// states no platform is taken as it is.
pub(crate) fn best<'a>(index: &'a Index, platform: &Platform) -> Option<&'a Descriptor> {
    let fits = |d: &&Descriptor| d.platform.as_ref().is_some_and(|p| platform.accepts(p));
    // `min_by_key` keeps the first of equals, so the order of the index decides the rest.
    let fitting = index.images().filter(fits).min_by_key(|d| distance(platform, d.platform.as_ref()));
    fitting.or_else(|| {
        let mut images = index.images();
        images.next().filter(|d| d.platform.is_none() && !is_index(d)).filter(|_| images.next().is_none())
    })
}

/// How far an accepted platform is from the one asked for: as asked, the architecture's usual variant, any other.
fn distance(asked: &Platform, offered: Option<&Platform>) -> u8 {
    let Some(offered) = offered else { return 3 };
    let usual = match asked.architecture.as_str() {
        "arm" => Some("v7"),
        "arm64" => Some("v8"),
        "amd64" => Some("v1"),
        _ => None,
    };
    match offered.variant.as_deref() {
        variant if variant == asked.variant.as_deref() => 0,
        variant if variant.is_none() || variant == usual => 1,
        _ => 2,
    }
}

fn is_index(descriptor: &Descriptor) -> bool {
    matches!(descriptor.media_type.as_str(), media::OCI_INDEX | media::DOCKER_LIST)
}

/// The children that are indexes of their own and do not say for which platform.
fn nested(index: &Index) -> impl Iterator<Item = &Descriptor> {
    index.images().filter(|d| is_index(d) && d.platform.is_none())
}

fn no_platform<'a>(indexes: impl IntoIterator<Item = &'a Index>, platform: &Platform, target: &str) -> TransportError {
    let mut offered: Vec<String> = Vec::new();
    for image in indexes.into_iter().flat_map(Index::images).filter(|d| !is_index(d)) {
        let name = image.platform.as_ref().map_or_else(|| "unstated".to_owned(), Platform::to_string);
        let name = escaped(&name).into_owned();
        if !offered.contains(&name) {
            offered.push(name);
        }
        if offered.len() > LISTED {
            offered.pop();
            offered.push("more".to_owned());
            break;
        }
    }
    let offered = if offered.is_empty() { "no image at all".to_owned() } else { offered.join(", ") };
    TransportError::NoPlatform { target: target.to_owned(), wanted: platform.to_string(), offered }
}

/// Compares `raw` with what `promised` says of it: first the size, then the digest.
///
/// # Errors
/// [`TransportError::Mismatch`]; `what` names the document.
pub(crate) fn verify(
    raw: &[u8],
    promised: &Descriptor,
    what: &'static str,
    target: &str,
) -> Result<(), TransportError> {
    if raw.len() as u64 != promised.size {
        let (expected, found) = (format!("{} bytes long", promised.size), format!("{} bytes long", raw.len()));
        return Err(TransportError::Mismatch { target: target.to_owned(), what, expected, found });
    }
    verify_digest(raw, &promised.digest, what, target)
}

/// [`verify`] where only a digest was promised.
pub(crate) fn verify_digest(
    raw: &[u8],
    promised: &Digest,
    what: &'static str,
    target: &str,
) -> Result<(), TransportError> {
    let mut hasher = promised.hasher();
    hasher.update(raw);
    let found = hasher.finish();
    if found == *promised {
        return Ok(());
    }
    let (expected, found) = (promised.to_string(), found.to_string());
    Err(TransportError::Mismatch { target: target.to_owned(), what, expected, found })
}

/// Refuses a manifest that describes something else than an image: a chart, a signature, an SBOM.
///
/// # Errors
/// [`TransportError::Document`] that names the type.
pub(crate) fn expect_image(manifest: &Manifest, target: &str) -> Result<(), TransportError> {
    if IMAGE_CONFIGS.contains(&plain_type(&manifest.config.media_type)) {
        return Ok(());
    }
    let stated = manifest.artifact_type.as_ref().unwrap_or(&manifest.config.media_type);
    let source = OciError::NotAnImage(escaped(stated).into_owned());
    Err(TransportError::Document { target: target.to_owned(), source })
}

/// The layers of an image, closed, and what is odd about them. Layers and diffIDs are joined by position; where
/// the config has too few, the rest has none, and that is an [`Unknown`] that blocks.
pub(crate) fn layers_of(manifest: &Manifest, config: &ImageConfig) -> (Vec<Layer>, Vec<Unknown>) {
    let layer = |(at, blob): (usize, &Descriptor)| Layer {
        diff_id: config.rootfs.diff_ids.get(at).copied(),
        blob: Some(blob.clone()),
        compression: compression(blob),
    };
    let mut layers: Vec<Layer> = manifest.layers.iter().take(LAYERS_LIMIT).enumerate().map(layer).collect();
    let mut unknowns = count_unknowns(manifest.layers.len(), config.rootfs.diff_ids.len());
    unknowns.extend(layers.iter_mut().filter_map(settle_label));
    (layers, unknowns)
}

/// Reads a layer by its bytes where its media type cannot be true: a plain tar's digest is its diffID, that of a packed
/// one is not. The documents alone tell, so the same is said whether or not the layer was read before
/// ([decision 7](https://github.com/plimsoll/plimsoll/blob/main/docs/decisions/0007-a-layer-is-what-its-bytes-are.md)).
fn settle_label(layer: &mut Layer) -> Option<Unknown> {
    let (blob, diff_id) = (layer.blob.as_ref()?, layer.diff_id?);
    let comparable = blob.digest.algorithm() == diff_id.algorithm();
    let bare = blob.digest == diff_id;
    let (settled, is) = match layer.compression {
        Compression::Plain if comparable && !bare => (Compression::Sniff, "its digest is not its diffID"),
        Compression::Gzip | Compression::Zstd if bare => (Compression::Plain, "its digest is its diffID"),
        _ => return None,
    };
    let why = format!(
        "layer {} is typed `{}`, but {is}: it is read by its first bytes, and not every engine can pull it",
        blob.digest,
        escaped(plain_type(&blob.media_type))
    );
    layer.compression = settled;
    Some(Unknown::new(UnknownKind::Mislabelled, why).in_layer(diff_id))
}

/// What is odd about the number of layers.
pub(crate) fn count_unknowns(layers: usize, diff_ids: usize) -> Vec<Unknown> {
    let mut unknowns = Vec::new();
    if layers > LAYERS_LIMIT {
        let why = format!("the image has {layers} layers: only the first {LAYERS_LIMIT} are read");
        unknowns.push(Unknown::new(UnknownKind::Limit, why));
    }
    if layers != diff_ids {
        let why = format!("the manifest has {layers} layers but the config has {diff_ids} diffIDs");
        unknowns.push(Unknown::new(UnknownKind::Mismatch, why));
    }
    unknowns
}

fn plain_type(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// How the blob is stored, by its media type; foreign layers count as unreadable.
fn compression(blob: &Descriptor) -> Compression {
    let unreadable = |kind, why: String| Compression::Unreadable(Unknown::new(kind, why));
    if is_foreign(&blob.media_type) {
        let digest = blob.digest;
        return unreadable(
            UnknownKind::ForeignLayer,
            format!("layer {digest} is foreign: its bytes are kept elsewhere"),
        );
    }
    stored_as(blob)
}

/// Whether the media type says that registries need not keep the blob.
pub(crate) fn is_foreign(media_type: &str) -> bool {
    media_type.contains(".nondistributable.") || media_type.contains(".foreign.")
}

/// How the blob is stored, whoever keeps it
/// (<https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md#distributable-format>).
pub(crate) fn stored_as(blob: &Descriptor) -> Compression {
    let media_type = plain_type(&blob.media_type);
    if media_type.is_empty() {
        return Compression::Sniff;
    }
    let unreadable = |why: String| Compression::Unreadable(Unknown::new(UnknownKind::UnreadableLayer, why));
    let digest = blob.digest;
    let shown = escaped(media_type);
    if media_type.ends_with("+encrypted") {
        return unreadable(format!("layer {digest} is encrypted (`{shown}`)"));
    }
    match suffix(media_type) {
        Some("") => Compression::Plain,
        Some("+gzip" | ".gzip") => Compression::Gzip,
        Some("+zstd" | ".zstd") => Compression::Zstd,
        Some(other) => {
            unreadable(format!("layer {digest} is compressed by a method that is not known: `{}`", escaped(other)))
        }
        None => unreadable(format!("layer {digest} is of type `{shown}`, which is no layer of files")),
    }
}

/// What follows the `tar` of a layer's media type; `None` if it is of no layer.
fn suffix(media_type: &str) -> Option<&str> {
    const LAYERS: [&str; 4] = [
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "application/vnd.docker.image.rootfs.diff.tar",
        "application/vnd.docker.image.rootfs.foreign.diff.tar",
    ];
    LAYERS.iter().find_map(|known| media_type.strip_prefix(known))
}

#[cfg(test)]
#[path = "select_tests.rs"]
mod tests;
