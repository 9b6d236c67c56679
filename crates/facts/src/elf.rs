//! The section and segment tables of an ELF file, and nothing more.
//!
//! Every program of an image passes here once, so opening reads the header, one table and one string table,
//! in place where the file is in memory. All of it is hostile: offsets and counts are checked against the
//! file and against fixed limits, and what does not fit is simply not there. Not here: symbols, relocations,
//! compressed sections (<https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html>).

use crate::keep::Content;
use std::borrow::Cow;

/// More sections than any program we know of; beyond, the table is taken for absent.
const MAX_SECTIONS: u64 = 4096;
/// Segments read at most.
const MAX_SEGMENTS: u64 = 256;
/// Bytes read at most of the names of sections.
const MAX_NAMES: u64 = 256 << 10;
/// `SHT_NOBITS`: a section without bytes in the file.
const NOBITS: u32 = 8;
/// `PT_LOAD`.
const LOAD: u32 = 1;

/// An opened ELF file.
pub struct Elf<'a> {
    content: &'a Content<'a>,
    wide: bool,
    little: bool,
    segments_at: (u64, u64, u64),
    sections: Cow<'a, [u8]>,
    section_size: usize,
    names: Cow<'a, [u8]>,
}

/// One section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// `sh_type`.
    pub kind: u32,
    /// Where it starts in the file.
    pub offset: u64,
    /// Its bytes in the file; 0 if it has none there.
    pub size: u64,
}

/// One loaded segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Whether the program may write to it.
    pub writable: bool,
    /// Where it starts in the file.
    pub offset: u64,
    /// Where it starts in memory.
    pub address: u64,
    /// Its bytes in the file.
    pub size: u64,
}

impl<'a> Elf<'a> {
    /// Opens `content`; `None` if it is no ELF file of a known class and byte order.
    pub fn open(content: &'a Content<'a>) -> Option<Self> {
        let header = take(content, 0, 64)?;
        let (wide, little) = match header.get(..6)? {
            [0x7f, b'E', b'L', b'F', class @ 1..=2, order @ 1..=2] => (*class == 2, *order == 1),
            _ => return None,
        };
        let mut elf = Self {
            content,
            wide,
            little,
            segments_at: (0, 0, 0),
            sections: Cow::Borrowed(&[]),
            section_size: if wide { 64 } else { 40 },
            names: Cow::Borrowed(&[]),
        };
        let (ph, sh, counts) = if wide { (32, 40, 54) } else { (28, 32, 42) };
        elf.segments_at = (elf.word(&header, ph)?, elf.half(&header, counts)?, elf.half(&header, counts + 2)?);
        let table = elf.word(&header, sh)?;
        let [each, count, names] = [counts + 4, counts + 6, counts + 8].map(|at| elf.half(&header, at).unwrap_or(0));
        if table != 0 && each == elf.section_size as u64 {
            elf.load_sections(table, count, names);
        }
        Some(elf)
    }

    /// Reads the section table; a count or index that does not fit 16 bits is in the first section.
    fn load_sections(&mut self, table: u64, count: u64, names: u64) -> Option<()> {
        let each = self.section_size as u64;
        let (size_at, link_at) = if self.wide { (32, 40) } else { (20, 24) };
        let first = take(self.content, table, each)?;
        let count = if count == 0 { self.word(&first, size_at)? } else { count };
        let names = if names == 0xffff { self.int(&first, link_at)? } else { names };
        if count > MAX_SECTIONS {
            return None;
        }
        self.sections = take(self.content, table, count * each)?;
        let (_, strings) = self.section_at(usize::try_from(names).ok()?)?;
        self.names = take(self.content, strings.offset, strings.size.min(MAX_NAMES))?;
        Some(())
    }

    /// Whether the file has a readable section table.
    pub fn has_sections(&self) -> bool {
        !self.sections.is_empty()
    }

    /// The first section of this name.
    pub fn section(&self, name: &[u8]) -> Option<Section> {
        let count = self.sections.len() / self.section_size;
        (0..count).filter_map(|i| self.section_at(i)).find(|(at, _)| self.is_named(*at, name)).map(|(_, s)| s)
    }

    fn is_named(&self, at: u64, name: &[u8]) -> bool {
        let rest = usize::try_from(at).ok().and_then(|at| self.names.get(at..));
        rest.is_some_and(|rest| rest.strip_prefix(name).is_some_and(|end| end.first() == Some(&0)))
    }

