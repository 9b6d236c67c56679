//! All rules over one image or source tree, and the one answer.

use crate::policy::{Level, Policy};
use crate::rule::{Hit, MOST_HITS, RULES, Rule};
use crate::tagging::OF_THE_PAST;
use crate::tree::lint_dockerfiles;
use crate::{Evidence, Missing};
use model::{Disposition, Finding, Place, Practice, Severity, Unknown, Verdict};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How many findings of one rule are listed; the rest are one finding that counts them.
const LISTED_PER_RULE: usize = 100;
/// The same where one practice alone was asked for: all that a rule can say, and the count of what it cannot.
const LISTED_OF_ONE: usize = MOST_HITS - 1;

/// What was found, what was looked at, and the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// Open ones first; of each the worst first, then by code, place and text.
    pub findings: Vec<Finding>,
    /// Practices of which every rule that policy leaves on could look.
    pub checked: Vec<Practice>,
    /// What could not be looked at, by practice; a practice may be here for several reasons.
    pub not_checked: Vec<NotChecked>,
    /// What could not be read, sorted.
    pub unknowns: Vec<Unknown>,
    /// How many findings comments in texts turn off.
    pub ignored: usize,
    /// The answer.
    pub verdict: Verdict,
    /// The mildest severity that fails, by policy.
    pub fail_on: Severity,
}

/// Rules of one practice that could not look.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotChecked {
    /// The practice.
    pub practice: Practice,
    /// The rules' codes; empty where the practice has no rule that could have looked.
    pub codes: Vec<&'static str>,
    /// Why.
    pub reason: Reason,
}

/// Why rules did not look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The evidence they need is not there.
    Missing(Missing),
    /// Policy turned off all of the practice's rules.
    TurnedOff,
    /// This program has no rule for the practice.
    NoRule,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(missing) => missing.fmt(f),
            Self::TurnedOff => f.write_str("policy turns off all of its rules"),
            Self::NoRule => f.write_str("no rule for it is built in"),
        }
    }
}

/// Runs every rule that `policy` leaves on. The same evidence and policy give the same evaluation.
///
/// The verdict is *fail* if an open finding that is not in the baseline is at least as bad as policy's `fail-on`; else *inconclusive* if something
/// unread may hide one, or a practice that policy requires was not checked in full; else *pass*.
pub fn evaluate(evidence: &Evidence<'_>, policy: &Policy) -> Evaluation {
    run(evidence, policy, &Practice::ALL, LISTED_PER_RULE)
}

/// The same by the rules of one practice alone; the others are neither checked nor missed.
pub fn evaluate_one(evidence: &Evidence<'_>, policy: &Policy, practice: Practice) -> Evaluation {
    run(evidence, policy, &[practice], LISTED_OF_ONE)
}

fn run(evidence: &Evidence<'_>, policy: &Policy, practices: &[Practice], listed: usize) -> Evaluation {
    let levels = policy.levels(evidence);
    let mut findings = Vec::new();
    let mut gaps: BTreeMap<(Practice, Missing), Vec<&'static str>> = BTreeMap::new();
    let mut ran = BTreeSet::new();
    for rule in RULES.iter().filter(|r| practices.contains(&r.practice)) {
        let level = levels.get(rule.code).copied();
        if level == Some(Level::Off) {
            continue;
        }
        match (rule.check)(evidence) {
            Ok(hits) => {
                ran.insert(rule.practice);
                findings.extend(found_up_to(evidence, rule, level, hits, listed));
            }
            Err(Missing::Inapplicable) => {}
            // An image without its Dockerfile is judged in full by the rules about images; the Dockerfiles of a
            // source tree are judged one by one below.
            Err(Missing::Dockerfile) => {}
            Err(missing) => gaps.entry((rule.practice, missing)).or_default().push(rule.code),
        }
    }
    let ignored = match evidence.texts {
        Some(texts) => lint_dockerfiles(texts, policy, evidence.today, &mut findings),
        None => 0,
    };
    // Stable: within a rule the order of `found` stays, with the count of what is not listed last.
    findings.sort_by_key(|f| (f.ruling.is_some(), f.known_before, Reverse(f.severity), f.code));
    let not_checked = not_checked(gaps, &ran, practices);
    let checked = practices.iter().copied().filter(|p| not_checked.iter().all(|n| n.practice != *p)).collect();
    let unknowns = evidence.all_unknowns();
    let verdict = verdict(&findings, &unknowns, &not_checked, evidence, policy);
    Evaluation { findings, checked, not_checked, unknowns, ignored, verdict, fail_on: policy.fail_on }
}

