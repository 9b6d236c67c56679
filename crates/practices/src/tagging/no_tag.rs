//! PL101: neither tag nor digest.

use super::{by_digest, pointed_to};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL101",
    name: "no-tag",
    practice: Practice::Tagging,
    severity: Severity::Medium,
    summary: "the reference has neither a tag nor a digest",
    why: "A reference without a tag means `latest`, a tag that is moved with every push. What runs tomorrow may be \
          another image than the one that was checked today, and nobody sees it change.",
    remedy: "Name the image by digest, or at least by a version tag that is never used again.",
    example: r"my-api                  # breaks the rule
my-api@sha256:3f29a8…   # does not",
    aliases: &["DL3006", "DS-0001", "DKL-DI-0006"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let reference = evidence.needs_reference()?;
    if reference.tag().is_some() || reference.digest().is_some() {
        return Ok(Vec::new());
    }
    let message = format!("{} names no tag and no digest, so it means `latest`", quoted(reference.as_typed()));
    Ok(vec![Hit::new(message, pointed_to(evidence, reference), by_digest(evidence, reference))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    fn count(target: &str) -> usize {
        let mut bench = Bench::good();
        bench.ask_for(target);
        bench.hits(check).len()
    }

    #[test]
    fn only_a_bare_name_breaks_it() {
        assert_eq!(count("ubuntu"), 1);
        assert_eq!(count("localhost:5000/app"), 1);
        assert_eq!(count("ubuntu:latest"), 0);
        assert_eq!(count(&format!("ubuntu@{}", model::Digest::of(b""))), 0);
    }

    #[test]
    fn an_index_serves_every_platform() {
        let mut bench = Bench::good();
        bench.ask_for("my-api");
        bench.annotate_index("{}");
        let digest = bench.index.as_ref().unwrap().digest();
        assert!(bench.hits(check)[0].remedy.ends_with(&format!("my-api@{digest}`")));
    }

    #[test]
    fn it_says_what_to_deploy() {
        let mut bench = Bench::good();
        bench.ask_for("my-api");
        insta::assert_snapshot!(bench.said(check), @"
        `my-api` names no tag and no digest, so it means `latest`
          proof: `my-api` asks for `docker.io/library/my-api:latest`, which was manifest sha256:9696f2b4e02051229ea32229ec2d8f9b7c80caf4d6dc2772c4ac9acf0fb07d8c on 2024-06-02
          remedy: deploy what was checked: `docker.io/library/my-api@sha256:9696f2b4e02051229ea32229ec2d8f9b7c80caf4d6dc2772c4ac9acf0fb07d8c`
        ");
    }
}
