//! YAML to the tree, by saphyr-parser's events.
//!
//! The parser tells where a scalar begins, in characters. Where it ends is found here: for a quoted scalar that a
//! comment follows the parser's own end runs into the comment. The bytes of a scalar are taken only where they are its
//! value, letter by letter.

use super::{DEPTH_LIMIT, Id, Node, Part, Scalar, TEXT_LIMIT, Tree};
use crate::{Lines, SourceError, Span};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};
use std::collections::HashMap;

/// Reads all documents of `text`.
pub(crate) fn parse(text: &str) -> Result<Tree, SourceError> {
    if text.len() > TEXT_LIMIT {
        return Err(SourceError::TooLong { length: text.len(), limit: TEXT_LIMIT });
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let bytes = Bytes::new(text, body);
    let mut builder = Builder { text, bytes, tree: Tree::default(), open: Vec::new(), anchors: HashMap::new() };
    for event in Parser::new_from_str(body) {
        let (event, span) = event.map_err(|error| builder.syntax(&error))?;
        builder.take(event, span.start.index())?;
    }
    Ok(builder.tree)
}

/// The byte of each character.
struct Bytes {
    mark: usize,
    /// `None`: every character is a byte.
    wide: Option<Vec<u32>>,
    length: usize,
}

impl Bytes {
    fn new(text: &str, body: &str) -> Self {
        // No text is longer than `TEXT_LIMIT`, so its bytes are counted by 32 bits.
        let offsets = || body.char_indices().map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX)).collect();
        let wide = (!body.is_ascii()).then(offsets);
        Self { mark: text.len() - body.len(), wide, length: body.len() }
    }

    fn of(&self, character: usize) -> usize {
        let at = match &self.wide {
            None => character.min(self.length),
            Some(wide) => wide.get(character).map_or(self.length, |at| *at as usize),
        };
        self.mark + at
    }
}

/// A list or a map that is not closed.
struct Open {
    id: Id,
    shape: Shape,
    items: Vec<Id>,
}

#[derive(Clone, Copy)]
enum Shape {
    Map,
    List,
    Pointer,
}

struct Builder<'t> {
    text: &'t str,
    bytes: Bytes,
    tree: Tree,
    open: Vec<Open>,
    anchors: HashMap<usize, Id>,
}

impl Builder<'_> {
    fn syntax(&self, error: &ScanError) -> SourceError {
        let at = Lines::new(self.text).position(self.bytes.of(error.marker().index()), self.text);
        SourceError::Syntax { what: "YAML", at, why: model::escaped(error.info()).into_owned() }
    }

    fn take(&mut self, event: Event<'_>, start: usize) -> Result<(), SourceError> {
        match event {
            Event::Scalar(value, style, anchor, _) => {
                let scalar = scalar(self.text, self.bytes.of(start), &value, style);
                let id = self.tree.add(Node::Scalar(scalar))?;
                self.place(id, anchor);
            }
            Event::Alias(anchor) => {
                let to = self.anchors.get(&anchor).copied();
                let id = self.tree.add(to.map_or(Node::Opaque, Node::Alias))?;
                self.place(id, 0);
            }
            Event::MappingStart(anchor, _) => self.begin(Shape::Map, anchor, start)?,
            // GitLab's `!reference [job, key]` points elsewhere: its items are no values.
            Event::SequenceStart(anchor, Some(tag)) if tag.suffix == "reference" => {
                self.begin(Shape::Pointer, anchor, start)?;
            }
            Event::SequenceStart(anchor, _) => self.begin(Shape::List, anchor, start)?,
            Event::MappingEnd | Event::SequenceEnd => self.end(),
            Event::DocumentStart(_) => self.anchors.clear(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn place(&mut self, id: Id, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, id);
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(id),
            None => self.tree.roots.push(id),
        }
    }

    fn begin(&mut self, shape: Shape, anchor: usize, start: usize) -> Result<(), SourceError> {
        if self.open.len() >= DEPTH_LIMIT {
            let at = Lines::new(self.text).position(self.bytes.of(start), self.text);
            return Err(SourceError::TooDeep { at, limit: DEPTH_LIMIT });
        }
        let id = self.tree.add(Node::Opaque)?;
        self.place(id, anchor);
        self.open.push(Open { id, shape, items: Vec::new() });
        Ok(())
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let node = match open.shape {
            Shape::Map => Node::Map(open.items.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()),
            Shape::List => Node::List(open.items),
            Shape::Pointer => Node::Opaque,
        };
        self.tree.set(open.id, node);
    }
}

