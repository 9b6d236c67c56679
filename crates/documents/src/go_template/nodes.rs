//! The tree of a template. Each node prints as Go prints it, since that is how errors quote it.

use super::number::Number;
use std::fmt::{self, Display, Formatter, Write as _};

/// Something between two delimiters, or the text around them.
#[derive(Debug)]
pub(super) enum Node {
    Text(String),
    Action(Pipe),
    If(Branch),
    With(Branch),
    Range(Branch),
    Template(Call),
    Break,
    Continue,
    /// `{{end}}`, which closes a list and is never in one.
    End,
    /// `{{else}}`, likewise.
    Else,
}

/// A condition, and what follows from it.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) pipe: Pipe,
    pub(super) list: Vec<Node>,
    pub(super) otherwise: Option<Vec<Node>>,
}

/// `{{template "name" pipeline}}`.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) at: usize,
    pub(super) name: String,
    pub(super) pipe: Option<Pipe>,
}

/// `$x := command | command`.
#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) at: usize,
    pub(super) assigns: bool,
    pub(super) variables: Vec<String>,
    pub(super) commands: Vec<Command>,
}

/// A function or a value, and its arguments.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) at: usize,
    pub(super) words: Vec<Word>,
}

/// One word of a command.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) at: usize,
    pub(super) kind: WordKind,
}

/// What a word is.
#[derive(Debug)]
pub(super) enum WordKind {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    /// As it was quoted, and what it says.
    Text(String, String),
    /// `.a.b`
    Field(Vec<String>),
    /// `$x.a.b`, the name of the variable first.
    Variable(Vec<String>),
    /// `(pipeline).a.b`
    Chain(Box<Word>, Vec<String>),
    Function(String),
    Pipe(Pipe),
}

/// What was last looked at, for the words of an error.
#[derive(Clone, Copy)]
pub(super) enum Spot<'a> {
    Node(usize, &'a Node),
    Pipe(&'a Pipe),
    Command(&'a Command),
    Word(&'a Word),
    Call(&'a Call),
}

impl Spot<'_> {
    /// Byte of the template.
    pub(super) fn at(&self) -> usize {
        match self {
            Self::Node(at, _) => *at,
            Self::Pipe(pipe) => pipe.at,
            Self::Command(command) => command.at,
            Self::Word(word) => word.at,
            Self::Call(call) => call.at,
        }
    }
}

impl Display for Spot<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(_, node) => node.fmt(f),
            Self::Pipe(pipe) => pipe.fmt(f),
            Self::Command(command) => command.fmt(f),
            Self::Word(word) => word.fmt(f),
            Self::Call(call) => call.fmt(f),
        }
    }
}

impl Node {
    /// Where its errors are reported.
    pub(super) fn at(&self) -> usize {
        match self {
            Self::Action(pipe) => pipe.at,
            Self::If(branch) | Self::With(branch) | Self::Range(branch) => branch.pipe.at,
            Self::Template(call) => call.at,
            Self::Text(_) | Self::Break | Self::Continue | Self::End | Self::Else => 0,
        }
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&super::printf::quoted(text)),
            Self::Action(pipe) => write!(f, "{{{{{pipe}}}}}"),
            Self::If(branch) => branch.write("if", f),
            Self::With(branch) => branch.write("with", f),
            Self::Range(branch) => branch.write("range", f),
            Self::Template(call) => call.fmt(f),
            Self::Break => f.write_str("{{break}}"),
            Self::Continue => f.write_str("{{continue}}"),
            Self::End => f.write_str("{{end}}"),
            Self::Else => f.write_str("{{else}}"),
        }
    }
}

impl Branch {
    fn write(&self, word: &str, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{{word} {}}}}}", self.pipe)?;
        self.list.iter().try_for_each(|node| node.fmt(f))?;
        if let Some(otherwise) = &self.otherwise {
            f.write_str("{{else}}")?;
            otherwise.iter().try_for_each(|node| node.fmt(f))?;
        }
        f.write_str("{{end}}")
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{template {}", super::printf::quoted(&self.name))?;
        if let Some(pipe) = &self.pipe {
            write!(f, " {pipe}")?;
        }
        f.write_str("}}")
    }
}

impl Display for Pipe {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.variables.is_empty() {
            f.write_str(&self.variables.join(", "))?;
            f.write_str(if self.assigns { " = " } else { " := " })?;
        }
        for (number, command) in self.commands.iter().enumerate() {
            f.write_str(if number > 0 { " | " } else { "" })?;
            command.fmt(f)?;
        }
        Ok(())
    }
}

impl Display for Command {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (number, word) in self.words.iter().enumerate() {
            f.write_str(if number > 0 { " " } else { "" })?;
            match &word.kind {
                WordKind::Pipe(pipe) => write!(f, "({pipe})")?,
                _ => word.fmt(f)?,
            }
        }
        Ok(())
    }
}

impl Display for Word {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            WordKind::Dot => f.write_char('.'),
            WordKind::Nil => f.write_str("nil"),
            WordKind::Bool(truth) => truth.fmt(f),
            WordKind::Number(number) => f.write_str(&number.text),
            WordKind::Text(quoted, _) => f.write_str(quoted),
            WordKind::Field(names) => names.iter().try_for_each(|name| write!(f, ".{name}")),
            WordKind::Variable(names) => f.write_str(&names.join(".")),
            WordKind::Function(name) => f.write_str(name),
            WordKind::Pipe(pipe) => pipe.fmt(f),
            WordKind::Chain(of, names) => {
                match &of.kind {
                    WordKind::Pipe(pipe) => write!(f, "({pipe})")?,
                    _ => of.fmt(f)?,
                }
                names.iter().try_for_each(|name| write!(f, ".{name}"))
            }
        }
    }
}