/// The rules about what a tag named over time, and those alone: for tags that nobody asked to be checked.
pub fn audit(evidence: &Evidence<'_>, policy: &Policy) -> Vec<Finding> {
    let levels = policy.levels(evidence);
    let mut findings: Vec<Finding> = OF_THE_PAST
        .into_iter()
        .filter(|rule| levels.get(rule.code) != Some(&Level::Off))
        .flat_map(|rule| {
            let hits = (rule.check)(evidence).unwrap_or_default();
            found(evidence, rule, levels.get(rule.code).copied(), hits)
        })
        .collect();
    findings.sort_by_key(|f| (Reverse(f.severity), f.code));
    findings
}

/// What is open comes first, so that the worst of what is not listed is never one that was decided about while another
/// is open.
fn order(f: &Finding) -> (bool, Option<bool>, Reverse<Severity>, &'static str, &Place, &str, &str) {
    (f.ruling.is_some(), f.known_before, Reverse(f.severity), f.code, &f.place, &f.message, &f.proof)
}

pub(crate) fn found(
    evidence: &Evidence<'_>,
    rule: &'static Rule,
    level: Option<Level>,
    hits: Vec<Hit>,
) -> Vec<Finding> {
    found_up_to(evidence, rule, level, hits, LISTED_PER_RULE)
}

fn found_up_to(
    evidence: &Evidence<'_>,
    rule: &'static Rule,
    level: Option<Level>,
    hits: Vec<Hit>,
    listed: usize,
) -> Vec<Finding> {
    let all = if hits.len() < MOST_HITS { "" } else { "at least " };
    let mut findings: Vec<Finding> = hits.into_iter().map(|hit| finding(evidence, rule, level, hit)).collect();
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
    if findings.len() > listed {
        let rest = findings.split_off(listed - 1);
        findings.extend(rest.first().map(|worst| summary(worst, &format!("{all}{}", rest.len()))));
    }
    findings
}

fn finding(evidence: &Evidence<'_>, rule: &'static Rule, level: Option<Level>, hit: Hit) -> Finding {
    Finding {
        code: rule.code,
        subject: evidence.subject,
        place: hit.place,
        severity: Level::severity(level, hit.severity, rule),
        message: hit.message,
        proof: hit.proof,
        remedy: hit.remedy,
        fix: None,
        disposition: hit.ruling.as_ref().map_or(Disposition::Open, |ruling| ruling.status),
        ruling: hit.ruling,
        known_before: hit.known_before,
    }
}

/// One finding for `count` that are like `worst`.
fn summary(worst: &Finding, count: &str) -> Finding {
    Finding {
        place: Place::default(),
        message: match worst.ruling {
            // All after it are decided about too.
            Some(_) => format!("{count} more findings of this rule are decided about and not listed"),
            None => format!("{count} more findings of this rule are not listed"),
        },
        proof: format!("the next one: {}; {}", worst.message, worst.proof),
        ..worst.clone()
    }
}

fn not_checked(
    gaps: BTreeMap<(Practice, Missing), Vec<&'static str>>,
    ran: &BTreeSet<Practice>,
    practices: &[Practice],
) -> Vec<NotChecked> {
    let silent = |p: &Practice| !ran.contains(p) && gaps.keys().all(|(gap, _)| gap != p);
    let idle = practices.iter().copied().filter(silent).map(|practice| {
        let has_rules = RULES.iter().any(|r| r.practice == practice);
        let reason = if has_rules { Reason::TurnedOff } else { Reason::NoRule };
        NotChecked { practice, codes: Vec::new(), reason }
    });
    let mut all: Vec<NotChecked> = idle.collect();
    let missing = gaps.into_iter();
    all.extend(missing.map(|((practice, m), codes)| NotChecked { practice, codes, reason: Reason::Missing(m) }));
    all.sort();
    all
}

