use crate::{check, check_everywhere, left, roles};
use sources::Kind::Devcontainer;

#[test]
fn comments_commas_and_spaces_stay() {
    check_everywhere(
        Devcontainer,
        "// ä\n{\n\t\"name\": \"x\", /* c */\n\t\"image\" : \"mcr.example/dev:1-bookworm\" , // i\n\t\"forwardPorts\": [80,],\n}\n",
        "// ä\n{\n\t\"name\": \"x\", /* c */\n\t\"image\" : \"mcr.example/dev:1-bookworm@D\" , // i\n\t\"forwardPorts\": [80,],\n}\n",
    );
}

#[test]
fn features_are_listed_with_their_lock() {
    let text = "{\"image\": \"a:1\", \"features\": {\"ghcr.io/devcontainers/features/go:1\": {}, \"./local\": {}}}";
    check_everywhere(Devcontainer, text, &text.replace("a:1", "a:1@D"));
    left(
        Devcontainer,
        text,
        &[
            "ghcr.io/devcontainers/features/go:1: a feature, whose digest belongs into `devcontainer-lock.json`",
            "./local: a file of the repository, not an image",
        ],
    );
}

#[test]
fn no_tag() {
    check(Devcontainer, "{\"image\":\"a/b\"}", "{\"image\":\"a/b:latest@D\"}");
}

#[test]
fn single_quotes_and_loose_keys() {
    check(Devcontainer, "{image: 'a:1'}\n", "{image: 'a:1@D'}\n");
}

#[test]
fn variables_are_left_alone() {
    let text = "{\"image\": \"a:${localEnv:TAG}\"}";
    check(Devcontainer, text, text);
    left(Devcontainer, text, &["a:${localEnv:TAG}: the variable `localEnv` has no value here"]);
}

#[test]
fn builds_and_compose_files_name_nothing() {
    let text = "{\"build\": {\"dockerfile\": \"Dockerfile\", \"args\": {\"image\": \"x:1\"}}, \"dockerComposeFile\": \"c.yml\"}";
    check_everywhere(Devcontainer, text, text);
    left(Devcontainer, text, &[]);
}

#[test]
fn images_further_down_are_other_things() {
    let text = "{\"customizations\": {\"vscode\": {\"image\": \"x:1\"}}}";
    check(Devcontainer, text, text);
}

#[test]
fn escapes_are_left_alone() {
    let text = "{\"image\": \"a\\u003a1\"}";
    check(Devcontainer, text, text);
    left(Devcontainer, text, &["a\\u003a1: escaped or folded: the bytes are not the value"]);
}

#[test]
fn pinned_already() {
    let old = model::Digest::of(b"old");
    check(Devcontainer, &format!("{{\"image\": \"a:1@{old}\"}}\n"), "{\"image\": \"a:1@D\"}\n");
}

#[test]
fn odd_shapes_name_nothing() {
    for text in ["", "{}", "[]", "{\"image\": null}", "{\"image\": 3}", "{\"image\": \"\"}", "{\"features\": []}"] {
        check(Devcontainer, text, text);
    }
    roles(Devcontainer, "{\"image\": \"a:1\"}", &["tool a:1"]);
}
