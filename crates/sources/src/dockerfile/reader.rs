//! From text to items: directives, comments, continuations, heredoc bodies.

use super::body;
use super::heredoc::{self, Heredoc};
use super::keyword::Keyword;
use super::logical::Logical;
use super::tree::{Body, Comment, Directive, Instruction, Item, Problem, Word};
use crate::span::Span;

/// The longest line that BuildKit's scanner takes, in bytes, its line end apart.
pub(super) const LONGEST_LINE: usize = 65_535;

pub(super) struct Reader<'t> {
    text: &'t str,
    at: usize,
    pub(super) escape: char,
    /// Names of directives seen; `None` once they are over.
    directives: Option<Vec<String>>,
    pub(super) items: Vec<Item>,
    pub(super) problems: Vec<Problem>,
}

/// One physical line: all of it, and what it says without its line end.
#[derive(Clone, Copy)]
struct Line<'t> {
    whole: Span,
    text: &'t str,
}

impl<'t> Line<'t> {
    /// Where its text without leading white space begins, and that text.
    fn trimmed(self) -> (usize, &'t str) {
        let trimmed = self.text.trim_start();
        (self.whole.start + self.text.len() - trimmed.len(), trimmed)
    }
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let directives = Some(Vec::new());
        Self { text, at: 0, escape: '\\', directives, items: Vec::new(), problems: Vec::new() }
    }

    pub(super) fn run(&mut self) {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
            self.items.push(Item::Mark(Span::new(0, self.at)));
        }
        while let Some(line) = self.line() {
            let item = self.item(line);
            self.items.push(item);
        }
        let instructions = self.items.iter().any(|item| matches!(item, Item::Instruction(_)));
        if !instructions && self.problems.is_empty() {
            self.problem(Span::at(self.text.len()), "file with no instructions", Some("begin with `FROM image`"));
        }
    }

    fn problem(&mut self, span: Span, message: &str, hint: Option<&str>) {
        self.problems.push(Problem { span, message: message.to_owned(), hint: hint.map(str::to_owned) });
    }

    fn line(&mut self) -> Option<Line<'t>> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let length = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |at| at + 1);
        let whole = Span::new(self.at, self.at + length);
        self.at = whole.end;
        let line = &rest[..length];
        if line.strip_suffix('\n').unwrap_or(line).len() > LONGEST_LINE {
            let message = format!("the line is longer than {LONGEST_LINE} bytes");
            self.problem(Span::at(whole.start), &message, Some("BuildKit reads no longer line: split it"));
        }
        Some(Line { whole, text: line.trim_end_matches(['\r', '\n']) })
    }

    fn item(&mut self, line: Line<'t>) -> Item {
        let (start, text) = line.trimmed();
        if let Some(directive) = self.directive(line, start, text) {
            return Item::Directive(directive);
        }
        if text.is_empty() {
            Item::Blank(line.whole)
        } else if text.starts_with('#') {
            Item::Comment(Comment { whole: line.whole, span: Span::new(start, start + text.trim_end().len()) })
        } else {
            self.instruction(line)
        }
    }

    /// A directive, as long as all lines before are directives too.
    fn directive(&mut self, line: Line<'t>, start: usize, text: &'t str) -> Option<Directive> {
        let seen = self.directives.as_mut()?;
        let parsed = directive(line.whole, start, text);
        let Some(directive) = parsed else {
            self.directives = None;
            return None;
        };
        let name = directive.name.text.clone();
        if seen.contains(&name) {
            let message = format!("only one `{name}` directive can be used");
            self.problem(directive.name.span, &message, Some("remove one of them"));
        } else {
            seen.push(name.clone());
            match (name.as_str(), directive.value.text.as_str()) {
                ("escape", "\\") => self.escape = '\\',
                ("escape", "`") => self.escape = '`',
                ("escape", _) => {
                    self.problem(directive.value.span, "the escape character must be `\\` or a backtick", None);
                }
                _ => {}
            }
        }
        Some(directive)
    }

    fn instruction(&mut self, first: Line<'t>) -> Item {
        let (start, text) = first.trimmed();
        let mut line = Logical::default();
        let (mut comments, mut empty_lines) = (Vec::new(), Vec::new());
        let (piece, mut goes_on) = continued(text, self.escape);
        line.push(piece, start);
        let mut end = start + piece.len();
        while goes_on {
            let Some(next) = self.line() else { break };
            let (at, trimmed) = next.trimmed();
            if trimmed.starts_with('#') {
                comments.push(Span::new(at, at + trimmed.trim_end().len()));
            } else if trimmed.is_empty() {
                empty_lines.push(next.whole);
            } else {
                let (piece, more) = continued(next.text, self.escape);
                line.push(piece, next.whole.start);
                end = next.whole.start + piece.trim_end().len();
                goes_on = more;
            }
        }
        let mut instruction = body::instruction(line, self.escape, &mut self.problems);
        instruction.span = Span::new(start, end.max(instruction.keyword.span.end));
        instruction.comments = comments;
        instruction.empty_lines = empty_lines;
        self.heredocs(&mut instruction);
        instruction.whole = Span::new(first.whole.start, self.at);
        Item::Instruction(Box::new(instruction))
    }

    fn heredocs(&mut self, instruction: &mut Instruction) {
        let holder = match &instruction.body {
            Body::Onbuild(Some(inner)) => inner,
            _ => &*instruction,
        };
        if !may_hold_heredocs(holder) {
            return;
        }
        let mut heredocs = heredoc::marks(&instruction.line);
        for heredoc in &mut heredocs {
            self.heredoc(heredoc);
        }
        if let Body::Onbuild(Some(inner)) = &mut instruction.body {
            inner.heredocs.clone_from(&heredocs);
        }
        instruction.heredocs = heredocs;
    }

    fn heredoc(&mut self, heredoc: &mut Heredoc) {
        let start = self.at;
        while let Some(line) = self.line() {
            let text = if heredoc.chomp { line.text.trim_start_matches('\t') } else { line.text };
            if text == heredoc.name {
                heredoc.body = Span::new(start, line.whole.start);
                heredoc.terminator = line.whole;
                return;
            }
        }
        heredoc.body = Span::new(start, self.at);
        heredoc.terminator = Span::at(self.at);
        let message = format!("unterminated heredoc: no line says `{}`", model::escaped(&heredoc.name));
        self.problem(heredoc.mark.span, &message, Some("end it with a line that holds nothing but its name"));
    }
}

