//! Paragraphs of fields, as Debian writes them (deb822(5)): `Name: value`, continued by lines that begin with a
//! blank, paragraphs between empty lines.

/// Longer paragraphs are given without fields.
const PARAGRAPH: usize = 4 << 20;

/// One paragraph.
#[derive(Debug)]
pub(crate) struct Paragraph<'a> {
    /// The byte at which it begins.
    pub(crate) offset: u64,
    /// Its length in bytes.
    pub(crate) len: usize,
    /// Whether a line in it is neither a field nor a continuation.
    pub(crate) odd: bool,
    /// Names and values; a value goes on over its continuation lines.
    fields: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Paragraph<'a> {
    /// The whole value of the last field of this name, blanks around it cut off; names are compared without case.
    pub(crate) fn get(&self, name: &str) -> Option<&'a [u8]> {
        let field = self.fields.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name.as_bytes()))?;
        Some(field.1.trim_ascii())
    }

    /// The first line of that value.
    pub(crate) fn line(&self, name: &str) -> Option<&'a [u8]> {
        let value = self.get(name)?;
        Some(value.split(|&b| b == b'\n').next().unwrap_or(value).trim_ascii())
    }

    /// The first line of a field, even if it is empty and the text begins below.
    pub(crate) fn synopsis(&self, name: &str) -> Option<&'a [u8]> {
        let field = self.fields.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name.as_bytes()))?;
        Some(field.1.split(|&b| b == b'\n').next().unwrap_or_default().trim_ascii())
    }
}

/// The paragraphs of `text`, first to last.
pub(crate) fn paragraphs(text: &[u8]) -> impl Iterator<Item = Paragraph<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += leading_empty_lines(&text[at..]);
        let start = at;
        at += paragraph_length(&text[at..]);
        (at > start).then(|| parse(&text[start..at], start as u64))
    })
}

fn leading_empty_lines(text: &[u8]) -> usize {
    text.iter().position(|b| !matches!(b, b'\n' | b'\r')).unwrap_or(text.len())
}

fn paragraph_length(text: &[u8]) -> usize {
    let mut from = 0;
    while let Some(end) = memchr::memchr(b'\n', &text[from..]) {
        from += end + 1;
        if matches!(text[from..], [b'\n', ..] | [b'\r', b'\n', ..]) {
            return from;
        }
    }
    text.len()
}

fn parse(text: &[u8], offset: u64) -> Paragraph<'_> {
    let mut paragraph = Paragraph { offset, len: text.len(), odd: false, fields: Vec::new() };
    if text.len() > PARAGRAPH {
        return paragraph;
    }
    // Where the running field's value starts, so that continuation lines only move its end.
    let mut value_start = None;
    let mut at = 0;
    while at < text.len() {
        let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |n| at + n + 1);
        let line = &text[at..end];
        match line.first() {
            Some(b' ' | b'\t') => match (value_start, paragraph.fields.last_mut()) {
                (Some(start), Some(field)) => field.1 = &text[start..end],
                _ => paragraph.odd = true,
            },
            Some(b'#') => {}
            _ => match line.iter().position(|&b| b == b':') {
                Some(colon) if is_name(&line[..colon]) => {
                    value_start = Some(at + colon + 1);
                    paragraph.fields.push((&line[..colon], &line[colon + 1..]));
                }
                _ => {
                    value_start = None;
                    paragraph.odd = true;
                }
            },
        }
        at = end;
    }
    paragraph
}

/// deb822(5): printable ASCII without blanks and colons.
fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &[u8]) -> String {
        let all = paragraphs(text).map(|p| {
            let fields = p
                .fields
                .iter()
                .map(|(k, v)| format!("{}={:?}", k.escape_ascii(), v.trim_ascii().escape_ascii().to_string()));
            format!(
                "{}+{}{} {}",
                p.offset,
                p.len,
                if p.odd { " odd" } else { "" },
                fields.collect::<Vec<_>>().join(" ")
            )
        });
        all.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn fields_continuations_and_gaps() {
        insta::assert_snapshot!(show(b"\n\nA: 1\nB: 2\n  more\n .\n\n\n\nC:\n x\n"), @r#"
        2+20 A="1" B="2\\n  more\\n ."
        25+6 C="x"
        "#);
        insta::assert_snapshot!(show(b"A: 1\r\nB: 2\r\n\r\nC: 3"), @r#"
        0+12 A="1" B="2"
        14+4 C="3"
        "#);
        insta::assert_snapshot!(show(b" orphan\nnonsense\nA:1\njunk\n lost\n# note\nB: :\n"), @r#"0+44 odd A="1" B=":""#);
        insta::assert_snapshot!(show(b""), @"");
        insta::assert_snapshot!(show(b"\n\r\n"), @"");
    }

    #[test]
    fn the_last_of_two_fields_counts() {
        let text = b"name: a\nNAME:  b \n";
        assert_eq!(paragraphs(text).next().unwrap().get("Name"), Some(b"b".as_slice()));
    }
}
