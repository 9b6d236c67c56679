//! How BuildKit splits an instruction's text into words: on blanks (FROM, COPY, EXPOSE), or with an eye on quotes
//! (ENV, LABEL, ARG).

use std::ops::Range;

/// What separates keyword, flags and words. Other blanks are part of a word.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ')
}

/// `range` without white space at its ends.
pub(super) fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    start..(start + part.trim().len())
}

/// The first word, and what comes after the blanks that end it.
pub(super) fn first(text: &str, range: Range<usize>) -> (Range<usize>, Option<Range<usize>>) {
    let part = &text[range.clone()];
    let Some(end) = part.find(is_blank) else { return (range, None) };
    let rest = part[end..].find(|c| !is_blank(c)).map_or(range.end, |more| range.start + end + more);
    (range.start..range.start + end, Some(rest..range.end))
}

/// Words between blanks.
pub(super) fn blank_separated(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut rest = (!range.is_empty()).then_some(range);
    while let Some(range) = rest {
        let (word, more) = first(text, range);
        words.push(word);
        rest = more;
    }
    words
}

/// Words as ENV, LABEL and ARG have them: white space inside quotes or after an escape belongs to the word. Quotes and
/// escapes stay, but for an escape at the very end.
pub(super) fn quoted(text: &str, range: Range<usize>, escape: char) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut word: Option<Range<usize>> = None;
    let mut quote: Option<char> = None;
    let mut chars = text[range.clone()].char_indices().map(|(at, c)| (range.start + at, c)).peekable();
    while let Some((at, c)) = chars.next() {
        if quote.is_none() && c.is_whitespace() {
            words.extend(word.take().filter(|w| !w.is_empty()));
            continue;
        }
        let word = word.get_or_insert(at..at);
        match quote {
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if open == c => quote = None,
            _ => {}
        }
        let escapes = c == escape && quote != Some('\'');
        if escapes {
            let Some((next, c)) = chars.next() else { continue };
            word.end = next + c.len_utf8();
            continue;
        }
        word.end = at + c.len_utf8();
    }
    words.extend(word.filter(|w| !w.is_empty()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_between_blanks() {
        let check = |text: &str, expected: &[&str]| {
            let words: Vec<&str> = blank_separated(text, 0..text.len()).into_iter().map(|w| &text[w]).collect();
            assert_eq!(words, expected, "{text}");
        };
        check("a  b\tc", &["a", "b", "c"]);
        check("a\u{a0}b", &["a\u{a0}b"]);
        check("", &[]);
    }

    #[test]
    fn words_with_quotes() {
        let check = |text: &str, expected: &[&str]| {
            let words: Vec<&str> = quoted(text, 0..text.len(), '\\').into_iter().map(|w| &text[w]).collect();
            assert_eq!(words, expected, "{text}");
        };
        check("a=b  c='d e'f \"g h\"=i", &["a=b", "c='d e'f", "\"g h\"=i"]);
        check(r"a=b\ c d", &[r"a=b\ c", "d"]);
        check(r"a=b\", &["a=b"]);
        check(r"a \", &["a"]);
        check(r"a='b\' c", &[r"a='b\'", "c"]);
        check("a='b c", &["a='b c"]);
    }
}
