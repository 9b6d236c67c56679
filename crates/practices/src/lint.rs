//! All rules over one Dockerfile, with what its comments turn off.

use crate::dockerfile::DockerfileEvidence;
use crate::eol::EolTable;
use crate::evaluate::found;
use crate::evidence::Evidence;
use crate::policy::{Level, Policy};
use crate::pragmas::{Pragma, pragmas};
use crate::rule::{Hit, RULES, Rule};
use jiff::civil::Date;
use model::{Finding, Severity, Verdict};
use sources::dockerfile::Dockerfile;

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
}

/// Runs every rule about Dockerfiles that `policy` leaves on. `path` is the file as the user named it; patterns of the
/// policy's `images` are matched against it.
pub fn lint(path: &str, file: &Dockerfile, policy: &Policy, today: Date) -> Linted {
    let dockerfile = DockerfileEvidence::new(path, file);
    let evidence = Evidence {
        target: path,
        reference: None,
        subject: None,
        index: None,
        manifest: None,
        config: None,
        facts: None,
        scan: None,
        dockerfile: Some(&dockerfile),
        texts: None,
        unknowns: &[],
        eol: EolTable::built_in(),
        today,
    };
    let levels = policy.levels(&evidence);
    let pragmas = pragmas(&dockerfile);
    let (mut findings, mut ignored) = (Vec::new(), 0);
    // The rule about unused comments looks last, at what the others left.
    let (last, first): (Vec<&'static Rule>, Vec<&'static Rule>) =
        RULES.iter().partition(|rule| rule.code == crate::layers::dockerfile::unused_ignore::RULE.code);
    for rule in first.into_iter().chain(last) {
        let level = levels.get(rule.code).copied();
        if level == Some(Level::Off) {
            continue;
        }
        let Ok(mut hits) = (rule.check)(&evidence) else { continue };
        if rule.code == crate::layers::dockerfile::unused_ignore::RULE.code {
            hits = unused(&dockerfile, &pragmas);
        }
        let before = hits.len();
        hits.retain(|hit| !is_ignored(&dockerfile, &pragmas, rule, hit));
        ignored += before - hits.len();
        findings.extend(found(&evidence, rule, level, hits));
    }
    findings.sort_by(|a, b| (&a.place.text, a.code, &a.message).cmp(&(&b.place.text, b.code, &b.message)));
    let fails = findings.iter().any(|finding| finding.severity >= policy.fail_on);
    let verdict = if fails { Verdict::Fail } else { Verdict::Pass };
    Linted { findings, ignored, fail_on: policy.fail_on, verdict }
}

fn is_ignored(dockerfile: &DockerfileEvidence<'_>, pragmas: &[Pragma], rule: &Rule, hit: &Hit) -> bool {
    let Some(place) = &hit.place.text else { return false };
    let lines = dockerfile.file.lines();
    let mut ignored = false;
    for pragma in pragmas.iter().filter(|pragma| pragma.names(rule)) {
        let (first, last) = (lines.line(pragma.over.start), lines.line(pragma.over.end.saturating_sub(1)));
        if (first..=last).contains(&(place.line as usize)) {
            pragma.used.set(true);
            ignored = true;
        }
    }
    ignored
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
