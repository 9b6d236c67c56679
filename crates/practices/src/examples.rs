//! The example of a rule about Dockerfiles: `^^^` under a line is a finding, blocks are apart by `---`. Its tests and
//! its documentation are made from it.

use crate::eol::EolTable;
use crate::evidence::{Evidence, Missing};
use crate::fix::Fix;
use crate::layers::dockerfile::copy_ignored;
use crate::lint::{Linted, lint};
use crate::policy::Policy;
use crate::rule::Rule;
use jiff::civil::{Date, date};
use model::Finding;
use sources::apply;
use sources::dockerfile::Dockerfile;
use std::collections::BTreeSet;

/// Where a mark stands: its line, its column, and the column after it.
pub(crate) type Mark = (u32, u32, u32);

/// One block of an example.
pub(crate) struct Example<'a> {
    /// As it is drawn.
    pub(crate) drawn: &'a str,
    /// The Dockerfile: the same without its marks.
    pub(crate) text: String,
    /// What is marked.
    pub(crate) marks: BTreeSet<Mark>,
}

/// Whether a rule is about Dockerfiles.
pub(crate) fn is_about_dockerfiles(rule: &Rule) -> bool {
    let nothing = Evidence {
        target: "",
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
        unknowns: &[],
        past: None,
        texts: None,
        max_waste: None,
        scanning: &NO_SCANNING,
        eol: EolTable::built_in(),
        today: TODAY,
    };
    (rule.check)(&nothing) == Err(Missing::Dockerfile)
}

/// The day of all examples.
const TODAY: Date = date(2026, 11, 25);

/// The blocks of a rule's example.
pub(crate) fn examples(rule: &Rule) -> Vec<Example<'static>> {
    rule.example.split("\n---\n").map(example).collect()
}

/// An example asks for nothing beyond levels.
static NO_SCANNING: crate::policy::ScanningPolicy =
    crate::policy::ScanningPolicy { limits: std::collections::BTreeMap::new(), epss: None };

fn example(drawn: &str) -> Example<'_> {
    let (mut text, mut marks, mut line) = (String::new(), BTreeSet::new(), 0);
    for row in drawn.split('\n') {
        let is_mark = row.contains('^') && row.trim_end().chars().all(|c| c == '^' || c == ' ');
        if !is_mark {
            text.push_str(row);
            text.push('\n');
            line += 1;
            continue;
        }
        let mut at = 0;
        for piece in row.trim_end().split_inclusive(' ') {
            let width = piece.chars().filter(|c| *c == '^').count() as u32;
            if width > 0 {
                marks.insert((line, at + 1, at + 1 + width));
            }
            at += piece.chars().count() as u32;
        }
    }
    Example { drawn, text, marks }
}

/// What a rule finds in a text, with every rule on and the settings of its example.
pub(crate) fn findings(rule: &Rule, text: &str) -> Vec<Finding> {
    let Ok(file) = Dockerfile::parse(text) else { return Vec::new() };
    let mut findings = linted(rule, &file).findings;
    findings.retain(|finding| finding.code == rule.code);
    findings
}

/// The text after the rule's own fixes, and whether they are safe; `None` if it has none here.
pub(crate) fn mended(rule: &Rule, text: &str) -> Option<(String, bool)> {
    let file = Dockerfile::parse(text).ok()?;
    let own: Vec<Fix> =
        linted(rule, &file).fixable.into_iter().filter(|one| one.code == rule.code).map(|one| one.fix).collect();
    let is_safe = own.iter().all(|fix| fix.is_safe);
    let edits: Vec<_> = own.into_iter().flat_map(|fix| fix.edits).collect();
    let after = apply(text, &edits).ok()?;
    (after != text).then_some((after, is_safe))
}

fn linted(rule: &Rule, file: &Dockerfile) -> Linted {
    let policy = Policy { all_rules: true, ..Policy::parse(rule.settings).unwrap_or_default() };
    let dockerignore = (rule.code == copy_ignored::RULE.code).then_some("target\n*.log\n");
    lint("Dockerfile", file, dockerignore, &policy, TODAY)
}
