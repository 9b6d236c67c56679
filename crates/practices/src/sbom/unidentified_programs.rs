//! PL501: programs that no package explains.

use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::{clipped, count, listed, size};
use facts::image::FileNote;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL501",
    name: "unidentified-programs",
    practice: Practice::Sbom,
    severity: Severity::Low,
    summary: "the image holds programs or libraries that no package explains",
    why: "A bill of materials is only as good as what it leaves out. A program that was copied in without a package or \
          build information cannot be matched with any advisory: when a flaw in it is published, nobody will know.",
    remedy: "Install it as a package, build it with embedded information (Go does, Rust with cargo-auditable), or \
             record it in an SBOM of its own beside it.",
    example: r"RUN curl -o /usr/local/bin/tool https://example.com/tool   # may break the rule
RUN apt-get install -y tool                                # does not",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let facts = evidence.needs_facts()?;
    let mut files: Vec<&FileNote> = facts.unidentified.iter().collect();
    files.sort_by(|a, b| (b.size, &a.path).cmp(&(a.size, &b.path)));
    let Some(largest) = files.first() else { return Ok(Vec::new()) };
    let bytes = files.iter().fold(0, |sum: u64, f| sum.saturating_add(f.size));
    let message = format!("{} ({}) cannot be named", count(files.len() as u64, "executable file"), size(bytes));
    let one = |f: &&FileNote| format!("{} ({}, {})", f.path, clipped(&f.what), size(f.size));
    let proof = format!("no package or build information explains {}", listed(files.iter().map(one)));
    let remedy = format!(
        "say what {} is: install it as a package, embed build information, or ship an SBOM for it; {} brings it",
        largest.path,
        evidence.layer_words(largest.layer)
    );
    Ok(vec![Hit::new(message, proof, remedy).at(&largest.path).in_layer(evidence.layer(largest.layer))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{Bench, note};

    #[test]
    fn they_are_counted_and_the_largest_are_named() {
        let mut bench = Bench::good();
        assert!(bench.hits(check).is_empty());
        bench.facts.unidentified =
            vec![note("usr/local/bin/a", 2, "ELF executable"), note("usr/local/bin/b", 2, "ELF executable")];
        bench.facts.unidentified[1].size = 30_000_000;
        insta::assert_snapshot!(bench.said(check), @"
        2 executable files (30.0 MB) cannot be named
          proof: no package or build information explains /usr/local/bin/b (ELF executable, 30.0 MB), /usr/local/bin/a (ELF executable, 1.0 kB)
          remedy: say what /usr/local/bin/b is: install it as a package, embed build information, or ship an SBOM for it; layer 3 of 3 (`COPY . /app`) brings it
        ");
    }

    #[test]
    fn a_flood_is_cut() {
        let mut bench = Bench::good();
        bench.facts.unidentified = (0..500).map(|n| note(&format!("opt/{n}"), 2, "ELF library")).collect();
        let hits = bench.hits(check);
        assert!(hits.len() == 1 && hits[0].proof.ends_with("and 490 more"));
    }
}
