//! What a Dockerfile's RUNs make a shell do: commands, words, pipes and redirections, each with its exact place in the
//! file.
//!
//! The text of a RUN is read where it stands: what BuildKit takes out (continuations, comments between lines, marks of
//! heredocs) is masked by blanks of the same length, so that every offset is one of the file. Heredoc bodies that a
//! shell runs are scripts of their own. Refuses to guess: a RUN for PowerShell, cmd or another program is not read, and
//! a text that is no shell is marked as broken, with what could be read of it. A continuation in the middle of a word
//! splits it here.

mod read;
mod scripts;

#[cfg(test)]
mod tests;

pub use scripts::scripts;

use crate::span::Span;

/// Who runs a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interpreter {
    /// `/bin/sh` or one like it; its name without folder.
    Shell(String),
    /// Something else: its text is not read.
    Other(String),
}

/// One text for a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The stage that it belongs to, from 0.
    pub stage: usize,
    /// The instruction: an index into [`crate::dockerfile::Dockerfile::instructions`].
    pub instruction: usize,
    /// Whether it runs when another build starts from this image.
    pub triggered: bool,
    /// Whether it is the body of a heredoc.
    pub heredoc: bool,
    /// Where it stands.
    pub span: Span,
    /// Options of the shell before the text, such as `-eo pipefail -c`; those of the `SHELL` in force.
    pub shell: Vec<String>,
    /// Its commands, in order, those inside `$(…)` and other constructs too.
    pub commands: Vec<Command>,
    /// Its pipes.
    pub pipes: Vec<Pipe>,
    /// Its comments: in a RUN one runs to the end of all lines that are continued.
    pub comments: Vec<Span>,
    /// Whether a part of it does not read as shell.
    pub broken: bool,
}

/// A command with its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// All of it, redirections apart.
    pub span: Span,
    /// Its words; the first is its name. `VAR=value` before it, and `sudo`, `env`, `exec`, `command`, `time` and `!`
    /// are not among them.
    pub words: Vec<Word>,
    /// Those of `sudo`, `env`… that stand before.
    pub before: Vec<Word>,
    /// Where it writes to or reads from: `> file`.
    pub redirects: Vec<Span>,
    /// Whether it stands inside `$(…)` or backticks.
    pub substituted: bool,
    /// What stands between it and the next command of the same list: `&&`, `||`, `;`, `|`, `&` or a new line.
    pub joined: Option<String>,
}

/// One word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Where it stands, quotes included.
    pub span: Span,
    /// What it says without quotes; where it is not plain, its variables are as they are written.
    pub text: String,
    /// Whether nothing in it is expanded.
    pub plain: bool,
}

/// `a | b`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipe {
    /// The whole pipeline.
    pub span: Span,
    /// Its first `|`.
    pub bar: Span,
}

impl Command {
    /// Its name, without folders.
    pub fn name(&self) -> &str {
        let name = self.words.first().map_or("", |word| word.text.as_str());
        name.rsplit('/').next().unwrap_or(name)
    }

    /// Its words after the name.
    pub fn arguments(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }

    /// Words that begin with `-`, up to `--`.
    pub fn options(&self) -> impl Iterator<Item = &Word> {
        self.arguments().iter().take_while(|word| word.text != "--").filter(|word| word.text.starts_with('-'))
    }

    /// Words that do not begin with `-`, nor belong to an option of apt before them (`-o KEY=VALUE`).
    pub fn operands(&self) -> impl Iterator<Item = &Word> {
        let apt = matches!(self.name(), "apt" | "apt-get" | "aptitude");
        let mut value = false;
        self.arguments().iter().filter(move |word| {
            let takes = apt && matches!(word.text.as_str(), "-o" | "-t" | "-c");
            !std::mem::replace(&mut value, takes) && !word.text.starts_with('-')
        })
    }

    /// Whether it has this option: `--long`, `--long=…`, or one letter also among others (`-xzf`).
    pub fn has(&self, option: &str) -> bool {
        let letter = option.strip_prefix('-').filter(|letter| letter.len() == 1);
        self.options().any(|word| {
            let text = word.text.as_str();
            text == option
                || text.strip_prefix(option).is_some_and(|rest| option.starts_with("--") && rest.starts_with('='))
                || letter.is_some_and(|l| {
                    !text.starts_with("--") && text[1..].chars().all(char::is_alphanumeric) && text.contains(l)
                })
        })
    }

    /// Whether its first operand is this word: `apt-get install`.
    pub fn does(&self, name: &str, verb: &str) -> bool {
        self.name() == name && self.operands().next().is_some_and(|word| word.text == verb)
    }
}
