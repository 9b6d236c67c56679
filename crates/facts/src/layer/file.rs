//! One regular file as it streams by: hashed, and kept or opened if a reader wants it.

use super::Means;
use super::hash::Running;
use super::pipe::WalkEnd;
use crate::entry::Entry;
use crate::keep::{Candidate, Content, Keeper, Look, Part, Want};
use crate::tar::{TarError, Walker};
use model::{Sha256, Unknown, UnknownKind};
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

/// What was taken of a file.
pub(super) struct Taken {
    /// `None` where the stream hashes the file: see [`WalkEnd::end_file`].
    pub(super) sha256: Option<Sha256>,
    pub(super) parts: Vec<(Part, Vec<u8>)>,
    pub(super) unknowns: Vec<Unknown>,
}

/// Reads the file whose first bytes are `head`. `room` is how many bytes may still be kept of the layer.
pub(super) fn take_file(
    entry: &Entry,
    head: &[u8],
    room: u64,
    walker: &mut Walker<WalkEnd>,
    scratch: &mut Vec<u8>,
    means: &Means<'_>,
) -> Result<Taken, TarError> {
    let candidate =
        Candidate { path: &entry.path, name: entry.path.file_name(), size: entry.size, mode: entry.mode, head };
    let mut openers: Vec<Look> = Vec::new();
    let mut whole = false;
    for look in means.looks {
        match (look.wants)(&candidate) {
            Want::Nothing => {}
            Want::Whole => whole = true,
            Want::Open => openers.push(*look),
        }
    }
    let mut taking = Taking::new(&candidate, !openers.is_empty(), whole, room, std::mem::take(scratch), means);
    taking.hasher = walker.is_sparse().then(Running::new);
    taking.add(head);
    walker.content(|piece| taking.add(piece))?;
    Ok(taking.finish(&candidate, &openers, scratch, means))
}

struct Taking<'a> {
    /// Of a sparse file, whose content is not what the stream holds.
    hasher: Option<Running>,
    means: &'a Means<'a>,
    buffer: Option<Buffer>,
    open: bool,
    whole: bool,
    unknowns: Vec<Unknown>,
}

/// The file's content so far: in memory, then in an unlinked file.
enum Buffer {
    Memory(Vec<u8>),
    Spooled(File, u64),
    Failed(io::Error),
}

impl<'a> Taking<'a> {
    fn new(
        candidate: &Candidate<'_>,
        open: bool,
        whole: bool,
        room: u64,
        scratch: Vec<u8>,
        means: &'a Means<'a>,
    ) -> Self {
        let limits = means.limits;
        let mut unknowns = Vec::new();
        let mut within = |wanted: bool, limit: u64, name: &str| {
            if wanted && candidate.size > limit {
                let why = format!("the file has {} bytes: more than {limit} are not read ({name})", candidate.size);
                unknowns.push(Unknown::new(UnknownKind::Limit, why));
            }
            wanted && candidate.size <= limit
        };
        let whole = within(whole, limits.kept_file_bytes, "kept_file_bytes") && within(true, room, "kept_bytes");
        let open = within(open, limits.opened_file_bytes, "opened_file_bytes");
        // What is kept gets a buffer of its own size (the file may be shorter than its header says, never longer);
        // what is only opened is read into one buffer that all files of the layer share.
        let kept = || Vec::with_capacity(candidate.size.min(1 << 20) as usize);
        let buffer = (whole || open).then(|| Buffer::Memory(if whole { kept() } else { scratch }));
        Self { hasher: None, means, buffer, open, whole, unknowns }
    }

    fn add(&mut self, piece: &[u8]) {
        if let Some(hasher) = &mut self.hasher {
            hasher.update(piece);
        }
        let Some(buffer) = &mut self.buffer else { return };
        let limit = if self.whole { u64::MAX } else { self.means.limits.opened_memory_bytes };
        if let Buffer::Memory(bytes) = buffer {
            if (bytes.len() + piece.len()) as u64 <= limit {
                bytes.extend_from_slice(piece);
                return;
            }
            let spilled = (self.means.spool)().and_then(|mut file| file.write_all(bytes).map(|()| file));
            let length = bytes.len() as u64;
            *buffer = spilled.map_or_else(Buffer::Failed, |file| Buffer::Spooled(file, length));
        }
        if let Buffer::Spooled(file, length) = buffer {
            *length += piece.len() as u64;
            if let Err(e) = file.write_all(piece) {
                *buffer = Buffer::Failed(e);
            }
        }
    }

    fn finish(
        mut self,
        candidate: &Candidate<'_>,
        openers: &[Look],
        scratch: &mut Vec<u8>,
        means: &Means<'_>,
    ) -> Taken {
        let sha256 = self.hasher.take().map(|hasher| Sha256(hasher.finish()));
        let mut keeper = Keeper { limits: means.limits, parts: Vec::new(), unknowns: Vec::new() };
        let readers = if self.open { openers } else { &[] };
        match &mut self.buffer {
            None => {}
            Some(Buffer::Memory(bytes)) => {
                readers.iter().for_each(|r| (r.open)(candidate, &Content::Memory(bytes), &mut keeper));
            }
            Some(Buffer::Spooled(file, length)) => {
                let rewound = file.seek(SeekFrom::Start(0));
                let content = Content::Spooled(file, *length);
                match rewound {
                    Ok(_) => readers.iter().for_each(|r| (r.open)(candidate, &content, &mut keeper)),
                    Err(e) => self.unknowns.push(not_set_aside(&e)),
                }
            }
            Some(Buffer::Failed(e)) => {
                self.unknowns.push(not_set_aside(e));
            }
        }
        let Keeper { mut parts, unknowns, .. } = keeper;
        self.unknowns.extend(unknowns);
        match self.buffer {
            Some(Buffer::Memory(bytes)) if self.whole => parts.push((Part::Whole, bytes)),
            Some(Buffer::Memory(mut bytes)) => {
                bytes.clear();
                *scratch = bytes;
            }
            _ => {}
        }
        Taken { sha256, parts, unknowns: self.unknowns }
    }
}

/// No limit, but the machine kept the file from its readers.
fn not_set_aside(error: &std::io::Error) -> Unknown {
    Unknown::new(UnknownKind::Unreadable, format!("the file could not be set aside for reading: {error}"))
}
