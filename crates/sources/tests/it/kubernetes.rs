use crate::{check, check_everywhere, left};
use sources::Kind::Kubernetes;

#[test]
fn a_pod_in_all_its_parts() {
    check_everywhere(
        Kubernetes,
        "apiVersion: v1\nkind: Pod\nspec:\n  initContainers:\n  - name: i\n    image: a:1  # first\n  containers:\n  - image: \"b:2\"\n    name: b\n  - {name: c, image: c/c:3}\n  ephemeralContainers:\n  - image: d:4\n  volumes:\n  - name: v\n    image:\n      reference: e:5\n      pullPolicy: Always\n",
        "apiVersion: v1\nkind: Pod\nspec:\n  initContainers:\n  - name: i\n    image: a:1@D  # first\n  containers:\n  - image: \"b:2@D\"\n    name: b\n  - {name: c, image: c/c:3@D}\n  ephemeralContainers:\n  - image: d:4@D\n  volumes:\n  - name: v\n    image:\n      reference: e:5@D\n      pullPolicy: Always\n",
    );
}

#[test]
fn several_documents() {
    check_everywhere(
        Kubernetes,
        "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{name: a, image: a:1}]}}}\n---\n# between\n---\napiVersion: batch/v1\nkind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers:\n            - image: b:2\n",
        "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{name: a, image: a:1@D}]}}}\n---\n# between\n---\napiVersion: batch/v1\nkind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers:\n            - image: b:2@D\n",
    );
}

#[test]
fn lists_of_objects() {
    check_everywhere(
        Kubernetes,
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  spec:\n    containers:\n    - image: a:1\n- apiVersion: v1\n  kind: Pod\n  spec:\n    containers:\n    - image: b\n",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  spec:\n    containers:\n    - image: a:1@D\n- apiVersion: v1\n  kind: Pod\n  spec:\n    containers:\n    - image: b:latest@D\n",
    );
}

#[test]
fn json_is_yaml() {
    check(
        Kubernetes,
        "{\"apiVersion\": \"v1\", \"kind\": \"Pod\",\n \"spec\": {\"containers\": [{\"image\": \"a:1\"}]}}\n",
        "{\"apiVersion\": \"v1\", \"kind\": \"Pod\",\n \"spec\": {\"containers\": [{\"image\": \"a:1@D\"}]}}\n",
    );
}

#[test]
fn other_groups_by_a_pods_shape() {
    check_everywhere(
        Kubernetes,
        "apiVersion: tekton.dev/v1\nkind: Task\nspec:\n  steps:\n  - image: a:1\n  sidecars:\n  - image: b\n---\napiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  templates:\n  - container: {image: c:3}\n  - script:\n      image: d:4\n---\napiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nspec:\n  image: quay.io/p/p:v2.53.0\n",
        "apiVersion: tekton.dev/v1\nkind: Task\nspec:\n  steps:\n  - image: a:1@D\n  sidecars:\n  - image: b:latest@D\n---\napiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  templates:\n  - container: {image: c:3@D}\n  - script:\n      image: d:4@D\n---\napiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nspec:\n  image: quay.io/p/p:v2.53.0@D\n",
    );
}

#[test]
fn a_core_objects_image_elsewhere_is_no_image() {
    let text = "apiVersion: v1\nkind: ConfigMap\ndata:\n  image: x:1\n  y: |\n    image: z:2\n";
    check(Kubernetes, text, text);
    let text = "apiVersion: example.com/v1\nkind: Page\nspec:\n  image: logo.png\n  title: x\n";
    check(Kubernetes, text, text);
}

#[test]
fn values_of_a_helm_release() {
    check(
        Kubernetes,
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    image:\n      repository: a/b\n      tag: 1.2.3\n",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    image:\n      repository: a/b\n      tag: 1.2.3@D\n",
    );
}

#[test]
fn variables_of_other_programs_are_left_alone() {
    let text = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: a:${TAG}\n  - image: $(IMG)\n  - image: '{{ img }}'\n  - image: b:2\n";
    check(Kubernetes, text, &text.replace("b:2", "b:2@D"));
    left(
        Kubernetes,
        text,
        &[
            "a:${TAG}: the variable `TAG` has no value here",
            "$(IMG): the variable `IMG` has no value here",
            "{{ img }}: a template, which another program fills in",
        ],
    );
}

#[test]
fn anchors_between_containers() {
    check_everywhere(
        Kubernetes,
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - &c\n    image: &i a:1\n    name: x\n  - <<: *c\n    name: y\n  initContainers:\n  - image: *i\n",
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - &c\n    image: &i a:1@D\n    name: x\n  - <<: *c\n    name: y\n  initContainers:\n  - image: *i\n",
    );
}

#[test]
fn pinned_already_and_odd_spacing() {
    let old = model::Digest::of(b"old");
    check_everywhere(
        Kubernetes,
        &format!(
            "apiVersion:   v1\nkind: Pod\nspec:\n    containers:\n        -   image:    a:1@{old}\n            name: a\n        -\n            image:\n                b:2\n"
        ),
        "apiVersion:   v1\nkind: Pod\nspec:\n    containers:\n        -   image:    a:1@D\n            name: a\n        -\n            image:\n                b:2@D\n",
    );
}

#[test]
fn objects_without_pods_name_nothing() {
    let text =
        "apiVersion: v1\nkind: Service\nspec:\n  containers: none\n  volumes: {image: x}\n---\n- a\n---\nplain\n---\n";
    check(Kubernetes, text, text);
    left(Kubernetes, text, &[]);
}
