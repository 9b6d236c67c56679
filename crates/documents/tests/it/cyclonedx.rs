use crate::fixture::{Sample, bare, clean, web, web_bsi};
use crate::{cyclonedx_bytes, list, parsed, text};
use documents::cyclonedx::Version;
use insta::assert_snapshot;
use serde_json::Value;

fn document(sample: &Sample) -> Value {
    parsed(&cyclonedx_bytes(sample, Version::V1_6))
}

fn component<'a>(document: &'a Value, name: &str) -> &'a Value {
    list(document, "components").iter().find(|c| text(c, "/name") == name).expect("the component")
}

fn properties(component: &Value) -> String {
    let row = |p: &Value| format!("{}={}\n", text(p, "/name"), text(p, "/value"));
    list(component, "properties").iter().map(row).collect()
}

#[test]
fn a_component_has_its_layer_and_source() {
    assert_snapshot!(properties(component(&document(&web()), "libc6")), @r#"
    plimsoll:layer:diffID=sha256:cae662172fd450bb0cd710a769079c05bfc5d8e35efa6576edc7d0377afdd4a2
    plimsoll:layer:index=1
    plimsoll:layer:instruction=/bin/sh -c #(nop) ADD file:1 in /
    plimsoll:ecosystem=dpkg
    plimsoll:trust=installed
    plimsoll:architecture=amd64
    plimsoll:source:name=glibc
    plimsoll:source:version=2.36-9+deb12u9
    plimsoll:licence:stated=GPL-2+; public-domain
    "#);
}

#[test]
fn a_file_component_has_what_the_guideline_asks() {
    let document = document(&web_bsi());
    let of = |name| {
        properties(component(&document, name)).lines().filter(|l| l.starts_with("bsi:")).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(of("commons-io"), @r#"
    bsi:component:filename=commons-io.jar
    bsi:component:executable=executable
    bsi:component:archive=archive
    bsi:component:structured=structured
    "#);
    assert_eq!(of("libc6"), "");
    assert_snapshot!(document["metadata"]["manufacturer"].to_string(), @r#"{"contact":[{"email":"sbom@example.org"}],"name":"Example Ltd","url":["https://example.org/sbom"]}"#);
}

#[test]
fn licences_by_the_schemas_rule() {
    let document = document(&web());
    let of = |name| component(&document, name)["licenses"].to_string();
    assert_snapshot!(of("@babel/core"), @r#"[{"license":{"acknowledgement":"declared","id":"MIT"}}]"#);
    assert_snapshot!(of("libc6"), @r#"[{"acknowledgement":"declared","expression":"GPL-2.0-or-later AND LicenseRef-public-domain"}]"#);
    assert_snapshot!(of("python3-six"), @r#"[{"license":{"acknowledgement":"declared","name":"Expat; PSF\\n2"}}]"#);
    assert_eq!(of("node"), "null");
}

#[test]
fn a_package_inside_a_package_is_nested() {
    let document = document(&web());
    let six = &component(&document, "python3-six")["components"][0];
    assert_eq!(text(six, "/purl"), "pkg:pypi/six@1.16.0");
    assert_eq!(text(six, "/supplier/name"), "Debian Python Team");
    let owner = component(&document, "python3-six");
    assert_eq!(six["licenses"], owner["licenses"], "what is stated for all of its files");
    assert!(properties(six).contains(&format!("plimsoll:licence:of={}", text(owner, "/bom-ref"))));
}

#[test]
fn a_vendored_copy_hangs_on_its_carrier() {
    let document = document(&web());
    let (core, copy) = (component(&document, "@babel/core"), component(&document, "debug"));
    let edge = list(&document, "dependencies").iter().find(|d| d["ref"] == core["bom-ref"]).expect("an entry");
    assert_eq!(edge["dependsOn"], serde_json::json!([copy["bom-ref"]]), "needed and carried, listed once");
    let carrier = format!("plimsoll:bundled-in={}", text(core, "/bom-ref"));
    assert!(properties(copy).contains(&carrier));
}

#[test]
fn every_component_is_in_the_graph() {
    let document = document(&web());
    let refs: Vec<_> = list(&document, "dependencies").iter().map(|d| text(d, "/ref")).collect();
    for component in list(&document, "components") {
        assert!(refs.contains(&text(component, "/bom-ref")), "{component}");
    }
}

#[test]
fn completeness_is_stated() {
    let aggregates = |sample: &Sample| {
        let document = document(sample);
        let row = |c: &Value| {
            let counts = (list(c, "assemblies").len(), list(c, "dependencies").len());
            format!("{} {counts:?}; ", text(c, "/aggregate"))
        };
        list(&document, "compositions").iter().map(row).collect::<String>()
    };
    assert_eq!(aggregates(&web()), "incomplete (1, 1); unknown (0, 8); ");
    assert_eq!(aggregates(&clean()), "complete (1, 1); complete (0, 2); unknown (0, 1); ");
    assert_eq!(aggregates(&bare()), "complete (1, 1); ");
}

#[test]
fn what_could_not_be_read_is_there() {
    let document = document(&web());
    let notes: Vec<_> = list(&document, "annotations").iter().map(|a| text(a, "/text")).collect();
    assert_eq!(notes.len(), 2);
    assert!(notes[0].contains("the paragraph has no version") && notes[1].contains("/opt/odd"), "{notes:?}");
}

#[test]
fn the_same_facts_give_the_same_bytes() {
    assert_eq!(cyclonedx_bytes(&web(), Version::V1_7), cyclonedx_bytes(&web(), Version::V1_7));
}

#[test]
fn versions_differ_in_their_names_alone() {
    let (mut old, mut new) = (document(&web()), parsed(&cyclonedx_bytes(&web(), Version::V1_7)));
    assert_ne!(old["serialNumber"], new["serialNumber"]);
    assert_eq!((text(&old, "/specVersion"), text(&new, "/specVersion")), ("1.6", "1.7"));
    for key in ["$schema", "specVersion", "serialNumber"] {
        old[key] = Value::Null;
        new[key] = Value::Null;
    }
    assert_eq!(old, new);
}
