//! The rules about texts, over texts: what each says, drawn under its line.

use crate::bench::Bench;
use crate::evaluate::evaluate;
use crate::evidence::{Evidence, SourceText};
use crate::policy::Policy;
use model::{Digest, Finding, Verdict};
use sources::{Kind, find};

/// Judges texts by all rules.
fn judged(texts: &[(&str, Kind, &str)], then: impl FnOnce(&[Finding], Verdict)) {
    let mentions: Vec<_> = texts.iter().map(|(_, kind, text)| find(*kind, text).unwrap()).collect();
    let texts: Vec<SourceText<'_>> = texts
        .iter()
        .zip(&mentions)
        .map(|((path, kind, text), mentions)| SourceText { path, kind: *kind, text, dockerignore: None, mentions })
        .collect();
    let bench = Bench::good();
    let empty = Evidence { reference: None, subject: None, config: None, facts: None, ..bench.evidence() };
    let evaluation = evaluate(&Evidence { texts: Some(&texts), ..empty }, &Policy::default());
    then(&evaluation.findings, evaluation.verdict);
}

/// The codes, worst first, with severity and the bytes they are about.
fn check(kind: Kind, text: &str, expected: &[&str]) {
    judged(&[("file", kind, text)], |findings, _| {
        let shown = findings.iter().map(|f| {
            let place = f.place.text.as_ref().unwrap();
            let line = text.lines().nth(place.line as usize - 1).unwrap();
            let from = place.column as usize - 1;
            let there: String = line.chars().skip(from).take((place.end_column - place.column) as usize).collect();
            format!("{} {} {}:{} {there}", f.code, f.severity, place.line, place.column)
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected, "{text}");
    });
}

#[test]
fn a_deployment_of_latest_fails_with_exactly_its_finding() {
    check(Kind::Compose, "services:\n  api:\n    image: my-api:latest\n", &["PL111 high 3:12 my-api:latest"]);
    judged(&[("compose.yaml", Kind::Compose, "services: {a: {image: my-api:latest}}")], |findings, verdict| {
        assert_eq!((findings.len(), verdict), (1, Verdict::Fail));
    });
}

#[test]
fn the_guides_good_example_passes() {
    let text = format!("services:\n  api:\n    image: my-api:1.4.2@{}\n", Digest::of(b"x"));
    judged(&[("compose.yaml", Kind::Compose, &text)], |findings, verdict| {
        assert_eq!((findings.len(), verdict), (0, Verdict::Pass));
    });
}

#[test]
fn each_kind_of_tag_has_its_rule() {
    check(
        Kind::Compose,
        "services:\n  a: {image: ä/x}\n  b: {image: x}\n  c: {image: 'x:main'}\n  d: {image: x:1.4}\n  e: {image: x:1.4.2}\n",
        &[
            "PL110 high 3:14 x",
            "PL111 high 4:15 x:main",
            "PL112 medium 5:14 x:1.4",
            "PL115 medium 2:14 ä/x",
            "PL113 info 6:14 x:1.4.2",
        ],
    );
}

#[test]
fn a_step_of_a_pipeline_counts_less() {
    check(
        Kind::Workflow,
        "jobs:\n  a:\n    container: x:latest\n    services: {b: {image: y}}\n    steps: [{uses: 'docker://z:3'}]\n",
        &["PL110 medium 4:27 y", "PL111 medium 3:16 x:latest", "PL112 low 5:30 z:3"],
    );
}

#[test]
fn what_is_built_here_and_what_is_not_known_breaks_no_rule() {
    check(
        Kind::Compose,
        "services:\n  a:\n    build: .\n    image: me:latest\n  b:\n    image: me:latest\n  c:\n    image: ${X}\n",
        &[],
    );
}

#[test]
fn a_default_is_judged_as_what_it_is() {
    check(Kind::Compose, "services: {a: {image: \"${X:-y:latest}\"}}\n", &["PL111 high 1:24 ${X:-y:latest}"]);
}

#[test]
fn one_tag_with_two_digests_is_found_where_it_differs() {
    let (one, other) = (Digest::of(b"1"), Digest::of(b"2"));
    let usual = format!("services: {{a: {{image: \"x:1.4.2@{one}\"}}, b: {{image: \"x:1.4.2@{one}\"}}}}");
    let odd = format!("services: {{a: {{image: \"x:1.4.2@{other}\"}}}}");
    judged(&[("a.yaml", Kind::Compose, &usual), ("b.yaml", Kind::Compose, &odd)], |findings, _| {
        let shown: Vec<_> = findings.iter().map(|f| (f.code, f.place.text.as_ref().unwrap().path.as_str())).collect();
        assert_eq!(shown, [("PL114", "b.yaml")]);
        assert!(findings[0].proof.contains(&one.to_string()) && findings[0].proof.contains(&other.to_string()));
    });
}

#[test]
fn an_image_is_not_judged_by_the_rules_for_texts() {
    let evaluation = evaluate(&Bench::good().evidence(), &Policy::default());
    assert!(evaluation.checked.contains(&model::Practice::Tagging));
    assert!(evaluation.findings.is_empty());
}

#[test]
fn of_a_source_tree_only_its_texts_are_judged() {
    judged(&[], |findings, verdict| assert_eq!((findings.len(), verdict), (0, Verdict::Pass)));
}
