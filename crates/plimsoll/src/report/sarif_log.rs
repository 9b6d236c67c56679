//! Findings as SARIF, through the format's own module.

use crate::failure::Failure;
use crate::ops::{Checked, LintedFile, Scanned};
use documents::Tool;
use documents::sarif::{Log, SarifRule, write as write_log};
use model::{Finding, Unknown};
use practices::{RULES, Rule};

/// The log over all targets: one run each.
pub(crate) fn write(checked: &[Checked]) -> Result<Vec<u8>, Failure> {
    let runs = checked.iter().map(|one| {
        let evaluation = &one.evaluation;
        (one.target.as_str(), evaluation.findings.as_slice(), evaluation.unknowns.as_slice())
    });
    log(runs)
}

/// The log over scanned targets: one run each.
pub(crate) fn write_scan(all: &[Scanned]) -> Result<Vec<u8>, Failure> {
    log(all.iter().map(|one| {
        let evaluation = &one.evaluation;
        (one.reading.image.target.as_str(), evaluation.findings.as_slice(), evaluation.unknowns.as_slice())
    }))
}

/// The log over Dockerfiles: one run each.
pub(crate) fn write_lint(files: &[LintedFile]) -> Result<Vec<u8>, Failure> {
    log(files.iter().map(|file| (file.path.as_str(), file.linted.findings.as_slice(), &[][..])))
}

fn log<'a>(runs: impl Iterator<Item = (&'a str, &'a [Finding], &'a [Unknown])>) -> Result<Vec<u8>, Failure> {
    let helps: Vec<String> = RULES.iter().map(|r| format!("{} {}", r.why, r.remedy)).collect();
    let rules: Vec<SarifRule<'_>> = RULES.iter().zip(&helps).map(|(rule, help)| sarif_rule(rule, help)).collect();
    let tool = Tool { name: "plimsoll", version: env!("CARGO_PKG_VERSION") };
    let log = |(target, findings, unknowns)| Log { tool, target, rules: &rules, findings, unknowns };
    let logs: Vec<Log<'_>> = runs.map(log).collect();
    let mut out = Vec::new();
    write_log(&logs, &mut out)?;
    Ok(out)
}

fn sarif_rule<'a>(rule: &'a Rule, help: &'a str) -> SarifRule<'a> {
    SarifRule { code: rule.code, name: rule.name, summary: rule.summary, help, severity: rule.severity }
}