/// A scalar that begins at the byte `start`, with the bytes that are its value. Where it has an anchor or a tag, the
/// parser's start is theirs; that of a block scalar is its first line's.
fn scalar(text: &str, start: usize, value: &str, style: ScalarStyle) -> Scalar {
    let bare = style == ScalarStyle::Plain;
    let block_style = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
    let start = if block_style || value.is_empty() && bare { start } else { past_properties(text, start) };
    let parts = match style {
        ScalarStyle::Plain => same(text, start, value).map(|span| vec![Part { at: 0, span }]),
        ScalarStyle::SingleQuoted => quoted(text, start, value, '\''),
        ScalarStyle::DoubleQuoted => quoted(text, start, value, '"'),
        ScalarStyle::Literal | ScalarStyle::Folded => block(text, start, value, style == ScalarStyle::Folded),
    };
    let span = match parts.as_deref() {
        Some([first, .., last]) => Span::new(first.span.start, last.span.end),
        Some([only]) => only.span,
        _ => Span::at(start.min(text.len())),
    };
    Scalar { value: value.to_owned(), parts, span, bare }
}

fn same(text: &str, start: usize, value: &str) -> Option<Span> {
    let end = start.checked_add(value.len())?;
    (text.get(start..end)? == value).then_some(Span::new(start, end))
}

fn quoted(text: &str, start: usize, value: &str, quote: char) -> Option<Vec<Part>> {
    let inside = text.get(start..)?.strip_prefix(quote)?;
    let span = same(text, start + 1, value)?;
    inside.get(value.len()..)?.starts_with(quote).then(|| vec![Part { at: 0, span }])
}

/// The first byte after anchors, tags and what may stand between them and the value.
fn past_properties(text: &str, start: usize) -> usize {
    let mut at = start;
    while let Some(rest) = text.get(at..) {
        let skipped = match rest.bytes().next() {
            Some(b'&' | b'!') => rest.find([' ', '\t', '\r', '\n']).unwrap_or(rest.len()),
            Some(b' ' | b'\t' | b'\r' | b'\n') if at > start => 1,
            Some(b'#') if at > start => rest.find('\n').unwrap_or(rest.len()),
            _ => return at,
        };
        at += skipped;
    }
    start
}

