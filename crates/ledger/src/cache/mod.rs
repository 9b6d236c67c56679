//! Facts that need not be read twice: a folder that many processes share.
//!
//! Everything in it can be lost: an entry that is damaged, cut short or of another version is as good as
//! absent, and is removed. Nothing here makes a command fail; what cannot be stored is an error that the caller
//! may report once and then forget. The format is `docs/formats/cache.md`.

mod entry;
mod folder;
mod wire;

#[cfg(test)]
mod tests;

use entry::{Header, Key};
use facts::LayerFacts;
use facts::image::ImageFacts;
use facts::layer::Encoding;
use folder::Folder;
use model::Digest;
use std::io;
use std::path::PathBuf;

pub use entry::EntryKind;

/// A cache that could be opened for writing.
#[derive(Debug)]
pub struct Cache {
    folder: Folder,
}

/// What is known of a layer's stored bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed {
    /// The plain stream's digest.
    pub diff_id: Digest,
    /// Bytes as stored.
    pub size: u64,
    /// How they are stored, by their content and not by what anyone says of them.
    pub encoding: Encoding,
}

/// Why the cache cannot be used, or not for this.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The folder cannot be made, read or written.
    #[error("the cache folder `{}` cannot be used", dir.display())]
    Folder {
        /// The cache's folder.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The facts cannot be put into bytes.
    #[error("an entry of kind `{kind}` cannot be encoded")]
    Encode {
        /// The kind of entry.
        kind: &'static str,
        /// What the encoder said.
        source: postcard::Error,
    },
    /// The content is not what its digest says.
    #[error("the content does not have the digest `{0}`")]
    WrongContent(Digest),
}

/// What is in the cache.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheUsage {
    /// Entries of all kinds.
    pub entries: u64,
    /// Their bytes on disk.
    pub bytes: u64,
    /// The same by kind, in [`EntryKind::ALL`]'s order.
    pub by_kind: Vec<(EntryKind, u64, u64)>,
}

/// What [`Cache::verify`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheReport {
    /// Entries that are whole.
    pub good: u64,
    /// Entries that were not, and are removed now.
    pub damaged: u64,
}

impl Cache {
    /// Opens the cache in `dir`, making the folder if need be. It is kept below `limit_bytes`, those that were
    /// used longest ago going first.
    ///
    /// # Errors
    /// [`CacheError::Folder`] where the folder cannot be written: go on without a cache.
    pub fn open(dir: PathBuf, limit_bytes: u64) -> Result<Self, CacheError> {
        Ok(Self { folder: Folder::open(dir, limit_bytes)? })
    }

    /// The facts of a layer, as collectors of this version read them.
    pub fn layer(&self, diff_id: &Digest, version: u32) -> Option<LayerFacts> {
        let key = Key::layer(diff_id, version);
        self.load(&key, |plain| wire::layer(plain).filter(|facts| facts.diff_id == *diff_id))
    }

    /// Keeps the facts of a layer.
    ///
    /// # Errors
    /// When they cannot be written; nothing half is ever seen.
    pub fn store_layer(&self, facts: &LayerFacts, version: u32) -> Result<(), CacheError> {
        self.store(&Key::layer(&facts.diff_id, version), &encode("layer", facts)?)
    }

    /// The facts of the image with these layers, lowest first, as readers of this version read them.
    pub fn image(&self, diff_ids: &[Digest], version: u32) -> Option<ImageFacts> {
        let key = Key::image(diff_ids, version);
        let same = |facts: &ImageFacts| facts.layers.iter().map(|l| &l.diff_id).eq(diff_ids);
        self.load(&key, |plain| wire::image(plain).filter(same))
    }

