//! What a rule would change in the text to mend what it found: exact edits and no more.
//!
//! A fix is *safe* if the image stays the same but for what the rule is about; all others are made only on request.
//! Where an edit would need a guess, there is none. Whether an edit did what it should is found out by [`crate::fixed`].

use crate::dockerfile::DockerfileEvidence;
use crate::layers::waste::plain_run;
use crate::rule::Hit;
use sources::dockerfile::{Instruction, Item};
use sources::shell::{Command, Script};
use sources::{Edit, Span};

/// Edits that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What is changed.
    pub edits: Vec<Edit>,
    /// Whether nothing changes but what the rule is about.
    pub is_safe: bool,
}

impl Fix {
    /// A fix that changes nothing else.
    pub(crate) fn safe(edits: Vec<Edit>) -> Self {
        Self { edits, is_safe: true }
    }

    /// A fix that may change what the image is or does.
    pub(crate) fn risky(edits: Vec<Edit>) -> Self {
        Self { edits, is_safe: false }
    }

    /// One edit that changes nothing else.
    pub(crate) fn replace(span: Span, text: impl Into<String>) -> Self {
        Self::safe(vec![Edit::new(span, text)])
    }

    /// The same, only on request unless `is_safe`.
    pub(crate) fn if_safe(mut self, is_safe: bool) -> Self {
        self.is_safe &= is_safe;
        self
    }
}

impl Hit {
    /// The same, with the fix if there is one.
    #[must_use]
    pub(crate) fn fixed(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }
}

/// Puts an option behind a command's name.
pub(crate) fn option_after_name(command: &Command, option: &str) -> Option<Fix> {
    let name = command.words.first()?;
    Some(Fix::replace(Span::at(name.span.end), format!(" {option}")))
}

/// Puts an option behind the first of a command's words that is `word`.
pub(crate) fn option_after(command: &Command, word: &str, option: &str) -> Option<Fix> {
    let verb = command.arguments().iter().find(|argument| argument.text == word)?;
    Some(Fix::replace(Span::at(verb.span.end), format!(" {option}")))
}

/// Ends a RUN with one more command; not where the end of its text is not the end of what runs.
pub(crate) fn append(d: &DockerfileEvidence<'_>, script: &Script, command: &str) -> Option<Fix> {
    let (instruction, whole) = plain_run(d, script.instruction)?;
    let last = whole.commands.last()?;
    let source = d.file.source(instruction.span);
    let goes_on = source.trim_end().ends_with([';', '&', '|', '\\', '#']);
    let ends = |c: &Command| {
        c.name() == "exit" || c.before.iter().any(|word| matches!(word.text.as_str(), "exec" | "sudo" | "doas"))
    };
    if goes_on || ends(last) || whole.commands.iter().any(ends) {
        return None;
    }
    let glue = match source.contains('\n') {
        true if source.contains("\r\n") => " \\\r\n    && ",
        true => " \\\n    && ",
        false => " && ",
    };
    Some(Fix::replace(Span::at(instruction.span.end), format!("{glue}{command}")))
}

/// Takes out an instruction, unless a comment is in it or right above it.
pub(crate) fn remove(d: &DockerfileEvidence<'_>, instruction: &Instruction) -> Option<Fix> {
    let mut before = None;
    for item in d.file.items() {
        if item.span() == instruction.whole {
            break;
        }
        before = Some(item);
    }
    let is_told_of = matches!(before, Some(Item::Comment(_))) || !instruction.comments.is_empty();
    (!is_told_of).then(|| Fix::replace(instruction.whole, ""))
}

/// `new` in the case of `old`: all of a keyword's letters are in one.
pub(crate) fn in_case_of(old: &str, new: &str) -> String {
    if old == old.to_lowercase() { new.to_lowercase() } else { new.to_uppercase() }
}

/// Whether a text stands on one line and needs no quotes, for Docker or a shell.
pub(crate) fn is_plain(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    !text.is_empty() && text.chars().all(plain)
}
