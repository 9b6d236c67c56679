//! PL203: a layer carries much that later layers hide.

use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::size;
use facts::image::ImageFacts;
use model::{Practice, Severity};

/// Package databases are rewritten by every installation; below this, hidden bytes are mostly those.
const THRESHOLD: u64 = 10_000_000;

pub(crate) const RULE: Rule = Rule {
    code: "PL203",
    name: "hidden-files",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "later layers delete or replace at least 10 MB of a layer's files",
    why: "Files that a later layer deletes, moves, replaces, or whose owner or mode it changes, stay in the image as \
          dead weight. Leftovers of package tools are judged by `late-cleanup`; this rule counts the rest.",
    remedy: "Make, change and delete a file in one instruction, or build in another stage and copy only the result.",
    example: r"COPY data.tar /tmp/
RUN tar -xf /tmp/data.tar -C /srv && rm /tmp/data.tar   # breaks the rule

RUN --mount=type=bind,source=data.tar,target=/tmp/data.tar \
    tar -xf /tmp/data.tar -C /srv                        # does not",
    aliases: &[],
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let facts = evidence.needs_facts()?;
    let numbers = 0..u32::try_from(facts.layers.len()).unwrap_or(u32::MAX);
    Ok(numbers.filter_map(|number| hit(evidence, facts, number)).collect())
}

fn hit(evidence: &Evidence<'_>, facts: &ImageFacts, number: u32) -> Option<Hit> {
    let layer = facts.layers.get(number as usize)?;
    let leftovers = facts.residues.iter().filter(|r| r.layer == number && r.hidden_by.is_some());
    let explained = leftovers.fold(0, |sum: u64, r| sum.saturating_add(r.bytes));
    let hidden = layer.hidden_bytes.saturating_sub(explained);
    if hidden < THRESHOLD {
        return None;
    }
    let which = evidence.layer_words(number);
    let message = format!("{} that one layer brings are hidden by later ones", size(hidden));
    let proof =
        format!("{which} has {} of files, of which {} are hidden", size(layer.file_bytes), size(layer.hidden_bytes));
    let remedy =
        "delete or change the files in the instruction that makes them, or copy only the result from a build stage";
    Some(Hit::new(message, proof, remedy.to_owned()).in_layer(Some(layer.diff_id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn much_that_is_hidden_breaks_it() {
        let mut bench = Bench::good();
        assert!(bench.hits(check).is_empty());
        bench.facts.layers[1].hidden_bytes = 11_000_000;
        insta::assert_snapshot!(bench.said(check), @"
        11.0 MB that one layer brings are hidden by later ones
          proof: layer 2 of 3 (`RUN apt-get update && apt-get install -y curl ca-certificates && rm -rf /var/lib/apt/lists/*`) has 12.0 MB of files, of which 11.0 MB are hidden
          remedy: delete or change the files in the instruction that makes them, or copy only the result from a build stage
        ");
    }

    #[test]
    fn leftovers_are_not_counted_twice() {
        let mut bench = Bench::good();
        bench.facts.layers[1].hidden_bytes = 11_000_000;
        bench.residue("apt", "var/lib/apt/lists", 1, 10_900_000, Some(2));
        assert!(bench.hits(check).is_empty());
    }
}
