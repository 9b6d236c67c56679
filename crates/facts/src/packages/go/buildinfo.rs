//! Where a Go program keeps its build information, and its two forms
//! (<https://pkg.go.dev/debug/buildinfo>, layout in `cmd/link/internal/ld/data.go`).
//!
//! A header of 32 bytes, aligned to 16: the magic, the size of a pointer, flags. Since Go 1.18 the flag 2 is
//! set and two strings follow, each after its length as a varint. Before, the header holds two pointers to
//! string headers, in the program's byte order.

use crate::elf::{Elf, number};
use std::borrow::Cow;

const MAGIC: &[u8] = b"\xff Go buildinf:";
const HEADER: usize = 32;
const ALIGN: usize = 16;
/// How much of the data segment is searched where there is no section table, as Go's own reader does.
const SEARCHED: u64 = 1 << 20;
/// Bytes of the longest version and module text that is kept. Kubernetes' are under 40 kB.
const MAX_TEXT: u64 = 1 << 20;
/// The module text stands between two marks of this many bytes.
const MARK: usize = 16;

/// What the linker wrote.
pub(super) struct BuildInfo {
    /// `go1.22.1`, also `devel go1.23-…`.
    pub(super) toolchain: String,
    /// Lines of `path`, `mod`, `dep`, `=>` and `build`; empty for a program built outside modules.
    pub(super) modules: String,
}

impl BuildInfo {
    /// The bytes to keep.
    pub(super) fn to_piece(&self) -> Vec<u8> {
        [self.toolchain.as_bytes(), b"\n", self.modules.as_bytes()].concat()
    }

    /// The reverse of [`BuildInfo::to_piece`].
    pub(super) fn from_piece(piece: &[u8]) -> Option<Self> {
        let (toolchain, modules) = std::str::from_utf8(piece).ok()?.split_once('\n')?;
        Some(Self { toolchain: toolchain.to_owned(), modules: modules.to_owned() })
    }
}

/// Why build information that is there cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Bad {
    #[error("it ends early")]
    Short,
    #[error("a text of {0} bytes, more than {MAX_TEXT}")]
    Long(u64),
    #[error("a pointer leads out of the file")]
    Astray,
    #[error("text that is not UTF-8")]
    NotText,
}

/// The build information of `elf`, if it is a Go program.
pub(super) fn find(elf: &Elf<'_>) -> Result<Option<BuildInfo>, Bad> {
    let Some(blob) = locate(elf) else { return Ok(None) };
    let header = blob.get(..HEADER).ok_or(Bad::Short)?;
    let (version, modules) = match header[15] {
        flags if flags & 2 != 0 => inline(&blob[HEADER..])?,
        flags => pointed(elf, header, flags & 1 == 0)?,
    };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| Bad::NotText);
    // A line feed would end the version in the piece; no toolchain has one.
    let toolchain = text(version.split(|&b| b == b'\n').next().unwrap_or_default())?;
    if toolchain.is_empty() {
        return Ok(None);
    }
    Ok(Some(BuildInfo { toolchain, modules: text(unmarked(&modules))? }))
}

/// The bytes from the magic on: the section's, or found in the first writable segment of a file that has no
/// sections left.
fn locate<'a>(elf: &Elf<'a>) -> Option<Cow<'a, [u8]>> {
    let (area, everywhere) = if elf.has_sections() {
        let section = elf.section(b".go.buildinfo")?;
        (elf.bytes(section, HEADER as u64 + 2 * (MAX_TEXT + 10))?, false)
    } else {
        let data = elf.segments().into_iter().find(|s| s.writable)?;
        (elf.memory(data.address, SEARCHED)?, true)
    };
    let steps = if everywhere { area.len() / ALIGN } else { 1 };
    let at = (0..steps).map(|i| i * ALIGN).find(|&at| area[at..].starts_with(MAGIC))?;
    Some(match area {
        Cow::Borrowed(all) => Cow::Borrowed(&all[at..]),
        Cow::Owned(all) => Cow::Owned(all[at..].to_vec()),
    })
}

type Texts<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

fn inline(rest: &[u8]) -> Result<Texts<'_>, Bad> {
    let (version, rest) = text(rest)?;
    let modules = if rest.is_empty() { rest } else { text(rest)?.0 };
    Ok((Cow::Borrowed(version), Cow::Borrowed(modules)))
}

/// A text after its length, and what follows.
fn text(bytes: &[u8]) -> Result<(&[u8], &[u8]), Bad> {
    let mut length = 0_u64;
    for (i, &byte) in bytes.iter().take(9).enumerate() {
        length |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            let limited = Some(length).filter(|n| *n <= MAX_TEXT).ok_or(Bad::Long(length))?;
            return bytes[i + 1..].split_at_checked(limited as usize).ok_or(Bad::Short);
        }
    }
    Err(Bad::Short)
}

fn pointed<'a>(elf: &Elf<'a>, header: &[u8], little: bool) -> Result<Texts<'a>, Bad> {
    let size = usize::from(header[14]);
    if !matches!(size, 4 | 8) {
        return Err(Bad::Astray);
    }
    let pointer = |bytes: &[u8], at: usize| bytes.get(at..at + size).and_then(|b| number(b, little)).ok_or(Bad::Short);
    let string = |at: u64| -> Result<Cow<'a, [u8]>, Bad> {
        if at == 0 {
            return Ok(Cow::Borrowed(&[]));
        }
        let head = elf.memory(at, 2 * size as u64).ok_or(Bad::Astray)?;
        let (start, length) = (pointer(&head, 0)?, pointer(&head, size)?);
        match length {
            0 => Ok(Cow::Borrowed(&[])),
            1..=MAX_TEXT => {
                let bytes = elf.memory(start, length).ok_or(Bad::Astray)?;
                if bytes.len() as u64 == length { Ok(bytes) } else { Err(Bad::Short) }
            }
            _ => Err(Bad::Long(length)),
        }
    };
    Ok((string(pointer(header, 16)?)?, string(pointer(header, 16 + size)?)?))
}

/// The module text without the marks around it; empty if they are not there.
fn unmarked(text: &[u8]) -> &[u8] {
    let inner = text.get(MARK..text.len().saturating_sub(MARK)).unwrap_or_default();
    if inner.last() == Some(&b'\n') { inner } else { &[] }
}
