//! PL201: a package tool's cache is in the image.

use super::{LARGE, WORTH_MENDING, tools};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, MOST_HITS, Rule};
use crate::words::{clipped, count, listed, size};
use facts::image::Residue;
use model::{Practice, Severity};
use std::collections::BTreeMap;

pub(crate) const RULE: Rule = Rule {
    code: "PL201",
    name: "package-cache",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "a package tool's cache or download is left in the image",
    why: "Package lists, downloads and build caches serve the tool that wrote them and nobody who runs the image. They \
          are pulled and stored with every copy of it. Less than 1 MB is only noted; from 50 MB on it is medium.",
    remedy: "Remove the cache in the `RUN` that filled it, or keep it out of the layer with a cache mount.",
    example: r"RUN apt-get update && apt-get install -y curl    # breaks the rule

RUN apt-get update && \
    apt-get install -y curl && \
    rm -rf /var/lib/apt/lists/*                  # does not",
    aliases: &[
        "DL3009",
        "DL3019",
        "DL3032",
        "DL3036",
        "DL3040",
        "DL3042",
        "DL3060",
        "DKL-DI-0004",
        "DKL-DI-0005",
        "DS-0019",
        "DS-0020",
        "DS-0025",
    ],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let facts = evidence.needs_facts()?;
    let mut groups: BTreeMap<(&str, u32), Vec<&Residue>> = BTreeMap::new();
    for residue in facts.residues.iter().filter(|r| r.hidden_by.is_none() && r.bytes > 0) {
        groups.entry((&residue.tool, residue.layer)).or_default().push(residue);
    }
    Ok(groups.into_iter().take(MOST_HITS).map(|((tool, layer), group)| hit(evidence, tool, layer, &group)).collect())
}

fn hit(evidence: &Evidence<'_>, tool: &str, layer: u32, group: &[&Residue]) -> Hit {
    let bytes = group.iter().fold(0, |sum: u64, r| sum.saturating_add(r.bytes));
    let files = group.iter().fold(0, |sum: u64, r| sum.saturating_add(r.files));
    let message = format!("{} of {} leftovers stay in the image", size(bytes), clipped(tool));
    let folders = listed(group.iter().map(|r| &r.path));
    let proof = format!("{} in {folders}, brought by {}", count(files, "file"), evidence.layer_words(layer));
    let hit =
        Hit::new(message, proof, tools::clean(tool).to_owned()).in_layer(evidence.layer(layer)).at(&group[0].path);
    match bytes {
        LARGE.. => hit.as_bad_as(Severity::Medium),
        WORTH_MENDING.. => hit,
        _ => hit.as_bad_as(Severity::Info),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn a_cache_is_one_finding_a_tool_and_layer() {
        let mut bench = Bench::good();
        bench.residue("apt", "var/lib/apt/lists", 1, 19_400_000, None);
        bench.residue("apt", "var/cache/apt", 1, 100_000, None);
        bench.residue("pip", "root/.cache/pip", 2, 70_000_000, None);
        insta::assert_snapshot!(bench.said(check), @"
        19.5 MB of apt leftovers stay in the image
          proof: 6 files in /var/lib/apt/lists, /var/cache/apt, brought by layer 2 of 3 (`RUN apt-get update && apt-get install -y curl ca-certificates && rm -rf /var/lib/apt/lists/*`)
          remedy: end the same `RUN` with `apt-get clean && rm -rf /var/lib/apt/lists/*`, or mount a cache on /var/cache/apt and /var/lib/apt
        [medium] 70.0 MB of pip leftovers stay in the image
          proof: 3 files in /root/.cache/pip, brought by layer 3 of 3 (`COPY . /app`)
          remedy: run `pip install --no-cache-dir`, or mount a cache on /root/.cache/pip
        ");
    }

    #[test]
    fn little_is_noted_and_nothing_or_hidden_is_not() {
        let mut bench = Bench::good();
        assert!(bench.hits(check).is_empty());
        bench.residue("apt", "var/lib/apt/lists", 1, 0, None);
        bench.residue("apt", "var/lib/apt/lists", 1, 9_000_000, Some(2));
        assert!(bench.hits(check).is_empty());
        bench.residue("apt", "var/lib/apt/lists", 1, 4_000, None);
        assert_eq!(bench.hits(check)[0].severity, Some(Severity::Info));
    }
}
