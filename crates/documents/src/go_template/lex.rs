//! The words of a template, as Go's lexer tells them apart.

use super::number::scan;
use super::printf::quoted;

/// A word, and where it starts.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: usize,
    pub(super) line: usize,
    pub(super) text: String,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Error,
    End,
    Text,
    Left,
    Right,
    Space,
    Assign,
    Declare,
    Pipe,
    LeftParen,
    RightParen,
    Char,
    Rune,
    Complex,
    Number,
    Quoted,
    RawQuoted,
    Bool,
    Dot,
    Nil,
    Field,
    Variable,
    Identifier,
    Keyword,
}

const KEYWORDS: [&str; 10] = ["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"];
const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

impl Token {
    /// How an error names it.
    pub(super) fn shown(&self) -> String {
        match self.kind {
            Kind::End => "EOF".to_owned(),
            Kind::Error => self.text.clone(),
            Kind::Keyword | Kind::Dot | Kind::Nil => format!("<{}>", self.text),
            _ if self.text.len() > 10 => {
                let start: String = self.text.chars().take(10).collect();
                format!("{}...", quoted(&start))
            }
            _ => quoted(&self.text),
        }
    }

    /// Whether it is that keyword.
    pub(super) fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Keyword && self.text == keyword
    }
}

/// All words of `text`; the last is its end, or what is wrong with it.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0, start: 0, out: Vec::new() };
    if let Err(why) = lexer.all() {
        lexer.push_at(Kind::Error, lexer.start, why);
    }
    lexer.out
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    start: usize,
    out: Vec<Token>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn word(&self) -> &'a str {
        &self.text[self.start..self.at]
    }

    fn push_at(&mut self, kind: Kind, at: usize, text: impl Into<String>) {
        let line = 1 + self.text[..at].matches('\n').count();
        self.out.push(Token { kind, at, line, text: text.into() });
    }

    fn push(&mut self, kind: Kind) {
        self.push_at(kind, self.start, self.word());
        self.start = self.at;
    }

    fn all(&mut self) -> Result<(), String> {
        loop {
            let Some(ahead) = self.rest().find("{{") else {
                self.at = self.text.len();
                if self.at > self.start {
                    self.push(Kind::Text);
                }
                self.start = self.at;
                self.push(Kind::End);
                return Ok(());
            };
            self.text_before(ahead);
            self.action()?;
        }
    }

    fn text_before(&mut self, ahead: usize) {
        let mut plain = &self.rest()[..ahead];
        if is_left_trim(&self.rest()[ahead + 2..]) {
            plain = plain.trim_end_matches(SPACES);
        }
        if !plain.is_empty() {
            self.push_at(Kind::Text, self.start, plain);
        }
        self.at += ahead;
        self.start = self.at;
    }

    /// Everything from `{{` to `}}`.
    fn action(&mut self) -> Result<(), String> {
        self.at += 2;
        let trim = if is_left_trim(self.rest()) { 2 } else { 0 };
        if self.rest()[trim..].starts_with("/*") {
            self.at += trim;
            self.start = self.at;
            return self.comment();
        }
        self.push(Kind::Left);
        self.at += trim;
        self.start = self.at;
        let mut depth = 0_usize;
        while !self.closes(&mut depth)? {}
        Ok(())
    }

    fn comment(&mut self) -> Result<(), String> {
        self.at += 2;
        let Some(end) = self.rest().find("*/") else { return Err("unclosed comment".to_owned()) };
        self.at += end + 2;
        let Some(trims) = self.right_delimiter() else {
            return Err("comment ends before closing delimiter".to_owned());
        };
        self.past_right(trims);
        Ok(())
    }

    /// Whether the closing delimiter is next, and if so, whether it trims.
    fn right_delimiter(&self) -> Option<bool> {
        if is_right_trim(self.rest()) && self.rest()[2..].starts_with("}}") {
            return Some(true);
        }
        self.rest().starts_with("}}").then_some(false)
    }

    fn past_right(&mut self, trims: bool) {
        self.at += if trims { 4 } else { 2 };
        if trims {
            self.at = self.text.len() - self.rest().trim_start_matches(SPACES).len();
        }
        self.start = self.at;
    }

    /// One word inside an action; whether it closed the action.
    fn closes(&mut self, depth: &mut usize) -> Result<bool, String> {
        if let Some(trims) = self.right_delimiter() {
            if *depth > 0 {
                return Err("unclosed left paren".to_owned());
            }
            self.push_at(Kind::Right, self.at + if trims { 2 } else { 0 }, "}}");
            self.past_right(trims);
            return Ok(true);
        }
        let Some(next) = self.next() else { return Err("unclosed action".to_owned()) };
        match next {
            _ if SPACES.contains(&next) => self.space(),
            '=' => self.push(Kind::Assign),
            ':' if self.next() == Some('=') => self.push(Kind::Declare),
            ':' => return Err("expected :=".to_owned()),
            '|' => self.push(Kind::Pipe),
            '"' => self.quote()?,
            '`' => self.raw_quote()?,
            '\'' => self.rune()?,
            '$' => self.name(Kind::Variable)?,
            '.' if !self.peek().is_some_and(|c| c.is_ascii_digit()) && !self.rest().is_empty() => {
                self.name(Kind::Field)?;
            }
            '.' | '+' | '-' | '0'..='9' => {
                self.at = self.start;
                self.number()?;
            }
            _ if is_alphanumeric(next) => self.identifier()?,
            '(' => {
                *depth += 1;
                self.push(Kind::LeftParen);
            }
            ')' => {
                *depth = depth.checked_sub(1).ok_or("unexpected right paren")?;
                self.push(Kind::RightParen);
            }
            ' '..='~' => self.push(Kind::Char),
            _ => return Err(format!("unrecognized character in action: {}", code_point(next))),
        }
        Ok(false)
    }

    /// Spaces, but for the one that belongs to a trimming delimiter.
    fn space(&mut self) {
        let rest = &self.text[self.start..];
        let end = self.start + (rest.len() - rest.trim_start_matches(SPACES).len());
        self.at = end;
        let closing = &self.text[end - 1..];
        if is_right_trim(closing) && closing[2..].starts_with("}}") {
            self.at = end - 1;
            if self.at == self.start {
                return;
            }
        }
        self.push(Kind::Space);
    }

    fn quote(&mut self) -> Result<(), String> {
        loop {
            match self.next() {
                Some('\\') if !matches!(self.next(), None | Some('\n')) => {}
                None | Some('\n' | '\\') => return Err("unterminated quoted string".to_owned()),
                Some('"') => break,
                Some(_) => {}
            }
        }
        self.push(Kind::Quoted);
        Ok(())
    }

    fn raw_quote(&mut self) -> Result<(), String> {
        let Some(end) = self.rest().find('`') else { return Err("unterminated raw quoted string".to_owned()) };
        self.at += end + 1;
        self.push(Kind::RawQuoted);
        Ok(())
    }

    fn rune(&mut self) -> Result<(), String> {
        loop {
            match self.next() {
                Some('\\') if !matches!(self.next(), None | Some('\n')) => {}
                None | Some('\n' | '\\') => return Err("unterminated character constant".to_owned()),
                Some('\'') => break,
                Some(_) => {}
            }
        }
        self.push(Kind::Rune);
        Ok(())
    }

    /// What follows a `.` or a `$`.
    fn name(&mut self, kind: Kind) -> Result<(), String> {
        if self.at_terminator() {
            self.push(if kind == Kind::Field { Kind::Dot } else { kind });
            return Ok(());
        }
        while self.peek().is_some_and(is_alphanumeric) {
            self.next();
        }
        self.check_terminator()?;
        self.push(kind);
        Ok(())
    }

    fn identifier(&mut self) -> Result<(), String> {
        while self.peek().is_some_and(is_alphanumeric) {
            self.next();
        }
        self.check_terminator()?;
        self.push(match self.word() {
            word if KEYWORDS.contains(&word) => Kind::Keyword,
            "nil" => Kind::Nil,
            "true" | "false" => Kind::Bool,
            _ => Kind::Identifier,
        });
        Ok(())
    }

    fn check_terminator(&self) -> Result<(), String> {
        if self.at_terminator() {
            return Ok(());
        }
        Err(format!("bad character {}", self.peek().map_or("U+FFFFFFFFFFFFFFFF".to_owned(), code_point)))
    }

    fn at_terminator(&self) -> bool {
        let ends = |c: char| SPACES.contains(&c) || ".,|:)(".contains(c);
        self.peek().is_none_or(ends) || self.rest().starts_with("}}")
    }

    fn number(&mut self) -> Result<(), String> {
        let bad = |lexer: &Self| format!("bad number syntax: {}", quoted(lexer.word()));
        let whole = self.scan_number();
        if !whole {
            return Err(bad(self));
        }
        if matches!(self.peek(), Some('+' | '-')) {
            let whole = self.scan_number();
            if !whole || !self.word().ends_with('i') {
                return Err(bad(self));
            }
            self.push(Kind::Complex);
            return Ok(());
        }
        self.push(Kind::Number);
        Ok(())
    }

    /// Past one number; false if a letter follows it, which is then part of the word.
    fn scan_number(&mut self) -> bool {
        self.at += scan(self.rest());
        if self.peek().is_some_and(is_alphanumeric) {
            self.next();
            return false;
        }
        true
    }
}

/// `- ` after an opening delimiter.
fn is_left_trim(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('-') && chars.next().is_some_and(|c| SPACES.contains(&c))
}

/// ` -` before a closing one.
fn is_right_trim(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| SPACES.contains(&c)) && chars.next() == Some('-')
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphabetic() || c.is_numeric()
}

/// `U+0041 'A'`.
fn code_point(c: char) -> String {
    let number = format!("U+{:04X}", u32::from(c));
    if c.is_control() { number } else { format!("{number} '{c}'") }
}
