//! PL202: a cache is removed in a later layer than the one that holds it. The guide's second common mistake.

use super::{WORTH_MENDING, tools};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, MOST_HITS, Rule};
use crate::words::{clipped, count, listed, size};
use facts::image::Residue;
use model::{Practice, Severity};
use std::collections::BTreeMap;

pub(crate) const RULE: Rule = Rule {
    code: "PL202",
    name: "late-cleanup",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "leftovers are removed in a later layer, which saves nothing",
    why: "A layer is permanent once it is written. A later instruction that deletes its files hides them from the \
          running container, and every pull still carries them. It looks like a cleanup and is not one. Less than 1 MB \
          is low.",
    remedy: "Move the cleanup into the instruction that made the files.",
    example: r"RUN apt-get update && apt-get install -y curl
RUN rm -rf /var/lib/apt/lists/*                  # breaks the rule

RUN apt-get update && \
    apt-get install -y curl && \
    rm -rf /var/lib/apt/lists/*                  # does not",
    aliases: &["DL3009", "DKL-DI-0005"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let facts = evidence.needs_facts()?;
    let mut groups: BTreeMap<(&str, u32, u32), Vec<&Residue>> = BTreeMap::new();
    for residue in facts.residues.iter().filter(|r| r.bytes > 0) {
        if let Some(hider) = residue.hidden_by {
            groups.entry((&residue.tool, residue.layer, hider)).or_default().push(residue);
        }
    }
    Ok(groups
        .into_iter()
        .take(MOST_HITS)
        .map(|((tool, layer, hider), group)| hit(evidence, tool, (layer, hider), &group))
        .collect())
}

fn hit(evidence: &Evidence<'_>, tool: &str, (layer, hider): (u32, u32), group: &[&Residue]) -> Hit {
    let bytes = group.iter().fold(0, |sum: u64, r| sum.saturating_add(r.bytes));
    let files = group.iter().fold(0, |sum: u64, r| sum.saturating_add(r.files));
    let message = format!("removing {} of {} leftovers in a later layer saves nothing", size(bytes), clipped(tool));
    let proof = format!(
        "{} in {} come with {} and are removed by {}",
        count(files, "file"),
        listed(group.iter().map(|r| &r.path)),
        evidence.layer_words(layer),
        evidence.layer_words(hider),
    );
    let remedy = format!("clean up where the files are made: {}", tools::clean(tool));
    let hit = Hit::new(message, proof, remedy).in_layer(evidence.layer(layer)).at(&group[0].path);
    if bytes < WORTH_MENDING { hit.as_bad_as(Severity::Low) } else { hit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn both_layers_are_named() {
        let mut bench = Bench::good();
        bench.config().history[3].created_by = "RUN /bin/sh -c rm -rf /var/lib/apt/lists/* # buildkit".to_owned();
        bench.residue("apt", "var/lib/apt/lists", 1, 19_400_000, Some(2));
        insta::assert_snapshot!(bench.said(check), @"
        removing 19.4 MB of apt leftovers in a later layer saves nothing
          proof: 3 files in /var/lib/apt/lists come with layer 2 of 3 (`RUN apt-get update && apt-get install -y curl ca-certificates && rm -rf /var/lib/apt/lists/*`) and are removed by layer 3 of 3 (`RUN rm -rf /var/lib/apt/lists/*`)
          remedy: clean up where the files are made: end the same `RUN` with `apt-get clean && rm -rf /var/lib/apt/lists/*`, or mount a cache on /var/cache/apt and /var/lib/apt
        ");
    }

    #[test]
    fn a_visible_cache_is_another_rules_business() {
        let mut bench = Bench::good();
        bench.residue("apt", "var/lib/apt/lists", 1, 19_400_000, None);
        assert!(bench.hits(check).is_empty());
        bench.residue("apk", "var/cache/apk", 1, 9_000, Some(2));
        assert_eq!(bench.hits(check)[0].severity, Some(Severity::Low));
    }

    #[test]
    fn layer_numbers_out_of_range_are_no_panic() {
        let mut bench = Bench::good();
        bench.residue("apt", "x", u32::MAX, u64::MAX, Some(u32::MAX));
        assert_eq!(bench.hits(check)[0].place.layer, None);
    }
}
