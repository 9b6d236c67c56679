//! Evidence gathered, rules run, one verdict.

use super::Reading;
use advisories::scan::Scan;
use jiff::civil::Date;
use model::Practice;
use practices::eol::EolTable;
use practices::{Evaluation, Evidence, Policy, evaluate, evaluate_one};

/// A target with what the rules said of it.
pub(crate) struct Checked {
    pub(crate) reading: Reading,
    pub(crate) evaluation: Evaluation,
}

/// A target with what the index of advisories says of it, and what the rules make of that.
pub(crate) struct Scanned {
    pub(crate) reading: Reading,
    pub(crate) scan: Scan,
    pub(crate) evaluation: Evaluation,
}

/// Runs every rule over what was read, and over what the index of advisories says of it.
pub(crate) fn check(reading: Reading, scan: Option<&Scan>, policy: &Policy, today: Date) -> Checked {
    let evaluation = evaluate(&evidence(&reading, scan, today), policy);
    Checked { reading, evaluation }
}

/// Runs the rules about vulnerabilities alone.
pub(crate) fn judge_scan(reading: &Reading, scan: &Scan, policy: &Policy, today: Date) -> Evaluation {
    evaluate_one(&evidence(reading, Some(scan), today), policy, Practice::Scanning)
}

fn evidence<'a>(reading: &'a Reading, scan: Option<&'a Scan>, today: Date) -> Evidence<'a> {
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
        eol: EolTable::built_in(),
        today,
    }
}
