//! PL405: packages that the index could not judge.

use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::{clipped, count, listed};
use model::{Practice, Severity};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const RULE: Rule = Rule {
    code: "PL405",
    name: "unjudged-package",
    practice: Practice::Scanning,
    severity: Severity::Info,
    summary: "packages whose vulnerabilities could not be judged",
    why: "A version that its ecosystem cannot read, an archive that does not say what it is, a program that no package \
          manager installed: of these nothing is known, which is not the same as nothing to find.",
    remedy: "Look at them by hand, or install them by a package manager.",
    example: "COPY vendor/library-final.jar /app/   # breaks the rule: it states neither group nor version",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let scan = evidence.needs_scan()?;
    let facts = evidence.needs_facts()?;
    let mut reasons: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for row in &scan.unjudged {
        if let Some(package) = facts.packages.get(row.package as usize) {
            let about = if row.what.id.is_empty() { String::new() } else { format!(" ({})", clipped(&row.what.id)) };
            let shown = format!("{} {}{about}", clipped(&package.name), clipped(&package.version));
            reasons.entry(&row.what.why).or_default().insert(shown);
        }
    }
    let hit = |(why, packages): (&str, BTreeSet<String>)| {
        let message = format!("{} could not be judged: {}", count(packages.len() as u64, "package"), clipped(why));
        Hit::new(message, listed(packages.iter()), "look at the advisories for them by hand".to_owned())
    };
    Ok(reasons.into_iter().map(hit).collect())
}
