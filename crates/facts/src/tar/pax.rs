//! PAX records: `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record.

use super::TarError;

/// What extended headers say of the next entry.
#[derive(Clone, Debug, Default)]
pub(super) struct Extensions {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) uid: Option<u64>,
    pub(super) gid: Option<u64>,
    pub(super) mtime: Option<i64>,
    pub(super) capability: bool,
    pub(super) sparse_major: Option<u64>,
    pub(super) sparse_name: Option<Vec<u8>>,
    pub(super) sparse_size: Option<u64>,
    pub(super) sparse_map: Vec<(u64, u64)>,
}

impl Extensions {
    /// Takes over what `later` states.
    pub(super) fn merge(&mut self, later: Self) {
        fn over<T>(mine: &mut Option<T>, later: Option<T>) {
            if later.is_some() {
                *mine = later;
            }
        }
        over(&mut self.path, later.path);
        over(&mut self.link, later.link);
        over(&mut self.size, later.size);
        over(&mut self.uid, later.uid);
        over(&mut self.gid, later.gid);
        over(&mut self.mtime, later.mtime);
        over(&mut self.sparse_major, later.sparse_major);
        over(&mut self.sparse_name, later.sparse_name);
        over(&mut self.sparse_size, later.sparse_size);
        self.capability |= later.capability;
        if !later.sparse_map.is_empty() {
            self.sparse_map = later.sparse_map;
        }
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
        b"GNU.sparse.major" => out.sparse_major = count("sparse version")?,
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
