//! The rules about a tag's past, over all that the ledger knows.

use super::past::pasts;
use crate::failure::Failure;
use jiff::civil::Date;
use ledger::Ledger;
use ledger::cache::Cache;
use model::{Finding, Reference, Verdict};
use practices::eol::EolTable;
use practices::{Evidence, Past, Policy};

/// What was judged, and what was found.
pub(crate) struct Audit {
    /// How many repositories.
    pub(crate) repositories: usize,
    /// How many tags, each vantage by itself.
    pub(crate) audited: usize,
    /// Those with findings.
    pub(crate) tags: Vec<Audited>,
    /// Fail or pass: there is nothing here that could not be read.
    pub(crate) verdict: Verdict,
}

/// A tag with findings.
pub(crate) struct Audited {
    pub(crate) past: Past,
    pub(crate) findings: Vec<Finding>,
}

/// Judges every tag of these repositories, or of all that the ledger knows.
pub(crate) fn audit(
    ledger: &Ledger,
    cache: Option<&Cache>,
    repositories: &[Reference],
    policy: &Policy,
    today: Date,
) -> Result<Audit, Failure> {
    let names = match repositories {
        [] => ledger.repositories()?,
        some => some.iter().map(Reference::name).collect(),
    };
    let mut audit = Audit { repositories: names.len(), audited: 0, tags: Vec::new(), verdict: Verdict::Pass };
    for name in &names {
        let wanted = repositories.iter().filter(|r| r.name() == *name).filter_map(Reference::tag);
        let wanted: Vec<&str> = wanted.collect();
        for past in pasts(ledger, cache, name)? {
            if !wanted.is_empty() && !wanted.contains(&past.tag.as_str()) {
                continue;
            }
            audit.audited += 1;
            let findings = judge(&past, policy, today);
            if findings.iter().any(|f| f.severity >= policy.fail_on) {
                audit.verdict = Verdict::Fail;
            }
            if !findings.is_empty() {
                audit.tags.push(Audited { past, findings });
            }
        }
    }
    Ok(audit)
}

fn judge(past: &Past, policy: &Policy, today: Date) -> Vec<Finding> {
    let target = format!("{}:{}", past.repository, past.tag);
    let reference: Option<Reference> = target.parse().ok();
    let evidence = Evidence {
        target: &target,
        reference: reference.as_ref(),
        subject: None,
        index: None,
        manifest: None,
        config: None,
        facts: None,
        dockerfile: None,
        unknowns: &[],
        past: Some(past),
        max_waste: policy.max_waste,
        scanning: &policy.scanning,
        scan: None,
        decided: None,
        baseline: None,
        texts: None,
        eol: EolTable::built_in(),
        today,
    };
    practices::audit(&evidence, policy)
}
