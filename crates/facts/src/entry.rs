//! One entry of a layer, and all that was read of the layer.

use crate::keep::Kept;
use model::{Digest, Sha256, TreePath, Unknown};
use serde::{Deserialize, Serialize};

/// What is known of one layer: ground state, made only by [`crate::layer::read`] after its digests matched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerFacts {
    /// The plain stream's digest, as computed.
    pub diff_id: Digest,
    /// The plain stream's length in bytes.
    pub plain_size: u64,
    /// Entries in the archive's order, whiteouts among them.
    pub entries: Vec<Entry>,
    /// What was kept of files, by entry; sorted by entry, then part.
    pub kept: Vec<Kept>,
    /// What could not be read.
    pub unknowns: Vec<Unknown>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where it lands, cleaned. For whiteouts, what they hide.
    pub path: TreePath,
    /// What it is.
    pub kind: Kind,
    /// Bytes of a regular file; 0 for all else.
    pub size: u64,
    /// Permission bits with setuid, setgid and sticky.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Modification time, seconds since 1970.
    pub mtime: i64,
    /// The hash of a regular file's content; `None` where a limit cut it short.
    pub sha256: Option<Sha256>,
    /// Whether it carries `security.capability`.
    pub capability: bool,
    /// What its first bytes say it is.
    pub nature: Nature,
}

/// The kinds of entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A regular file.
    File,
    /// Another name for the file at that path, as it is when this entry is applied.
    HardLink(TreePath),
    /// A symbolic link; the target's bytes as they are.
    Symlink(Box<[u8]>),
    /// A directory.
    Directory,
    /// A character device, a block device or a FIFO.
    Special,
    /// Hides the path in the layers below (`.wh.NAME`).
    Whiteout,
    /// Hides everything below the path in the layers below (`.wh..wh..opq`).
    Opaque,
}

/// What a file's first bytes say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nature {
    /// Nothing we look for.
    #[default]
    Plain,
    /// `\x7fELF`.
    Elf,
    /// `PK\x03\x04`.
    Zip,
    /// `#!`.
    Script,
    /// `-----BEGIN … PRIVATE KEY-----`.
    PrivateKey,
}

impl Nature {
    /// Told by a file's first bytes (64 are enough).
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0x7f, b'E', b'L', b'F', ..] => Self::Elf,
            [b'P', b'K', 3, 4, ..] => Self::Zip,
            [b'#', b'!', ..] => Self::Script,
            _ if is_private_key(head) => Self::PrivateKey,
            _ => Self::Plain,
        }
    }
}

/// RFC 7468's label, also OpenSSH's and PuTTY's.
fn is_private_key(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    head.starts_with(b"PuTTY-User-Key-File-")
        || head.strip_prefix(b"-----BEGIN ").is_some_and(|rest| {
            let line = rest.split(|&b| b == b'\n').next().unwrap_or(rest);
            memchr::memmem::find(line, b"PRIVATE KEY").is_some()
        })
}
