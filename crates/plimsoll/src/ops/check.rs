//! Evidence gathered, rules run, one verdict.

use super::Reading;
use super::lint::dockerignore;
use super::pin::Sources;
use advisories::scan::Scan;
use jiff::civil::Date;
use model::{Finding, Practice, Unknown, UnknownKind, escaped};
use practices::baseline::Baseline;
use practices::decisions::{Decided, Decisions, decide};
use practices::eol::EolTable;
use practices::steps::{Step, steps};
use practices::{Evaluation, Evidence, Past, Policy, SourceText, evaluate, evaluate_one};
use sources::Kind;
use std::path::Path;

/// A target with what the rules said of it.
pub(crate) struct Checked {
    /// As typed.
    pub(crate) target: String,
    pub(crate) looked: Looked,
    pub(crate) evaluation: Evaluation,
    pub(crate) decided: Option<Decided>,
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
    pub(crate) decided: Option<Decided>,
    /// What was known before.
    pub(crate) baseline: Option<Baseline>,
}

/// Runs every rule over what was read, and over what the index of advisories says of it.
pub(crate) fn check(
    reading: Reading,
    past: Option<&Past>,
    scan: Option<&Scan>,
    decisions: Option<&Decisions>,
    policy: &Policy,
    today: Date,
) -> Checked {
    let decided = scan.zip(decisions).map(|(scan, decisions)| applied(decisions, &reading, scan, today));
    let said = Said { scan, decided: decided.as_ref(), baseline: None };
    let evaluation = evaluate(&evidence(&reading, past, said, policy, today), policy);
    Checked { target: reading.image.target.clone(), looked: Looked::Image(Box::new(reading)), evaluation, decided }
}

fn applied(decisions: &Decisions, reading: &Reading, scan: &Scan, today: Date) -> Decided {
    let image = &reading.image;
    decide(decisions, scan, &reading.facts.packages, &image.target, image.reference.as_ref(), today)
}

/// What the rules about secrets in an image say.
pub(super) fn secrets(reading: &Reading, policy: &Policy, today: Date) -> Vec<Finding> {
    const RULES: [&str; 4] = ["secret-file", "secret-in-env", "secret-in-build-argument", "secret-in-history"];
    let codes: Vec<&str> = RULES.iter().filter_map(|name| Some(practices::find(name)?.code)).collect();
    let judged = evaluate_one(&evidence(reading, None, Said::default(), policy, today), policy, Practice::Layers);
    judged.findings.into_iter().filter(|finding| codes.contains(&finding.code)).collect()
}

impl Scanned {
    /// The updates that remove what nobody decided about.
    pub(crate) fn steps(&self) -> Vec<Step<'_>> {
        let ruled = |at: usize| self.decided.as_ref().and_then(|d| d.found.get(at)).is_some_and(|f| f.ruling.is_some());
        let open = self.scan.found.iter().enumerate().filter(|(at, _)| !ruled(*at)).map(|(_, found)| found);
        steps(open, &self.reading.facts.packages)
    }
}

/// Runs the rules about vulnerabilities alone.
pub(crate) fn judge_scan(
    reading: Reading,
    scan: Scan,
    decisions: Option<&Decisions>,
    baseline: Option<&Baseline>,
    policy: &Policy,
    today: Date,
) -> Scanned {
    let decided = decisions.map(|decisions| applied(decisions, &reading, &scan, today));
    let said = Said { scan: Some(&scan), decided: decided.as_ref(), baseline };
    let evaluation = evaluate_one(&evidence(&reading, None, said, policy, today), policy, Practice::Scanning);
    Scanned { reading, scan, evaluation, decided, baseline: baseline.cloned() }
}

/// What is known of an image's vulnerabilities.
#[derive(Clone, Copy, Default)]
struct Said<'a> {
    scan: Option<&'a Scan>,
    decided: Option<&'a Decided>,
    baseline: Option<&'a Baseline>,
}

fn evidence<'a>(
    reading: &'a Reading,
    past: Option<&'a Past>,
    said: Said<'a>,
    policy: &'a Policy,
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
        scan: said.scan,
        decided: said.decided,
        baseline: said.baseline,
        dockerfile: None,
        unknowns: &reading.unknowns,
        past,
        texts: None,
        max_waste: policy.max_waste,
        scanning: &policy.scanning,
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
    let ignores = sources.texts.iter().map(|text| match text.grammar.kind() {
        Kind::Dockerfile => dockerignore(Path::new(&text.path)),
        _ => None,
    });
    let ignores: Vec<Option<String>> = ignores.collect();
    let with = sources.texts.iter().zip(&ignores).map(|(text, ignore)| SourceText {
        path: &text.path,
        kind: text.grammar.kind(),
        text: &text.text,
        dockerignore: ignore.as_deref(),
        mentions: &text.mentions,
    });
    let texts: Vec<SourceText<'_>> = with.collect();
    let evidence = Evidence {
        target,
        reference: None,
        subject: None,
        index: None,
        manifest: None,
        config: None,
        facts: None,
        scan: None,
        decided: None,
        baseline: None,
        dockerfile: None,
        unknowns: &unknowns,
        past: None,
        texts: Some(&texts),
        max_waste: policy.max_waste,
        scanning: &policy.scanning,
        eol: EolTable::built_in(),
        today,
    };
    let evaluation = evaluate(&evidence, policy);
    Checked { target: target.to_owned(), looked: Looked::Texts(sources), evaluation, decided: None }
}
