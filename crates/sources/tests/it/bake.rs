use crate::{check, check_everywhere, left, roles};
use sources::Kind::{BakeHcl, BakeJson};

#[test]
fn contexts_in_hcl() {
    check_everywhere(
        BakeHcl,
        "# ä\ntarget \"app\" {\n\tcontexts = {\n\t\tbase = \"docker-image://debian:12\" // b\n\t\t\"x/y\" = \"docker-image://alpine\"\n\t\tsrc = \"./src\"\n\t\tother = \"target:lib\"\n\t}\n\ttags = [\"me/app:1\"]\n}\n",
        "# ä\ntarget \"app\" {\n\tcontexts = {\n\t\tbase = \"docker-image://debian:12@D\" // b\n\t\t\"x/y\" = \"docker-image://alpine:latest@D\"\n\t\tsrc = \"./src\"\n\t\tother = \"target:lib\"\n\t}\n\ttags = [\"me/app:1\"]\n}\n",
    );
}

#[test]
fn contexts_in_json() {
    check_everywhere(
        BakeJson,
        "{\"target\": {\"app\": {\"contexts\": {\"base\": \"docker-image://debian:12\", \"s\": \".\"},\n \"tags\": [\"me/app:1\"]}}}\n",
        "{\"target\": {\"app\": {\"contexts\": {\"base\": \"docker-image://debian:12@D\", \"s\": \".\"},\n \"tags\": [\"me/app:1\"]}}}\n",
    );
}

#[test]
fn a_variable_alone_is_pinned_in_its_default() {
    check_everywhere(
        BakeHcl,
        "variable \"BASE\" {\n  default = \"debian:12\"\n}\ntarget \"a\" {\n  contexts = { b = \"docker-image://${BASE}\" }\n}\n",
        "variable \"BASE\" {\n  default = \"debian:12@D\"\n}\ntarget \"a\" {\n  contexts = { b = \"docker-image://${BASE}\" }\n}\n",
    );
    check(
        BakeJson,
        "{\"variable\": {\"B\": {\"default\": \"x:1\"}}, \"target\": {\"a\": {\"contexts\": {\"b\": \"docker-image://${B}\"}}}}",
        "{\"variable\": {\"B\": {\"default\": \"x:1@D\"}}, \"target\": {\"a\": {\"contexts\": {\"b\": \"docker-image://${B}\"}}}}",
    );
}

#[test]
fn variables_in_parts_are_left_alone() {
    let text =
        "variable \"T\" { default = \"12\" }\ntarget \"a\" {\n  contexts = { b = \"docker-image://debian:${T}\" }\n}\n";
    check(BakeHcl, text, text);
    left(BakeHcl, text, &["debian:${T}: the variable `T` has no value here"]);
}

#[test]
fn a_dockerfile_inside_is_listed() {
    let text = "target \"a\" {\n  dockerfile-inline = <<EOT\nFROM debian:12\nEOT\n}\n";
    check(BakeHcl, text, text);
    let found = sources::find(BakeHcl, text).unwrap();
    assert_eq!(found.len(), 1);
}

#[test]
fn one_platform_is_told() {
    roles(
        BakeHcl,
        "target \"a\" {\n platforms = [\"linux/arm64\"]\n contexts = { b = \"docker-image://x:1\" }\n}\n",
        &["build-input x:1 for linux/arm64"],
    );
    roles(
        BakeHcl,
        "target \"a\" {\n platforms = [\"linux/arm64\", \"linux/amd64\"]\n contexts = { b = \"docker-image://x:1\" }\n}\n",
        &["build-input x:1"],
    );
}

#[test]
fn groups_functions_and_args_name_nothing() {
    let text = "group \"default\" { targets = [\"a\"] }\nfunction \"f\" {\n  params = [x]\n  result = \"docker-image://${x}\"\n}\ntarget \"a\" {\n  args = { BASE = \"debian:12\" }\n  cache-from = [\"type=registry,ref=x:1\"]\n}\n";
    check_everywhere(BakeHcl, text, text);
}

#[test]
fn several_targets_and_inheritance() {
    check(
        BakeHcl,
        "target \"a\" {\n  contexts = { b = \"docker-image://x:1\" }\n}\ntarget \"b\" {\n  inherits = [\"a\"]\n  contexts = { b = \"docker-image://y:2\" }\n}\n",
        "target \"a\" {\n  contexts = { b = \"docker-image://x:1@D\" }\n}\ntarget \"b\" {\n  inherits = [\"a\"]\n  contexts = { b = \"docker-image://y:2@D\" }\n}\n",
    );
}

#[test]
fn pinned_already() {
    let old = model::Digest::of(b"old");
    check(
        BakeHcl,
        &format!("target \"a\" {{\n  contexts = {{ b = \"docker-image://x:1@{old}\" }}\n}}\n"),
        "target \"a\" {\n  contexts = { b = \"docker-image://x:1@D\" }\n}\n",
    );
}

#[test]
fn odd_shapes_name_nothing() {
    for text in ["", "target = 1\n", "target {}\n", "target \"a\" {}\n", "target \"a\" {\n contexts = 3\n}\n"] {
        check(BakeHcl, text, text);
    }
    for text in ["{}", "{\"target\": 1}", "{\"target\": {\"a\": {\"contexts\": []}}}", "[]"] {
        check(BakeJson, text, text);
    }
}
