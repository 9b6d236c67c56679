use crate::{check, check_everywhere, left};
use sources::Kind::{HelmTemplate, HelmValues};

#[test]
fn pieces_are_put_together() {
    check_everywhere(
        HelmValues,
        "image:\n  registry: r.example\n  repository: a/b   # ä\n  tag: 1.2.3 # t\n  pullPolicy: Always\nsidecar: {image: {repository: x, tag: \"2\"}}\n",
        "image:\n  registry: r.example\n  repository: a/b   # ä\n  tag: 1.2.3@D # t\n  pullPolicy: Always\nsidecar: {image: {repository: x, tag: \"2@D\"}}\n",
    );
    let found = sources::find(HelmValues, "image: {registry: r.example, repository: a/b, tag: 1.2.3}").unwrap();
    assert_eq!(found[0].reference().unwrap().name(), "r.example/a/b");
}

#[test]
fn a_digest_that_has_a_field_goes_there() {
    check_everywhere(
        HelmValues,
        "image:\n  repository: a\n  tag: 1\n  digest: \"\"\nb:\n  image:\n    repository: b\n    tag: 2\n    digest:\n    x: y\n",
        "image:\n  repository: a\n  tag: 1\n  digest: \"D\"\nb:\n  image:\n    repository: b\n    tag: 2\n    digest: D\n    x: y\n",
    );
}

#[test]
fn whole_references() {
    check_everywhere(
        HelmValues,
        "image: r.example/a:1\njobs:\n  - image: \"b:2\"\n  - name: c\n    image: c\n",
        "image: r.example/a:1@D\njobs:\n  - image: \"b:2@D\"\n  - name: c\n    image: c:latest@D\n",
    );
}

#[test]
fn a_tag_beside_the_image() {
    check(HelmValues, "image: a/b\nimageTag: v1\n", "image: a/b\nimageTag: v1@D\n");
    check(HelmValues, "x:\n  image: a/b\n  tag: \"v1\"\n", "x:\n  image: a/b\n  tag: \"v1@D\"\n");
}

#[test]
fn without_a_tag_the_chart_decides() {
    let text = "image:\n  repository: a/b\n  tag: \"\"\nc:\n  image: {repository: d, tag: }\n";
    check_everywhere(HelmValues, text, text);
    let why = "the tag (without one a chart takes its own version) stands in another file";
    left(HelmValues, text, &[&format!("a/b: {why}"), &format!("d: {why}")]);
}

#[test]
fn the_global_registry_comes_first() {
    let text = "global:\n  imageRegistry: g.example\nimage:\n  registry: r.example\n  repository: a\n  tag: 1\n";
    let found = sources::find(HelmValues, text).unwrap();
    assert_eq!(found[0].reference().unwrap().name(), "g.example/a");
}

#[test]
fn templates_in_values_are_left_alone() {
    let text = "image: \"{{ .Values.global.image }}\"\nb:\n  repository: x\n  tag: \"{{ .Chart.AppVersion }}\"\n";
    check(HelmValues, text, text);
    left(
        HelmValues,
        text,
        &[
            "{{ .Values.global.image }}: a template, which another program fills in",
            "x:{{ .Chart.AppVersion }}: a template, which another program fills in",
        ],
    );
}

#[test]
fn templates_are_left_alone() {
    let text = "kind: Pod\nspec:\n  containers:\n  - image: {{ .Values.image }}:1\n  - image: x:1\n";
    check(HelmTemplate, text, text);
    left(HelmTemplate, text, &["{{: a template, which another program fills in"]);
}

#[test]
fn repositories_that_are_no_images() {
    let text = "chart:\n  repository: https://charts.example/x\n  tag: v1\ngit:\n  repository: a/b\nimage: {}\nother:\n  image: true or false\n";
    check(HelmValues, text, text);
}

#[test]
fn anchors_and_merges() {
    check_everywhere(
        HelmValues,
        "base: &b\n  repository: a\n  tag: &t 1.0.0\none:\n  image:\n    <<: *b\ntwo:\n  image:\n    repository: c\n    tag: *t\n",
        "base: &b\n  repository: a\n  tag: &t 1.0.0@D\none:\n  image:\n    <<: *b\ntwo:\n  image:\n    repository: c\n    tag: *t\n",
    );
}

#[test]
fn pinned_already() {
    let old = model::Digest::of(b"old");
    check_everywhere(
        HelmValues,
        &format!(
            "a:\n  repository: x\n  tag: 1@{old}\nb:\n  repository: y\n  tag: 1\n  digest: {old} # c\nc:\n  image: z:1@{old}\n"
        ),
        "a:\n  repository: x\n  tag: 1@D\nb:\n  repository: y\n  tag: 1\n  digest: D # c\nc:\n  image: z:1@D\n",
    );
}
