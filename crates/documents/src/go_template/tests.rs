//! What templates write, and what Go says of bad ones. The expected words are those of Go's own engine:
//! `testdata/go_template/oracle.go` prints them.

use super::*;

fn data() -> Value {
    let map = |pairs: &[(&str, Value)]| {
        let entries: BTreeMap<String, Value> = pairs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        Value::Map("map[string]interface {}", Value::Nil.into(), Some(entries.into()))
    };
    let list = |items: &[Value]| Value::List("[]interface {}", Some(items.into()));
    map(&[
        ("Name", Value::text("app")),
        ("Empty", Value::text("")),
        ("Size", Value::Text(Text::Number, "42".into())),
        ("Yes", Value::Bool(true)),
        ("Null", Value::Nil),
        ("List", list(&[Value::text("a"), Value::text("b"), Value::text("c")])),
        ("None", list(&[])),
        ("Map", map(&[("b", Value::text("2")), ("a", Value::text("1 < 2")), ("n", Value::Nil)])),
        ("Odd", Value::text("Å\n\"q\"\u{2028}'é")),
    ])
}

fn run(template: &str, missing: MissingKey) -> String {
    match Template::parse(template).and_then(|template| template.execute(&data(), missing)) {
        Ok(written) => written.text,
        Err(error) => format!("ERROR {error}"),
    }
}

/// Each template with what Go writes, as `oracle.go` printed it.
const VECTORS: &str = include_str!("../../testdata/go_template/vectors.jsonl");

#[test]
fn every_vector_is_what_go_writes() {
    let mut wrong = Vec::new();
    for line in VECTORS.lines() {
        let (template, expected): (String, String) = serde_json::from_str(line).unwrap();
        let found = run(&template, MissingKey::Error);
        if found != expected {
            wrong.push(format!("{template}\n  go:   {expected}\n  ours: {found}"));
        }
    }
    assert!(VECTORS.lines().count() >= 300, "only {} vectors", VECTORS.lines().count());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), VECTORS.lines().count(), wrong.join("\n"));
}

#[test]
fn a_missing_entry_is_no_value_where_that_is_asked_for() {
    assert_eq!(
        run("{{.Nope}}|{{.Nope.Deeper}}|{{with .Nope}}x{{else}}y{{end}}", MissingKey::NoValue),
        "<no value>|<no value>|y"
    );
}

#[test]
fn what_only_an_engine_knows_is_no_value_and_is_told() {
    let entries: BTreeMap<String, Value> = [("Size".to_owned(), Value::Elsewhere("Size"))].into();
    let data = Value::Map("map[string]interface {}", Value::Nil.into(), Some(entries.into()));
    let written = Template::parse("{{.Size}}").unwrap().execute(&data, MissingKey::Error).unwrap();
    assert_eq!((written.text.as_str(), written.elsewhere.contains("Size")), ("<no value>", true));
}

#[test]
fn a_template_that_never_ends_ends() {
    let doubling = r#"{{define "x"}}{{template "x" .}}{{template "x" .}}{{end}}{{template "x" .}}"#;
    assert!(run(doubling, MissingKey::Error).contains("exceeded maximum template depth"));
    let loops = "{{range 1000000}}{{range 1000000}}{{end}}{{end}}";
    assert!(run(loops, MissingKey::Error).starts_with("ERROR"));
    let wide = "{{range 1000000}}{{printf \"%1000000d\" 1}}{{end}}";
    assert!(run(wide, MissingKey::Error).contains("bytes of output"));
    let deep = format!("{{{{{}1{}}}}}", "(".repeat(5000), ")".repeat(5000));
    assert!(run(&deep, MissingKey::Error).contains("max expression depth exceeded"));
    let blocks = "{{if 1}}".repeat(5000);
    assert!(run(&blocks, MissingKey::Error).contains("max expression depth exceeded"));
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in r#"[-{}()|.$"'`a-zA-Z0-9:=, \n%é]{0,60}"#) {
        let _ = run(&text, MissingKey::Error);
        let _ = run(&format!("{{{{{text}}}}}"), MissingKey::NoValue);
    }
}
