//! JSON as a stream, and the identifier that a document derives from its own bytes.

use crate::text::is_plain;
use model::escaped;
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;
use sha2::{Digest as _, Sha256};
use std::io::{BufWriter, Write};

/// Why a document could not be written. The documents themselves always serialise; only the writer can fail.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the document: {0}")]
pub struct WriteError(#[from] std::io::Error);

/// A list that is made while it is written.
pub(crate) struct Each<F>(pub(crate) F);

impl<F, I> Serialize for Each<F>
where
    F: Fn() -> I,
    I: IntoIterator,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// Writes `document` and a final newline.
pub(crate) fn write(document: &impl Serialize, out: impl Write) -> Result<(), WriteError> {
    let mut out = BufWriter::with_capacity(64 << 10, out);
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Plain);
    document.serialize(&mut serializer).map_err(std::io::Error::from)?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(())
}

/// Compact JSON whose strings show no character that hides or reorders others: where one must be kept as it is, in
/// the text of an edit, it is written as `\u202e`, which a parser turns back.
struct Plain;

impl Formatter for Plain {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> std::io::Result<()> {
        if is_plain(fragment) || escaped(fragment) == fragment {
            return writer.write_all(fragment.as_bytes());
        }
        for c in fragment.chars() {
            let mut bytes = [0; 4];
            let text: &str = c.encode_utf8(&mut bytes);
            if escaped(text) == text {
                writer.write_all(text.as_bytes())?;
            } else {
                let mut units = [0; 2];
                c.encode_utf16(&mut units).iter().try_for_each(|unit| write!(writer, "\\u{unit:04x}"))?;
            }
        }
        Ok(())
    }
}

/// The UUID of a document whose own identifier is left empty: version 8 of RFC 9562 over its SHA-256.
pub(crate) fn identity(document: &impl Serialize) -> Result<String, WriteError> {
    let mut sink = BufWriter::with_capacity(64 << 10, Sink(Sha256::new()));
    serde_json::to_writer(&mut sink, document).map_err(std::io::Error::from)?;
    let sink = sink.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    Ok(uuid(sink.0.finalize().into()))
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