/// A line without what continues it, and whether something does.
fn continued(line: &str, escape: char) -> (&str, bool) {
    let head = line.trim_end_matches([' ', '\t']).strip_suffix(escape);
    match head {
        Some(head) if !head.ends_with(escape) => (head, true),
        _ => (line, false),
    }
}

fn may_hold_heredocs(instruction: &Instruction) -> bool {
    match (&instruction.kind, &instruction.body) {
        (Keyword::Run, Body::Command(form)) => form.json().is_none(),
        (Keyword::Add | Keyword::Copy, Body::Files(files)) => !files.json,
        _ => false,
    }
}

fn directive(whole: Span, start: usize, text: &str) -> Option<Directive> {
    let after = text.strip_prefix('#')?;
    let from_name = after.trim_start();
    let name_at = start + text.len() - from_name.len();
    let (left, right) = from_name.split_once('=')?;
    let name = left.trim_end();
    let known = ["syntax", "escape", "check"].iter().find(|known| known.eq_ignore_ascii_case(name))?;
    let value = right.trim();
    let value_at = start + text.len() - right.len() + (right.len() - right.trim_start().len());
    (!value.is_empty()).then(|| Directive {
        whole,
        name: Word { span: Span::new(name_at, name_at + name.len()), text: (*known).to_owned() },
        value: Word { span: Span::new(value_at, value_at + value.len()), text: value.to_owned() },
    })
}
