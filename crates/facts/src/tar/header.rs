//! One header block: fields at fixed places, numbers in octal or base 256.

use super::{BLOCK, TarError};
use std::ops::Range;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `0`, NUL, `7`.
    File,
    /// `1`.
    HardLink,
    /// `2`.
    Symlink,
    /// `3` and `4`.
    Device,
    /// `5`.
    Directory,
    /// `6`.
    Fifo,
    /// GNU's `S`.
    GnuSparse,
    /// `x`.
    Pax,
    /// `g`.
    PaxGlobal,
    /// GNU's `L`.
    LongName,
    /// GNU's `K`.
    LongLink,
    /// Any other letter; its data is passed over.
    Other(u8),
}

impl Type {
    /// Whether data blocks follow. Links, devices and directories have none whatever their size says, as in Go.
    pub(super) fn has_data(self) -> bool {
        !matches!(self, Self::HardLink | Self::Symlink | Self::Device | Self::Directory | Self::Fifo)
    }
}

/// 512 bytes.
pub(super) struct Block([u8; BLOCK]);

impl Default for Block {
    fn default() -> Self {
        Self([0; BLOCK])
    }
}

impl Block {
    pub(super) fn bytes(&self) -> &[u8; BLOCK] {
        &self.0
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8; BLOCK] {
        &mut self.0
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.iter().all(|&b| b == 0)
    }

    /// Compares with the sum over the header, its own field taken as blanks; old tars summed signed bytes.
    pub(super) fn checksum_matches(&self) -> bool {
        let Ok(stated) = number(&self.0[148..156], "checksum") else { return false };
        let byte = |i: usize| if (148..156).contains(&i) { b' ' } else { self.0[i] };
        let unsigned: u64 = (0..BLOCK).map(|i| u64::from(byte(i))).sum();
        let signed: i64 = (0..BLOCK).map(|i| i64::from(byte(i) as i8)).sum();
        stated == unsigned as i64 || stated == signed
    }

    pub(super) fn kind(&self) -> Type {
        match self.0[156] {
            0 | b'0' | b'7' => Type::File,
            b'1' => Type::HardLink,
            b'2' => Type::Symlink,
            b'3' | b'4' => Type::Device,
            b'5' => Type::Directory,
            b'6' => Type::Fifo,
            b'S' => Type::GnuSparse,
            b'x' => Type::Pax,
            b'g' => Type::PaxGlobal,
            b'L' => Type::LongName,
            b'K' => Type::LongLink,
            other => Type::Other(other),
        }
    }

    /// The oldest type letter: a directory where the name ends in a slash. Newer letters mean what they say.
    pub(super) fn is_old_file(&self) -> bool {
        self.0[156] == 0
    }

    /// Name, with the prefix in front where the format has one.
    pub(super) fn name(&self) -> Vec<u8> {
        let (name, prefix) = (text(&self.0[..100]), self.prefix());
        if prefix.is_empty() { name.to_vec() } else { [prefix, b"/", name].concat() }
    }

    /// ustar's prefix, star's shorter one, none in GNU headers, which keep times there. Go once wrote a prefix into
    /// GNU headers and still reads one where those times are not numbers, so an extractor sees it.
    fn prefix(&self) -> &[u8] {
        let magic = &self.0[257..265];
        if magic.starts_with(b"ustar\0") {
            let star = &self.0[508..512] == b"tar\0";
            return text(&self.0[345..if star { 476 } else { 500 }]);
        }
        let is_time = |field: Range<usize>| self.0[field.start] == 0 || number(&self.0[field], "time").is_ok();
        if magic != b"ustar  \0" || (is_time(345..357) && is_time(357..369)) {
            return &[];
        }
        Some(text(&self.0[345..500])).filter(|prefix| prefix.is_ascii()).unwrap_or_default()
    }

    pub(super) fn link(&self) -> Vec<u8> {
        text(&self.0[157..257]).to_vec()
    }

    pub(super) fn size(&self) -> Result<u64, TarError> {
        self.natural(124..136, "size")
    }

    pub(super) fn mode(&self) -> Result<u32, TarError> {
        Ok(number(&self.0[100..108], "mode")? as u32)
    }

    /// Negative owners are written by some tools and taken by extractors; they come out as numbers past `u32`.
    pub(super) fn uid(&self) -> Result<u64, TarError> {
        Ok(number(&self.0[108..116], "owner")? as u64)
    }

    pub(super) fn gid(&self) -> Result<u64, TarError> {
        Ok(number(&self.0[116..124], "group")? as u64)
    }

    pub(super) fn mtime(&self) -> Result<i64, TarError> {
        number(&self.0[136..148], "time")
    }

    pub(super) fn natural(&self, field: Range<usize>, what: &'static str) -> Result<u64, TarError> {
        u64::try_from(number(&self.0[field], what)?).map_err(|_| TarError::Number(what))
    }
}

fn text(field: &[u8]) -> &[u8] {
    &field[..field.iter().position(|&b| b == 0).unwrap_or(field.len())]
}

/// Octal with blanks or NULs around it, also before it, or base 256 if the first bit is set.
fn number(field: &[u8], what: &'static str) -> Result<i64, TarError> {
    if field[0] & 0x80 != 0 {
        return base256(field).ok_or(TarError::Number(what));
    }
    let edge = |b: &u8| !matches!(b, b' ' | 0);
    let from = field.iter().position(edge).unwrap_or(field.len());
    let to = field.iter().rposition(edge).map_or(from, |last| last + 1);
    let digits = text(&field[from..to]);
    let mut value: i64 = 0;
    for &digit in digits {
        if !(b'0'..=b'7').contains(&digit) {
            return Err(TarError::Number(what));
        }
        value =
            value.checked_mul(8).and_then(|v| v.checked_add(i64::from(digit - b'0'))).ok_or(TarError::Number(what))?;
    }
    Ok(value)
}

/// GNU's binary numbers: big-endian two's complement, the first bit of the field being the mark, the second the sign.
fn base256(field: &[u8]) -> Option<i64> {
    let negative = field[0] & 0x40 != 0;
    let mut value: i128 = if negative { -1 } else { 0 };
    for (i, &byte) in field.iter().enumerate() {
        let byte = match (i, negative) {
            (0, false) => byte & 0x7f,
            (0, true) => byte | 0x80,
            _ => byte,
        };
        value = value.checked_mul(256)? | i128::from(byte);
    }
    i64::try_from(value).ok()
}
