//! PAX records: `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record.

use super::TarError;

/// What extended headers say of the next entry.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) uid: Option<u64>,
    pub(super) gid: Option<u64>,
    pub(super) mtime: Option<i64>,
    pub(super) capability: bool,
    pub(super) sparse_major: Option<Vec<u8>>,
    pub(super) sparse_minor: Option<Vec<u8>>,
    pub(super) sparse_name: Option<Vec<u8>>,
    pub(super) sparse_size: Option<u64>,
    pub(super) sparse_map: Vec<(u64, u64)>,
}

/// Where a PAX sparse file keeps its map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sparse {
    /// Versions 0.0 and 0.1.
    InRecords,
    /// Version 1.0.
    BeforeData,
}

impl Extensions {
    /// The sparse format. Records without a version and without a map, or of another version, make no sparse file,
    /// and what else they say of one is not heeded.
    pub(super) fn sparse_format(&self) -> Option<Sparse> {
        match (self.sparse_major.as_deref(), self.sparse_minor.as_deref()) {
            (Some(b"0"), Some(b"0" | b"1")) => Some(Sparse::InRecords),
            (Some(b"1"), Some(b"0")) => Some(Sparse::BeforeData),
            (Some(_), _) | (_, Some(_)) => None,
            (None, None) => (!self.sparse_map.is_empty()).then_some(Sparse::InRecords),
        }
    }

    /// Whether anything here says where an entry lands or how long it is.
    pub(super) fn moves(&self) -> bool {
        self.path.is_some()
            || self.link.is_some()
            || self.size.is_some()
            || self.sparse_format().is_some()
            || self.sparse_name.is_some()
            || self.sparse_size.is_some()
    }
}

/// Reads a block of records.
pub(super) fn parse(mut records: &[u8]) -> Result<Extensions, TarError> {
    let mut out = Extensions::default();
    let mut offset = None;
    while !records.is_empty() {
        let (key, value, rest) = record(records).ok_or(TarError::Pax)?;
        records = rest;
        apply(&mut out, &mut offset, key, value)?;
    }
    Ok(out)
}

fn record(records: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = records.iter().take(20).position(|&b| b == b' ')?;
    let length = usize::try_from(decimal(&records[..space])?).ok()?;
    let body = records.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|&b| b == b'=')?;
    Some((&body[..equals], &body[equals + 1..], &records[length..]))
}

fn apply(out: &mut Extensions, offset: &mut Option<u64>, key: &[u8], value: &[u8]) -> Result<(), TarError> {
    let bytes = || Some(value.to_vec()).filter(|v| !v.is_empty());
    let count = |what| if value.is_empty() { Ok(None) } else { decimal(value).map(Some).ok_or(TarError::Number(what)) };
    match key {
        b"path" => out.path = bytes(),
        b"linkpath" => out.link = bytes(),
        b"size" => out.size = count("size")?,
        b"uid" => out.uid = count("owner")?,
        b"gid" => out.gid = count("group")?,
        b"mtime" => out.mtime = seconds(value),
        b"SCHILY.xattr.security.capability" | b"LIBARCHIVE.xattr.security.capability" => out.capability = true,
        b"GNU.sparse.major" => out.sparse_major = bytes(),
        b"GNU.sparse.minor" => out.sparse_minor = bytes(),
        b"GNU.sparse.name" => out.sparse_name = bytes(),
        b"GNU.sparse.size" | b"GNU.sparse.realsize" => out.sparse_size = count("sparse size")?,
        b"GNU.sparse.offset" => *offset = count("sparse offset")?,
        b"GNU.sparse.numbytes" => {
            let length = count("sparse length")?.ok_or(TarError::Sparse)?;
            out.sparse_map.push((offset.take().ok_or(TarError::Sparse)?, length));
        }
        b"GNU.sparse.map" => out.sparse_map = pairs(value)?,
        _ => {}
    }
    Ok(())
}

fn pairs(value: &[u8]) -> Result<Vec<(u64, u64)>, TarError> {
    let numbers: Option<Vec<u64>> = value.split(|&b| b == b',').map(decimal).collect();
    let numbers = numbers.ok_or(TarError::Sparse)?;
    if numbers.len() % 2 != 0 {
        return Err(TarError::Sparse);
    }
    Ok(numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
}

/// A plain decimal number; sizes beyond `i64` are no sizes.
pub(super) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 19 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits.iter().try_fold(0_u64, |v, d| v.checked_mul(10)?.checked_add(u64::from(d - b'0')))?;
    i64::try_from(value).is_ok().then_some(value)
}

/// `SECONDS[.FRACTION]`, perhaps negative; rounded down.
fn seconds(value: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = whole.parse().ok()?;
    let below = text.starts_with('-') && fraction.bytes().any(|b| b != b'0');
    Some(whole - i64::from(below))
}
