//! PL502: files, and not one package.

use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::{count, size};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL502",
    name: "nothing-named",
    practice: Practice::Sbom,
    severity: Severity::Low,
    summary: "the image holds files and not one package could be named",
    why: "An empty bill of materials looks clean to every tool that reads it, and says nothing. Some slimming tools \
          remove the package databases and keep the packages.",
    remedy: "Keep the package databases in the image, or build with embedded information.",
    example: r"FROM scratch
COPY --from=build /usr /usr   # breaks the rule: the packages came without their database",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    if !evidence.needs_facts()?.packages.is_empty() {
        return Ok(Vec::new());
    }
    let facts = evidence.needs_whole_facts()?;
    if facts.visible_bytes == 0 {
        return Ok(Vec::new());
    }
    let message = "not one package could be named in the image".to_owned();
    let proof = format!(
        "{} of files and {} without a package",
        size(facts.visible_bytes),
        count(facts.unidentified.len() as u64, "executable file")
    );
    let remedy = "keep the package database that the base had, or build the programs with embedded information";
    Ok(vec![Hit::new(message, proof, remedy.to_owned())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;
    use crate::evidence::Missing;
    use model::{Unknown, UnknownKind};

    #[test]
    fn files_without_packages_break_it() {
        let mut bench = Bench::good();
        assert!(bench.hits(check).is_empty());
        bench.facts.packages.clear();
        assert_eq!(bench.hits(check)[0].proof, "90.0 MB of files and 0 executable files without a package");
        bench.facts.visible_bytes = 0;
        assert!(bench.hits(check).is_empty());
    }

    #[test]
    fn a_database_that_could_not_be_read_is_not_an_empty_one() {
        let mut bench = Bench::good();
        bench.facts.packages.clear();
        bench.facts.unknowns.push(Unknown::new(UnknownKind::PackageDatabase, "it is cut off"));
        assert_eq!(check(&bench.evidence()), Err(Missing::Unread));
    }
}