    /// The offset of its name, and the section at this index.
    fn section_at(&self, index: usize) -> Option<(u64, Section)> {
        let from = index.checked_mul(self.section_size)?;
        let header = self.sections.get(from..from + self.section_size)?;
        let (offset, size) = if self.wide { (24, 32) } else { (16, 20) };
        let kind = self.int(header, 4)? as u32;
        let size = if kind == NOBITS { 0 } else { self.word(header, size)? };
        Some((self.int(header, 0)?, Section { kind, offset: self.word(header, offset)?, size }))
    }

    /// The loaded segments, in the table's order.
    pub fn segments(&self) -> Vec<Segment> {
        let (table, each, count) = self.segments_at;
        let least = if self.wide { 56 } else { 32 };
        if each < least {
            return Vec::new();
        }
        let all = take(self.content, table, each * count.min(MAX_SEGMENTS)).unwrap_or_default();
        all.chunks_exact(each as usize).filter_map(|header| self.segment(header)).collect()
    }

    fn segment(&self, header: &[u8]) -> Option<Segment> {
        let [flags, offset, address, size] = if self.wide { [4, 8, 16, 32] } else { [24, 4, 8, 16] };
        (self.int(header, 0)? as u32 == LOAD).then_some(())?;
        Some(Segment {
            writable: self.int(header, flags)? & 2 != 0,
            offset: self.word(header, offset)?,
            address: self.word(header, address)?,
            size: self.word(header, size)?,
        })
    }

    /// A section's bytes, `limit` at most; `None` if the file does not have them.
    pub fn bytes(&self, section: Section, limit: u64) -> Option<Cow<'a, [u8]>> {
        take(self.content, section.offset, section.size.min(limit))
    }

    /// Up to `limit` bytes that are at `address` in memory, as far as their segment reaches in the file.
    pub fn memory(&self, address: u64, limit: u64) -> Option<Cow<'a, [u8]>> {
        let holds = |s: &Segment| address.checked_sub(s.address).is_some_and(|into| into < s.size);
        let segment = self.segments().into_iter().find(holds)?;
        let into = address - segment.address;
        take(self.content, segment.offset.checked_add(into)?, (segment.size - into).min(limit))
    }

    /// Whether the file is little-endian.
    pub fn little(&self) -> bool {
        self.little
    }

    fn half(&self, bytes: &[u8], at: usize) -> Option<u64> {
        number(bytes.get(at..at + 2)?, self.little)
    }

    fn int(&self, bytes: &[u8], at: usize) -> Option<u64> {
        number(bytes.get(at..at + 4)?, self.little)
    }

    fn word(&self, bytes: &[u8], at: usize) -> Option<u64> {
        number(bytes.get(at..at + if self.wide { 8 } else { 4 })?, self.little)
    }
}

/// An unsigned number of up to 8 bytes.
pub fn number(bytes: &[u8], little: bool) -> Option<u64> {
    let fold = |sum: u64, byte: &u8| (sum << 8) | u64::from(*byte);
    match bytes.len() {
        0..=8 if little => Some(bytes.iter().rev().fold(0, fold)),
        0..=8 => Some(bytes.iter().fold(0, fold)),
        _ => None,
    }
}

