//! Edits of spans, and nothing but spans: every byte that no edit names stays.

use crate::Span;

/// One span and what is put in its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// What is replaced; an empty span inserts.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
}

/// Why edits cannot be applied; nothing was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Two edits want the same bytes.
    #[error("two edits meet at byte {0}")]
    Overlap(usize),
    /// A span that is no span of this text.
    #[error("an edit of bytes {start} to {end} is outside of a text of {length} bytes, or cuts a character", start = .0.start, end = .0.end, length = .1)]
    Outside(Span, usize),
}

impl Edit {
    /// Puts `replacement` in the place of `span`.
    pub fn new(span: Span, replacement: impl Into<String>) -> Self {
        Self { span, replacement: replacement.into() }
    }
}

/// The edits in their order, each once. Two different edits that meet are an error.
pub fn ordered(edits: &[Edit]) -> Result<Vec<&Edit>, EditError> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort();
    sorted.dedup();
    for pair in sorted.windows(2) {
        let (one, next) = (pair[0].span, pair[1].span);
        if next.start < one.end || next.start == one.start {
            return Err(EditError::Overlap(next.start));
        }
    }
    Ok(sorted)
}

/// `text` with the edits made. Their order does not matter, and the same edit twice is made once.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut out = String::with_capacity(text.len() + edits.iter().map(|e| e.replacement.len()).sum::<usize>());
    let mut done = 0;
    for edit in ordered(edits)? {
        let outside = || EditError::Outside(edit.span, text.len());
        if edit.span.end < edit.span.start || !text.is_char_boundary(edit.span.end) {
            return Err(outside());
        }
        out.push_str(text.get(done..edit.span.start).ok_or_else(outside)?);
        out.push_str(&edit.replacement);
        done = edit.span.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, edits: &[(usize, usize, &str)], expected: Result<&str, EditError>) {
        let edits: Vec<Edit> = edits.iter().map(|(a, b, r)| Edit::new(Span::new(*a, *b), *r)).collect();
        assert_eq!(apply(text, &edits), expected.map(str::to_owned), "{text:?}");
    }

    #[test]
    fn only_the_spans_change() {
        check("abc", &[], Ok("abc"));
        check("abc", &[(1, 2, "X")], Ok("aXc"));
        check("abc", &[(3, 3, "!"), (0, 1, "")], Ok("bc!"));
        check("abc", &[(0, 1, "x"), (1, 2, "y")], Ok("xyc"));
        check("abc", &[(1, 1, "x"), (1, 1, "x")], Ok("axbc"));
        check("ä\r\n", &[(2, 2, "@")], Ok("ä@\r\n"));
    }

    #[test]
    fn edits_that_meet_or_miss_are_refused() {
        check("abc", &[(0, 2, "x"), (1, 3, "y")], Err(EditError::Overlap(1)));
        check("abc", &[(1, 1, "x"), (1, 1, "y")], Err(EditError::Overlap(1)));
        check("abc", &[(2, 9, "x")], Err(EditError::Outside(Span::new(2, 9), 3)));
        check("ä", &[(1, 2, "x")], Err(EditError::Outside(Span::new(1, 2), 2)));
        check("ä", &[(0, 1, "x")], Err(EditError::Outside(Span::new(0, 1), 2)));
        check("abc", &[(2, 1, "x")], Err(EditError::Outside(Span::new(2, 1), 3)));
    }

    proptest! {
        #[test]
        fn every_other_byte_stays(text in "[a-zä\r\n ]{0,60}", cuts in prop::collection::vec((0usize..64, 0usize..8, "[x@ä]{0,4}"), 0..6)) {
            let edits: Vec<Edit> = cuts.into_iter().map(|(at, n, r)| Edit::new(Span::new(at, at + n), r)).collect();
            if let Ok(after) = apply(&text, &edits) {
                let (mut old, mut new) = (0, 0);
                for edit in ordered(&edits).unwrap() {
                    let kept = edit.span.start - old;
                    prop_assert_eq!(&text[old..edit.span.start], &after[new..new + kept]);
                    new += kept + edit.replacement.len();
                    old = edit.span.end;
                }
                prop_assert_eq!(&text[old..], &after[new..]);
            }
        }
    }
}
