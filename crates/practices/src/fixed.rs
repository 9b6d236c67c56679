//! A Dockerfile with its fixes made.
//!
//! Fixes are made together where they do not meet, and again as long as one is left: what two want at one place is done
//! one after the other. After each step the text is read and judged anew, and the step is taken back unless all comments
//! are as they were, BuildKit and the shell's grammar have no more to complain of, no rule finds more than before, and
//! those that were to be mended find less.

use crate::fix::Fix;
use crate::lint::{Linted, lint};
use crate::policy::Policy;
use jiff::civil::Date;
use sources::dockerfile::{Dockerfile, Item};
use sources::shell::scripts;
use sources::{Edit, Span, apply, ordered};
use std::collections::BTreeSet;

/// How often a text is judged for its fixes, and how many bytes are read for that: a large one less often.
const MOST_TRIES: usize = 100;
const MOST_BYTES: usize = 16 << 20;
/// How many fixes are made together.
const MOST_TOGETHER: usize = 500;

/// What a file is judged by, as for [`lint`].
#[derive(Clone, Copy, Debug)]
pub struct Judge<'a> {
    /// The file as the user named it.
    pub path: &'a str,
    /// The `.dockerignore` of its build.
    pub dockerignore: Option<&'a str>,
    /// The policy.
    pub policy: &'a Policy,
    /// The day.
    pub today: Date,
}

/// A file after its fixes.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The file.
    pub file: Dockerfile,
    /// What is left in it.
    pub linted: Linted,
    /// The rules whose findings were mended, one entry a finding, in the order in which it was done.
    pub made: Vec<&'static str>,
}

/// One fix of one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixable {
    /// The rule.
    pub code: &'static str,
    /// What would be changed.
    pub fix: Fix,
}

impl Judge<'_> {
    /// What the rules say of a file.
    pub fn lint(&self, file: &Dockerfile) -> Linted {
        lint(self.path, file, self.dockerignore, self.policy, self.today)
    }

    /// The file with its safe fixes made, or with all of them.
    pub fn fix(&self, file: &Dockerfile, all: bool) -> Fixed {
        let mut now = Fixed { file: file.clone(), linted: self.lint(file), made: Vec::new() };
        let mut tries = 0;
        while let Some(next) = self.step(&now, all, &mut tries) {
            now = next;
        }
        now
    }

    /// The file after one more step, if there is one to take.
    fn step(&self, now: &Fixed, all: bool, tries: &mut usize) -> Option<Fixed> {
        let crossed = comments(&now.file);
        let offered = now.linted.fixable.iter().filter(|one| one.fix.is_safe || all);
        let offered: Vec<&Fixable> =
            offered.filter(|one| !one.fix.edits.iter().any(|e| crosses(e, &crossed))).collect();
        let together = together(&offered);
        if together.len() > 1
            && let Some(next) = self.attempt(now, &together, tries)
        {
            return Some(next);
        }
        offered.iter().find_map(|one| self.attempt(now, &[one], tries))
    }

    fn attempt(&self, now: &Fixed, fixes: &[&Fixable], tries: &mut usize) -> Option<Fixed> {
        *tries += 1;
        if *tries > MOST_TRIES || *tries * now.file.text().len() > MOST_BYTES {
            return None;
        }
        let edits: Vec<Edit> = fixes.iter().flat_map(|one| one.fix.edits.clone()).collect();
        let file = Dockerfile::parse(&apply(now.file.text(), &edits).ok()?).ok()?;
        let linted = self.lint(&file);
        let codes: Vec<&'static str> = fixes.iter().map(|one| one.code).collect();
        is_better(now, &file, &linted, &codes).then(|| {
            let made = now.made.iter().copied().chain(codes).collect();
            Fixed { file, linted, made }
        })
    }
}

/// Fixes that do not meet, first come first served; what the same rule would do twice is not done twice.
fn together<'f>(offered: &[&'f Fixable]) -> Vec<&'f Fixable> {
    let (mut taken, mut edits): (Vec<&Fixable>, Vec<Edit>) = Default::default();
    for one in offered {
        if taken.len() >= MOST_TOGETHER {
            break;
        }
        let with: Vec<Edit> = edits.iter().chain(&one.fix.edits).cloned().collect();
        let is_new = one.fix.edits.iter().all(|edit| !edits.contains(edit));
        if is_new && ordered(&with).is_ok() {
            edits = with;
            taken.push(one);
        }
    }
    taken
}

fn comments(file: &Dockerfile) -> Vec<Span> {
    let mut spans = Vec::new();
    for item in file.items() {
        match item {
            Item::Comment(comment) => spans.push(comment.span),
            Item::Directive(directive) => spans.push(directive.whole),
            Item::Instruction(instruction) => spans.extend(&instruction.comments),
            _ => {}
        }
    }
    spans
}

/// Whether an edit takes anything of a comment.
fn crosses(edit: &Edit, comments: &[Span]) -> bool {
    let after = comments.partition_point(|comment| comment.end <= edit.span.start);
    comments.get(after).is_some_and(|comment| comment.start < edit.span.end)
}

fn is_better(now: &Fixed, file: &Dockerfile, linted: &Linted, codes: &[&'static str]) -> bool {
    let said = |file: &Dockerfile| comments(file).iter().map(|span| file.source(*span).to_owned()).collect::<Vec<_>>();
    let broken = |file: &Dockerfile| scripts(file).iter().filter(|script| script.broken).count();
    let count = |linted: &Linted, code: &str| linted.counts.get(code).copied().unwrap_or(0);
    let mended: BTreeSet<&str> = codes.iter().copied().collect();
    said(&now.file) == said(file)
        && file.problems().len() <= now.file.problems().len()
        && broken(file) <= broken(&now.file)
        && linted.counts.keys().all(|code| count(linted, code) <= count(&now.linted, code))
        && mended.iter().all(|code| count(linted, code) < count(&now.linted, code))
}
