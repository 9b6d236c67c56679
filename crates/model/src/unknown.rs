//! What could not be read, and where: the other half of every fact.

use crate::{Digest, TreePath};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something that was there and could not be read or judged. Never an error of the program: a verdict counts it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unknown {
    /// What kind of gap it is; decides whether it blocks a verdict.
    pub kind: UnknownKind,
    /// Where it is.
    pub spot: Spot,
    /// Why, in one sentence without a full stop; hostile text in it is already escaped.
    pub why: String,
}

/// Where in an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spot {
    /// The layer's diffID, where one is meant.
    pub layer: Option<Digest>,
    /// The file.
    pub path: Option<TreePath>,
    /// The byte in that file, or in the layer's plain stream if no file is named.
    pub offset: Option<u64>,
}

/// The kinds of gap, and which of them make a verdict inconclusive (house.md, invariant 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum UnknownKind {
    /// Bytes that do not have the digest or size that was promised.
    Mismatch,
    /// A stream that ends early or is not in its stated format.
    Damaged,
    /// A named limit was reached.
    Limit,
    /// A package database that is there and cannot be read.
    PackageDatabase,
    /// A layer whose bytes are kept elsewhere.
    ForeignLayer,
    /// A layer that is encrypted, or compressed by a method we do not know.
    UnreadableLayer,
    /// A tar entry that no extractor would agree on: an escaping path, an odd whiteout.
    OddEntry,
    /// A file that could not be opened or read (a root filesystem's permissions).
    Unreadable,
    /// One record of a package database, or one manifest file of a package, that makes no sense.
    BadRecord,
    /// A program or library that nobody recognised.
    Unidentified,
    /// No advisories, or only old ones, for something that was to be judged by them.
    NoAdvisories,
    /// A layer whose media type contradicts its digests: read all the same, by what its bytes are.
    Mislabelled,
    /// A mounted folder of what the kernel makes up, in the tree of a running machine.
    NotEntered,
}

impl UnknownKind {
    /// Whether a verdict over the image cannot be *pass* while this is there.
    pub fn blocks(self) -> bool {
        !matches!(self, Self::BadRecord | Self::Unidentified | Self::Mislabelled | Self::NotEntered)
    }

    /// A stable word for reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mismatch => "mismatch",
            Self::Damaged => "damaged",
            Self::Limit => "limit",
            Self::PackageDatabase => "package-database",
            Self::ForeignLayer => "foreign-layer",
            Self::UnreadableLayer => "unreadable-layer",
            Self::OddEntry => "odd-entry",
            Self::Unreadable => "unreadable",
            Self::BadRecord => "bad-record",
            Self::Unidentified => "unidentified",
            Self::NoAdvisories => "no-advisories",
            Self::Mislabelled => "mislabelled",
            Self::NotEntered => "not-entered",
        }
    }
}

impl Unknown {
    /// A gap at no particular place.
    pub fn new(kind: UnknownKind, why: impl Into<String>) -> Self {
        Self { kind, spot: Spot::default(), why: why.into() }
    }

    /// The same gap, in the file at `path`.
    #[must_use]
    pub fn at(mut self, path: &TreePath) -> Self {
        self.spot.path = Some(path.clone());
        self
    }

    /// The same gap, in the layer with this diffID.
    #[must_use]
    pub fn in_layer(mut self, diff_id: Digest) -> Self {
        self.spot.layer = Some(diff_id);
        self
    }

    /// The same gap, at this byte.
    #[must_use]
    pub fn byte(mut self, offset: u64) -> Self {
        self.spot.offset = Some(offset);
        self
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.word(), self.why)?;
        if let Some(path) = &self.spot.path {
            write!(f, " in {path}")?;
        }
        if let Some(offset) = self.spot.offset {
            write!(f, " at byte {offset}")?;
        }
        self.spot.layer.as_ref().map_or(Ok(()), |layer| write!(f, " of layer {layer}"))
    }
}
