//! `cargo xtask floor`: the least work that reads an image's layers honestly, to measure the program against.
//!
//! One thread; zlib-rs or zstd, SHA-256 of what is stored and of what it unpacks to, and a walk from tar header to tar
//! header. Nothing is kept, nothing is recognised, nothing is believed either: no digest is compared.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::paths;
use crate::tools::print;

const BUFFER: usize = 256 * 1024;
const BLOCK: u64 = 512;

/// What was read.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    layers: u64,
    entries: u64,
    stored: u64,
    plain: u64,
}

/// Reads layouts, archives and single layers, and says how much that was; with `--longest`, only the layer of each
/// that has the most bytes.
pub(crate) fn floor(files: &[&str]) -> Result<()> {
    let mut count = Count::default();
    let (longest, files) = files
        .split_first()
        .filter(|(first, _)| **first == "--longest")
        .map_or((false, files), |(_, rest)| (true, rest));
    for file in files {
        let path = Path::new(file);
        match (path.is_dir(), longest) {
            (true, false) => layers(path)?.iter().try_for_each(|layer| read(layer, layer_of_file, &mut count))?,
            (true, true) => {
                let size = |layer: &PathBuf| layer.metadata().map_or(0, |meta| meta.len());
                let layer = layers(path)?.into_iter().max_by_key(size);
                layer.iter().try_for_each(|layer| read(layer, layer_of_file, &mut count))?;
            }
            (false, false) => read(path, archive_or_layer, &mut count)?,
            (false, true) => read(path, longest_of_archive, &mut count)?,
        }
    }
    let Count { layers, entries, stored, plain } = count;
    print(format_args!("{layers} layers, {entries} entries, {stored} bytes stored, {plain} bytes unpacked"));
    Ok(())
}

fn read(path: &Path, how: fn(File, &mut Count) -> io::Result<()>, count: &mut Count) -> Result<()> {
    File::open(path).and_then(|file| how(file, count)).map_err(Error::file(path))
}

/// The layers of a layout's first image.
fn layers(layout: &Path) -> Result<Vec<PathBuf>> {
    let blob = |digest: &Value| {
        let digest = digest.as_str().and_then(|text| text.split_once(':'));
        digest.map(|(algorithm, hex)| layout.join("blobs").join(algorithm).join(hex))
    };
    let wrong = |what| Error::Layout { path: layout.to_path_buf(), what };
    let index = json(&layout.join("index.json"))?;
    let manifest = blob(&index["manifests"][0]["digest"]).ok_or_else(|| wrong("no manifest in index.json"))?;
    let manifest = json(&manifest)?;
    let layers = manifest["layers"].as_array().ok_or_else(|| wrong("no layers in the manifest"))?;
    layers.iter().map(|layer| blob(&layer["digest"]).ok_or_else(|| wrong("a layer without digest"))).collect()
}

fn json(path: &Path) -> Result<Value> {
    serde_json::from_str(&paths::read(path)?).map_err(|error| Error::file(path)(error.into()))
}

fn layer_of_file(file: File, count: &mut Count) -> io::Result<()> {
    layer(file, count)
}

/// A tar whose entries end in `.tar` is Docker's archive; each of those is a layer. Anything else is a layer.
fn archive_or_layer(file: File, count: &mut Count) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(BUFFER, file);
    if reader.fill_buf()?.get(257..262) != Some(b"ustar") {
        return layer(reader, count);
    }
    while let Some((name, size)) = header(&mut reader)? {
        let mut body = (&mut reader).take(size);
        if name.ends_with(b".tar") && size > 0 {
            layer(&mut body, count)?;
        }
        io::copy(&mut body, &mut io::sink())?;
        io::copy(&mut (&mut reader).take(padding(size)), &mut io::sink())?;
    }
    Ok(())
}

/// The longest layer of Docker's archive, found by its headers alone.
fn longest_of_archive(mut file: File, count: &mut Count) -> io::Result<()> {
    let (mut at, mut longest) = (0, (0, 0));
    while let Some((name, size)) = header(&mut file)? {
        at += BLOCK;
        if name.ends_with(b".tar") && size > longest.1 {
            longest = (at, size);
        }
        at += size + padding(size);
        file.seek(SeekFrom::Start(at))?;
    }
    file.seek(SeekFrom::Start(longest.0))?;
    layer(file.take(longest.1), count)
}

