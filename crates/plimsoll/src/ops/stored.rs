//! How a layer is stored, and how its media type says it is (docs/decisions/0007-a-layer-is-what-its-bytes-are.md).
//!
//! The bytes decide, since their digests are verified and a media type is only stated. That the two differ is always
//! said, whether the layer was read or its facts were known: what an image gets told does not hang on the cache.

use facts::layer::Encoding;
use ledger::cache::{Cache, Packed};
use model::{Unknown, UnknownKind, escaped};
use std::io::{self, Cursor, Read};
use transport::{Compression, Image, Layer};

/// First bytes that tell how a stream is packed, or that it is a tar.
const HEAD: usize = 512;

/// What the layer's media type says; `None` for what cannot be read.
pub(super) fn stated(layer: &Layer) -> Option<Encoding> {
    match &layer.compression {
        Compression::Plain => Some(Encoding::Plain),
        Compression::Gzip => Some(Encoding::Gzip),
        Compression::Zstd => Some(Encoding::Zstd),
        Compression::Sniff => Some(Encoding::Sniff),
        Compression::Unreadable(_) => None,
    }
}

/// Whether the stored blob is the plain stream, in its label and in its digests.
pub(super) fn is_bare(layer: &Layer) -> bool {
    matches!(layer.compression, Compression::Plain | Compression::Sniff)
        && layer.blob.as_ref().is_some_and(|blob| Some(blob.digest) == layer.diff_id)
}

/// What the cache knows of a blob that is not the plain stream.
pub(super) fn known(layer: &Layer, cache: &Cache) -> Option<Packed> {
    layer.blob.as_ref().and_then(|blob| cache.packed(&blob.digest))
}

/// The encoding that `stream` has, and the stream from its beginning.
pub(super) fn found<R: Read>(
    mut stream: R,
    layer: &Layer,
    stated: Encoding,
) -> io::Result<(Encoding, impl Read + use<R>)> {
    let mut head = Vec::with_capacity(HEAD);
    stream.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    // A tar whose first name looks like gzip's mark is still the tar that it is promised to be.
    let encoding = if is_bare(layer) { Encoding::Plain } else { stated.or_as_found(&head) };
    Ok((encoding, Cursor::new(head).chain(stream)))
}

/// The contradiction between what is stated of a layer and what it was found to be.
pub(super) fn mislabelled(layer: &Layer, found: Encoding) -> Option<Unknown> {
    let (blob, stated) = (layer.blob.as_ref()?, stated(layer)?);
    if stated == found || stated == Encoding::Sniff {
        return None;
    }
    let why = format!(
        "layer {} is typed `{}`, but its first bytes say {}: it is read by them, and not every engine can pull it",
        blob.digest,
        escaped(&blob.media_type),
        found.word()
    );
    let unknown = Unknown::new(UnknownKind::Mislabelled, why);
    Some(layer.diff_id.map_or(unknown.clone(), |id| unknown.in_layer(id)))
}

/// The same of all layers whose facts are known.
pub(super) fn all_mislabelled(image: &Image, cache: &Cache) -> Vec<Unknown> {
    let packed = image.layers.iter().filter(|layer| !is_bare(layer));
    let mut all: Vec<Unknown> = packed.filter_map(|l| mislabelled(l, known(l, cache)?.encoding)).collect();
    all.sort();
    all.dedup();
    all
}
