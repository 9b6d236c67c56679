//! Fixed-width integers out of byte slices, and what is wrong with a database.

use model::{Unknown, UnknownKind};
use std::borrow::Cow;

/// Why a database, or a part of it, cannot be read; at which byte of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub(super) struct Damage {
    /// One clause without a full stop.
    pub(super) why: Cow<'static, str>,
    /// The byte of the file, where it can be told.
    pub(super) at: Option<u64>,
}

impl Damage {
    /// Damage at this byte.
    pub(super) fn new(why: impl Into<Cow<'static, str>>, at: u64) -> Self {
        Self { why: why.into(), at: Some(at) }
    }

    /// As a gap of this kind, with `context` before the reason.
    pub(super) fn unknown(&self, kind: UnknownKind, context: &str) -> Unknown {
        let unknown = Unknown::new(kind, format!("{context}: {}", self.why));
        match self.at {
            Some(at) => unknown.byte(at),
            None => unknown,
        }
    }
}

/// Takes the records of a database as they are found, and what could not be read between them.
pub(super) struct Sink<'a> {
    /// Called with each record and the byte at which it starts.
    pub(super) record: &'a mut dyn FnMut(&[u8], u64),
    /// Parts that could not be read. At most [`DAMAGES`]: one is enough to distrust the whole.
    pub(super) damages: Vec<Damage>,
}

/// How many damages of one database are told apart.
const DAMAGES: usize = 16;

impl Sink<'_> {
    /// Notes damage, and reading goes on behind it.
    pub(super) fn damage(&mut self, damage: Damage) {
        if self.damages.len() < DAMAGES {
            self.damages.push(damage);
        }
    }
}

/// Two bytes at `at`, big end first.
pub(super) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(array(bytes, at)?))
}

/// Four bytes at `at`, big end first.
pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(array(bytes, at)?))
}

/// Two bytes at `at`, little end first.
pub(super) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(array(bytes, at)?))
}

/// Four bytes at `at`, little end first.
pub(super) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(array(bytes, at)?))
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}
