//! Whether a layer at hand is still what its cached facts are about.
//!
//! Facts are of a diffID, so they stay true when a file is altered; but a verdict over `oci:DIR` is read as one over what
//! lies in `DIR`. A file that the system says is unchanged since it was verified is taken as it was; any other is hashed
//! again, which costs a fraction of reading it. A layer of a registry proves itself when it is fetched.

use ledger::cache::Cache;
use model::Digest;
use std::io::Read;
use std::time::{SystemTime, UNIX_EPOCH};
use transport::{Image, Layer, Stored, Witness};

/// A file that was changed so recently could be changed again within the same tick of its clock.
const SETTLED: i64 = 2;

/// Whether the stored bytes of layer `index` are those that its facts in the cache were read from.
pub(super) fn is_intact(image: &Image, index: usize, cache: &Cache) -> bool {
    let Stored::Here(witness) = image.bytes.stored(index) else { return true };
    let layer = &image.layers[index];
    let Some(expected) = expected(layer) else { return false };
    if witness.as_ref().is_some_and(|w| cache.seen_at(&w.text) == Some(expected)) {
        return true;
    }
    let Some(found) = hash(image, index, expected) else { return false };
    // Where no digest of the stored bytes is stated, they are the plain layer, or a packed form of it that was seen.
    let same =
        found == expected || layer.blob.is_none() && cache.packed(&found).map(|packed| packed.diff_id) == layer.diff_id;
    if same {
        remember(witness, layer, cache);
    }
    same
}

/// Notes that the bytes at a place, as `witness` told it before they were read, were those of `layer`.
pub(super) fn remember(witness: Option<Witness>, layer: &Layer, cache: &Cache) {
    let settled = |w: &Witness| now().is_some_and(|now| now - w.changed > SETTLED);
    if let (Some(witness), Some(digest)) = (witness.filter(settled), expected(layer)) {
        // If it cannot be noted, the layer is hashed again next time.
        let _ = cache.store_seen_at(&witness.text, &digest);
    }
}

/// What the layer is known by where it is stored.
fn expected(layer: &Layer) -> Option<Digest> {
    layer.blob.as_ref().map(|blob| blob.digest).or(layer.diff_id)
}

fn hash(image: &Image, index: usize, like: Digest) -> Option<Digest> {
    let mut stream = image.bytes.open(index).ok()?;
    // Beyond what is promised nothing can match.
    let limit = image.layers[index].blob.as_ref().map_or(u64::MAX, |blob| blob.size.saturating_add(1));
    let mut hasher = like.hasher();
    let mut buffer = vec![0; 256 << 10];
    let mut left = limit;
    loop {
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        match stream.read(&mut buffer[..room]) {
            Ok(0) => return Some(hasher.finish()),
            Ok(count) => {
                hasher.update(&buffer[..count]);
                left -= count as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

fn now() -> Option<i64> {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}
