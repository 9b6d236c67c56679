use crate::{check, check_everywhere, left, roles};
use sources::Kind::GitlabCi;

#[test]
fn images_and_services() {
    check_everywhere(
        GitlabCi,
        "image: ruby:3.3  # all\nservices:\n  - postgres:16\n  - name: \"redis:7\"\n    alias: r\ntest:\n  image:\n    name: 'node:20'\n    entrypoint: [\"\"]\n  script: echo image:x\ndefault:\n  image: a/b:1\n",
        "image: ruby:3.3@D  # all\nservices:\n  - postgres:16@D\n  - name: \"redis:7@D\"\n    alias: r\ntest:\n  image:\n    name: 'node:20@D'\n    entrypoint: [\"\"]\n  script: echo image:x\ndefault:\n  image: a/b:1@D\n",
    );
}

#[test]
fn a_variable_is_pinned_where_it_gets_its_value() {
    check_everywhere(
        GitlabCi,
        "variables:\n  IMG: node:20 # v\n  OTHER:\n    value: \"caddy:2\"\n    description: x\na:\n  image: $IMG\nb:\n  image: ${OTHER}\nc:\n  variables: {IMG: 'go:1.22'}\n  image: {name: $IMG}\n",
        "variables:\n  IMG: node:20@D # v\n  OTHER:\n    value: \"caddy:2@D\"\n    description: x\na:\n  image: $IMG\nb:\n  image: ${OTHER}\nc:\n  variables: {IMG: 'go:1.22@D'}\n  image: {name: $IMG}\n",
    );
}

#[test]
fn a_variable_that_leads_to_another() {
    check(GitlabCi, "variables: {A: $B, B: x:1}\nj: {image: $A}\n", "variables: {A: $B, B: x:1@D}\nj: {image: $A}\n");
    left(GitlabCi, "variables: {A: $B, B: $A}\nj: {image: $A}\n", &["$A: the variable `A` has no value here"]);
}

#[test]
fn variables_in_parts_are_left_alone() {
    let text = "variables: {TAG: '1'}\na:\n  image: x:$TAG\nb:\n  image: $CI_REGISTRY_IMAGE/b:1\nc:\n  image: $[[ inputs.image ]]\n";
    check(GitlabCi, text, text);
    left(
        GitlabCi,
        text,
        &[
            "x:$TAG: the variable `TAG` has no value here",
            "$CI_REGISTRY_IMAGE/b:1: the variable `CI_REGISTRY_IMAGE` has no value here",
            "$[[ inputs.image ]]: a template, which another program fills in",
        ],
    );
}

#[test]
fn includes_are_left_alone() {
    let text = "include:\n  - project: a/b\n    file: image.yml\n    ref: v1\n  - component: r.example/c@1.0\nworkflow: {image: x}\n";
    check(GitlabCi, text, text);
    left(GitlabCi, text, &[]);
}

#[test]
fn hidden_jobs_anchors_and_extends() {
    check_everywhere(
        GitlabCi,
        ".base: &base\n  image: x:1\nreal:\n  <<: *base\n  script: a\nother:\n  extends: .base\n",
        ".base: &base\n  image: x:1@D\nreal:\n  <<: *base\n  script: a\nother:\n  extends: .base\n",
    );
}

#[test]
fn references_to_other_jobs() {
    let text = "a:\n  image: !reference [.b, image]\n  services: !reference [.b, services]\n";
    check(GitlabCi, text, text);
}

#[test]
fn headers_of_a_component() {
    check(
        GitlabCi,
        "spec:\n  inputs:\n    image:\n      default: x:1\n---\nj:\n  image: y:2\n",
        "spec:\n  inputs:\n    image:\n      default: x:1\n---\nj:\n  image: y:2@D\n",
    );
}

#[test]
fn platforms() {
    roles(
        GitlabCi,
        "j:\n  image:\n    name: x:1\n    docker: {platform: linux/arm64/v8}\n",
        &["tool x:1 for linux/arm64/v8"],
    );
}

#[test]
fn pinned_already_and_no_jobs() {
    let old = model::Digest::of(b"old");
    check(GitlabCi, &format!("image: x:1@{old}\n"), "image: x:1@D\n");
    for text in ["", "stages: [a]\n", "image:\n", "image: []\n", "- a\n"] {
        check(GitlabCi, text, text);
    }
}
