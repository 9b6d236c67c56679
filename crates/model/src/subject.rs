//! What a fact, a finding or a ledger row is about.

use crate::Digest;
use std::fmt;

/// An image by what it *is*. It cannot be made from a tag: a tag is an observation, never an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An image manifest, by the digest of its raw bytes. Only this can be pushed, pinned, rebased, attached to.
    Manifest(Digest),
    /// An image known by its config alone: Docker's classic store and `docker save` archives.
    Config(Digest),
    /// A root filesystem, by the Merkle digest over its entries.
    Tree(Digest),
    /// A document about an image, such as an SBOM, by its hash.
    Document(Digest),
}

impl Subject {
    /// The digest, whatever it is of.
    pub fn digest(&self) -> &Digest {
        match self {
            Self::Manifest(d) | Self::Config(d) | Self::Tree(d) | Self::Document(d) => d,
        }
    }

    /// What the digest is of, in one word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Manifest(_) => "manifest",
            Self::Config(_) => "config",
            Self::Tree(_) => "tree",
            Self::Document(_) => "document",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.digest())
    }
}