/// Exactly `size` bytes from `offset` on, borrowed where the file is in memory; `None` if the
/// file ends before.
pub fn take<'a>(content: &Content<'a>, offset: u64, size: u64) -> Option<Cow<'a, [u8]>> {
    let end = offset.checked_add(size).filter(|end| *end <= content.len())?;
    if let Some(all) = content.slice() {
        return all.get(usize::try_from(offset).ok()?..usize::try_from(end).ok()?).map(Cow::Borrowed);
    }
    let mut bytes = vec![0; usize::try_from(size).ok()?];
    (content.read_at(offset, &mut bytes).ok()? == bytes.len()).then_some(Cow::Owned(bytes))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::io::Write;

    /// A little-endian 64-bit ELF with these sections, each also a loaded segment at `0x10000 × (index + 1)`.
    pub(crate) fn elf_with(sections: &[(&str, &[u8])]) -> Vec<u8> {
        let mut names = vec![0];
        let mut out = vec![0; 64];
        let (mut table, mut segments) = (vec![0; 64], Vec::new());
        for (i, (name, bytes)) in sections.iter().enumerate() {
            out.resize(out.len().next_multiple_of(16), 0);
            let (at, size) = (out.len() as u64, bytes.len() as u64);
            table.extend(header(names.len() as u32, 1, at, size));
            segments.extend([1_u32, 6].iter().flat_map(|v| v.to_le_bytes()));
            let words = [at, 0x10000 * (i as u64 + 1), 0, size, size, 16];
            segments.extend(words.iter().flat_map(|v| v.to_le_bytes()));
            names.extend(name.bytes().chain([0]));
            out.extend_from_slice(bytes);
        }
        table.extend(header(0, 3, out.len() as u64, names.len() as u64));
        out.extend(names);
        let segments_at = out.len() as u64;
        out.extend(segments);
        let table_at = out.len() as u64;
        out.extend(table);
        let count = sections.len() as u16;
        let mut head = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0\0\0\0\0\0\0\0\0".to_vec();
        head.extend(segments_at.to_le_bytes().into_iter().chain(table_at.to_le_bytes()));
        head.extend([0, 0, 64, 56, count, 64, count + 2, count + 1].iter().flat_map(|v: &u16| v.to_le_bytes()));
        head.truncate(64);
        out[..64].copy_from_slice(&head);
        out
    }

    fn header(name: u32, kind: u32, at: u64, size: u64) -> Vec<u8> {
        let mut out: Vec<u8> = [name, kind].iter().flat_map(|v| v.to_le_bytes()).collect();
        out.extend([0, 0, at, size].iter().flat_map(|v: &u64| v.to_le_bytes()));
        out.resize(64, 0);
        out
    }

    fn section_text(bytes: &[u8], name: &str) -> String {
        let content = Content::Memory(bytes);
        let Some(elf) = Elf::open(&content) else { return "not ELF".into() };
        let found = elf.section(name.as_bytes()).and_then(|s| elf.bytes(s, 1 << 20));
        found.map_or_else(|| "none".into(), |b| String::from_utf8_lossy(&b).into_owned())
    }

    #[test]
    fn sections_by_name() {
        let elf = elf_with(&[(".text", b"code"), (".text2", b"more"), (".dep-v0", b"zlib")]);
        assert_eq!(section_text(&elf, ".dep-v0"), "zlib");
        assert_eq!(section_text(&elf, ".text"), "code");
        assert_eq!(section_text(&elf, ".tex"), "none");
        assert_eq!(section_text(b"\x7fELF", ".text"), "not ELF");
        assert_eq!(
            section_text(b"\x7fELF\x03\x01 and much more that makes up a header of 64 bytes......", "x"),
            "not ELF"
        );
    }

    #[test]
    fn a_spooled_file_reads_the_same() {
        let bytes = elf_with(&[(".a", b"first"), (".b", b"second")]);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let content = Content::Spooled(&file, bytes.len() as u64);
        let elf = Elf::open(&content).unwrap();
        let section = elf.section(b".b").unwrap();
        assert_eq!(elf.bytes(section, 3).unwrap().as_ref(), b"sec");
        assert_eq!(elf.memory(0x20002, 100).unwrap().as_ref(), b"cond");
        assert_eq!(elf.memory(0x90000, 1), None);
    }

    #[test]
    fn no_truncation_and_no_flipped_byte_panics() {
        let bytes = elf_with(&[(".a", b"first"), (".go.buildinfo", b"second")]);
        for cut in 0..bytes.len() {
            section_text(&bytes[..cut], ".a");
        }
        for at in 0..bytes.len() {
            for value in [0, 0x7f, 0xff] {
                let mut bad = bytes.clone();
                bad[at] = value;
                section_text(&bad, ".a");
                let content = Content::Memory(&bad);
                if let Some(elf) = Elf::open(&content) {
                    elf.memory(0x10000, u64::MAX);
                }
            }
        }
    }

    #[test]
    fn a_real_program_has_sections() {
        let me = std::fs::read("/proc/self/exe").unwrap();
        let content = Content::Memory(&me);
        let elf = Elf::open(&content).unwrap();
        assert!(elf.has_sections() && elf.section(b".text").is_some_and(|s| s.size > 0));
    }
}
