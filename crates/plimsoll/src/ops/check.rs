//! Evidence gathered, rules run, one verdict.

use super::Reading;
use super::pin::Sources;
use advisories::scan::Scan;
use jiff::civil::Date;
use model::{Practice, Unknown, UnknownKind, escaped};
use practices::eol::EolTable;
use practices::{Evaluation, Evidence, Past, Policy, SourceText, evaluate, evaluate_one};

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

/// A target with what the index of advisories says of it, and what the rules make of that.
pub(crate) struct Scanned {
    pub(crate) reading: Reading,
    pub(crate) scan: Scan,
    pub(crate) evaluation: Evaluation,
}

/// Runs every rule over what was read, and over what the index of advisories says of it.
pub(crate) fn check(
    reading: Reading,
    past: Option<&Past>,
    scan: Option<&Scan>,
    policy: &Policy,
    today: Date,
) -> Checked {
    let evaluation = evaluate(&evidence(&reading, past, scan, policy, today), policy);
    Checked { target: reading.image.target.clone(), looked: Looked::Image(Box::new(reading)), evaluation }
}

/// Runs the rules about vulnerabilities alone.
pub(crate) fn judge_scan(reading: &Reading, scan: &Scan, policy: &Policy, today: Date) -> Evaluation {
    evaluate_one(&evidence(reading, None, Some(scan), policy, today), policy, Practice::Scanning)
}

fn evidence<'a>(
    reading: &'a Reading,
    past: Option<&'a Past>,
    scan: Option<&'a Scan>,
    policy: &Policy,
    today: Date,
) -> Evidence<'a> {
    let image = &reading.image;
    Evidence {
        target: &image.target,
        reference: image.reference.as_ref(),
        subject: image.subject,
        index: image.index.as_ref(),
        manifest: image.manifest.as_ref(),
        config: image.config.as_ref(),
        facts: Some(&reading.facts),
        scan,
        dockerfile: None,
        unknowns: &reading.unknowns,
        past,
        texts: None,
        max_waste: policy.max_waste,
        eol: EolTable::built_in(),
        today,
    }
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
        scan: None,
        dockerfile: None,
        unknowns: &unknowns,
        past: None,
        texts: Some(&texts),
        max_waste: policy.max_waste,
        eol: EolTable::built_in(),
        today,
    };
    let evaluation = evaluate(&evidence, policy);
    Checked { target: target.to_owned(), looked: Looked::Texts(sources), evaluation }
}
