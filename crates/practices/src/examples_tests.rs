//! The examples of every rule about Dockerfiles are its tests: `^^^` under a line is a finding, blocks apart by `---`.

use crate::dockerfile::DockerfileEvidence;
use crate::examples::{Example, Mark, examples, findings, is_about_dockerfiles};
use crate::rule::{RULES, Rule};
use crate::{Policy, lint::lint};
use sources::dockerfile::Dockerfile;
use std::collections::BTreeSet;

fn found(rule: &Rule, text: &str) -> BTreeSet<Mark> {
    let file = Dockerfile::parse(text).unwrap();
    let mark = |finding: &model::Finding| {
        let place = finding.place.text.as_ref().unwrap();
        let line = file.lines().span(place.line as usize, text).of(text).chars().count() as u32;
        let end = if place.end_line > place.line { line + 1 } else { place.end_column };
        // Nothing is drawn as one mark.
        (place.line, place.column, end.max(place.column + 1))
    };
    findings(rule, text).iter().map(mark).collect()
}

#[test]
fn every_rule_about_dockerfiles_does_what_its_examples_show() {
    let mut wrong = Vec::new();
    let mut rules = 0;
    for rule in RULES.iter().filter(|rule| is_about_dockerfiles(rule)) {
        rules += 1;
        assert!(Policy::parse(rule.settings).is_ok(), "{}", rule.code);
        let blocks = examples(rule);
        let firing = blocks.iter().filter(|block| !block.marks.is_empty()).count();
        if firing < 2 || blocks.len() - firing < 2 {
            wrong.push(format!("{}: {firing} examples of {} fire", rule.code, blocks.len()));
        }
        for Example { text, marks, .. } in &blocks {
            let found = found(rule, text);
            if found != *marks {
                wrong.push(format!("{} {}: {found:?} instead of {marks:?} in\n{text}", rule.code, rule.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rules > 40, "the rules are found: {rules}");
}

#[test]
fn rules_that_are_off_run_when_policy_names_them() {
    let text = "FROM debian:12\n# hadolint ignore=DL3008\nRUN apt-get install -y curl\nRUN apk add git\n";
    let file = Dockerfile::parse(text).unwrap();
    let codes = |policy: &str| {
        let policy = Policy::parse(policy).unwrap();
        let linted = lint("Dockerfile", &file, None, &policy, jiff::civil::date(2026, 11, 25));
        let found = linted.findings.iter().filter(|f| ["PL144", "PL265", "PL291"].contains(&f.code));
        (found.map(|f| (f.code, f.severity.word())).collect::<Vec<_>>(), linted.ignored)
    };
    assert_eq!(codes(""), (vec![], 0), "nor is the comment of a rule that is off called idle");
    assert_eq!(codes("[rules]\nPL144 = \"low\""), (vec![("PL144", "low")], 1));
}

#[test]
fn the_evidence_is_read_once_for_all() {
    let file = Dockerfile::parse("FROM a\nRUN b\n").unwrap();
    let evidence = DockerfileEvidence::new("Dockerfile", &file);
    assert_eq!((evidence.stages.len(), evidence.scripts.len(), evidence.commands().count()), (1, 1, 1));
}

#[test]
fn hostile_files_come_to_an_end() {
    let day = jiff::civil::date(2026, 11, 25);
    let lint = |text: &str| lint("Dockerfile", &Dockerfile::parse(text).unwrap(), None, &Policy::default(), day);
    let chain: String = (1..3000).map(|n| format!("FROM s{} AS s{n}\nWORKDIR x\nRUN chown -R a b\n", n - 1)).collect();
    assert!(!lint(&format!("FROM a AS s0\n{chain}")).findings.is_empty());
    for install in ["pip install", "npm install", "gem install", "go install example.com/"] {
        let packages = format!("FROM a:1\n# é\nRUN {install} {}\n", "p/.p ".repeat(30_000));
        let linted = lint(&packages.replace("p/.p", if install.starts_with("go") { "e.x/p" } else { "p" }));
        assert!(linted.findings.iter().any(|f| f.message.contains("more findings of this rule")), "{install}");
    }
    let variables = format!("FROM a:1\nENV {}\n", (0..5000).map(|n| format!("A{n}=$A{n} ")).collect::<String>());
    assert!(lint(&variables).findings.len() < 200);
    let deep = format!("FROM a:1\nRUN {}a{}\n", "$(".repeat(5000), ")".repeat(5000));
    assert!(lint(&deep).findings.len() < 200);
}
