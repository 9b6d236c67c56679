//! Places in a text: byte spans inside, lines and columns for people.

use std::ops::Range;

/// Bytes `start..end` of a text. Both lie on character boundaries of the text they belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Nothing, at this byte: where something may be put in.
    pub fn at(offset: usize) -> Self {
        Self { start: offset, end: offset }
    }

    /// How many bytes.
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether it holds no byte.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether all of `other` lies inside.
    pub fn holds(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The same as a range, to slice with.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// The text it names; empty if the span belongs to another text.
    pub fn of(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or_default()
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// A line and a column for people: both count from 1, columns in characters. A byte order mark takes no column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// Where the lines of a text begin. Only LF ends a line, as for BuildKit and every YAML in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    starts: Vec<usize>,
    /// How many characters begin before each [`STRIDE`]th byte, so that a column in an endless line is soon counted.
    characters: Vec<usize>,
}

const STRIDE: usize = 256;

impl Lines {
    /// The lines of `text`.
    pub fn new(text: &str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        let mut before = 0;
        let characters = text.as_bytes().chunks(STRIDE).map(|block| {
            before += beginning(block);
            before
        });
        Self {
            starts: std::iter::once(0).chain(breaks).collect(),
            characters: std::iter::once(0).chain(characters).collect(),
        }
    }

    /// The number of the line that holds this byte, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The bytes of line `number`, counted from 1, without its line end; empty if there is no such line.
    pub fn span(&self, number: usize, text: &str) -> Span {
        let Some(start) = number.checked_sub(1).and_then(|index| self.starts.get(index)).copied() else {
            return Span::at(text.len());
        };
        let end = self.starts.get(number).map_or(text.len(), |next| next - 1);
        let line = text.get(start..end).unwrap_or_default();
        Span::new(start, start + line.strip_suffix('\r').unwrap_or(line).len())
    }

    /// How many lines there are; a text that ends in a line end has an empty last one.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The line and column of this byte of `text`, the text that these lines are of.
    pub fn position(&self, offset: usize, text: &str) -> Position {
        let line = self.line(offset);
        let start = self.starts[line - 1];
        let mark = if start == 0 && text.starts_with('\u{feff}') && offset > 0 { 1 } else { 0 };
        let before = self.before(offset, text).saturating_sub(self.before(start, text) + mark);
        Position { line: count(line), column: count(before + 1) }
    }

    /// How many characters begin before this byte.
    fn before(&self, offset: usize, text: &str) -> usize {
        let offset = offset.min(text.len());
        let block = offset / STRIDE;
        self.characters.get(block).map_or(0, |known| known + beginning(&text.as_bytes()[block * STRIDE..offset]))
    }
}

/// How many characters begin in a piece of UTF-8: all its bytes but those that continue one.
fn beginning(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xc0) != 0x80).count()
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let check = |text: &str, offset: usize, line: u32, column: u32| {
            assert_eq!(Lines::new(text).position(offset, text), Position { line, column }, "{offset} of {text:?}");
        };
        check("", 0, 1, 1);
        check("ab", 2, 1, 3);
        check("a\nb", 2, 2, 1);
        check("é\r\nüx", 6, 2, 2);
        check("a\rb", 2, 1, 3);
        check("\u{feff}FROM a", 3, 1, 1);
        check("x\n\u{feff}a", 5, 2, 2);
        let long = format!("\u{feff}{}\n{}", "aé".repeat(500), "é".repeat(500));
        for (at, _) in long.char_indices().skip(1).step_by(7) {
            let (line, row) = long[..at].rsplit_once('\n').map_or((1, &long[3..at]), |(_, row)| (2, row));
            check(&long, at, line, row.chars().count() as u32 + 1);
        }
    }

    #[test]
    fn a_line_has_no_end_of_line() {
        let text = "a\r\nbc\n";
        let lines = Lines::new(text);
        let shown: Vec<&str> = (0..=4).map(|number| lines.span(number, text).of(text)).collect();
        assert_eq!((shown, lines.count()), (vec!["", "a", "bc", "", ""], 3));
    }
}
