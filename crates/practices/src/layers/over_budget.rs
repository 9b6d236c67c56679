//! PL210: more is wasted than the policy allows.

use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::waste::Totals;
use crate::words::{listed, size};
use facts::image::{Cause, ImageFacts, WasteGroup};
use model::{Practice, Severity};
use std::cmp::Reverse;

pub(crate) const RULE: Rule = Rule {
    code: "PL210",
    name: "waste-over-budget",
    practice: Practice::Layers,
    severity: Severity::High,
    summary: "the layers carry more in vain than the policy allows",
    why: "A team may say how much an image may waste: `max-waste` of `[layers]` in `plimsoll.toml`, in bytes or as a part \
          of all layers' files. Files that later layers hide count, and caches and second copies that are visible; \
          package databases that are written anew do not. Without a budget the rule finds nothing.",
    remedy: "`plimsoll layers IMAGE --dockerfile Dockerfile` names the lines and what to write instead.",
    example: "[layers]\nmax-waste = \"5%\"\n\n12 MB of 100 MB are wasted     # breaks the rule\n 4 MB of 100 MB are wasted     # do not",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let facts = evidence.needs_facts()?;
    let totals = Totals::of(facts, 0);
    let exceeded = evidence.max_waste.filter(|budget| budget.is_exceeded(&totals));
    let Some(budget) = exceeded else { return Ok(Vec::new()) };
    let message = format!("{} are wasted, more than {budget}", size(totals.wasted));
    let proof = format!(
        "{:.1} % of {} of files in all layers: {}",
        totals.percent(),
        size(totals.files),
        listed(largest(facts).iter().map(|group| words(evidence, group)))
    );
    let remedy = "`plimsoll layers` with `--dockerfile` names the lines and what to write instead; \
                  `--base` sets the base's layers apart";
    Ok(vec![Hit::new(message, proof, remedy.to_owned())])
}

fn largest(facts: &ImageFacts) -> Vec<&WasteGroup> {
    let mut groups: Vec<&WasteGroup> = facts.waste.iter().filter(|g| g.cause != Cause::Database).collect();
    groups.sort_by_key(|group| Reverse(group.bytes));
    groups
}

fn words(evidence: &Evidence<'_>, group: &WasteGroup) -> String {
    format!("{} {} of {}", size(group.bytes), group.cause.word(), evidence.layer_words(group.layer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn more_than_is_allowed() {
        let mut bench = Bench::good();
        bench.waste(1, Some(2), Cause::Deleted, 3_000_000);
        bench.waste(1, None, Cause::Cache, 2_000_000);
        bench.waste(0, Some(1), Cause::Database, 50_000_000);
        assert!(bench.hits(check).is_empty());
        bench.max_waste = Some("5MB".parse().unwrap());
        assert!(bench.hits(check).is_empty());
        bench.max_waste = Some("5%".parse().unwrap());
        insta::assert_snapshot!(bench.said(check), @"
        5.0 MB are wasted, more than 5 %
          proof: 5.4 % of 92.3 MB of files in all layers: 3.0 MB deleted of layer 2 of 3 (`RUN apt-get update && apt-get install -y curl ca-certificates && rm -rf /var/lib/apt/lists/*`), 2.0 MB package-cache of layer 2 of 3 (`RUN apt-get update && apt-get install -y curl ca-certificates && rm -rf /var/lib/apt/lists/*`)
          remedy: `plimsoll layers` with `--dockerfile` names the lines and what to write instead; `--base` sets the base's layers apart
        ");
    }
}
