//! PL209: files are stored again only because their owner, mode or time changed.

use super::{LARGE, WORTH_MENDING};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, MOST_HITS, Rule};
use crate::words::{count, listed, size};
use facts::image::{Cause, WasteGroup};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL209",
    name: "metadata-copy",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "at least 1 MB of files is stored twice because their owner, mode or time was changed in a later layer",
    why: "A layer holds whole files. A `chmod`, `chown` or `touch` in a later instruction therefore stores every file it \
          changes once more, and the first copy stays below it. From 50 MB on it is medium.",
    remedy: "Give owner and mode where the files come in: `COPY --chown= --chmod=`, or in the `RUN` that makes them.",
    example: r"COPY app /app
RUN chown -R app:app /app      # breaks the rule

COPY --chown=app:app app /app  # does not",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let facts = evidence.needs_facts()?;
    let copies = facts.waste.iter().filter(|g| g.cause == Cause::Metadata && g.bytes >= WORTH_MENDING);
    Ok(copies.take(MOST_HITS).filter_map(|group| hit(evidence, group)).collect())
}

fn hit(evidence: &Evidence<'_>, group: &WasteGroup) -> Option<Hit> {
    let changer = group.hidden_by?;
    let message = format!("{} are stored twice because owner, mode or time changed", size(group.bytes));
    let proof = format!(
        "{} with the same content in {} and again in {}: {}",
        count(group.files, "file"),
        evidence.layer_words(group.layer),
        evidence.layer_words(changer),
        listed(group.largest.iter().map(|(path, _)| path)),
    );
    let remedy =
        "give owner and mode where the files come in: `COPY --chown=… --chmod=…`, or in the `RUN` that makes them";
    let hit = Hit::new(message, proof, remedy.to_owned()).in_layer(evidence.layer(changer));
    let hit = group.largest.first().map_or(hit.clone(), |(path, _)| hit.at(path));
    Some(if group.bytes >= LARGE { hit.as_bad_as(Severity::Medium) } else { hit })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn copies_for_their_mode() {
        let mut bench = Bench::good();
        bench.waste(1, Some(2), Cause::Metadata, 1_500_000);
        insta::assert_snapshot!(bench.said(check), @"
        1.5 MB are stored twice because owner, mode or time changed
          proof: 3 files with the same content in layer 2 of 3 (`RUN apt-get update && apt-get install -y curl ca-certificates && rm -rf /var/lib/apt/lists/*`) and again in layer 3 of 3 (`COPY . /app`): /opt/model.bin
          remedy: give owner and mode where the files come in: `COPY --chown=… --chmod=…`, or in the `RUN` that makes them
        ");
        bench.facts.waste[0].bytes = 50_000_000;
        assert_eq!(bench.hits(check)[0].severity, Some(Severity::Medium));
    }

    #[test]
    fn little_and_other_waste_pass() {
        let mut bench = Bench::good();
        bench.waste(1, Some(2), Cause::Metadata, 999_999);
        bench.waste(1, Some(2), Cause::Moved, 9_000_000);
        bench.waste(9, Some(99), Cause::Metadata, 10);
        assert!(bench.hits(check).is_empty());
    }
}
