use crate::{list, parsed, text};
use documents::Tool;
use documents::sarif::{Log, SarifRule, write};
use insta::assert_snapshot;
use model::{Digest, Disposition, Finding, Fix, Place, Severity, Subject, TextPlace, TreePath, Unknown, UnknownKind};
use serde_json::Value;

const RULES: [SarifRule<'static>; 2] = [
    SarifRule {
        code: "PL201",
        name: "package lists kept",
        summary: "The package manager's lists are in the layer.",
        help: "Remove them in the same instruction.",
        severity: Severity::Low,
    },
    SarifRule {
        code: "PL401",
        name: "secret in a layer",
        summary: "A file looks like a secret.",
        help: "Mount it as a build secret.",
        severity: Severity::Critical,
    },
];

fn finding(code: &'static str, place: Place) -> Finding {
    Finding {
        code,
        subject: Some(Subject::Manifest(Digest::of(b"image"))),
        place,
        severity: Severity::High,
        message: "something is wrong".into(),
        proof: "12 files".into(),
        remedy: "Mend it".into(),
        fix: None,
        disposition: Disposition::Open,
        ruling: None,
        known_before: None,
    }
}

fn in_text(path: &str) -> Place {
    let text = TextPlace { path: path.into(), line: 3, column: 5, end_line: 3, end_column: 22 };
    Place { text: Some(text), ..Place::default() }
}

fn in_image(path: &[u8]) -> Place {
    let layer = Some(Digest::of(b"layer"));
    let package = Some("pkg:deb/debian/x@1".to_owned());
    Place { path: Some(TreePath::clean(path).expect("a path")), layer, package, text: None }
}

fn log(findings: &[Finding]) -> Value {
    let unknowns = [Unknown::new(UnknownKind::Damaged, "the stream ends early")];
    let tool = Tool { name: "plimsoll", version: "0.1.0" };
    let log = Log { tool, target: "registry.example.org/web:1", rules: &RULES, findings, unknowns: &unknowns };
    let mut out = Vec::new();
    write(&[log], &mut out).expect("memory takes everything");
    parsed(&out)
}

fn results(findings: &[Finding]) -> Vec<Value> {
    list(&log(findings)["runs"][0], "results").to_vec()
}

#[test]
fn a_rule_is_in_the_table() {
    let log = log(&[]);
    assert_snapshot!(log["runs"][0]["tool"]["driver"]["rules"][1].to_string(), @r#"{"defaultConfiguration":{"level":"error"},"fullDescription":{"text":"A file looks like a secret."},"help":{"text":"Mount it as a build secret."},"id":"PL401","name":"secret-in-a-layer","properties":{"security-severity":"9.5","tags":["security","scanning"]},"shortDescription":{"text":"secret in a layer"}}"#);
    let notice = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(text(notice, "/message/text"), "damaged: the stream ends early");
}

#[test]
fn a_finding_in_a_text_has_its_span_and_edit() {
    let fix = Fix { summary: "remove the lists".into(), replacement: "RUN x \\\n  y\u{202e}".into() };
    let results = results(&[Finding { fix: Some(fix), ..finding("PL201", in_text("./app dir/Dockerfile")) }]);
    assert_eq!(results[0]["ruleIndex"], 0);
    assert_snapshot!(results[0]["locations"][0].to_string(), @r#"{"physicalLocation":{"artifactLocation":{"uri":"app%20dir/Dockerfile"},"region":{"endColumn":22,"endLine":3,"startColumn":5,"startLine":3}}}"#);
    let change = &results[0]["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(text(change, "/insertedContent/text"), "RUN x \\\n  y\u{202e}", "an edit is exact");
}

#[test]
fn a_finding_in_an_image_has_its_layer_and_package() {
    let results = results(&[finding("PL401", in_image(b"etc/a%b c")), finding("PL401", Place::default())]);
    assert_snapshot!(results[0]["locations"][0].to_string(), @r#"{"logicalLocations":[{"fullyQualifiedName":"sha256:dac1d7cfa95021764849fd102524e141488c5e3a90f861dbb5a12d9ac8584f85","kind":"layer"},{"fullyQualifiedName":"pkg:deb/debian/x@1","kind":"package"}],"physicalLocation":{"artifactLocation":{"uri":"etc/a%25b%20c","uriBaseId":"IMAGE"}}}"#);
    assert_eq!(text(&results[1], "/locations/0/physicalLocation/artifactLocation/uri"), "registry.example.org/web%3A1");
}

#[test]
fn a_decision_suppresses_and_does_not_remove() {
    let decided = |disposition| {
        let results = results(&[Finding { disposition, ..finding("PL401", Place::default()) }]);
        results[0]["suppressions"].to_string()
    };
    assert_eq!(decided(Disposition::Open), "null");
    assert_snapshot!(decided(Disposition::Accepted), @r#"[{"justification":"accepted","kind":"external","status":"accepted"}]"#);
    assert_snapshot!(decided(Disposition::UnderInvestigation), @r#"[{"justification":"under_investigation","kind":"external","status":"underReview"}]"#);
}

#[test]
fn fingerprints_outlive_lines_and_layers() {
    let print = |f: &[Finding]| {
        results(f).iter().map(|r| text(r, "/partialFingerprints/plimsollFinding~1v1").to_owned()).collect::<Vec<_>>()
    };
    let here = finding("PL201", in_text("Dockerfile"));
    let mut moved = here.clone();
    moved.place.text.as_mut().expect("a text").line = 9;
    assert_eq!(print(std::slice::from_ref(&here)), print(&[moved.clone()]));
    let both = print(&[here.clone(), moved]);
    assert_eq!(both[1], format!("{}:2", both[0]));
    let image = finding("PL401", in_image(b"a"));
    let mut rebuilt = image.clone();
    rebuilt.place.layer = None;
    rebuilt.proof = "13 files".into();
    assert_eq!(print(std::slice::from_ref(&image)), print(&[rebuilt]));
    assert_ne!(print(&[image]), print(&[finding("PL401", in_image(b"b"))]));
}

#[test]
fn a_path_cannot_name_another_host() {
    let uri = |path: &str| {
        let results = results(&[finding("PL201", in_text(path))]);
        text(&results[0], "/locations/0/physicalLocation/artifactLocation/uri").to_owned()
    };
    assert_eq!(uri("//evil/Dockerfile"), "/evil/Dockerfile");
    assert_eq!(uri("https://evil/x"), "https%3A//evil/x");
}
