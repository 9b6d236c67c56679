use crate::{check, check_everywhere, left, roles};
use sources::Kind::{Action, Workflow};
use sources::{Edit, Grammar};

#[test]
fn containers_services_and_docker_steps() {
    check_everywhere(
        Workflow,
        "on: push\njobs:\n  a:\n    runs-on: x\n    container: node:20.11.1  # c\n    services:\n      db:\n        image: \"postgres:16\"\n      r: {image: redis}\n    steps:\n      - uses: docker://alpine:3.20\n      - run: docker run x:1\n  b:\n    container:\n      image: 'debian:12'\n      options: --init\n",
        "on: push\njobs:\n  a:\n    runs-on: x\n    container: node:20.11.1@D  # c\n    services:\n      db:\n        image: \"postgres:16@D\"\n      r: {image: redis:latest@D}\n    steps:\n      - uses: docker://alpine:3.20@D\n      - run: docker run x:1\n  b:\n    container:\n      image: 'debian:12@D'\n      options: --init\n",
    );
}

#[test]
fn expressions_are_left_alone() {
    let text = "jobs:\n  a:\n    container: ${{ matrix.image }}\n    services:\n      x:\n        image: node:${{ matrix.node }}\n    steps:\n      - uses: docker://${{ env.I }}\n";
    check(Workflow, text, text);
    assert!(sources::find(Workflow, text).unwrap().iter().all(|m| !m.can_be_pinned()));
}

#[test]
fn what_is_given_to_an_action_is_left_alone() {
    let text = "jobs:\n  a:\n    uses: ./.github/workflows/b.yml\n    with:\n      image: x:1\n  c:\n    steps:\n      - uses: ./here\n        with: {image: y:2}\n";
    check(Workflow, text, text);
    left(
        Workflow,
        text,
        &[
            "./.github/workflows/b.yml: a file of the repository, not an image",
            "./here: a file of the repository, not an image",
        ],
    );
}

#[test]
fn composite_and_docker_actions() {
    check_everywhere(
        Action,
        "name: a\nruns:\n  using: docker\n  image: docker://alpine:3.20 # c\n",
        "name: a\nruns:\n  using: docker\n  image: docker://alpine:3.20@D # c\n",
    );
    check(
        Action,
        "runs:\n  using: composite\n  steps:\n  - uses: 'docker://x:1'\n  - uses: a/b@v1\n",
        "runs:\n  using: composite\n  steps:\n  - uses: 'docker://x:1@D'\n  - uses: a/b@v1\n",
    );
    left(Action, "runs: {using: docker, image: Dockerfile}\n", &["Dockerfile: a file of the repository, not an image"]);
}

/// Pins all actions to one commit.
fn committed(text: &str, expected: &str) {
    let grammar = Grammar::Kind(Workflow);
    let commit = "a".repeat(40);
    let edits: Vec<Edit> =
        grammar.find(text).expect("a workflow").iter().filter_map(|m| m.pin_commit(&commit)).collect();
    let after = grammar.edit(text, &edits).expect("an edit");
    assert_eq!(after.replace(&commit, "C"), expected);
}

#[test]
fn actions_by_commit_with_their_version_as_a_comment() {
    committed(
        "jobs:\n  a:\n    steps:\n    - uses: actions/checkout@v4\n    - uses: a/b/c@main   # why\n    - {uses: d/e@v1, with: {}}\n    - uses: \"f/g@v2\"\n    - uses: h/i@v3\r\n  b:\n    uses: o/r/.github/workflows/x.yml@v5\n",
        "jobs:\n  a:\n    steps:\n    - uses: actions/checkout@C # v4\n    - uses: a/b/c@C   # why\n    - {uses: d/e@C, with: {}}\n    - uses: \"f/g@C\"\n    - uses: h/i@C # v3\r\n  b:\n    uses: o/r/.github/workflows/x.yml@C # v5\n",
    );
}

#[test]
fn an_action_names_its_repository_and_version() {
    let found = sources::find(Workflow, "jobs: {a: {steps: [{uses: o/r/sub/dir@v1.2}]}}").unwrap();
    let action = found[0].action().unwrap();
    assert_eq!((action.repository.as_str(), action.version.as_str()), ("o/r", "v1.2"));
    assert!(found[0].reference().is_none());
}

#[test]
fn an_action_without_a_version_is_nothing() {
    let text = "jobs:\n  a:\n    steps:\n    - uses: a/b\n    - uses: c@v1\n    - uses:\n    - name: x\n";
    committed(text, text);
    left(Workflow, text, &["c@v1: no action: expected `owner/repository@ref`"]);
}

#[test]
fn pinned_already() {
    let old = model::Digest::of(b"old");
    check_everywhere(
        Workflow,
        &format!("jobs:\n  a:\n    container: node:20@{old}\n    steps:\n    - uses: docker://x@{old} # y\n"),
        "jobs:\n  a:\n    container: node:20@D\n    steps:\n    - uses: docker://x@D # y\n",
    );
}

#[test]
fn anchors() {
    check(
        Workflow,
        "jobs:\n  a: &a\n    container: &c x:1\n  b:\n    <<: *a\n  c:\n    container: {image: *c}\n",
        "jobs:\n  a: &a\n    container: &c x:1@D\n  b:\n    <<: *a\n  c:\n    container: {image: *c}\n",
    );
}

#[test]
fn everything_in_a_pipeline_is_a_tool() {
    roles(Workflow, "jobs: {a: {container: x:1, steps: [{uses: o/r@v1}]}}", &["tool x:1", "tool o/r@v1"]);
}

#[test]
fn jobs_that_are_none() {
    for text in
        ["", "jobs:\n", "jobs: []\n", "jobs: {a: }\n", "- x\n", "jobs: {a: {steps: x, services: y, container: }}\n"]
    {
        check(Workflow, text, text);
        check(Action, text, text);
    }
}
