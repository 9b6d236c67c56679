//! An image as a transport hands it over: documents verified, layers still closed.

use crate::TransportError;
use model::oci::{Descriptor, ImageConfig, Index, Manifest};
use model::{Digest, Platform, Reference, Subject, Unknown};
use std::fs::Metadata;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

/// A stream of one layer's bytes, as stored.
pub type LayerBytes = Box<dyn Read + Send>;

/// An image whose manifest and config match their digests. Opening a layer gives its stored bytes, unverified.
pub struct Image {
    /// What it is. `Manifest` if a manifest was there, else `Config`, else `Tree` (all zero until it was read).
    pub subject: Option<Subject>,
    /// The target as the user wrote it.
    pub target: String,
    /// The reference it was asked for by, where one was.
    pub reference: Option<Reference>,
    /// The index that led to it.
    pub index: Option<Index>,
    /// The manifest; `None` for Docker's classic formats and for a root filesystem.
    pub manifest: Option<Manifest>,
    /// The config; `None` for a root filesystem.
    pub config: Option<ImageConfig>,
    /// The platform it is for; for a root filesystem, the one asked for.
    pub platform: Platform,
    /// Its layers, lowest first.
    pub layers: Vec<Layer>,
    /// What the transport itself could not read or found odd (fewer diffIDs than layers…).
    pub unknowns: Vec<Unknown>,
    /// How to open the layers.
    pub bytes: Arc<dyn Layers>,
}

/// One layer, closed.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The plain stream's digest as the config states it; `None` for a root filesystem, or if the config has too few.
    pub diff_id: Option<Digest>,
    /// The stored blob's descriptor: digest and size to verify. `None` where the format states none.
    pub blob: Option<Descriptor>,
    /// How it is stored.
    pub compression: Compression,
}

/// How a layer's bytes are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compression {
    /// A tar.
    Plain,
    /// Gzip, of one or more members.
    Gzip,
    /// Zstandard, of one or more frames.
    Zstd,
    /// Not stated: told by the first bytes.
    Sniff,
    /// Cannot be read, and why: foreign, encrypted, an unknown media type.
    Unreadable(Unknown),
}

/// Where a layer's bytes are, as far as that tells whether they are still those that were verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Nowhere near: they are verified when they are fetched.
    Elsewhere,
    /// At hand, in a file that is told by this; none if nothing is known of the file, or it is gone.
    Here(Option<Witness>),
}

/// What a system tells of a file, beside its content: who writes to it changes the time of its last change, which no
/// program sets at will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Device, number, size, times of the file, and the part of it that is meant.
    pub text: String,
    /// When the file was last changed, in seconds since 1970.
    pub changed: i64,
}

impl Witness {
    /// Of `size` bytes from `offset` on in the file that `metadata` is of.
    pub(crate) fn of(metadata: &Metadata, offset: u64, size: u64) -> Self {
        let (m, c) = ((metadata.mtime(), metadata.mtime_nsec()), (metadata.ctime(), metadata.ctime_nsec()));
        let (device, number, length) = (metadata.dev(), metadata.ino(), metadata.size());
        let text = format!("{device} {number} {length} {}.{:09} {}.{:09} {offset}+{size}", m.0, m.1, c.0, c.1);
        Self { text, changed: c.0 }
    }
}

/// Opens layers by index, lowest first; may be called from several threads at once.
pub trait Layers: Send + Sync {
    /// The stored bytes of layer `index`.
    fn open(&self, index: usize) -> Result<LayerBytes, TransportError>;

    /// Where the stored bytes of layer `index` are now.
    fn stored(&self, _index: usize) -> Stored {
        Stored::Elsewhere
    }

    /// A manifest that lies beside the image's, verified: an attestation's. `None` where nothing lies beside it.
    ///
    /// # Errors
    /// What went wrong on the way there.
    fn manifest(&self, _descriptor: &Descriptor) -> Result<Option<Manifest>, TransportError> {
        Ok(None)
    }

    /// The bytes of another blob beside the layers, unverified. `None` where nothing lies beside them.
    ///
    /// # Errors
    /// What went wrong on the way there.
    fn blob(&self, _descriptor: &Descriptor) -> Result<Option<LayerBytes>, TransportError> {
        Ok(None)
    }

    /// What was noticed while layers were read and is no error: files of a root filesystem that could not be
    /// opened. Empty for every verified source.
    fn noticed(&self) -> Vec<Unknown> {
        Vec::new()
    }
}
