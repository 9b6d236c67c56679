//! Evidence gathered, rules run, one verdict.

use super::Reading;
use jiff::civil::Date;
use practices::eol::EolTable;
use practices::{Evaluation, Evidence, Policy, evaluate};

/// A target with what the rules said of it.
pub(crate) struct Checked {
    pub(crate) reading: Reading,
    pub(crate) evaluation: Evaluation,
}

/// Runs every rule over what was read.
pub(crate) fn check(reading: Reading, policy: &Policy, today: Date) -> Checked {
    let image = &reading.image;
    let evidence = Evidence {
        target: &image.target,
        reference: image.reference.as_ref(),
        subject: image.subject,
        index: image.index.as_ref(),
        manifest: image.manifest.as_ref(),
        config: image.config.as_ref(),
        facts: Some(&reading.facts),
        dockerfile: None,
        unknowns: &reading.unknowns,
        eol: EolTable::built_in(),
        today,
    };
    let evaluation = evaluate(&evidence, policy);
    Checked { reading, evaluation }
}
