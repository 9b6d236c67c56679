//! The identifier of a document: a UUID over everything it is a function of, so that the same image gives the same
//! document under the same name, and another image, date, option or program another one.

use crate::bill::{Bill, Creator, Options, Tool};
use crate::json::WriteError;
use sha2::{Digest as _, Sha256};
use std::io::{BufWriter, Write};

/// The UUID of the document of this `format` about `bill`, and about what it says `more`: version 8 of RFC 9562 over a
/// SHA-256.
pub(crate) fn identity(format: &str, bill: &Bill<'_>, more: &[u8]) -> Result<String, WriteError> {
    // Named one by one, so that a new field cannot be forgotten here.
    let Bill { facts, subject, name, reference, platform, config, blobs, tool, created, options } = *bill;
    let Tool { name: tool, version } = tool;
    let Options { bsi, creator } = options;
    let mut sink = BufWriter::with_capacity(64 << 10, Sink(Sha256::new()));
    postcard::to_io(facts, &mut sink).map_err(std::io::Error::other)?;
    for text in [format, name, tool, version] {
        put(&mut sink, Some(text.as_bytes()))?;
    }
    put(&mut sink, subject.map(|s| s.to_string()))?;
    put(&mut sink, reference.map(|r| r.as_typed()))?;
    put(&mut sink, platform.map(|p| format!("{p} {}", p.os_version.as_deref().unwrap_or_default())))?;
    put(&mut sink, config.map(|c| c.raw()))?;
    put(&mut sink, created)?;
    put(&mut sink, Some([u8::from(bsi)]))?;
    let creator = creator.map(|Creator { name, email, url, person }| format!("{name:?} {email:?} {url:?} {person}"));
    put(&mut sink, creator)?;
    for blob in blobs {
        put(&mut sink, Some(format!("{} {}", blob.digest, blob.size)))?;
    }
    // Nothing more to say leaves the name as it was.
    if !more.is_empty() {
        put(&mut sink, Some(more))?;
    }
    let sink = sink.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    Ok(uuid(sink.0.finalize().into()))
}

/// One part with its length, so that no two inputs look alike; a missing one has a length of its own.
fn put(sink: &mut impl Write, part: Option<impl AsRef<[u8]>>) -> std::io::Result<()> {
    let Some(part) = part else { return sink.write_all(&u64::MAX.to_be_bytes()) };
    sink.write_all(&(part.as_ref().len() as u64).to_be_bytes())?;
    sink.write_all(part.as_ref())
}

/// Takes everything in and keeps a hash.
struct Sink(Sha256);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn uuid(hash: [u8; 32]) -> String {
    let mut b = [0; 16];
    b.copy_from_slice(&hash[..16]);
    b[6] = b[6] & 0x0f | 0x80;
    b[8] = b[8] & 0x3f | 0x80;
    let hex: String = b.iter().map(|b| format!("{b:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_version_8() {
        assert_eq!(uuid([0xff; 32]), "ffffffff-ffff-8fff-bfff-ffffffffffff");
    }
}