    /// Keeps the facts of an image.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn store_image(&self, facts: &ImageFacts, version: u32) -> Result<(), CacheError> {
        let diff_ids: Vec<Digest> = facts.layers.iter().map(|l| l.diff_id).collect();
        self.store(&Key::image(&diff_ids, version), &encode("image", facts)?)
    }

    /// A manifest or config that was verified before; its digest is checked again.
    pub fn blob(&self, digest: &Digest) -> Option<Vec<u8>> {
        self.load(&Key::blob(digest), |plain| has_digest(&plain, digest).then_some(plain))
    }

    /// Keeps a manifest or config.
    ///
    /// # Errors
    /// [`CacheError::WrongContent`] if it does not have that digest; else when it cannot be written.
    pub fn store_blob(&self, digest: &Digest, content: &[u8]) -> Result<(), CacheError> {
        if !has_digest(content, digest) {
            return Err(CacheError::WrongContent(*digest));
        }
        self.store(&Key::blob(digest), content)
    }

    /// What a compressed layer once was verified to be.
    pub fn packed(&self, compressed: &Digest) -> Option<Packed> {
        self.load(&Key::diff_id(compressed), |plain| {
            let mut words = std::str::from_utf8(&plain).ok()?.split(' ');
            let (diff_id, size) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            Some(Packed { diff_id, size, encoding: Encoding::from_word(words.next()?)? })
        })
    }

    /// Keeps what a compressed layer is. Only for what was computed from the bytes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn store_packed(&self, compressed: &Digest, packed: Packed) -> Result<(), CacheError> {
        let Packed { diff_id, size, encoding } = packed;
        self.store(&Key::diff_id(compressed), format!("{diff_id} {size} {}", encoding.word()).as_bytes())
    }

    /// The digest that the bytes at a place had when they were verified; `place` must change whenever they might.
    pub fn seen_at(&self, place: &str) -> Option<Digest> {
        self.load(&Key::witness(place), |plain| std::str::from_utf8(&plain).ok()?.parse().ok())
    }

    /// Keeps the digest of the bytes at a place. Only for one that was computed from them.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn store_seen_at(&self, place: &str, digest: &Digest) -> Result<(), CacheError> {
        self.store(&Key::witness(place), digest.to_string().as_bytes())
    }

    /// How much is in the cache. Looks at every entry's name and size.
    pub fn usage(&self) -> CacheUsage {
        let mut usage = CacheUsage::default();
        for kind in EntryKind::ALL {
            let (mut entries, mut bytes) = (0, 0);
            self.folder.each(kind, &mut |_, size, _| {
                entries += 1;
                bytes += size;
            });
            usage.entries += entries;
            usage.bytes += bytes;
            usage.by_kind.push((kind, entries, bytes));
        }
        usage
    }

    /// Removes every entry, and nothing else that may lie in the folder.
    ///
    /// # Errors
    /// When an entry cannot be removed.
    pub fn clear(&self) -> Result<(), CacheError> {
        self.folder.clear()
    }

    /// Removes the entries used longest ago until the rest is below the limit, and what killed processes left.
    /// Does nothing while another process is at it.
    ///
    /// # Errors
    /// When the folder cannot be read or an entry cannot be removed.
    pub fn trim(&self) -> Result<(), CacheError> {
        self.folder.trim()
    }

    /// Reads every entry and removes those that are damaged.
    pub fn verify(&self) -> CacheReport {
        let mut report = CacheReport::default();
        for kind in EntryKind::ALL {
            self.folder.each(kind, &mut |path, _, _| {
                let key = folder::hash_of(path).map(|hash| Key { kind, hash });
                if key.and_then(|key| Header::open(path, &key)).is_some() {
                    report.good += 1;
                } else {
                    report.damaged += 1;
                    folder::discard(path);
                }
            });
        }
        report
    }

    fn load<T>(&self, key: &Key, decode: impl FnOnce(Vec<u8>) -> Option<T>) -> Option<T> {
        let path = self.folder.path(key);
        if !path.try_exists().unwrap_or(false) {
            return None;
        }
        let value = Header::open(&path, key).and_then(decode);
        match value {
            Some(_) => self.folder.touch(&path),
            None => folder::discard(&path),
        }
        value
    }

    fn store(&self, key: &Key, plain: &[u8]) -> Result<(), CacheError> {
        match Header::seal(key, plain) {
            Some(sealed) => self.folder.write(key, &sealed),
            // Larger than what would be read again.
            None => Ok(()),
        }
    }
}

fn has_digest(content: &[u8], digest: &Digest) -> bool {
    let mut hasher = digest.hasher();
    hasher.update(content);
    hasher.finish() == *digest
}

fn encode<T: serde::Serialize>(kind: &'static str, value: &T) -> Result<Vec<u8>, CacheError> {
    postcard::to_stdvec(value).map_err(|source| CacheError::Encode { kind, source })
}