/// A block scalar: its lines, each where the text has it. In a folded one only a single line is sure to be itself.
fn block(text: &str, start: usize, value: &str, folded: bool) -> Option<Vec<Part>> {
    let content = value.trim_end_matches('\n');
    if content.is_empty() || (folded && content.contains('\n')) {
        return None;
    }
    let first = content.split('\n').next()?;
    let mut at = match text.get(start..)?.starts_with(first) {
        true => text.get(..start)?.rfind('\n')? + 1,
        false => {
            let header = past_properties(text, start);
            let rest = text.get(header..).filter(|rest| rest.starts_with(['|', '>']))?;
            header + rest.find('\n')? + 1
        }
    };
    let mut parts = Vec::new();
    let mut done = 0;
    let mut indent = None;
    for wanted in content.split('\n') {
        let line = text.get(at..)?.split('\n').next()?;
        let plain = line.strip_suffix('\r').unwrap_or(line);
        let spaces = *indent.get_or_insert_with(|| plain.len().saturating_sub(wanted.len()));
        let from = spaces.min(plain.len());
        if plain.get(from..)? != wanted || plain.get(..from)?.contains(|c: char| c != ' ') {
            return None;
        }
        parts.push(Part { at: done, span: Span::new(at + from, at + plain.len()) });
        done += wanted.len() + 1;
        at += line.len() + 1;
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Leaf;

    /// Every scalar of a text, and the bytes that are its value, `!` where they are none.
    fn check(text: &str, expected: &[&str]) {
        let tree = parse(text).unwrap_or_else(|e| panic!("{text:?}: {e}"));
        let shown = tree.leaves().into_iter().filter_map(|leaf| match leaf {
            Leaf::Scalar(s) => Some(match s.locate(0, s.value.trim_end_matches('\n').len()) {
                Some(span) => {
                    assert_eq!(text[span.range()], *s.value.trim_end_matches('\n'), "{text:?}");
                    s.value.clone()
                }
                None => format!("!{}", s.value),
            }),
            _ => None,
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected, "{text:?}");
    }

    #[test]
    fn scalars_know_their_bytes() {
        check("a: b", &["a", "b"]);
        check("a: b # c", &["a", "b"]);
        check("a: \"b\" # c\nd: 'e' # f", &["a", "b", "d", "e"]);
    }

    #[test]
    fn a_quoted_scalar_before_a_comment_ends_at_its_quote() {
        check("a: \"b\"   # \"c\"\nd: e\n", &["a", "b", "d", "e"]);
        check("a: 'b'   # 'c'\n", &["a", "b"]);
        check("- \"b\" # c\n- \"d\"\n", &["b", "d"]);
    }

    #[test]
    fn bytes_are_counted_past_wide_characters() {
        check("ä: ö # ü\nb: \"é\"\nc: x\n", &["ä", "ö", "b", "é", "c", "x"]);
        check("\u{feff}a: ä\nb: c\n", &["a", "ä", "b", "c"]);
        check("\u{feff}a: b\r\nc: 'd'\r\n", &["a", "b", "c", "d"]);
        check("a: 😀\nb: x", &["a", "😀", "b", "x"]);
    }

    #[test]
    fn anchors_and_tags_are_not_the_value() {
        check("a: &x b\nc: *x\n", &["a", "b", "c"]);
        check("a: !!str b\nc: &y !!str \"d\"\n", &["a", "b", "c", "d"]);
        check("{a: &x {b: c}, d: [*x, 'e']}", &["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn escapes_and_folds_are_not_the_value() {
        check("a: \"b\\u0063\"\n", &["a", "!bc"]);
        check("a: 'it''s'\n", &["a", "!it's"]);
        check("a: b\n  c\n", &["a", "!b c"]);
    }

    #[test]
    fn block_scalars_know_their_lines() {
        check("a: |\n  b\nc: d\n", &["a", "b\n", "c", "d"]);
        check("a: >-\n  b\nc: d\n", &["a", "b", "c", "d"]);
        check("a: &x |\n  b\nc: !!str >-\n  d\n", &["a", "b\n", "c", "d"]);
        check("a: |\n  &x b\n", &["a", "&x b\n"]);
        check("a: |-\r\n  b\r\nc: d\r\n", &["a", "b", "c", "d"]);
        check("a: |\n  b\n   c\n", &["a", "!b\n c\n"]);
        let tree = parse("a: |\n  b\n   c\n").unwrap();
        let Some(Leaf::Scalar(scalar)) = tree.leaves().into_iter().nth(2) else { panic!() };
        assert_eq!(scalar.locate(2, 4), Some(Span::new(11, 13)));
    }

    #[test]
    fn hostile_texts_are_errors() {
        let deep = format!("{}x", "[".repeat(5000));
        assert!(matches!(parse(&deep), Err(SourceError::TooDeep { .. } | SourceError::Syntax { .. })));
        let block: String = (0..300).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
        assert!(matches!(parse(&block), Err(SourceError::TooDeep { .. })));
        assert!(matches!(parse(&" ".repeat(TEXT_LIMIT + 1)), Err(SourceError::TooLong { .. })));
        assert!(matches!(parse(&"- a\n".repeat(600_000)), Err(SourceError::TooMany { .. })));
        let error = parse("a: b\nc: [\u{1b}\n").unwrap_err().to_string();
        assert!(error.starts_with("line ") && !error.contains('\u{1b}'), "{error}");
    }

    #[test]
    fn a_bomb_of_aliases_is_not_expanded() {
        let mut text = "a0: &a0 {x: y}\n".to_owned();
        for n in 1..60 {
            text.push_str(&format!("a{n}: &a{n} {{<<: [*a{p}, *a{p}, *a{p}]}}\n", p = n - 1));
        }
        let tree = parse(&text).unwrap();
        let root = tree.roots[0];
        for (_, value) in tree.entries(root) {
            let _ = tree.get(value, "z");
        }
        assert!(tree.gave_up());
        let knot = parse("a: &a [*a]\nb: &b {<<: *b}\n").unwrap();
        assert!(knot.get(knot.path(knot.roots[0], &["b"]).unwrap(), "z").is_none());
    }
}
