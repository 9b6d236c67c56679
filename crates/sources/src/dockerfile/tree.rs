//! The tree: what a Dockerfile is made of. Every part has its span in the file.

use super::heredoc::Heredoc;
use super::keyword::Keyword;
use super::logical::Logical;
use super::mount::Mount;
use crate::span::Span;

/// A piece of an instruction's text: where it stands, and what it says once continuations are gone (and, in JSON form
/// or a flag, once quotes and escapes are).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Where it stands, quotes included.
    pub span: Span,
    /// What it says.
    pub text: String,
}

/// One item of a file; together they hold every byte of it once, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A byte order mark.
    Mark(Span),
    /// A line with nothing on it.
    Blank(Span),
    /// A comment, alone on its line.
    Comment(Comment),
    /// `# syntax=`, `# escape=` or `# check=`, in force.
    Directive(Directive),
    /// An instruction, with the comments inside its continuations and the bodies of its heredocs.
    Instruction(Box<Instruction>),
}

impl Item {
    /// All of it, line ends included.
    pub fn span(&self) -> Span {
        match self {
            Self::Mark(span) | Self::Blank(span) => *span,
            Self::Comment(comment) => comment.whole,
            Self::Directive(directive) => directive.whole,
            Self::Instruction(instruction) => instruction.whole,
        }
    }
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The whole line.
    pub whole: Span,
    /// From `#` to the last character that is no blank.
    pub span: Span,
}

/// A parser directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// The whole line.
    pub whole: Span,
    /// Its name, as written; `text` is in lower case.
    pub name: Word,
    /// Its value.
    pub value: Word,
}

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// From the beginning of its first line to the end of its last, heredocs included.
    pub whole: Span,
    /// From its keyword to its last character, heredocs excluded.
    pub span: Span,
    /// Its keyword, as written.
    pub keyword: Word,
    /// Which instruction it is.
    pub kind: Keyword,
    /// Its flags, in order.
    pub flags: Vec<Flag>,
    /// What comes after keyword and flags, trimmed.
    pub rest: Word,
    /// The same, understood.
    pub body: Body,
    /// Its heredocs, in order.
    pub heredocs: Vec<Heredoc>,
    /// Comments between its continued lines, from `#` on.
    pub comments: Vec<Span>,
    /// Lines between its continued lines that have nothing on them: BuildKit says that they will be errors.
    pub empty_lines: Vec<Span>,
    /// Its text without continuations.
    pub line: Logical,
}

impl Instruction {
    /// The flag with this name, without `--`.
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name.text == name)
    }

    /// The value of the flag with this name.
    pub fn flag_value(&self, name: &str) -> Option<&Word> {
        self.flag(name)?.value.as_ref()
    }

    /// All `--mount`s, in order.
    pub fn mounts(&self) -> impl Iterator<Item = &Mount> {
        self.flags.iter().filter_map(|flag| flag.mount.as_ref())
    }
}

/// `--name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// All of it.
    pub span: Span,
    /// Its name without `--`.
    pub name: Word,
    /// Its value, if there is a `=`.
    pub value: Option<Word>,
    /// The value of `--mount`, taken apart; `None` for another flag or if it cannot be.
    pub mount: Option<Mount>,
}

/// What an instruction says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// FROM.
    From(From),
    /// RUN, CMD, ENTRYPOINT, SHELL.
    Command(Form),
    /// COPY, ADD.
    Files(Files),
    /// ENV, LABEL.
    Pairs(Pairs),
    /// ARG.
    Args(Vec<Pair>),
    /// EXPOSE, VOLUME.
    Words(Vec<Word>),
    /// MAINTAINER, STOPSIGNAL, USER, WORKDIR: all that is there.
    Text,
    /// HEALTHCHECK: `CMD` or `NONE`, and the command.
    Health(Option<Word>, Form),
    /// ONBUILD.
    Onbuild(Option<Box<Instruction>>),
    /// BuildKit does not know it.
    Unknown,
}

/// What FROM says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct From {
    /// The image or stage.
    pub image: Option<Word>,
    /// The word `AS`, as written.
    pub as_word: Option<Word>,
    /// The stage's name, as written.
    pub name: Option<Word>,
}

/// A command: as a list, or as a text for the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nothing is there.
    Empty,
    /// A JSON list: no shell is involved.
    Json(Vec<Word>),
    /// A text for the shell.
    Shell {
        /// The text.
        text: Word,
        /// Where its JSON is wrong, if it begins like a list: it is silently a text for the shell.
        broken_json: Option<usize>,
    },
}

impl Form {
    /// The text for the shell.
    pub fn shell(&self) -> Option<&Word> {
        match self {
            Self::Shell { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The words of the list.
    pub fn json(&self) -> Option<&[Word]> {
        match self {
            Self::Json(words) => Some(words),
            _ => None,
        }
    }
}

/// What COPY and ADD say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Whether it is a JSON list.
    pub json: bool,
    /// What is copied; heredocs are among them as `<<NAME`.
    pub sources: Vec<Word>,
    /// Where to.
    pub target: Option<Word>,
}

/// What ENV and LABEL say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// `KEY the rest of the line`: one pair, without `=`.
    pub legacy: bool,
    /// The pairs, in order.
    pub pairs: Vec<Pair>,
}

/// `key=value`, quotes kept as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// All of it.
    pub span: Span,
    /// The key.
    pub key: Word,
    /// The value, if there is one.
    pub value: Option<Word>,
}

/// Why BuildKit would not build from this file; the parts before and after are in the tree all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is about.
    pub span: Span,
    /// What is wrong, in lower case.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}