fn layer(stored: impl Read, count: &mut Count) -> io::Result<()> {
    let mut stored = BufReader::with_capacity(BUFFER, Hashing::new(stored));
    let magic = stored.fill_buf()?;
    let (gzip, zstd) = (magic.starts_with(&[0x1f, 0x8b]), magic.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]));
    let plain = if gzip {
        walk(flate2::bufread::MultiGzDecoder::new(&mut stored), count)?
    } else if zstd {
        walk(zstd::Decoder::with_buffer(&mut stored)?, count)?
    } else {
        walk_plain(&mut stored, count)?
    };
    io::copy(&mut stored, &mut io::sink())?;
    count.layers += 1;
    count.plain += plain;
    count.stored += stored.into_inner().finish();
    Ok(())
}

/// Walks what a decoder gives, hashing it; says how many bytes that were.
fn walk(decoder: impl Read, count: &mut Count) -> io::Result<u64> {
    let mut plain = BufReader::with_capacity(BUFFER, Hashing::new(decoder));
    entries(&mut plain, count)?;
    Ok(plain.into_inner().finish())
}

/// A plain layer's two digests are one.
fn walk_plain(stored: &mut BufReader<Hashing<impl Read>>, count: &mut Count) -> io::Result<u64> {
    entries(stored, count)?;
    Ok(stored.get_ref().bytes)
}

fn entries(plain: &mut impl BufRead, count: &mut Count) -> io::Result<()> {
    while let Some((_, size)) = header(plain)? {
        skip(plain, size + padding(size))?;
        count.entries += 1;
    }
    skip(plain, u64::MAX)
}

/// Passes over bytes without copying them once more.
fn skip(reader: &mut impl BufRead, mut bytes: u64) -> io::Result<()> {
    while bytes > 0 {
        let there = reader.fill_buf()?.len();
        if there == 0 {
            break;
        }
        let step = there.min(usize::try_from(bytes).unwrap_or(usize::MAX));
        reader.consume(step);
        bytes -= step as u64;
    }
    Ok(())
}

/// The next header's name and the size of its body; `None` at the end.
fn header(reader: &mut impl Read) -> io::Result<Option<(Vec<u8>, u64)>> {
    let mut block = [0u8; BLOCK as usize];
    match reader.read_exact(&mut block) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    if block[0] == 0 {
        return Ok(None);
    }
    let name = block[..100].split(|&byte| byte == 0).next().unwrap_or_default().to_vec();
    let has_body = !matches!(block[156], b'1'..=b'6');
    Ok(Some((name, if has_body { number(&block[124..136]) } else { 0 })))
}

/// Octal digits, or GNU's big-endian number after a byte 0x80.
fn number(field: &[u8]) -> u64 {
    if field[0] & 0x80 != 0 {
        return field[4..].iter().fold(0, |sum, &byte| (sum << 8) | u64::from(byte));
    }
    let digits = field.iter().filter(|byte| (b'0'..=b'7').contains(byte));
    digits.fold(0, |sum, &byte| (sum << 3) | u64::from(byte - b'0'))
}

fn padding(size: u64) -> u64 {
    size.next_multiple_of(BLOCK) - size
}

/// A reader that hashes what passes.
struct Hashing<R> {
    inner: R,
    hash: Sha256,
    bytes: u64,
}

impl<R> Hashing<R> {
    fn new(inner: R) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    /// Finishes the digest, which the optimiser must not think superfluous, and says how much passed.
    fn finish(self) -> u64 {
        std::hint::black_box(self.hash.finalize());
        self.bytes
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn tar() -> Vec<u8> {
        let mut bytes = Vec::new();
        for (name, size) in [("a", 3u64), ("b", 600)] {
            let mut block = [0u8; 512];
            block[..name.len()].copy_from_slice(name.as_bytes());
            block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
            block[156] = b'0';
            bytes.extend(block);
            bytes.extend(vec![b'x'; (size + padding(size)) as usize]);
        }
        bytes.extend([0; 1024]);
        bytes
    }

    fn check(stored: &[u8]) {
        let mut count = Count::default();
        layer(stored, &mut count).expect("a layer");
        let expected = Count { layers: 1, entries: 2, stored: stored.len() as u64, plain: tar().len() as u64 };
        assert_eq!(count, expected);
    }

    #[test]
    fn plain_gzip_and_zstd_are_counted_alike() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&tar()).expect("in memory");
        check(&gzip.finish().expect("in memory"));
        check(&zstd::encode_all(&tar()[..], 1).expect("in memory"));
        check(&tar());
    }

    #[test]
    fn sizes_in_both_notations() {
        assert_eq!(number(b"00000001750\0"), 1000);
        assert_eq!(number(&[0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1]), 0x2_0000_0001);
    }
}
