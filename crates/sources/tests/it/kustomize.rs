use crate::{check, check_everywhere, left};
use sources::Kind::Kustomize;

#[test]
fn a_digest_goes_behind_the_tag() {
    check_everywhere(
        Kustomize,
        "resources: [a.yaml]\nimages:\n- name: nginx\n  newTag: 1.27.0  # t\n- name: app\n  newName: r.example/app\n  newTag: \"1.4\"\n- {name: x, newTag: '2'}\n",
        "resources: [a.yaml]\nimages:\n- name: nginx\n  newTag: 1.27.0@D  # t\n- name: app\n  newName: r.example/app\n  newTag: \"1.4@D\"\n- {name: x, newTag: '2@D'}\n",
    );
}

#[test]
fn a_digest_that_has_a_field_goes_there() {
    let old = model::Digest::of(b"old");
    check_everywhere(
        Kustomize,
        &format!("images:\n- name: a\n  newTag: 1.0.0\n  digest: {old} # d\n- name: b\n  digest: '{old}'\n"),
        "images:\n- name: a\n  newTag: 1.0.0\n  digest: D # d\n- name: b\n  digest: 'D'\n",
    );
}

#[test]
fn an_empty_digest_is_filled() {
    check_everywhere(
        Kustomize,
        "images:\n- name: a\n  newTag: 1.0.0\n  digest: \"\"\n- name: b\n  newTag: 2.0.0\n  digest:\n",
        "images:\n- name: a\n  newTag: 1.0.0\n  digest: \"D\"\n- name: b\n  newTag: 2.0.0\n  digest: D\n",
    );
    check(
        Kustomize,
        "images:\n- name: a\n  digest: # none\n  newTag: 1\n",
        "images:\n- name: a\n  digest: D # none\n  newTag: 1\n",
    );
}

#[test]
fn a_digest_behind_the_tag_is_replaced_there() {
    let old = model::Digest::of(b"old");
    check(Kustomize, &format!("images:\n- name: a\n  newTag: 1@{old}\n"), "images:\n- name: a\n  newTag: 1@D\n");
}

#[test]
fn without_a_tag_the_other_files_decide() {
    let text = "images:\n- name: a\n  newName: r.example/a\n";
    check(Kustomize, text, text);
    left(Kustomize, text, &["r.example/a: the tag stands in another file"]);
}

#[test]
fn a_tag_in_the_new_name() {
    check(
        Kustomize,
        "images:\n- name: a\n  newName: r.example/a:1\n",
        "images:\n- name: a\n  newName: r.example/a:1@D\n",
    );
}

#[test]
fn anchors() {
    check(
        Kustomize,
        "images:\n- &a\n  name: a\n  newTag: &t 1.0\n- name: b\n  newTag: *t\n",
        "images:\n- &a\n  name: a\n  newTag: &t 1.0@D\n- name: b\n  newTag: *t\n",
    );
}

#[test]
fn variables_and_templates_are_left_alone() {
    let text = "images:\n- name: a\n  newTag: ${TAG}\n- name: b\n  newTag: '{{ t }}'\n";
    check(Kustomize, text, text);
    left(
        Kustomize,
        text,
        &["a:${TAG}: the variable `TAG` has no value here", "b:{{ t }}: a template, which another program fills in"],
    );
}

#[test]
fn what_is_no_reference_is_listed() {
    let text = "images:\n- name: A B\n  newTag: 1\n- name: c\n  newTag: ' x y'\n";
    check(Kustomize, text, text);
    assert_eq!(sources::find(Kustomize, text).unwrap().len(), 2);
}

#[test]
fn other_lists_name_no_images() {
    let text = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nhelmCharts:\n- name: a\n  version: 1\nimages: []\npatches:\n- patch: |\n    image: x\n";
    check_everywhere(Kustomize, text, text);
}
