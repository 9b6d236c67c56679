//! The examples of every rule about Dockerfiles are its tests: `^^^` under a line is a finding, blocks apart by `---`.

use crate::dockerfile::DockerfileEvidence;
use crate::evidence::Missing;
use crate::rule::{RULES, Rule};
use crate::{Policy, bench::Bench, lint::lint};
use sources::dockerfile::Dockerfile;
use std::collections::BTreeSet;

/// Findings as line, column and end column (of the first line).
type Marks = BTreeSet<(u32, u32, u32)>;

/// A block without its marks, and the marks.
fn drawn(block: &str) -> (String, Marks) {
    let (mut text, mut marks, mut line) = (String::new(), Marks::new(), 0);
    for row in block.split_inclusive('\n') {
        let is_mark = row.contains('^') && row.trim_end().chars().all(|c| c == '^' || c == ' ');
        if !is_mark {
            text.push_str(row);
            line += 1;
            continue;
        }
        let mut at = 0;
        for piece in row.trim_end().split_inclusive(' ') {
            let width = piece.chars().filter(|c| *c == '^').count() as u32;
            if width > 0 {
                marks.insert((line, at + 1, at + 1 + width));
            }
            at += piece.chars().count() as u32;
        }
    }
    (text, marks)
}

fn found(rule: &Rule, text: &str) -> Marks {
    let file = Dockerfile::parse(text).unwrap();
    let linted = lint("Dockerfile", &file, &Policy::default(), jiff::civil::date(2026, 11, 25));
    let mine = linted.findings.iter().filter(|finding| finding.code == rule.code);
    mine.map(|finding| {
        let place = finding.place.text.as_ref().unwrap();
        let line = file.lines().span(place.line as usize, text).of(text).chars().count() as u32;
        let end = if place.end_line > place.line { line + 1 } else { place.end_column };
        // Nothing is drawn as one mark.
        (place.line, place.column, end.max(place.column + 1))
    })
    .collect()
}

#[test]
fn every_rule_about_dockerfiles_does_what_its_examples_show() {
    let bench = Bench::good();
    let mut wrong = Vec::new();
    let mut rules = 0;
    for rule in RULES.iter().filter(|rule| (rule.check)(&bench.evidence()) == Err(Missing::Dockerfile)) {
        rules += 1;
        let blocks: Vec<_> = format!("{}\n", rule.example).split("---\n").map(drawn).collect();
        let firing = blocks.iter().filter(|(_, marks)| !marks.is_empty()).count();
        if firing < 2 || blocks.len() - firing < 2 {
            wrong.push(format!("{}: {firing} examples of {} fire", rule.code, blocks.len()));
        }
        for (text, marks) in &blocks {
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
fn the_evidence_is_read_once_for_all() {
    let file = Dockerfile::parse("FROM a\nRUN b\n").unwrap();
    let evidence = DockerfileEvidence::new("Dockerfile", &file);
    assert_eq!((evidence.stages.len(), evidence.scripts.len(), evidence.commands().count()), (1, 1, 1));
}

#[test]
fn hostile_files_come_to_an_end() {
    let day = jiff::civil::date(2026, 11, 25);
    let lint = |text: &str| lint("Dockerfile", &Dockerfile::parse(text).unwrap(), &Policy::default(), day);
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
