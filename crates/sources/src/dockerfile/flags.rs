//! Flags before an instruction's arguments: `--name=value`, with quotes and escapes; a lone `--` ends them.

use super::logical::Logical;
use super::mount::Mount;
use super::tree::{Flag, Word};
use std::ops::Range;

/// A flag's text without quotes, and where each of its bytes stands.
#[derive(Default)]
struct Text {
    text: String,
    at: Vec<usize>,
    quoted: bool,
}

impl Text {
    fn push(&mut self, c: char, at: usize) {
        self.text.push(c);
        self.at.extend(std::iter::repeat_n(at, c.len_utf8()));
    }
}

/// The flags at the beginning of `range`, and what is left.
pub(super) fn read(line: &Logical, range: Range<usize>, escape: char) -> (Vec<Flag>, Range<usize>) {
    let text = line.text();
    let mut flags = Vec::new();
    let mut at = range.start;
    loop {
        let rest = &text[at..range.end];
        at += rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\u{b}').len();
        if !text[at..range.end].starts_with("--") {
            return (flags, at..range.end);
        }
        let (word, end) = word(text, at..range.end, escape);
        if word.text == "--" {
            return (flags, end..range.end);
        }
        if !word.text.is_empty() || word.quoted {
            flags.push(flag(line, &word, at..end));
        }
        at = end;
    }
}

fn word(text: &str, range: Range<usize>, escape: char) -> (Text, usize) {
    let mut word = Text::default();
    let mut quote = None;
    let mut chars = text[range.clone()].char_indices();
    while let Some((at, c)) = chars.next() {
        let at = range.start + at;
        match quote {
            None if c.is_ascii_whitespace() || c == '\u{b}' => return (word, at),
            None if c == '\'' || c == '"' => (quote, word.quoted) = (Some(c), true),
            Some(open) if open == c => quote = None,
            _ if c == escape => match chars.next() {
                Some((next, c)) => word.push(c, range.start + next),
                None => break,
            },
            _ => word.push(c, at),
        }
    }
    (word, range.end)
}

fn flag(line: &Logical, word: &Text, range: Range<usize>) -> Flag {
    let equals = word.text.find('=');
    let name_end = equals.map_or(range.end, |at| word.at[at]);
    let name = word.text[..equals.unwrap_or(word.text.len())].get(2..).unwrap_or_default();
    let name = Word { span: line.span(range.start + 2..name_end.max(range.start + 2)), text: name.to_owned() };
    let value =
        equals.map(|at| Word { span: line.span(word.at[at] + 1..range.end), text: word.text[at + 1..].to_owned() });
    let mount = equals.filter(|_| name.text == "mount").and_then(|at| {
        let place = |inside: Range<usize>| {
            let shifted = inside.start + at + 1..inside.end + at + 1;
            let start = word.at.get(shifted.start).copied().unwrap_or(range.end);
            let last = shifted.end.checked_sub(1).filter(|_| !inside.is_empty()).and_then(|last| word.at.get(last));
            line.span(
                start..last.map_or(start, |last| last + line.text()[*last..].chars().next().map_or(1, char::len_utf8)),
            )
        };
        Mount::read(&word.text[at + 1..], place)
    });
    Flag { span: line.span(range), name, value, mount }
}
