//! The guide's own examples, judged: the good ones are good, and each mistake gives its finding and no other.

use crate::bench::Bench;
use crate::evaluate::{Evaluation, evaluate};
use crate::policy::Policy;
use model::{Practice, Severity, Verdict};

fn judged(bench: &Bench) -> Evaluation {
    evaluate(&bench.evidence(), &Policy::default())
}

fn codes(evaluation: &Evaluation) -> Vec<&'static str> {
    evaluation.findings.iter().filter(|f| f.severity >= Severity::Low).map(|f| f.code).collect()
}

#[test]
fn the_guides_good_image_passes() {
    let evaluation = judged(&Bench::good());
    assert_eq!(evaluation.findings, []);
    assert_eq!(evaluation.verdict, Verdict::Pass);
    let judged = [Practice::Tagging, Practice::Layers, Practice::Base, Practice::Sbom, Practice::Provenance];
    assert_eq!(evaluation.checked, judged);
}

#[test]
fn a_version_tag_is_the_least_the_guide_accepts() {
    let mut bench = Bench::good();
    bench.ask_for("my-api:1.4.2");
    let evaluation = judged(&bench);
    assert_eq!(codes(&evaluation), [""; 0]);
    assert_eq!(evaluation.findings.iter().map(|f| f.code).collect::<Vec<_>>(), ["PL104"]);
}

#[test]
fn mistake_1_a_mutable_tag_is_deployed() {
    let mut bench = Bench::good();
    bench.ask_for("my-api:latest");
    assert_eq!(codes(&judged(&bench)), ["PL102"]);
}

#[test]
fn mistake_2_the_cleanup_is_in_a_later_layer() {
    let mut bench = Bench::good();
    bench.config().history[2].created_by =
        "RUN /bin/sh -c apt-get update && apt-get install -y curl # buildkit".to_owned();
    bench.config().history[3].created_by = "RUN /bin/sh -c rm -rf /var/lib/apt/lists/* # buildkit".to_owned();
    bench.residue("apt", "var/lib/apt/lists", 1, 19_400_000, Some(2));
    bench.facts.layers[1].hidden_bytes = 19_600_000;
    let evaluation = judged(&bench);
    assert_eq!(codes(&evaluation), ["PL202"]);
    assert!(evaluation.findings[0].proof.contains("RUN rm -rf /var/lib/apt/lists/*"));
}

#[test]
fn an_outdated_base_fails() {
    let mut bench = Bench::good();
    bench.today = jiff::civil::date(2028, 7, 1);
    let evaluation = judged(&bench);
    assert_eq!(codes(&evaluation), ["PL301", "PL305"]);
    assert_eq!(evaluation.verdict, Verdict::Fail);
}

#[test]
fn every_finding_has_proof_and_remedy_and_reads_like_a_sentence() {
    let mut bench = Bench::good();
    bench.ask_for("my-api");
    bench.config().config.labels.clear();
    bench.config().config.user.clear();
    bench.env(&["API_TOKEN=hunter2"]);
    bench.residue("apt", "var/lib/apt/lists", 1, 19_400_000, Some(2));
    bench.residue("pip", "root/.cache", 1, 19_400_000, None);
    bench.today = jiff::civil::date(2030, 1, 1);
    let evaluation = judged(&bench);
    assert!(evaluation.findings.len() > 8);
    for finding in evaluation.findings {
        assert!(!finding.proof.is_empty() && !finding.remedy.is_empty(), "{finding:?}");
        assert!(!finding.message.ends_with('.') && !finding.remedy.ends_with('.'), "{finding:?}");
    }
}

#[test]
fn hostile_text_is_harmless_everywhere() {
    let evil = "\u{1b}]0;x\u{7}\u{202e}\n";
    let mut bench = Bench::good();
    for key in ["revision", "created", "version", "source", "licenses", "a\u{1b}b"] {
        bench.label(key, Some(evil));
    }
    bench.label("x\u{1b}y", Some(""));
    bench.env(&["SECRET_\u{1b}TOKEN=x"]);
    bench.os(evil, Some(evil));
    bench.residue(evil, "a\u{1b}b", 2, 5_000_000, None);
    bench.package(model::Ecosystem::Npm, evil, "");
    bench.config().config.user = "0:\u{1b}".to_owned();
    for step in &mut bench.config().history {
        step.created_by = format!("|1 TOKEN_\u{1b}=x /bin/sh -c {evil}");
    }
    for finding in judged(&bench).findings {
        let text = format!("{}{}{}", finding.message, finding.proof, finding.remedy);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\n']), "{text:?}");
    }
}
