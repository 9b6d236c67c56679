//! An instruction's text, understood by its keyword.

use super::json::{self, Json};
use super::keyword::Keyword;
use super::logical::Logical;
use super::tree::{Body, Files, Form, From, Instruction, Pair, Pairs, Problem, Word};
use super::{check, flags, words};
use crate::span::Span;
use std::ops::Range;

/// How many ONBUILDs are read inside one another; BuildKit rejects the second.
const DEEPEST: usize = 4;

/// Everything that one instruction's text says; what BuildKit rejects goes to `problems`.
pub(super) fn instruction(line: Logical, escape: char, problems: &mut Vec<Problem>) -> Instruction {
    let whole = 0..line.text().len();
    let mut instruction = Parser { line: &line, escape, problems }.instruction(whole, 0);
    instruction.line = line;
    instruction
}

struct Parser<'a> {
    line: &'a Logical,
    escape: char,
    problems: &'a mut Vec<Problem>,
}

impl Parser<'_> {
    fn word(&self, range: Range<usize>) -> Word {
        Word { text: self.line.text()[range.clone()].to_owned(), span: self.line.span(range) }
    }

    fn complain(&mut self, span: Span, message: impl Into<String>, hint: Option<&str>) {
        self.problems.push(Problem { span, message: message.into(), hint: hint.map(str::to_owned) });
    }

    fn instruction(&mut self, range: Range<usize>, depth: usize) -> Instruction {
        let text = self.line.text();
        let range = words::trimmed(text, range);
        let (keyword, rest) = words::first(text, range.clone());
        let (flags, rest) = match rest {
            Some(rest) => flags::read(self.line, rest, self.escape),
            None => (Vec::new(), range.end..range.end),
        };
        let rest = words::trimmed(text, rest);
        let kind = Keyword::of(&text[keyword.clone()]);
        let before = self.problems.len();
        let body = self.body(kind, rest.clone(), depth);
        let instruction = Instruction {
            whole: self.line.span(range.clone()),
            span: self.line.span(range.clone()),
            keyword: self.word(keyword),
            kind,
            flags,
            rest: self.word(rest),
            body,
            heredocs: Vec::new(),
            comments: Vec::new(),
            empty_lines: Vec::new(),
            line: if depth > 0 { self.part(range) } else { Logical::default() },
        };
        // One clear error an instruction: the first is the one that BuildKit would give.
        if self.problems.len() == before {
            self.problems.extend(check::problem(&instruction, depth > 0));
        }
        instruction
    }

    /// The logical line of a nested instruction.
    fn part(&self, range: Range<usize>) -> Logical {
        let mut part = Logical::default();
        for piece in self.line.pieces() {
            let Some(start) = self.line.offset(piece.start) else { continue };
            let (from, to) = (start.max(range.start), (start + piece.len()).min(range.end));
            if from < to {
                part.push(&self.line.text()[from..to], piece.start + (from - start));
            }
        }
        part
    }

    fn body(&mut self, kind: Keyword, rest: Range<usize>, depth: usize) -> Body {
        match kind {
            Keyword::From => Body::From(self.from(rest)),
            Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Shell => Body::Command(self.form(rest)),
            Keyword::Add | Keyword::Copy => Body::Files(self.files(rest)),
            Keyword::Env => Body::Pairs(self.pairs("ENV", rest)),
            Keyword::Label => Body::Pairs(self.pairs("LABEL", rest)),
            Keyword::Arg => {
                let words = words::quoted(self.line.text(), rest, self.escape);
                Body::Args(words.into_iter().map(|word| self.pair(word)).collect())
            }
            Keyword::Expose => Body::Words(self.blank_separated(rest)),
            Keyword::Volume => {
                let (_, words) = self.list(rest);
                Body::Words(words)
            }
            Keyword::Maintainer | Keyword::StopSignal | Keyword::User | Keyword::Workdir => Body::Text,
            Keyword::Healthcheck => self.health(rest),
            Keyword::Onbuild if depth > DEEPEST || rest.is_empty() => Body::Onbuild(None),
            Keyword::Onbuild => Body::Onbuild(Some(Box::new(self.instruction(rest, depth + 1)))),
            Keyword::Unknown => Body::Unknown,
        }
    }

    fn blank_separated(&self, rest: Range<usize>) -> Vec<Word> {
        words::blank_separated(self.line.text(), rest).into_iter().map(|word| self.word(word)).collect()
    }

    fn from(&mut self, rest: Range<usize>) -> From {
        let mut words = self.blank_separated(rest.clone()).into_iter();
        let (image, second, third) = (words.next(), words.next(), words.next());
        let is_as = second.as_ref().is_some_and(|word| word.text.eq_ignore_ascii_case("as"));
        let stray = second.clone().filter(|_| third.is_none() || !is_as);
        let extra = stray.or_else(|| words.next());
        match (&image, extra) {
            (None, _) => self.complain(self.line.span(rest), "FROM needs an image", Some("`FROM image [AS name]`")),
            (_, Some(extra)) => {
                let comment = extra.text.starts_with('#') || third.as_ref().is_some_and(|w| w.text.starts_with('#'));
                let hint = if comment { "a comment stands on a line of its own" } else { "`FROM image [AS name]`" };
                self.complain(extra.span, "FROM takes one argument, or three: `image AS name`", Some(hint));
            }
            _ => {}
        }
        From { image, as_word: second.filter(|_| is_as), name: third.filter(|_| is_as) }
    }

    /// JSON, or a text for the shell.
    fn form(&mut self, rest: Range<usize>) -> Form {
        if rest.is_empty() {
            return Form::Empty;
        }
        match self.json(rest.clone()) {
            Ok(words) => Form::Json(words),
            Err(broken_json) => Form::Shell { text: self.word(rest), broken_json },
        }
    }

    /// The words of a JSON list, or where it breaks, if it begins like one.
    fn json(&mut self, rest: Range<usize>) -> Result<Vec<Word>, Option<usize>> {
        let start = rest.start;
        let moved = |range: Range<usize>| start + range.start..start + range.end;
        match json::list(&self.line.text()[rest]) {
            Json::No => Err(None),
            Json::Broken(at) => Err(Some(self.line.span(start + at..start + at).start)),
            Json::Strings(strings) => {
                let word = |(range, text)| Word { span: self.line.span(moved(range)), text };
                Ok(strings.into_iter().map(word).collect())
            }
            Json::NotStrings(bad) => {
                let span = self.line.span(moved(bad));
                self.complain(span, "a JSON list may hold strings only", Some("put it in double quotes"));
                Ok(Vec::new())
            }
        }
    }

    fn list(&mut self, rest: Range<usize>) -> (bool, Vec<Word>) {
        match self.json(rest.clone()) {
            Ok(words) => (true, words),
            Err(_) => (false, self.blank_separated(rest)),
        }
    }

    fn files(&mut self, rest: Range<usize>) -> Files {
        let (json, mut sources) = self.list(rest);
        let target = if sources.len() > 1 { sources.pop() } else { None };
        Files { json, sources, target }
    }

    /// `key=value` of one word.
    fn pair(&self, range: Range<usize>) -> Pair {
        let text = &self.line.text()[range.clone()];
        let equals = text.find('=').map(|at| range.start + at);
        Pair {
            span: self.line.span(range.clone()),
            key: self.word(range.start..equals.unwrap_or(range.end)),
            value: equals.map(|at| self.word(at + 1..range.end)),
        }
    }

    fn pairs(&mut self, name: &str, rest: Range<usize>) -> Pairs {
        let text = self.line.text();
        let found = words::quoted(text, rest.clone(), self.escape);
        let Some(first) = found.first().cloned() else { return Pairs::default() };
        if text[first.clone()].contains('=') {
            let bad = found.iter().find(|word| !text[(*word).clone()].contains('='));
            if let Some(bad) = bad.cloned() {
                let message = format!("`{}` has no `=`", model::escaped(&text[bad.clone()]));
                let hint = format!("write `{name} key=value …`, and quote values that hold blanks");
                self.complain(self.line.span(bad), message, Some(&hint));
            }
            return Pairs { legacy: false, pairs: found.into_iter().map(|word| self.pair(word)).collect() };
        }
        let (key, value) = words::first(text, rest.clone());
        if value.is_none() {
            let hint = format!("write `{name} key=value`");
            self.complain(self.line.span(rest.clone()), format!("{name} needs a value"), Some(&hint));
        }
        let pair = Pair { span: self.line.span(rest), key: self.word(key), value: value.map(|value| self.word(value)) };
        Pairs { legacy: true, pairs: vec![pair] }
    }

    fn health(&mut self, rest: Range<usize>) -> Body {
        let text = &self.line.text()[rest.clone()];
        if text.is_empty() {
            return Body::Health(None, Form::Empty);
        }
        let end = text.find(|c: char| c.is_ascii_whitespace() || c == '\u{b}').unwrap_or(text.len());
        let kind = self.word(rest.start..rest.start + end);
        let command = words::trimmed(self.line.text(), rest.start + end..rest.end);
        Body::Health(Some(kind), self.form(command))
    }
}
