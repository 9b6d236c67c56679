//! PAX extended headers
//! (<https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_03>): records read by their
//! stated length, since a binary value may hold a newline, and entries written with what ustar has no room for.

/// Splits the next record, `LENGTH KEY=VALUE\n`, off `data`.
pub(crate) fn record<'a>(data: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let space = data.iter().take(20).position(|&b| b == b' ')?;
    let length: usize = std::str::from_utf8(&data[..space]).ok()?.parse().ok()?;
    let (record, rest) = data.split_at_checked(length)?;
    let body = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|&b| b == b'=')?;
    *data = rest;
    Some((&body[..equals], &body[equals + 1..]))
}

/// Appends a record to `out`.
fn push_record(out: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    // The length counts its own digits.
    let rest = 1 + key.len() + 1 + value.len() + 1;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    out.extend_from_slice(format!("{length} ").as_bytes());
    out.extend_from_slice(key);
    out.push(b'=');
    out.extend_from_slice(value);
    out.push(b'\n');
}

/// One entry's metadata, to be written.
pub(crate) struct Entry<'a> {
    /// Relative, without `./`; a folder's ends with `/`.
    pub(crate) path: &'a [u8],
    pub(crate) kind: tar::EntryType,
    /// Bytes of content that will follow.
    pub(crate) size: u64,
    /// Permissions with setuid, setgid and sticky.
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Seconds since 1970; none before.
    pub(crate) mtime: u64,
    /// The target of a link.
    pub(crate) link: &'a [u8],
    /// Major and minor number of a device.
    pub(crate) device: Option<(u32, u32)>,
    /// `security.capability`.
    pub(crate) capability: Option<&'a [u8]>,
}

impl Entry<'_> {
    /// The header's blocks, with an extended header in front if one is needed.
    pub(crate) fn write(&self) -> std::io::Result<Vec<u8>> {
        let mut records = Vec::new();
        if self.path.len() > 100 {
            push_record(&mut records, b"path", self.path);
        }
        if self.link.len() > 100 {
            push_record(&mut records, b"linkpath", self.link);
        }
        if let Some(value) = self.capability {
            push_record(&mut records, b"SCHILY.xattr.security.capability", value);
        }
        let mut out = Vec::with_capacity(512);
        if !records.is_empty() {
            let mut header = named(b"PaxHeaders/entry", tar::EntryType::XHeader, records.len() as u64);
            header.set_cksum();
            out.extend_from_slice(header.as_bytes());
            out.extend_from_slice(&records);
            out.resize(out.len().next_multiple_of(512), 0);
        }
        let mut header = named(self.path, self.kind, self.size);
        header.set_mode(self.mode);
        header.set_uid(self.uid.into());
        header.set_gid(self.gid.into());
        header.set_mtime(self.mtime);
        fill(&mut header.as_old_mut().linkname, self.link);
        if let Some((major, minor)) = self.device {
            header.set_device_major(major)?;
            header.set_device_minor(minor)?;
        }
        header.set_cksum();
        out.extend_from_slice(header.as_bytes());
        Ok(out)
    }
}

fn named(path: &[u8], kind: tar::EntryType, size: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    fill(&mut header.as_old_mut().name, path);
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header
}

/// Copies what fits; the whole is in a record then.
fn fill(field: &mut [u8; 100], text: &[u8]) {
    let fits = text.len().min(field.len());
    field[..fits].copy_from_slice(&text[..fits]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_as_written() {
        for length in [0, 1, 80, 88, 89, 90, 91, 92, 93, 985, 990, 5000] {
            let value = vec![b'\n'; length];
            let mut data = Vec::new();
            push_record(&mut data, b"key", &value);
            push_record(&mut data, b"b", b"x=y");
            let mut data = data.as_slice();
            assert_eq!(record(&mut data), Some((b"key".as_slice(), value.as_slice())), "{length}");
            assert_eq!(record(&mut data), Some((b"b".as_slice(), b"x=y".as_slice())));
            assert!(data.is_empty());
        }
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for bad in ["", "5", "5 a=b", "99 a=b\n", "2 a=b\n", "x a=b\n", "5 ab\n", "-1 a=b\n", "4 a=b\n", "0 "] {
            assert_eq!(record(&mut bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn a_capability_is_an_extended_attribute() {
        let capability = [1, 0, 0, 2, b'\n', 0x20];
        let entry = Entry {
            path: b"ping",
            kind: tar::EntryType::Char,
            size: 0,
            mode: 0o755,
            uid: 3_000_000_000,
            gid: 7,
            mtime: 1,
            link: b"",
            device: Some((5, 1)),
            capability: Some(&capability),
        };
        let blocks = entry.write().unwrap();
        assert_eq!(blocks.len(), 3 * 512);
        let key = b"SCHILY.xattr.security.capability".as_slice();
        let length = tar::Header::from_byte_slice(&blocks[..512]).size().unwrap() as usize;
        assert_eq!(record(&mut &blocks[512..512 + length]), Some((key, capability.as_slice())));
        let header = tar::Header::from_byte_slice(&blocks[1024..]);
        assert_eq!(header.path_bytes().as_ref(), b"ping");
        assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (3_000_000_000, 7));
        assert_eq!((header.device_major().unwrap(), header.device_minor().unwrap()), (Some(5), Some(1)));
    }
}
