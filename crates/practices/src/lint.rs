//! All rules over one Dockerfile, with what its comments turn off.

use crate::dockerfile::DockerfileEvidence;
use crate::eol::EolTable;
use crate::evaluate::found;
use crate::evidence::Evidence;
use crate::fixed::Fixable;
use crate::layers::dockerfile::{ignore_used, secret_in_text, secret_named, unused_ignore};
use crate::policy::{Level, Policy};
use crate::pragmas::{Pragma, pragmas};
use crate::rule::{Hit, RULES, Rule};
use jiff::civil::Date;
use model::{Finding, Severity, Verdict};
use sources::dockerfile::Dockerfile;
use std::collections::{BTreeMap, BTreeSet};

/// The proof of every finding on a line that holds a secret: such a line is shown nowhere.
pub const HIDDEN: &str = "the line holds a secret, so it is not shown";

/// What the rules said of a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linted {
    /// By place, then by code.
    pub findings: Vec<Finding>,
    /// How many findings a comment in the file turned off.
    pub ignored: usize,
    /// The mildest severity that fails, by policy.
    pub fail_on: Severity,
    /// Whether a finding fails by policy.
    pub verdict: Verdict,
    /// How many findings each rule has, those that are not listed too.
    pub(crate) counts: BTreeMap<&'static str, usize>,
    /// What could be changed to mend them, by place.
    pub fixable: Vec<Fixable>,
    /// Where no text may be shown.
    pub(crate) secrets: SecretLines,
}

/// The lines of one text that hold a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SecretLines(BTreeSet<u32>);

impl SecretLines {
    /// Takes the text out of the proof of every finding on such a line of the text at `path`.
    pub(crate) fn hide(&self, path: &str, findings: &mut [Finding]) {
        for finding in findings {
            let place = finding.place.text.as_ref().filter(|place| place.path == path);
            if place.is_some_and(|place| self.0.range(place.line..=place.end_line).next().is_some()) {
                HIDDEN.clone_into(&mut finding.proof);
            }
        }
    }
}

impl Linted {
    /// Whether a line, from 1, holds a secret and must not be shown.
    pub fn is_secret(&self, line: u32) -> bool {
        self.secrets.0.contains(&line)
    }
}

/// Runs every rule about Dockerfiles that `policy` leaves on. `path` is the file as the user named it; patterns of the
/// policy's `images` are matched against it; `dockerignore` is the `.dockerignore` that a build of it reads, if known.
pub fn lint(path: &str, file: &Dockerfile, dockerignore: Option<&str>, policy: &Policy, today: Date) -> Linted {
    let dockerfile = DockerfileEvidence::new(path, file).within(dockerignore, &policy.asks);
    let evidence = Evidence {
        target: path,
        reference: None,
        subject: None,
        index: None,
        manifest: None,
        config: None,
        facts: None,
        scan: None,
        decided: None,
        baseline: None,
        dockerfile: Some(&dockerfile),
        texts: None,
        unknowns: &[],
        past: None,
        max_waste: None,
        scanning: &policy.scanning,
        eol: EolTable::built_in(),
        today,
    };
    let levels = policy.levels(&evidence);
    let pragmas = pragmas(&dockerfile);
    let (mut findings, mut ignored) = (Vec::new(), 0);
    let (mut counts, mut fixable) = (BTreeMap::new(), Vec::new());
    let mut secrets = SecretLines::default();
    // The rule about unused comments looks last, at what the others left.
    let (last, first): (Vec<&'static Rule>, Vec<&'static Rule>) =
        RULES.iter().partition(|rule| rule.code == unused_ignore::RULE.code);
    for rule in first.into_iter().chain(last) {
        let level = levels.get(rule.code).copied();
        if level == Some(Level::Off) {
            // What it would have found nobody knows, so that its comments are not idle.
            pragmas.iter().filter(|pragma| pragma.names(rule)).for_each(|pragma| pragma.used.set(true));
            continue;
        }
        let Ok(mut hits) = (rule.check)(&evidence) else { continue };
        if rule.code == unused_ignore::RULE.code {
            hits = unused(&dockerfile, &pragmas);
        }
        if [secret_named::RULE.code, secret_in_text::RULE.code].contains(&rule.code) {
            let places = hits.iter().filter_map(|hit| hit.place.text.as_ref());
            secrets.0.extend(places.flat_map(|place| place.line..=place.end_line));
        }
        let before = hits.len();
        if rule.code != ignore_used::RULE.code {
            leave_ignored(&dockerfile, &pragmas, rule, &mut hits);
        }
        ignored += before - hits.len();
        if !hits.is_empty() {
            counts.insert(rule.code, hits.len());
        }
        fixable.extend(hits.iter_mut().filter_map(|hit| Some(Fixable { code: rule.code, fix: hit.fix.take()? })));
        findings.extend(found(&evidence, rule, level, hits));
    }
    secrets.hide(path, &mut findings);
    findings.sort_by(|a, b| (&a.place.text, a.code, &a.message).cmp(&(&b.place.text, b.code, &b.message)));
    let fails = findings.iter().any(|finding| finding.severity >= policy.fail_on);
    let verdict = if fails { Verdict::Fail } else { Verdict::Pass };
    fixable.sort_by(|a: &Fixable, b: &Fixable| a.fix.edits.cmp(&b.fix.edits));
    Linted { findings, ignored, fail_on: policy.fail_on, verdict, counts, fixable, secrets }
}

