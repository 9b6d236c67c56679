use crate::fixture::{Sample, bare, clean, web, web_bsi};
use crate::{list, parsed, spdx_bytes, text};
use insta::assert_snapshot;
use serde_json::Value;

fn document(sample: &Sample) -> Value {
    parsed(&spdx_bytes(sample))
}

fn short(id: &str) -> String {
    let id = id.trim_start_matches("SPDXRef-").trim_start_matches("Package-");
    id.rsplit_once('-').filter(|(_, hash)| hash.len() == 16).map_or(id, |(name, _)| name).to_owned()
}

fn packages(document: &Value) -> String {
    let row = |p: &Value| {
        let fields = ["/versionInfo", "/supplier", "/licenseConcluded", "/licenseDeclared", "/primaryPackagePurpose"];
        let fields: Vec<_> = fields.iter().map(|f| text(p, f)).collect();
        format!("{}: {}\n", text(p, "/name"), fields.join(" | "))
    };
    list(document, "packages").iter().map(row).collect()
}

fn relationships(document: &Value) -> String {
    let row = |r: &Value| {
        let (from, to) = (text(r, "/spdxElementId"), text(r, "/relatedSpdxElement"));
        format!("{} {} {}\n", short(from), text(r, "/relationshipType"), short(to))
    };
    list(document, "relationships").iter().map(row).collect()
}

#[test]
fn every_package_with_who_and_what() {
    assert_snapshot!(packages(&document(&web())), @"");
}

#[test]
fn relationships_say_what_is_inside_what() {
    assert_snapshot!(relationships(&document(&web())), @"");
}

#[test]
fn the_stricter_guideline_states_what_is_complete() {
    let document = document(&web_bsi());
    let last: Vec<_> = relationships(&document).lines().filter(|l| l.contains(" NO")).map(str::to_owned).collect();
    assert_snapshot!(last.join("\n"), @"");
    assert_eq!(text(&document, "/creationInfo/creators/1"), "Organization: Example Ltd (sbom@example.org)");
    assert_eq!(text(&document, "/creationInfo/created"), "2025-01-02T02:04:05Z");
}

#[test]
fn a_package_names_its_evidence_layer_and_instruction() {
    let document = document(&web());
    assert_snapshot!(text(&document, "/packages/2/sourceInfo"), @"");
    assert_snapshot!(text(&document, "/packages/3/sourceInfo"), @"");
}

#[test]
fn what_could_not_be_read_is_there() {
    let document = document(&web());
    let notes: Vec<_> = list(&document, "annotations").iter().map(|a| text(a, "/comment")).collect();
    assert_snapshot!(notes.join("\n"), @"");
    assert_snapshot!(text(&document, "/comment"), @"");
}

#[test]
fn an_image_read_whole_has_no_remark() {
    let document = document(&clean());
    assert!(document.get("comment").is_none() && list(&document, "annotations").is_empty());
}

#[test]
fn words_that_are_no_expression_are_extracted_once() {
    let document = document(&web());
    let row = |e: &Value| format!("{} = {}\n", text(e, "/licenseId"), text(e, "/extractedText"));
    assert_snapshot!(list(&document, "hasExtractedLicensingInfos").iter().map(row).collect::<String>(), @"");
}

#[test]
fn the_same_facts_give_the_same_bytes() {
    assert_eq!(spdx_bytes(&web()), spdx_bytes(&web()));
}

#[test]
fn other_content_has_another_namespace() {
    let mut other = web();
    other.facts.packages[0].version.push('1');
    let namespace = |sample: &Sample| text(&document(sample), "/documentNamespace").to_owned();
    assert_ne!(namespace(&web()), namespace(&other));
    assert_eq!(namespace(&web()).split_at(109).0, namespace(&other).split_at(109).0, "the subject is in both");
}

#[test]
fn nothing_known_is_still_a_document() {
    let document = document(&bare());
    assert_eq!(packages(&document), "dir:./rootfs:  | NOASSERTION | NOASSERTION | NOASSERTION | CONTAINER\n");
    assert_eq!(text(&document, "/creationInfo/created"), "1970-01-01T00:00:00Z");
    assert!(text(&document, "/creationInfo/comment").contains("No date was given"));
}
