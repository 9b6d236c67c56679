//! Heredocs of RUN, COPY and ADD: the marks on an instruction's line, and the bodies below it.

use super::lex::{self, How};
use super::logical::Logical;
use super::tree::Word;
use crate::span::Span;

/// One heredoc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// `<<EOF` as it stands on the line.
    pub mark: Word,
    /// The name that ends it.
    pub name: String,
    /// Whether variables in it are expanded (by BuildKit for COPY and ADD, by the shell for RUN).
    pub expand: bool,
    /// `<<-`: leading tabs go.
    pub chomp: bool,
    /// The file descriptor before `<<`, 0 if there is none.
    pub descriptor: u32,
    /// Its lines, with their line ends.
    pub body: Span,
    /// The line that ends it; empty if the file ends first.
    pub terminator: Span,
}

/// The marks on an instruction's line, in order, without bodies. A line that does not lex has none, as for BuildKit.
pub(super) fn marks(line: &Logical) -> Vec<Heredoc> {
    if !line.text().contains("<<") {
        return Vec::new();
    }
    let how = How { escape: '\\', raw_quotes: true, raw_escapes: true, keep_unset: true };
    let Ok(read) = lex::read(line.text(), how, &|_| None) else { return Vec::new() };
    read.words.into_iter().filter_map(|(range, text)| mark(Word { span: line.span(range), text })).collect()
}

/// Whether a word of COPY or ADD is a heredoc's mark.
pub(super) fn is_mark(text: &str) -> bool {
    mark(Word { span: Span::default(), text: text.to_owned() }).is_some()
}

fn mark(word: Word) -> Option<Heredoc> {
    let after_digits = word.text.trim_start_matches(|c: char| c.is_ascii_digit());
    let descriptor = word.text[..word.text.len() - after_digits.len()].parse().unwrap_or(0);
    let rest = after_digits.strip_prefix("<<")?;
    let (chomp, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
    if rest.is_empty() || rest.contains('<') {
        return None;
    }
    let words = |raw_quotes| {
        let how = How { escape: '\\', raw_quotes, raw_escapes: false, keep_unset: true };
        lex::read(rest, how, &|_| None).ok().map(|read| read.words)
    };
    let (plain, raw) = (words(false)?, words(true)?);
    let ([(_, name)], [(_, raw)]) = (&plain[..], &raw[..]) else { return None };
    let quotes = |text: &str| text.matches(['\'', '"']).count();
    let expand = quotes(name) == quotes(raw);
    let name = name.clone();
    Some(Heredoc { mark: word, name, expand, chomp, descriptor, body: Span::default(), terminator: Span::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[(&str, bool, bool)]) {
        let mut logical = Logical::default();
        logical.push(line, 0);
        let found = marks(&logical);
        let found: Vec<_> = found.iter().map(|h| (h.name.as_str(), h.expand, h.chomp)).collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn marks_of_all_kinds() {
        check("RUN <<EOF", &[("EOF", true, false)]);
        check("RUN cat <<'A' 3<<-\"B\" > f", &[("A", false, false), ("B", false, true)]);
        check("COPY <<a.txt <<b.txt /d/", &[("a.txt", true, false), ("b.txt", true, false)]);
        check("RUN <<EO\\F", &[("EOF", true, false)]);
        check("RUN <<E'O'F", &[("EOF", false, false)]);
        check("RUN <<$X", &[("$X", true, false)]);
        check("RUN cat << EOF >x", &[("EOF", true, false)]);
    }

    #[test]
    fn what_is_no_mark() {
        check("RUN cat <<< word", &[]);
        check("RUN echo $((1<<4))", &[]);
        check("RUN echo \"<<EOF\"", &[]);
        check("RUN cat <<- EOF", &[]);
        check("RUN cat <<EOF && echo it's", &[]);
        check("RUN echo a<<b", &[]);
    }
}
