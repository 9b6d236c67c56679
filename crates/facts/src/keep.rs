//! What is kept of a file while it streams by.
//!
//! A layer is read once, so whatever a reader may ever ask of a file must be kept then: the whole file if it
//! is a package database or a metadata file, a few parts if it is a program or an archive.

use crate::limits::Limits;
use model::{TreePath, Unknown};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

/// A file that streams by, before its content was read.
pub struct Candidate<'a> {
    /// Its path.
    pub path: &'a TreePath,
    /// The last component of the path.
    pub name: &'a [u8],
    /// Its size in bytes.
    pub size: u64,
    /// Its permission bits.
    pub mode: u32,
    /// Its first bytes: 64, or fewer if it is shorter.
    pub head: &'a [u8],
}

/// What a reader wants of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// Nothing.
    Nothing,
    /// The whole content, kept.
    Whole,
    /// Random access to the content once, to keep parts of it.
    Open,
}

/// Someone who looks at every regular file that streams by.
#[derive(Clone, Copy)]
pub struct Look {
    /// What they want of it. Called for every file, so it must be quick.
    pub wants: fn(&Candidate<'_>) -> Want,
    /// Keeps parts of a file they wanted to open.
    pub open: fn(&Candidate<'_>, &Content<'_>, &mut Keeper<'_>),
}

/// One thing kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Kept {
    /// The index of its file in [`crate::LayerFacts::entries`].
    pub entry: u32,
    /// Which part of the file.
    pub part: Part,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Which part of a file was kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    /// All of it.
    Whole,
    /// A member of an archive, nested ones joined by `!`: `lib/a.jar!META-INF/MANIFEST.MF`.
    Member(String),
    /// A named piece of a program: `go.buildinfo`, `rust.audit`, `note.package`, `version`.
    Piece(String),
}

impl Part {
    /// Its name; none for the whole.
    pub fn name(&self) -> &str {
        match self {
            Self::Whole => "",
            Self::Member(name) | Self::Piece(name) => name,
        }
    }
}

/// A file opened for random access while it streams by.
pub enum Content<'a> {
    /// In memory.
    Memory(&'a [u8]),
    /// In an unlinked temporary file of this many bytes.
    Spooled(&'a File, u64),
}

impl<'a> Content<'a> {
    /// Its length in bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Spooled(_, size) => *size,
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it, if it is in memory.
    pub fn slice(&self) -> Option<&'a [u8]> {
        match self {
            Self::Memory(bytes) => Some(bytes),
            Self::Spooled(..) => None,
        }
    }

    /// Fills `buffer` from byte `offset` on; gives how many bytes were there.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                let count = buffer.len().min(bytes.len() - from);
                buffer[..count].copy_from_slice(&bytes[from..from + count]);
                Ok(count)
            }
            Self::Spooled(file, _) => {
                let mut done = 0;
                while done < buffer.len() {
                    match file.read_at(&mut buffer[done..], offset + done as u64)? {
                        0 => break,
                        n => done += n,
                    }
                }
                Ok(done)
            }
        }
    }

    /// A cursor at its start.
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor { content: self, at: 0 }
    }

    /// Calls `look` with overlapping windows over the whole content, each with its offset, so that a match of up
    /// to `overlap` bytes is seen whole in one of them. Stops when `look` gives `false`.
    pub fn windows(&self, overlap: usize, mut look: impl FnMut(u64, &[u8]) -> bool) -> io::Result<()> {
        if let Some(all) = self.slice() {
            look(0, all);
            return Ok(());
        }
        let mut buffer = vec![0; (1 << 20) + overlap];
        let mut at = 0;
        while at < self.len() {
            let count = self.read_at(at, &mut buffer)?;
            if count == 0 || !look(at, &buffer[..count]) || at + count as u64 >= self.len() {
                break;
            }
            at += (count - overlap.min(count - 1)) as u64;
        }
        Ok(())
    }
}

/// Reads a [`Content`] from start to end, or anywhere.
pub struct Cursor<'a> {
    content: &'a Content<'a>,
    at: u64,
}

impl Read for Cursor<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read_at(self.at, buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Cursor<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.content.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Takes what a reader keeps of one opened file.
pub struct Keeper<'a> {
    /// The limits to heed: `nesting`, `members`, `kept_file_bytes`.
    pub limits: &'a Limits,
    /// The parts kept so far.
    pub parts: Vec<(Part, Vec<u8>)>,
    /// What could not be read in this file; the path is filled in by the caller.
    pub unknowns: Vec<Unknown>,
}

impl Keeper<'_> {
    /// Keeps a member of an archive.
    pub fn member(&mut self, name: &str, bytes: Vec<u8>) {
        self.parts.push((Part::Member(name.to_owned()), bytes));
    }

    /// Keeps a piece of a program.
    pub fn piece(&mut self, name: &str, bytes: Vec<u8>) {
        self.parts.push((Part::Piece(name.to_owned()), bytes));
    }
}