/// Takes out the hits that a comment turns off; whichever does is used.
fn leave_ignored(dockerfile: &DockerfileEvidence<'_>, pragmas: &[Pragma], rule: &Rule, hits: &mut Vec<Hit>) {
    let lines = dockerfile.file.lines();
    let over = |pragma: &Pragma| lines.line(pragma.over.start)..=lines.line(pragma.over.end.saturating_sub(1));
    // Once a rule and not once a hit: a file may have thousands of both.
    let mine: Vec<_> = pragmas.iter().filter(|p| !hits.is_empty() && p.names(rule)).map(|p| (over(p), p)).collect();
    hits.retain(|hit| {
        let Some(place) = &hit.place.text else { return true };
        let mut stays = true;
        for (_, pragma) in mine.iter().filter(|(over, _)| over.contains(&(place.line as usize))) {
            pragma.used.set(true);
            stays = false;
        }
        stays
    });
}

fn unused(dockerfile: &DockerfileEvidence<'_>, pragmas: &[Pragma]) -> Vec<Hit> {
    let unused = pragmas.iter().filter(|pragma| !pragma.used.get() && !pragma.code.eq_ignore_ascii_case("all"));
    let known = unused.filter(|pragma| pragma.is_known() || pragma.reason.is_some());
    let hit = |pragma: &Pragma| {
        let message = match pragma.is_known() {
            true => "this comment turns off nothing: the rule finds nothing there",
            false => "this comment turns off nothing: there is no such rule",
        };
        dockerfile.hit(pragma.span, message, "remove it")
    };
    known.map(hit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linted(text: &str) -> Linted {
        lint("Dockerfile", &Dockerfile::parse(text).unwrap(), None, &Policy::default(), jiff::civil::date(2026, 11, 25))
    }

    #[test]
    fn a_line_with_a_secret_is_the_proof_of_nothing() {
        let text =
            "FROM a:1\n# check=skip=all\nENV DB_PASSWORD hunter2\nRUN wget https://me:hunter2@example.com/a | tar x\n";
        let linted = linted(text);
        let mut codes: Vec<&str> = linted.findings.iter().map(|finding| finding.code).collect();
        codes.dedup();
        assert_eq!((codes, linted.ignored), (vec!["PL132", "PL259", "PL263", "PL221"], 2));
        assert!(linted.findings.iter().all(|f| !format!("{f:?}").contains("hunter2")), "{:?}", linted.findings);
    }

    #[test]
    fn comments_turn_rules_off_by_any_name() {
        for comment in [
            "plimsoll ignore=PL225 why",
            "plimsoll ignore=shell-form why",
            "hadolint ignore=DL3025",
            "check=skip=JSONArgsRecommended",
        ] {
            let linted = linted(&format!("FROM a@sha256:{}\n# {comment}\nCMD b\n", "a".repeat(64)));
            assert_eq!((linted.findings.len(), linted.ignored), (0, 1), "{comment}");
        }
    }
}
