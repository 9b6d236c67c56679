//! PL503: packages known by a file's name alone, or without a version.

use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::{clipped, count, listed};
use model::{Package, Practice, Severity, Trust};

pub(crate) const RULE: Rule = Rule {
    code: "PL503",
    name: "weak-evidence",
    practice: Practice::Sbom,
    severity: Severity::Info,
    summary: "packages are known only by a file's name, or have no version",
    why: "Such entries of the bill of materials may be wrong, and without a version no advisory can be matched.",
    remedy: "Install them through their package manager, so that name and version are recorded.",
    example: r"COPY lib/guava.jar /app/lib/        # breaks the rule if the jar says nothing of itself
RUN mvn dependency:copy-dependencies   # does not",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let facts = evidence.needs_facts()?;
    let weak: Vec<&Package> =
        facts.packages.iter().filter(|p| p.trust == Trust::Named || p.version.is_empty()).collect();
    let Some(first) = weak.first() else { return Ok(Vec::new()) };
    let message =
        format!("{} of {} known only by weak evidence", count(weak.len() as u64, "package"), facts.packages.len());
    let one = |p: &&Package| {
        let lack = if p.version.is_empty() { "no version" } else { "by its file's name" };
        format!("{} ({lack}, {})", clipped(&p.name), p.proof().path)
    };
    let proof = listed(weak.iter().map(one));
    let remedy = "install them through their package manager, so that name and version are recorded".to_owned();
    let hit = Hit::new(message, proof, remedy).of_package(first.purl.as_str()).at(&first.proof().path);
    Ok(vec![hit.in_layer(evidence.layer(first.proof().layer))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;
    use model::Ecosystem;

    #[test]
    fn names_alone_and_missing_versions_break_it() {
        let mut bench = Bench::good();
        assert!(bench.hits(check).is_empty());
        bench.package(Ecosystem::Java, "guava", "31").trust = Trust::Named;
        bench.package(Ecosystem::Npm, "left-pad", "");
        insta::assert_snapshot!(bench.said(check), @"
        2 packages of 5 known only by weak evidence
          proof: guava (by its file's name, /proof/guava), left-pad (no version, /proof/left-pad)
          remedy: install them through their package manager, so that name and version are recorded
        ");
    }
}
