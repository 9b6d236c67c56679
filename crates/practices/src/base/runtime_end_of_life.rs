//! PL305: a language runtime or server whose maker no longer mends it.

use super::newest;
use super::runtimes::runtime;
use crate::eol::{Cycle, Product};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::{clipped, listed};
use model::{Package, Practice, Severity};
use std::collections::BTreeMap;

pub(crate) const RULE: Rule = Rule {
    code: "PL305",
    name: "runtime-end-of-life",
    practice: Practice::Base,
    severity: Severity::High,
    summary: "a language runtime or server in the image is no longer supported by its maker",
    why: "Official language and database images bring their runtime from its maker, not from a distribution, and \
          nobody else mends it. When its line of releases ends, so do its security fixes. A runtime that a \
          distribution packages is not judged here, since the distribution maintains it; nor does support that can be \
          bought count, since it does not reach a public image. For the Go that built a program it is medium.",
    remedy: "Build on a base with a supported line of the runtime.",
    example: r"FROM node:16-slim   # breaks the rule
FROM node:24-slim   # does not, until April 2028",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let facts = evidence.needs_facts()?;
    let mut ended: BTreeMap<(&str, &str), (&Product, &Cycle, Vec<&Package>)> = BTreeMap::new();
    for package in &facts.packages {
        let Some(runtime) = runtime(package) else { continue };
        let Some((product, cycle)) = evidence.eol.cycle(runtime.product, &runtime.version) else { continue };
        if cycle.end.is_past(evidence.today) {
            ended.entry((runtime.product, &cycle.name)).or_insert((product, cycle, Vec::new())).2.push(package);
        }
    }
    Ok(ended
        .into_iter()
        .map(|((name, _), (product, cycle, packages))| hit(evidence, name, (product, cycle), &packages))
        .collect())
}

fn hit(evidence: &Evidence<'_>, name: &str, (product, cycle): (&Product, &Cycle), packages: &[&Package]) -> Hit {
    let line = format!("{} {}", product.title, cycle.name);
    let message = match name {
        "go" => format!("a program was built by {line}, which is no longer supported by its maker"),
        _ => format!("{line} is no longer supported by its maker"),
    };
    let one = |p: &&Package| format!("{} {} by {}", clipped(&p.name), clipped(&p.version), p.proof().path);
    let found = listed(packages.iter().map(one));
    let proof = format!("{found}; support ended on {} (table of {})", cycle.end, evidence.eol.as_of);
    let remedy = match newest(evidence, product) {
        Some(newest) => format!("move to {} {} or another supported line", product.title, newest.name),
        None => format!("replace {}: none of its lines is supported", product.title),
    };
    let first = packages[0];
    let hit = Hit::new(message, proof, remedy)
        .of_package(first.purl.as_str())
        .at(&first.proof().path)
        .in_layer(evidence.layer(first.proof().layer));
    if name == "go" { hit.as_bad_as(Severity::Medium) } else { hit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;
    use jiff::civil::date;
    use model::Ecosystem;

    fn bench(ecosystem: Ecosystem, name: &str, version: &str) -> Bench {
        let mut bench = Bench::good();
        bench.facts.packages.clear();
        bench.package(ecosystem, name, version);
        bench.today = date(2026, 11, 23);
        bench
    }

    #[test]
    fn a_runtime_that_ended() {
        insta::assert_snapshot!(bench(Ecosystem::Program, "node", "16.20.2").said(check), @"
        Node.js 16 is no longer supported by its maker
          proof: node 16.20.2 by /proof/node; support ended on 2023-09-11 (table of 2026-08-22)
          remedy: move to Node.js 26 or another supported line
        ");
    }

    #[test]
    fn many_programs_of_one_old_go_are_one_finding() {
        let mut bench = bench(Ecosystem::Go, "stdlib", "go1.18.2");
        bench.package(Ecosystem::Go, "stdlib", "go1.18.9");
        insta::assert_snapshot!(bench.said(check), @"
        [medium] a program was built by Go 1.18, which is no longer supported by its maker
          proof: stdlib go1.18.2 by /proof/stdlib, stdlib go1.18.9 by /proof/stdlib; support ended on 2023-02-01 (table of 2026-08-22)
          remedy: move to Go 1.27 or another supported line
        ");
    }

    #[test]
    fn supported_unknown_and_distribution_ones_pass() {
        assert!(bench(Ecosystem::Program, "node", "24.1.0").hits(check).is_empty());
        assert!(bench(Ecosystem::Program, "node", "9999.0.0").hits(check).is_empty());
        assert!(bench(Ecosystem::Program, "node", "").hits(check).is_empty());
        assert!(bench(Ecosystem::Dpkg, "python3.9", "3.9.2-1").hits(check).is_empty());
        assert!(Bench::good().hits(check).is_empty());
    }
}
