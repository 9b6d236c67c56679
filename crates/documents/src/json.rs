//! JSON as a stream.

use crate::text::is_plain;
use model::escaped;
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;
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

/// Compact JSON of [`harmless`] strings.
struct Plain;

impl Formatter for Plain {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> std::io::Result<()> {
        harmless(writer, fragment)
    }
}

/// Writes a part of a JSON string so that it shows no character that a terminal obeys, or that hides or reorders others:
/// JSON itself escapes those below U+0020 alone. The others are written as `\u202e`, which a parser turns back, so no
/// value changes.
///
/// # Errors
/// Those of the writer.
pub fn harmless<W: ?Sized + Write>(writer: &mut W, fragment: &str) -> std::io::Result<()> {
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
