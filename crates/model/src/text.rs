//! Hostile text made harmless for a reader.
//!
//! Names, versions, labels and paths come from images, so they may hold ESC sequences, newlines that forge a
//! line, or bidirectional overrides that show another name than the one that is there. Each output format has
//! one escape function; this is the one for text that a person reads.

use std::borrow::Cow;

/// `bytes` as text a person can trust: control, format and bidirectional characters and invalid UTF-8 are
/// written as `\n`, `\x1b`, `\u{202e}`; a backslash is doubled only where something else was escaped.
pub fn visible(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(is_hostile) => Cow::Borrowed(text),
        _ => Cow::Owned(escape(bytes)),
    }
}

/// [`visible`] for text that is already UTF-8.
pub fn escaped(text: &str) -> Cow<'_, str> {
    visible(text.as_bytes())
}

fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if is_hostile(c) && (c as u32) < 0x80 => out.push_str(&format!("\\x{:02x}", c as u32)),
                c if is_hostile(c) => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// Characters that move the cursor, hide, or reorder what is shown.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_plain_text_alone() {
        assert!(matches!(visible("naïve/ünï".as_bytes()), Cow::Borrowed(_)));
        assert_eq!(escaped(r"C:\dir"), r"C:\dir");
    }

    #[test]
    fn shows_what_would_hide() {
        assert_eq!(visible(b"a\x1b[2Jb\nc\xff"), r"a\x1b[2Jb\nc\xff");
        assert_eq!(escaped("evil\u{202e}gpj.exe"), r"evil\u{202e}gpj.exe");
    }
}
