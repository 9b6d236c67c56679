//! Layers made in memory, header by header, so that any rule of the formats can be broken.

use std::io::Write;

/// A tar header of this name and type; `edit` changes the block before its checksum is written.
pub(crate) fn header(name: &[u8], kind: u8, size: u64, edit: impl FnOnce(&mut [u8; 512])) -> Vec<u8> {
    let mut block = [0_u8; 512];
    block[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
    block[100..107].copy_from_slice(b"0000755");
    block[108..115].copy_from_slice(b"0000000");
    block[116..123].copy_from_slice(b"0000000");
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[136..147].copy_from_slice(b"00000000000");
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    edit(&mut block);
    seal(&mut block);
    block.to_vec()
}

/// Writes the checksum.
pub(crate) fn seal(block: &mut [u8; 512]) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&b| u32::from(b)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
}

/// Content padded to whole blocks.
pub(crate) fn padded(content: &[u8]) -> Vec<u8> {
    let mut out = content.to_vec();
    out.resize(content.len().next_multiple_of(512), 0);
    out
}

/// An entry with content; long names by GNU's `L`.
pub(crate) fn entry(name: impl AsRef<[u8]>, kind: u8, link: &[u8], content: &[u8]) -> Vec<u8> {
    let name = name.as_ref();
    let mut out = Vec::new();
    if name.len() > 100 {
        out.extend(gnu(b'L', name));
    }
    if link.len() > 100 {
        out.extend(gnu(b'K', link));
    }
    let short = &link[..link.len().min(100)];
    out.extend(header(name, kind, content.len() as u64, |b| b[157..157 + short.len()].copy_from_slice(short)));
    out.extend(padded(content));
    out
}

/// GNU's long name (`L`) or long link (`K`).
pub(crate) fn gnu(kind: u8, text: &[u8]) -> Vec<u8> {
    let body = [text, b"\0"].concat();
    [header(b"././@LongLink", kind, body.len() as u64, |_| {}), padded(&body)].concat()
}

/// An extended header of these records: `x` for the next entry, `g` for all.
pub(crate) fn pax(kind: u8, records: &[(&str, &[u8])]) -> Vec<u8> {
    let body: Vec<u8> = records.iter().flat_map(|(key, value)| record(key, value)).collect();
    [header(b"pax", kind, body.len() as u64, |_| {}), padded(&body)].concat()
}

fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = [b" ", key.as_bytes(), b"=", value, b"\n"].concat();
    let mut length = rest.len() + 1;
    while length.to_string().len() + rest.len() != length {
        length += 1;
    }
    [length.to_string().as_bytes(), &rest].concat()
}

pub(crate) fn file(name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Vec<u8> {
    entry(name, b'0', b"", content.as_ref())
}

pub(crate) fn dir(name: &str) -> Vec<u8> {
    entry(name, b'5', b"", b"")
}

pub(crate) fn symlink(name: impl AsRef<[u8]>, to: impl AsRef<[u8]>) -> Vec<u8> {
    entry(name, b'2', to.as_ref(), b"")
}

pub(crate) fn hardlink(name: &str, to: impl AsRef<[u8]>) -> Vec<u8> {
    entry(name, b'1', to.as_ref(), b"")
}

pub(crate) fn fifo(name: &str) -> Vec<u8> {
    entry(name, b'6', b"", b"")
}

pub(crate) fn device(name: &str) -> Vec<u8> {
    entry(name, b'3', b"", b"")
}

/// Entries and the end mark.
pub(crate) fn tar(entries: &[Vec<u8>]) -> Vec<u8> {
    [entries.concat(), vec![0; 1024]].concat()
}

/// One layer, as a tar.
pub(crate) fn one(entries: &[Vec<u8>]) -> Vec<Vec<u8>> {
    vec![tar(entries)]
}

pub(crate) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(plain).expect("in memory");
    encoder.finish().expect("in memory")
}

pub(crate) fn zstd(plain: &[u8]) -> Vec<u8> {
    zstd::encode_all(plain, 3).expect("in memory")
}

/// A gzip stream of what `write` writes, which need never be in memory at once.
pub(crate) fn gzip_stream(write: impl FnOnce(&mut dyn Write)) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    write(&mut encoder);
    encoder.finish().expect("in memory")
}

/// A zip of these members, deflated.
pub(crate) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("in memory");
        writer.write_all(content).expect("in memory");
    }
    writer.finish().expect("in memory").into_inner()
}
