//! Where in a text something stands.

use std::ops::Range;

/// A range of bytes of a text; both ends are at character boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// No byte, at `at`.
    pub fn empty(at: usize) -> Self {
        Self { start: at, end: at }
    }

    /// As a range, to index a text with.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// How many bytes.
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether it is no byte at all.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The same bytes where the text itself begins at `by`.
    #[must_use]
    pub fn shifted(self, by: usize) -> Self {
        Self { start: self.start + by, end: self.end + by }
    }
}

/// The lines of a text, to tell a byte's line and column.
#[derive(Clone, Debug)]
pub struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

/// A line and a column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}

impl<'t> Lines<'t> {
    /// Finds the lines of `text`; they end with a line feed, a carriage return, or both.
    pub fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, b)| match b {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = [0].into_iter().chain(ends.map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// The position of a byte; one past the end is after the last character. A byte order mark is no column.
    pub fn position(&self, byte: usize) -> Position {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= byte).max(1);
        let before = self.text.get(self.starts[line - 1]..byte).unwrap_or_default();
        let column = before.chars().filter(|c| *c != '\u{feff}').count() + 1;
        Position { line: narrow(line), column: narrow(column) }
    }

    /// A line by its number from 1, without its end.
    pub fn line(&self, number: u32) -> &'t str {
        let at = (number as usize).saturating_sub(1);
        let Some(&start) = self.starts.get(at) else { return "" };
        let end = self.starts.get(at + 1).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, byte: usize, line: u32, column: u32) {
        assert_eq!(Lines::new(text).position(byte), Position { line, column }, "{text:?} {byte}");
    }

    #[test]
    fn columns_count_characters() {
        check("", 0, 1, 1);
        check("abc", 2, 1, 3);
        check("abc", 99, 1, 4);
        check("a\nbc", 2, 2, 1);
        check("a\n", 2, 2, 1);
        check("öö x", 5, 1, 4);
        check("öö x", 1, 1, 1);
        check("a\r\nb", 3, 2, 1);
        check("a\rb", 2, 2, 1);
        check("\u{feff}a", 3, 1, 1);
    }

    #[test]
    fn a_line_is_given_without_its_end() {
        let lines = Lines::new("a\r\nb\n\nc");
        assert_eq!([1, 2, 3, 4, 5].map(|n| lines.line(n)), ["a", "b", "", "c", ""]);
    }
}
