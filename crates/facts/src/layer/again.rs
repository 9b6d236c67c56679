//! One file of a layer whose facts are known, read again for its content.
//!
//! The facts prove the content: they hold its hash, and they exist only because the whole layer matched its digests. So
//! the file is believed if its hash matches, and the rest of the stream need not be read.

use super::Encoding;
use crate::entry::Entry;
use crate::limits::Limits;
use crate::tar::{TarError, Type, Walker};
use flate2::bufread::MultiGzDecoder;
use model::{Sha256, TreePath, Unknown, UnknownKind};
use sha2::{Digest as _, Sha256 as Hash};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek as _, Write as _};

const BUFFER: usize = 256 << 10;

/// Writes the content of `wanted`, a regular file with a hash, into `spool`, and rewinds it. `plain` is the length of the
/// plain stream as the facts have it: no more is inflated.
///
/// # Errors
/// A blocking [`Unknown`] if the stream breaks off or does not hold these bytes (any more).
pub fn content(
    stream: impl Read,
    encoding: Encoding,
    wanted: &Entry,
    plain: u64,
    limits: &Limits,
    spool: File,
) -> Result<File, Unknown> {
    let damaged = |why: String| Unknown::new(UnknownKind::Damaged, why).at(&wanted.path);
    let reader = BufReader::with_capacity(BUFFER, stream);
    let plain_stream = decoder(reader, encoding).map_err(|e| damaged(e.to_string()))?;
    let mut walker = Walker::new(BufReader::with_capacity(BUFFER, plain_stream.take(plain)), limits);
    let mut spool = spool;
    loop {
        let header = walker.next_entry().map_err(|e| damaged(e.to_string()))?;
        let Some(header) = header else {
            return Err(damaged("the layer no longer holds the file as it was read".to_owned()));
        };
        let file = matches!(header.kind, Type::File | Type::GnuSparse) && header.size == wanted.size;
        if !file || TreePath::clean(&header.name).ok().as_ref() != Some(&wanted.path) {
            continue;
        }
        let hash = pour(&mut walker, &mut spool).map_err(|e| damaged(e.to_string()))?;
        if Some(hash) == wanted.sha256 {
            spool.rewind().map_err(|e| damaged(e.to_string()))?;
            return Ok(spool);
        }
        // The archive has the path twice, and this was the other one.
        spool.rewind().and_then(|()| spool.set_len(0)).map_err(|e| damaged(e.to_string()))?;
    }
}

fn decoder<'r>(reader: impl BufRead + 'r, encoding: Encoding) -> io::Result<Box<dyn Read + 'r>> {
    let mut reader = reader;
    let encoding = if encoding == Encoding::Sniff { Encoding::of(reader.fill_buf()?) } else { encoding };
    Ok(match encoding {
        Encoding::Plain | Encoding::Sniff => Box::new(reader),
        Encoding::Gzip => Box::new(MultiGzDecoder::new(reader)),
        Encoding::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(reader)?),
    })
}

/// Copies the present entry's content, and gives its hash.
fn pour(walker: &mut Walker<impl BufRead>, spool: &mut File) -> Result<Sha256, TarError> {
    let (mut hash, mut failed) = (Hash::new(), None);
    walker.content(|piece| {
        hash.update(piece);
        if failed.is_none() {
            failed = spool.write_all(piece).err();
        }
    })?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(Sha256(hash.finalize().into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Kind, Nature};
    use std::io::Write;

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, path, *content).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn entry(path: &str, content: &[u8]) -> Entry {
        Entry {
            path: TreePath::clean(path.as_bytes()).unwrap(),
            kind: Kind::File,
            size: content.len() as u64,
            mode: 0o644,
            uid: 0,
            gid: 0,
            mtime: 0,
            sha256: Some(Sha256::of(content)),
            capability: false,
            nature: Nature::Plain,
        }
    }

    fn read(stored: &[u8], encoding: Encoding, wanted: &Entry, plain: u64) -> Result<Vec<u8>, String> {
        let spool = tempfile::tempfile().unwrap();
        let found = content(stored, encoding, wanted, plain, &Limits::default(), spool).map_err(|e| e.to_string())?;
        let mut bytes = Vec::new();
        { found }.read_to_end(&mut bytes).unwrap();
        Ok(bytes)
    }

    #[test]
    fn a_file_comes_out_of_every_packing_and_of_two_with_one_name_the_right_one() {
        let plain = tar(&[("a", b"other"), ("etc/x", b"1st"), ("./etc/x", b"2nd"), ("z", b"last")]);
        let length = plain.len() as u64;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&plain).unwrap();
        let packed = [
            (Encoding::Plain, plain.clone()),
            (Encoding::Gzip, gzip.finish().unwrap()),
            (Encoding::Zstd, zstd::encode_all(plain.as_slice(), 1).unwrap()),
        ];
        for (encoding, stored) in packed {
            for encoding in [encoding, Encoding::Sniff] {
                for content in [b"1st".as_slice(), b"2nd"] {
                    assert_eq!(read(&stored, encoding, &entry("etc/x", content), length), Ok(content.to_vec()));
                }
            }
        }
    }

    #[test]
    fn what_is_not_the_content_is_not_given() {
        let plain = tar(&[("etc/x", b"changed")]);
        let length = plain.len() as u64;
        let gone = read(&plain, Encoding::Plain, &entry("etc/x", b"content"), length).unwrap_err();
        assert!(gone.contains("no longer holds the file"), "{gone}");
        assert!(read(&plain, Encoding::Plain, &entry("etc/x", b"changed"), 515).is_err(), "no more than was promised");
        assert!(read(&plain[..700], Encoding::Plain, &entry("b", b""), length).is_err());
        assert!(read(b"\x1f\x8bno gzip", Encoding::Sniff, &entry("b", b""), length).is_err());
    }
}
