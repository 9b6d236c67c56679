//! What an image holds: the sum of its layers, as facts.
//!
//! [`ImageFacts`] is compact on purpose: it has what practices judge and documents list, not every file.
//! Who needs every file keeps the [`crate::Tree`].

use crate::os::OsRelease;
use model::{Digest, Package, Sha256, TreePath, Unknown};
use serde::{Deserialize, Serialize};

/// What is known of one image's content. A function of its layers alone: config and tags are not in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImageFacts {
    /// The layers, lowest first.
    pub layers: Vec<LayerSummary>,
    /// The distribution, if the image says which.
    pub os: Option<OsRelease>,
    /// The packages, sorted by ecosystem, name, version and evidence; a [`model::PackageId`] is an index here.
    pub packages: Vec<Package>,
    /// What layers carry in vain, by layer, layer that hides it and cause.
    pub waste: Vec<WasteGroup>,
    /// Files that a tool left and nobody needs: caches, by folder.
    pub residues: Vec<Residue>,
    /// Visible files with setuid, setgid or file capabilities.
    pub privileged: Vec<FileNote>,
    /// Files that look like secrets, also those that a later layer hides.
    pub secrets: Vec<SecretTrace>,
    /// Visible programs and libraries that no package explains.
    pub unidentified: Vec<FileNote>,
    /// `/etc/passwd` in short: name and numeric id.
    pub users: Vec<(String, u32)>,
    /// What could not be read.
    pub unknowns: Vec<Unknown>,
    /// Visible entries of every kind.
    pub entries: u64,
    /// Bytes of all visible regular files, hard links counted once.
    pub visible_bytes: u64,
    /// SHA-512, by SHA-256, of files that prove a package and are programs or archives; empty unless asked for when
    /// the layers were read. Sorted.
    pub long_hashes: Vec<(Sha256, Digest)>,
}

/// One layer in figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerSummary {
    /// The plain layer's digest.
    pub diff_id: Digest,
    /// The plain stream's length in bytes.
    pub plain_size: u64,
    /// Entries in the archive, whiteouts included.
    pub entries: u64,
    /// Bytes of regular files in this layer.
    pub file_bytes: u64,
    /// Bytes of regular files in this layer that a later layer hides.
    pub hidden_bytes: u64,
    /// What is no directory, by what the layer does to the layers below.
    pub changes: Changes,
}

/// Names that are no directories, by what a layer does to the layers below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Not there before.
    pub added: u64,
    /// There before, as something else or with other content.
    pub changed: u64,
    /// There before, and not after.
    pub removed: u64,
}

/// Files that one layer carries in vain, for one reason. Each file is in one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WasteGroup {
    /// The layer that carries the bytes.
    pub layer: u32,
    /// The layer that hides them, which saves nothing; `None` while they are visible.
    pub hidden_by: Option<u32>,
    /// Why they are in vain.
    pub cause: Cause,
    /// The package tool whose cache it is.
    pub tool: Option<String>,
    /// How many files, hard links counted once.
    pub files: u64,
    /// Bytes of their content.
    pub bytes: u64,
    /// The largest, at most [`LARGEST`], the largest first.
    pub largest: Vec<(TreePath, u64)>,
}

/// Files of a group that are named.
pub const LARGEST: usize = 5;

/// Why bytes of a layer are in vain. A file has the first that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cause {
    /// It looks like a secret and was hidden again, which hides nothing.
    Secret,
    /// A package tool's cache, visible or hidden again.
    Cache,
    /// A package database or what belongs to it, written anew by a later installation: in the nature of layers.
    Database,
    /// The same content came again at the same path: only its mode, owner or time changed.
    Metadata,
    /// The layer that hides it has the same content at another path.
    Moved,
    /// Other content came to its path.
    Overwritten,
    /// It was deleted.
    Deleted,
    /// Visible, and a lower layer shows the same content at another path.
    Copied,
    /// Visible, and part of a repository's own records (`.git`), which no program needs to run.
    Repository,
}

impl Cause {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Self; 9] = [
        Self::Secret,
        Self::Cache,
        Self::Database,
        Self::Metadata,
        Self::Moved,
        Self::Overwritten,
        Self::Deleted,
        Self::Repository,
        Self::Copied,
    ];

    /// One word for documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Cache => "package-cache",
            Self::Database => "package-database",
            Self::Metadata => "metadata-only",
            Self::Moved => "moved",
            Self::Overwritten => "overwritten",
            Self::Deleted => "deleted",
            Self::Copied => "copied",
            Self::Repository => "repository",
        }
    }
}

/// A folder of leftovers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Residue {
    /// What left it: `apt`, `pip`, `npm`…
    pub tool: String,
    /// The folder.
    pub path: TreePath,
    /// The layer that brought the files.
    pub layer: u32,
    /// How many files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The layer that hides them again, which saves nothing; `None` while they are visible.
    pub hidden_by: Option<u32>,
}

/// One file worth a note.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileNote {
    /// The file.
    pub path: TreePath,
    /// The layer that brought it.
    pub layer: u32,
    /// Permission bits, with setuid 0o4000 and setgid 0o2000.
    pub mode: u32,
    /// Bytes.
    pub size: u64,
    /// Its hash.
    pub sha256: Option<Sha256>,
    /// What it is, in a word or two: `ELF executable`, `setuid`, `capability`.
    pub what: String,
}

/// Something that looks like a secret. Its value is never kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SecretTrace {
    /// The file.
    pub path: TreePath,
    /// The layer that holds it.
    pub layer: u32,
    /// The layer that hides it again; the secret is still in the image.
    pub hidden_by: Option<u32>,
    /// What it looks like: `PEM private key`, `AWS credentials file`…
    pub what: String,
}

impl ImageFacts {
    /// The SHA-512 of the file with this SHA-256, if it was asked for.
    pub fn long_hash(&self, sha256: &Sha256) -> Option<&Digest> {
        let at = self.long_hashes.binary_search_by(|(known, _)| known.cmp(sha256)).ok()?;
        Some(&self.long_hashes[at].1)
    }

    /// Whether anything unknown keeps a verdict from being *pass*.
    pub fn is_blocked(&self) -> bool {
        self.unknowns.iter().any(|u| u.kind.blocks())
    }
}
