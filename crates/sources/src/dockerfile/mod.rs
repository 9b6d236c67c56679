//! Dockerfiles, as BuildKit's frontend reads them
//! (<https://github.com/moby/buildkit/tree/v0.30.0/frontend/dockerfile>), without losing a byte.
//!
//! [`Dockerfile::parse`] takes anything that is UTF-8 and gives a tree in which every part has its span: items cover
//! the text without gaps, so an unedited tree prints as it was read. What BuildKit rejects is one [`Problem`] an
//! instruction, and the rest is in the tree all the same. Refuses: text that is not UTF-8, more than
//! [`LARGEST`] bytes, and more than [`MOST_INSTRUCTIONS`] instructions.

mod body;
mod check;
mod flags;
mod flow;
mod heredoc;
mod images;
mod json;
mod keyword;
mod lex;
mod logical;
mod mention;
mod mount;
mod pattern;
mod reader;
mod stages;
mod tree;
mod words;

#[cfg(test)]
mod buildkit_tests;
#[cfg(test)]
mod images_tests;
#[cfg(test)]
mod tests;

pub use flow::PLATFORM_ARGS;
pub use heredoc::Heredoc;
pub use images::images;
pub use keyword::{Keyword, distance};
pub use lex::{LexError, Use};
pub use logical::Logical;
pub use mention::{Image, Mention, WhyNot};
pub use mount::{Field, Mount};
pub use stages::{Stage, stage_of};
pub use tree::{Body, Comment, Directive, Files, Flag, Form, From, Instruction, Item, Pair, Pairs, Problem, Word};

use crate::span::{Lines, Position, Span};

/// The largest file that is read, in bytes.
pub const LARGEST: usize = 1024 * 1024;
/// The most instructions that are read.
pub const MOST_INSTRUCTIONS: usize = 10_000;

/// Why a file is no Dockerfile at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too large.
    #[error("the file has {0} bytes, more than the {LARGEST} of the largest Dockerfile that is read")]
    TooLarge(usize),
    /// Too many instructions.
    #[error("the file has more than {MOST_INSTRUCTIONS} instructions")]
    TooMany,
    /// Not UTF-8.
    #[error("line {line} is not UTF-8 (byte {offset} of the file)")]
    NotUtf8 {
        /// The line, from 1.
        line: usize,
        /// The byte, from 0.
        offset: usize,
    },
}

/// A Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dockerfile {
    text: String,
    lines: Lines,
    items: Vec<Item>,
    problems: Vec<Problem>,
    escape: char,
}

impl Dockerfile {
    /// Reads a file.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        match std::str::from_utf8(bytes) {
            _ if bytes.len() > LARGEST => Err(Refusal::TooLarge(bytes.len())),
            Ok(text) => Self::parse(text),
            Err(error) => {
                let offset = error.valid_up_to();
                Err(Refusal::NotUtf8 { line: memchr::memchr_iter(b'\n', &bytes[..offset]).count() + 1, offset })
            }
        }
    }

    /// Reads a text.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > LARGEST {
            return Err(Refusal::TooLarge(text.len()));
        }
        let mut reader = reader::Reader::new(text);
        reader.run();
        if reader.items.iter().filter(|item| matches!(item, Item::Instruction(_))).count() > MOST_INSTRUCTIONS {
            return Err(Refusal::TooMany);
        }
        let (items, mut problems, escape) = (reader.items, reader.problems, reader.escape);
        problems.extend(check::order(&items));
        problems.sort_by_key(|problem| problem.span);
        Ok(Self { text: text.to_owned(), lines: Lines::new(text), items, problems, escape })
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All items: together they hold every byte once.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// All instructions, in order; those after ONBUILD are inside it.
    pub fn instructions(&self) -> impl DoubleEndedIterator<Item = &Instruction> + Clone {
        self.items.iter().filter_map(|item| match item {
            Item::Instruction(instruction) => Some(&**instruction),
            _ => None,
        })
    }

    /// The directive with this name, in lower case.
    pub fn directive(&self, name: &str) -> Option<&Directive> {
        self.items.iter().find_map(|item| match item {
            Item::Directive(directive) if directive.name.text == name => Some(directive),
            _ => None,
        })
    }

    /// What BuildKit would reject, by place.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The character that escapes: `\` or a backtick.
    pub fn escape(&self) -> char {
        self.escape
    }

    /// The lines of the text.
    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    /// The line and column of a byte.
    pub fn position(&self, offset: usize) -> Position {
        self.lines.position(offset, &self.text)
    }

    /// The text at a span.
    pub fn source(&self, span: Span) -> &str {
        span.of(&self.text)
    }

    /// The tree as text: what was read, byte for byte.
    pub fn print(&self) -> String {
        self.items.iter().map(|item| self.source(item.span())).collect()
    }
}

/// What a word says once its quotes, escapes and variables are done, and the variables that it uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expanded {
    /// The text.
    pub text: String,
    /// Each use of a variable, in the order in which they end; offsets are of the text that was expanded.
    pub uses: Vec<Use>,
}

/// Expands a word as BuildKit does for ADD, COPY, ENV, EXPOSE, FROM, LABEL, STOPSIGNAL, USER, VOLUME and WORKDIR;
/// what RUN, CMD and ENTRYPOINT hold is the shell's. `get` gives the value of a variable that is set.
pub fn expand(text: &str, escape: char, get: &dyn Fn(&str) -> Option<String>) -> Result<Expanded, LexError> {
    let how = lex::How { escape, raw_quotes: false, raw_escapes: false, keep_unset: false };
    lex::read(text, how, get).map(|read| Expanded { text: read.result, uses: read.uses })
}
