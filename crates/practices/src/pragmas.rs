//! What a Dockerfile's comments turn off: `# hadolint ignore=`, BuildKit's `# check=skip=`, and our own
//! `# plimsoll ignore=CODE reason`.

use crate::dockerfile::DockerfileEvidence;
use crate::rule::{self, Rule};
use sources::Span;
use sources::dockerfile::{Comment, Item};
use std::cell::Cell;

/// One thing that a comment turns off.
#[derive(Debug)]
pub(crate) struct Pragma {
    /// Where its code stands.
    pub(crate) span: Span,
    /// The code as written.
    pub(crate) code: String,
    /// The bytes whose findings it turns off.
    pub(crate) over: Span,
    /// Whether it is ours, and what reason it gives.
    pub(crate) reason: Option<String>,
    /// Whether it turned something off.
    pub(crate) used: Cell<bool>,
}

impl Pragma {
    /// Whether it names this rule, by code, name or alias.
    pub(crate) fn names(&self, rule: &Rule) -> bool {
        let is = |text: &str| text.eq_ignore_ascii_case(&self.code);
        is("all") || is(rule.code) || is(rule.name) || rule.aliases.iter().any(|alias| is(alias))
    }

    /// Whether it names any rule that is known here. One for another program's rules is not ours to judge.
    pub(crate) fn is_known(&self) -> bool {
        rule::RULES.iter().any(|rule| self.names(rule))
    }
}

/// All pragmas of a file, in order.
pub(crate) fn pragmas(dockerfile: &DockerfileEvidence<'_>) -> Vec<Pragma> {
    let file = dockerfile.file;
    let whole = Span::new(0, file.text().len());
    let mut pragmas = Vec::new();
    let mut waiting: Vec<&Comment> = Vec::new();
    for item in file.items() {
        match item {
            Item::Directive(directive) if directive.name.text == "check" => {
                let (start, text) = (directive.value.span.start, directive.value.text.as_str());
                for part in parts(text, start, ';') {
                    if let Some(list) = part.1.strip_prefix("skip=") {
                        push(&mut pragmas, list, part.0 + "skip=".len(), whole, None);
                    }
                }
            }
            Item::Comment(comment) => waiting.push(comment),
            Item::Instruction(instruction) => {
                let inside = instruction.comments.iter().copied();
                for span in waiting.drain(..).map(|comment| comment.span).chain(inside) {
                    comment(&mut pragmas, file.source(span), span.start, instruction.whole, whole);
                }
            }
            _ => {}
        }
    }
    pragmas
}

/// Pieces of `text` with the byte at which each begins.
fn parts(text: &str, start: usize, separator: char) -> impl Iterator<Item = (usize, &str)> {
    let mut at = start;
    text.split(separator).map(move |piece| {
        let begins = at + piece.len() - piece.trim_start().len();
        at += piece.len() + 1;
        (begins, piece.trim())
    })
}

fn comment(pragmas: &mut Vec<Pragma>, text: &str, start: usize, next: Span, whole: Span) {
    let body = text.trim_start_matches('#').trim_start();
    let at = start + text.len() - body.len();
    let forms = [("hadolint global ignore=", whole), ("hadolint ignore=", next), ("check=skip=", next)];
    for (form, over) in forms {
        if let Some(list) = body.strip_prefix(form) {
            let list = list.split_whitespace().next().unwrap_or_default();
            return push(pragmas, list, at + form.len(), over, None);
        }
    }
    if let Some(rest) = body.strip_prefix("plimsoll ignore=") {
        let (list, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        push(pragmas, list, at + "plimsoll ignore=".len(), next, Some(reason.trim()));
    }
}

fn push(pragmas: &mut Vec<Pragma>, list: &str, start: usize, over: Span, reason: Option<&str>) {
    for (at, code) in parts(list, start, ',').filter(|(_, code)| !code.is_empty()) {
        let span = Span::new(at, at + code.len());
        let reason = reason.map(str::to_owned);
        pragmas.push(Pragma { span, code: code.to_owned(), over, reason, used: Cell::new(false) });
    }
}