fn verdict(
    findings: &[Finding],
    unknowns: &[Unknown],
    not_checked: &[NotChecked],
    evidence: &Evidence<'_>,
    policy: &Policy,
) -> Verdict {
    let fails = |f: &Finding| f.fails(policy.fail_on);
    let unidentified = evidence.facts.is_some_and(|f| !f.unidentified.is_empty());
    let uncovered = policy.coverage_blocks && (unidentified || !unknowns.is_empty());
    if findings.iter().any(fails) {
        Verdict::Fail
    } else if uncovered
        || unknowns.iter().any(|u| u.kind.blocks())
        || not_checked.iter().any(|n| policy.require.contains(&n.practice))
    {
        Verdict::Inconclusive
    } else {
        Verdict::Pass
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;
    use model::UnknownKind;

    fn words(evaluation: &Evaluation) -> String {
        let list = |n: &NotChecked| format!("{}: {} [{}]", n.practice.word(), n.reason, n.codes.join(" "));
        evaluation.not_checked.iter().map(list).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_root_filesystem_is_not_silently_passed() {
        let mut bench = Bench::good();
        (bench.reference, bench.config) = (None, None);
        let evaluation = evaluate(&bench.evidence(), &Policy::default());
        assert_eq!(evaluation.checked, [Practice::Base, Practice::Sbom]);
        insta::assert_snapshot!(words(&evaluation), @"
        tagging: the target is not asked for by a reference, so there is no tag to judge [PL101 PL102 PL103 PL104 PL105 PL106 PL107 PL108]
        layers: the target has no image config [PL206 PL207 PL208 PL211]
        scanning: there is no index of advisories (`plimsoll db update` makes one) [PL401 PL402 PL403 PL404 PL405 PL406 PL407]
        rebuilds: no rule for it is built in []
        provenance: the target has no image config [PL701 PL702 PL703 PL704 PL705 PL706 PL707 PL708 PL709 PL710 PL711 PL712 PL713]
        ");
    }

    #[test]
    fn a_required_practice_that_was_not_checked_is_inconclusive() {
        let mut bench = Bench::good();
        bench.reference = None;
        let policy = |text| Policy::parse(text).unwrap();
        assert_eq!(evaluate(&bench.evidence(), &Policy::default()).verdict, Verdict::Pass);
        assert_eq!(evaluate(&bench.evidence(), &policy("require = [\"layers\"]")).verdict, Verdict::Pass);
        assert_eq!(evaluate(&bench.evidence(), &policy("require = [\"tagging\"]")).verdict, Verdict::Inconclusive);
    }

    #[test]
    fn unknowns_make_it_inconclusive_and_failures_still_fail() {
        let mut bench = Bench::good();
        bench.facts.unknowns.push(Unknown::new(UnknownKind::Unidentified, "an odd program"));
        assert_eq!(evaluate(&bench.evidence(), &Policy::default()).verdict, Verdict::Pass);
        let strict = Policy::parse("coverage-blocks = true").unwrap();
        assert_eq!(evaluate(&bench.evidence(), &strict).verdict, Verdict::Inconclusive);
        bench.facts.unknowns.push(Unknown::new(UnknownKind::Damaged, "the stream ends early"));
        assert_eq!(evaluate(&bench.evidence(), &Policy::default()).verdict, Verdict::Inconclusive);
        bench.env(&["API_TOKEN=x"]);
        assert_eq!(evaluate(&bench.evidence(), &Policy::default()).verdict, Verdict::Fail);
    }

    #[test]
    fn what_the_transport_could_not_read_counts_too() {
        let mut bench = Bench::good();
        bench.unknowns.push(Unknown::new(UnknownKind::ForeignLayer, "kept elsewhere"));
        bench.facts.os = None;
        let evaluation = evaluate(&bench.evidence(), &Policy::default());
        assert_eq!((evaluation.verdict, evaluation.unknowns.len()), (Verdict::Inconclusive, 1));
        let gap =
            NotChecked { practice: Practice::Base, codes: vec!["PL304"], reason: Reason::Missing(Missing::Unread) };
        assert!(evaluation.not_checked.contains(&gap), "{:?}", evaluation.not_checked);
    }

    #[test]
    fn later_image_rules_win_and_can_turn_on_again() {
        let mut bench = Bench::good();
        bench.env(&["API_TOKEN=x"]);
        let text = "[rules]\nPL207 = \"off\"\n[[images]]\npattern = \"**\"\nrules = { PL207 = \"low\" }\n\
                    [[images]]\npattern = \"my-api@*\"\nrules = { PL207 = \"critical\" }";
        let evaluation = evaluate(&bench.evidence(), &Policy::parse(text).unwrap());
        assert_eq!(evaluation.findings[0].severity, Severity::Critical);
    }

    #[test]
    fn policy_turns_off_lowers_and_matches_images() {
        let mut bench = Bench::good();
        bench.env(&["API_TOKEN=x"]);
        let verdict = |text: &str| evaluate(&bench.evidence(), &Policy::parse(text).unwrap()).verdict;
        assert_eq!(verdict("[rules]\nPL207 = \"off\""), Verdict::Pass);
        assert_eq!(verdict("[rules]\nsecret-in-env = \"low\""), Verdict::Pass);
        assert_eq!(verdict("fail-on = \"low\"\n[rules]\nsecret-in-env = \"low\""), Verdict::Fail);
        assert_eq!(
            verdict("[[images]]\npattern = \"docker.io/library/*\"\nrules = { PL207 = \"off\" }"),
            Verdict::Pass
        );
        assert_eq!(verdict("[[images]]\npattern = \"quay.io/**\"\nrules = { PL207 = \"off\" }"), Verdict::Fail);
    }

    #[test]
    fn turning_off_a_whole_practice_is_said() {
        let off: String = (1..=8).map(|n| format!("PL10{n} = \"off\"\n")).collect();
        let policy = Policy::parse(&format!("[rules]\n{off}")).unwrap();
        let evaluation = evaluate(&Bench::good().evidence(), &policy);
        assert_eq!(evaluation.not_checked[0].reason, Reason::TurnedOff);
    }

    #[test]
    fn a_flood_of_findings_is_counted_not_listed() {
        let mut bench = Bench::good();
        let env: Vec<String> = (0..250).map(|n| format!("TOKEN_{n}=x")).collect();
        bench.env(&env.iter().map(String::as_str).collect::<Vec<_>>());
        let evaluation = evaluate(&bench.evidence(), &Policy::default());
        assert_eq!(evaluation.findings.len(), 100);
        assert!(evaluation.findings.iter().any(|f| f.message.starts_with("151 more")));
    }

    #[test]
    fn an_endless_environment_is_cut() {
        let mut bench = Bench::good();
        let env: Vec<String> = (0..50_000).map(|n| format!("TOKEN_{n}=x")).collect();
        bench.env(&env.iter().map(String::as_str).collect::<Vec<_>>());
        let evaluation = evaluate(&bench.evidence(), &Policy::default());
        assert_eq!(evaluation.findings.len(), 100);
        assert!(evaluation.findings.iter().any(|f| f.message.starts_with("at least 901 more")));
    }

    #[test]
    fn the_same_evidence_gives_the_same_answer() {
        let mut bench = Bench::good();
        bench.env(&["B_TOKEN=x", "A_TOKEN=x"]);
        let first = evaluate(&bench.evidence(), &Policy::default());
        assert_eq!(first, evaluate(&bench.evidence(), &Policy::default()));
        bench.env(&["A_TOKEN=x", "B_TOKEN=x"]);
        assert_eq!(
            first.findings.iter().map(|f| &f.message).collect::<Vec<_>>(),
            evaluate(&bench.evidence(), &Policy::default()).findings.iter().map(|f| &f.message).collect::<Vec<_>>()
        );
    }
}
