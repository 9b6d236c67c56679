//! A logical line: physical lines joined at their continuations, every byte still knowing where it came from.

use crate::span::Span;
use std::ops::Range;

/// The text of an instruction without its continuations, and the way back to the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logical {
    text: String,
    /// Where a piece begins: in `text`, and in the file.
    pieces: Vec<(usize, usize)>,
}

impl Logical {
    pub(super) fn push(&mut self, piece: &str, source: usize) {
        if !piece.is_empty() {
            self.pieces.push((self.text.len(), source));
            self.text.push_str(piece);
        } else if self.pieces.is_empty() {
            self.pieces.push((0, source));
        }
    }

    /// The joined text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Pieces of the file that make it up, as their spans; the text between them is continuations and comments.
    pub fn pieces(&self) -> impl Iterator<Item = Span> + '_ {
        let ends = self.pieces.iter().skip(1).map(|piece| piece.0).chain([self.text.len()]);
        self.pieces.iter().zip(ends).map(|((from, source), to)| Span::new(*source, source + (to - from)))
    }

    /// Where a byte of the joined text lies in the file.
    pub fn source(&self, offset: usize) -> usize {
        let index = self.pieces.partition_point(|(from, _)| *from <= offset).saturating_sub(1);
        self.pieces.get(index).map_or(0, |(from, source)| source + (offset - from))
    }

    /// Where a part of the joined text lies in the file. An empty one lies after the byte before it.
    pub fn span(&self, range: Range<usize>) -> Span {
        if !range.is_empty() {
            return Span::new(self.source(range.start), self.source(range.end - 1) + 1);
        }
        Span::at(if range.start == 0 { self.source(0) } else { self.source(range.start - 1) + 1 })
    }

    /// The part of the joined text that a span of the file covers, if it lies within one.
    pub fn offset(&self, source: usize) -> Option<usize> {
        let ends = self.pieces.iter().skip(1).map(|piece| piece.0).chain([self.text.len()]);
        let mut within = self.pieces.iter().zip(ends);
        within.find_map(|((from, at), to)| (*at <= source && source <= at + (to - from)).then(|| from + (source - at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_find_their_way_back() {
        let mut line = Logical::default();
        line.push("RUN a ", 10);
        line.push("", 20);
        line.push("  bé", 30);
        assert_eq!(line.text(), "RUN a   bé");
        assert_eq!(line.span(4..5), Span::new(14, 15));
        assert_eq!(line.span(8..11), Span::new(32, 35));
        assert_eq!(line.span(4..11), Span::new(14, 35));
        assert_eq!(line.span(6..6), Span::at(16), "after what is before it");
        assert_eq!(line.pieces().collect::<Vec<_>>(), [Span::new(10, 16), Span::new(30, 35)]);
        assert_eq!((line.offset(32), line.offset(25)), (Some(8), None));
    }
}
