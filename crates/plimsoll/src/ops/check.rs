//! Evidence gathered, rules run, one verdict.

use super::Reading;
use super::pin::Sources;
use jiff::civil::Date;
use model::{Unknown, UnknownKind, escaped};
use practices::eol::EolTable;
use practices::{Evaluation, Evidence, Policy, SourceText, evaluate};

/// A target with what the rules said of it.
pub(crate) struct Checked {
    /// As typed.
    pub(crate) target: String,
    pub(crate) looked: Looked,
    pub(crate) evaluation: Evaluation,
}

/// What was looked at.
pub(crate) enum Looked {
    Image(Box<Reading>),
    Texts(Sources),
}

impl Checked {
    /// The line of a text that a finding is about.
    pub(crate) fn line(&self, path: &str, number: u32) -> Option<&str> {
        let Looked::Texts(sources) = &self.looked else { return None };
        let source = sources.texts.iter().find(|source| source.path == path)?;
        source.text.lines().nth((number as usize).checked_sub(1)?)
    }
}

/// Runs every rule over what was read.
pub(crate) fn check(reading: Reading, policy: &Policy, today: Date) -> Checked {
    let image = &reading.image;
    let evidence = Evidence {
        target: &image.target,
        reference: image.reference.as_ref(),
        subject: image.subject,
        index: image.index.as_ref(),
        manifest: image.manifest.as_ref(),
        config: image.config.as_ref(),
        facts: Some(&reading.facts),
        dockerfile: None,
        unknowns: &reading.unknowns,
        texts: None,
        eol: EolTable::built_in(),
        today,
    };
    let evaluation = evaluate(&evidence, policy);
    Checked { target: image.target.clone(), looked: Looked::Image(Box::new(reading)), evaluation }
}

/// Runs every rule over the texts of a source tree. A file that could not be read may hide what a rule would find.
pub(crate) fn check_texts(target: &str, sources: Sources, policy: &Policy, today: Date) -> Checked {
    let unread = sources.unread.iter();
    let unknowns: Vec<Unknown> = unread
        .map(|u| Unknown::new(UnknownKind::Unreadable, format!("{}: {}", escaped(&u.path), escaped(&u.why))))
        .collect();
    let texts: Vec<SourceText<'_>> = sources
        .texts
        .iter()
        .map(|t| SourceText { path: &t.path, kind: t.grammar.kind(), text: &t.text, mentions: &t.mentions })
        .collect();
    let evidence = Evidence {
        target,
        reference: None,
        subject: None,
        index: None,
        manifest: None,
        config: None,
        facts: None,
        dockerfile: None,
        unknowns: &unknowns,
        texts: Some(&texts),
        eol: EolTable::built_in(),
        today,
    };
    let evaluation = evaluate(&evidence, policy);
    Checked { target: target.to_owned(), looked: Looked::Texts(sources), evaluation }
}
