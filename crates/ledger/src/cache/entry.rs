//! One entry's bytes: a header that says what it is, and a payload that proves itself.

use model::{Digest, Sha256};
use sha2::Digest as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What an entry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// The facts of one layer.
    Layer,
    /// The facts of one image.
    Image,
    /// A manifest or config.
    Blob,
    /// A compressed layer's plain digest.
    DiffId,
    /// The digest of a stored layer at one place.
    Witness,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Layer, Self::Image, Self::Blob, Self::DiffId, Self::Witness];

    /// A stable word: the folder's name and the report's.
    pub fn word(self) -> &'static str {
        match self {
            Self::Layer => "layers",
            Self::Image => "images",
            Self::Blob => "blobs",
            Self::DiffId => "diff-ids",
            Self::Witness => "places",
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Layer => 1,
            Self::Image => 2,
            Self::Blob => 3,
            Self::DiffId => 4,
            Self::Witness => 5,
        }
    }

    /// The most plain bytes that are stored or read back.
    fn plain_limit(self) -> u64 {
        const MIB: u64 = 1 << 20;
        match self {
            // 128 MiB kept, 64 MiB of names, a million entries of some 70 bytes.
            Self::Layer => 320 * MIB,
            Self::Image => 64 * MIB,
            Self::Blob => 16 * MIB,
            Self::DiffId | Self::Witness => 256,
        }
    }
}

/// What an entry is asked for by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) kind: EntryKind,
    pub(super) hash: Sha256,
}

impl Key {
    pub(super) fn layer(diff_id: &Digest, version: u32) -> Self {
        Self::of(EntryKind::Layer, version, std::slice::from_ref(diff_id))
    }

    pub(super) fn image(diff_ids: &[Digest], version: u32) -> Self {
        Self::of(EntryKind::Image, version, diff_ids)
    }

    pub(super) fn blob(digest: &Digest) -> Self {
        Self::of(EntryKind::Blob, 0, std::slice::from_ref(digest))
    }

    pub(super) fn diff_id(compressed: &Digest) -> Self {
        Self::of(EntryKind::DiffId, 0, std::slice::from_ref(compressed))
    }

    pub(super) fn witness(text: &str) -> Self {
        Self::of(EntryKind::Witness, 0, &[Digest::of(text.as_bytes())])
    }

    fn of(kind: EntryKind, version: u32, digests: &[Digest]) -> Self {
        let mut text = format!("{}\n{version}\n", kind.word());
        for digest in digests {
            text.push_str(&digest.to_string());
            text.push('\n');
        }
        Self { kind, hash: Sha256::of(text.as_bytes()) }
    }
}

const MAGIC: &[u8; 8] = b"\x89plmfact";
/// The version of this format; another one is as good as absent.
const FORMAT: u8 = 1;
const RAW: u8 = 0;
const ZSTD: u8 = 1;
/// zstd's level: the fastest of the plain ones.
const LEVEL: i32 = 1;
/// Smaller payloads are not worth compressing.
const COMPRESS_FROM: usize = 512;
const HEADER: usize = 96;
/// Where the checksum stands; it covers the header before it and the payload.
const CHECKSUM: usize = 64;

/// The fixed bytes at an entry's start.
pub(super) struct Header {
    codec: u8,
    plain: u64,
    payload: u64,
}

impl Header {
    /// The bytes of an entry; `None` if they would be refused when read back.
    pub(super) fn seal(key: &Key, plain: &[u8]) -> Option<Vec<u8>> {
        if plain.len() as u64 > key.kind.plain_limit() {
            return None;
        }
        let packed = if plain.len() < COMPRESS_FROM { None } else { zstd::bulk::compress(plain, LEVEL).ok() };
        let packed = packed.filter(|p| p.len() < plain.len());
        let (codec, payload) = packed.as_deref().map_or((RAW, plain), |packed| (ZSTD, packed));
        let mut bytes = Vec::with_capacity(HEADER + payload.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[FORMAT, key.kind.code(), codec, 0, 0, 0, 0, 0]);
        bytes.extend_from_slice(&(plain.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&key.hash.0);
        let sum = checksum(&bytes, payload);
        bytes.extend_from_slice(&sum);
        bytes.extend_from_slice(payload);
        Some(bytes)
    }

    /// The plain content of the entry at `path`, if it is whole, of this kind and under this
    /// key. Never holds more than the kind's limit, whatever the file says.
    pub(super) fn open(path: &Path, key: &Key) -> Option<Vec<u8>> {
        if !path.symlink_metadata().ok()?.is_file() {
            return None;
        }
        let mut file = File::open(path).ok()?;
        let mut head = [0; HEADER];
        file.read_exact(&mut head).ok()?;
        let header = Self::parse(&head, key)?;
        if file.metadata().ok()?.len() != HEADER as u64 + header.payload {
            return None;
        }
        let mut payload = Vec::with_capacity(usize::try_from(header.payload).ok()?);
        file.take(header.payload).read_to_end(&mut payload).ok()?;
        if checksum(&head[..CHECKSUM], &payload) != head[CHECKSUM..] {
            return None;
        }
        header.unpack(payload)
    }

    fn parse(head: &[u8; HEADER], key: &Key) -> Option<Self> {
        let number = |at: usize| Some(u64::from_le_bytes(head[at..at + 8].try_into().ok()?));
        let header = Self { codec: head[10], plain: number(16)?, payload: number(24)? };
        let right = head.starts_with(MAGIC)
            && head[8..10] == [FORMAT, key.kind.code()]
            && head[32..CHECKSUM] == key.hash.0
            && header.plain <= key.kind.plain_limit()
            && header.payload <= header.plain;
        right.then_some(header)
    }

    fn unpack(&self, payload: Vec<u8>) -> Option<Vec<u8>> {
        let plain = match self.codec {
            RAW => payload,
            ZSTD => zstd::bulk::decompress(&payload, usize::try_from(self.plain).ok()?).ok()?,
            _ => return None,
        };
        (plain.len() as u64 == self.plain).then_some(plain)
    }
}

fn checksum(head: &[u8], payload: &[u8]) -> [u8; 32] {
    let mut hasher = sha2::Sha256::new();
    hasher.update(head);
    hasher.update(payload);
    hasher.finalize().into()
}
