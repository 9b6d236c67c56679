//! Findings as SARIF, through the format's own module.

use crate::failure::Failure;
use crate::ops::Checked;
use documents::Tool;
use documents::sarif::{Log, SarifRule, write as write_log};
use practices::{RULES, Rule};

/// The log over all targets: one run each.
pub(crate) fn write(checked: &[Checked]) -> Result<Vec<u8>, Failure> {
    let helps: Vec<String> = RULES.iter().map(|r| format!("{} {}", r.why, r.remedy)).collect();
    let rules: Vec<SarifRule<'_>> = RULES.iter().zip(&helps).map(|(rule, help)| sarif_rule(rule, help)).collect();
    let mut logs: Vec<Log<'_>> = Vec::new();
    for one in checked {
        logs.push(Log {
            tool: Tool { name: "plimsoll", version: env!("CARGO_PKG_VERSION") },
            target: &one.target,
            rules: &rules,
            findings: &one.evaluation.findings,
            unknowns: &one.evaluation.unknowns,
        });
    }
    let mut out = Vec::new();
    write_log(&logs, &mut out)?;
    Ok(out)
}

fn sarif_rule<'a>(rule: &'a Rule, help: &'a str) -> SarifRule<'a> {
    SarifRule { code: rule.code, name: rule.name, summary: rule.summary, help, severity: rule.severity }
}
