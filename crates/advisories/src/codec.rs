//! The bytes of a segment: little-endian numbers, lengths as LEB128, texts as length and UTF-8.
//!
//! Reading checks every length and offset: a damaged file is a [`Damage`] with its place, never a panic and never a
//! read past the end.

/// Bytes that are not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the index is damaged in its {part} at byte {at}")]
pub struct Damage {
    /// Which section.
    pub part: &'static str,
    /// The byte in that section.
    pub at: usize,
}

/// Writes a length or a small number.
pub(crate) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number as u8) | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

pub(crate) fn put_texts<'t>(out: &mut Vec<u8>, texts: impl ExactSizeIterator<Item = &'t str>) {
    put_number(out, texts.len() as u64);
    texts.for_each(|text| put_text(out, text));
}

/// Reads one section forward.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'s> {
    part: &'static str,
    bytes: &'s [u8],
    at: usize,
}

impl<'s> Cursor<'s> {
    pub(crate) fn new(part: &'static str, bytes: &'s [u8], at: usize) -> Self {
        Self { part, bytes, at }
    }

    /// The same, but it ends at `end`.
    pub(crate) fn within(self, end: usize) -> Self {
        Self { bytes: self.bytes.get(..end).unwrap_or(self.bytes), ..self }
    }

    pub(crate) fn damage(&self) -> Damage {
        Damage { part: self.part, at: self.at }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Damage> {
        let byte = *self.bytes.get(self.at).ok_or(self.damage())?;
        self.at += 1;
        Ok(byte)
    }

    #[inline]
    pub(crate) fn number(&mut self) -> Result<u64, Damage> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(self.damage())
    }

    /// A number that counts things of at least one byte each, so that a forged one cannot ask for memory.
    pub(crate) fn count(&mut self) -> Result<usize, Damage> {
        let count = usize::try_from(self.number()?).map_err(|_| self.damage())?;
        if count > self.bytes.len().saturating_sub(self.at) { Err(self.damage()) } else { Ok(count) }
    }

    #[inline]
    pub(crate) fn take(&mut self, length: usize) -> Result<&'s [u8], Damage> {
        let end = self.at.checked_add(length).ok_or(self.damage())?;
        let taken = self.bytes.get(self.at..end).ok_or(self.damage())?;
        self.at = end;
        Ok(taken)
    }

    #[inline]
    pub(crate) fn text(&mut self) -> Result<&'s str, Damage> {
        let length = self.count()?;
        let damage = self.damage();
        std::str::from_utf8(self.take(length)?).map_err(|_| damage)
    }

    pub(crate) fn texts(&mut self) -> Result<Vec<&'s str>, Damage> {
        let count = self.count()?;
        (0..count).map(|_| self.text()).collect()
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Damage> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }
}

/// FNV-1a: short, without a seed, the same on every machine.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let mixed = bytes.iter().fold(0xcbf2_9ce4_8422_2325, step);
    // The low bits choose a slot, so they must depend on all others.
    mixed ^ (mixed >> 32)
}
