//! PL203: a layer carries much that later layers hide.

use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::{listed, size};
use facts::image::{Cause, ImageFacts, WasteGroup};
use model::{Practice, Severity};

/// Below this it is not worth another look at a build that works.
const THRESHOLD: u64 = 10_000_000;

pub(crate) const RULE: Rule = Rule {
    code: "PL203",
    name: "hidden-files",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "later layers delete or replace at least 10 MB of a layer's files",
    why: "Files that a later layer deletes, moves or replaces stay in the image as dead weight. Leftovers of package \
          tools are judged by `late-cleanup`, changes of owner and mode by `metadata-copy`; package databases that are \
          written anew are in the nature of layers.",
    remedy: "Make, change and delete a file in one instruction, or build in another stage and copy only the result.",
    example: r"COPY data.tar /tmp/
RUN tar -xf /tmp/data.tar -C /srv && rm /tmp/data.tar   # breaks the rule

RUN --mount=type=bind,source=data.tar,target=/tmp/data.tar \
    tar -xf /tmp/data.tar -C /srv                        # does not",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let facts = evidence.needs_facts()?;
    let numbers = 0..u32::try_from(facts.layers.len()).unwrap_or(u32::MAX);
    Ok(numbers.filter_map(|number| hit(evidence, facts, number)).collect())
}

fn hit(evidence: &Evidence<'_>, facts: &ImageFacts, number: u32) -> Option<Hit> {
    let layer = facts.layers.get(number as usize)?;
    let judged = [Cause::Moved, Cause::Overwritten, Cause::Deleted];
    let groups = facts.waste.iter().filter(|g| g.layer == number && g.hidden_by.is_some());
    let groups: Vec<&WasteGroup> = groups.filter(|g| judged.contains(&g.cause)).collect();
    let hidden = groups.iter().fold(0, |sum: u64, g| sum.saturating_add(g.bytes));
    if hidden < THRESHOLD {
        return None;
    }
    let which = evidence.layer_words(number);
    let message = format!("{} that one layer brings are hidden by later ones", size(hidden));
    let said = groups.iter().filter_map(|g| {
        let by = g.hidden_by.map(|by| evidence.layer_words(by))?;
        Some(format!("{} {} by {by}", size(g.bytes), g.cause.word()))
    });
    let said: Vec<String> = said.collect();
    let proof = format!("of {} of files in {which}: {}", size(layer.file_bytes), listed(said.iter()));
    let remedy = "delete or change the files in the instruction that makes them, or copy only the result from a build stage; \
         `plimsoll layers` names the files";
    let largest = groups.iter().flat_map(|g| &g.largest).max_by_key(|(_, bytes)| *bytes);
    let hit = Hit::new(message, proof, remedy.to_owned()).in_layer(Some(layer.diff_id));
    Some(largest.map_or(hit.clone(), |(path, _)| hit.at(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn much_that_is_hidden_breaks_it() {
        let mut bench = Bench::good();
        assert!(bench.hits(check).is_empty());
        bench.waste(1, Some(2), Cause::Deleted, 9_000_000);
        assert!(bench.hits(check).is_empty());
        bench.waste(1, Some(2), Cause::Moved, 2_000_000);
        insta::assert_snapshot!(bench.said(check), @"
        11.0 MB that one layer brings are hidden by later ones
          proof: of 12.0 MB of files in layer 2 of 3 (`RUN apt-get update && apt-get install -y curl ca-certificates && rm -rf /var/lib/apt/lists/*`): 9.0 MB deleted by layer 3 of 3 (`COPY . /app`), 2.0 MB moved by layer 3 of 3 (`COPY . /app`)
          remedy: delete or change the files in the instruction that makes them, or copy only the result from a build stage; `plimsoll layers` names the files
        ");
    }

    #[test]
    fn what_other_rules_judge_is_not_counted() {
        let mut bench = Bench::good();
        for cause in [Cause::Secret, Cause::Cache, Cause::Database, Cause::Metadata] {
            bench.waste(1, Some(2), cause, 11_000_000);
        }
        bench.waste(1, None, Cause::Copied, 11_000_000);
        assert!(bench.hits(check).is_empty());
    }
}
