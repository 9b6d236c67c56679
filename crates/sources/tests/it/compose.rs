use crate::{check, check_everywhere, left, roles};
use sources::Kind::Compose;

#[test]
fn services_are_pinned_and_every_other_byte_stays() {
    check_everywhere(
        Compose,
        "# ä comment\nservices:\n  web:   # the front\n    image: nginx:1.27  # keep\n    ports: [ \"80:80\" ]\n  db:\n    image: 'postgres:16.3'\n  cache:\n    image: \"redis:7.2\"   # \"quoted\"\n",
        "# ä comment\nservices:\n  web:   # the front\n    image: nginx:1.27@D  # keep\n    ports: [ \"80:80\" ]\n  db:\n    image: 'postgres:16.3@D'\n  cache:\n    image: \"redis:7.2@D\"   # \"quoted\"\n",
    );
}

#[test]
fn flow_maps() {
    check_everywhere(
        Compose,
        "services: {web: {image: nginx:1.27, ports: [80]}, db: {\"image\": \"postgres:16\"}}\n",
        "services: {web: {image: nginx:1.27@D, ports: [80]}, db: {\"image\": \"postgres:16@D\"}}\n",
    );
    check(Compose, "services:\n  a: { image: 'x:1' , b: c }\n", "services:\n  a: { image: 'x:1@D' , b: c }\n");
}

#[test]
fn no_tag_is_latest_written_out() {
    check(
        Compose,
        "services:\n  a:\n    image: r.example:5000/x\n",
        "services:\n  a:\n    image: r.example:5000/x:latest@D\n",
    );
}

#[test]
fn what_is_built_here_is_left_alone() {
    let text = "services:\n  app:\n    build: .\n    image: me/app:dev\n  again:\n    image: me/app:dev\n  db:\n    image: x:1\n";
    check_everywhere(Compose, text, &text.replace("x:1", "x:1@D"));
    left(Compose, text, &["me/app:dev: a build gives its result this name"; 2]);
    roles(Compose, text, &["output me/app:dev", "deployed me/app:dev", "deployed x:1"]);
}

#[test]
fn anchors_aliases_and_merge_keys() {
    check_everywhere(
        Compose,
        "x-base: &base\n  image: &img nginx:1.27\n  restart: always\nservices:\n  a:\n    <<: *base\n  b: *base\n  c:\n    image: *img\n  d:\n    <<: [*base, {init: true}]\n    image: caddy:2.8.4\n",
        "x-base: &base\n  image: &img nginx:1.27@D\n  restart: always\nservices:\n  a:\n    <<: *base\n  b: *base\n  c:\n    image: *img\n  d:\n    <<: [*base, {init: true}]\n    image: caddy:2.8.4@D\n",
    );
}

#[test]
fn a_fragment_that_nothing_uses_is_left_alone() {
    check(Compose, "x-a: {image: x:1}\nservices: {}\n", "x-a: {image: x:1}\nservices: {}\n");
}

#[test]
fn an_alias_of_a_name_that_a_build_gives() {
    let text = "services:\n  a:\n    build: .\n    image: &i me/a:1\n  b:\n    image: *i\n";
    check(Compose, text, text);
}

#[test]
fn defaults_of_variables() {
    check_everywhere(
        Compose,
        "services:\n  a: {image: \"${IMG:-nginx:1.27}\"}\n  b:\n    image: postgres:${PG_TAG:-16.3}\n  c:\n    image: ${REG:-r.example}/x/y:1 # z\n  d:\n    image: ${A:-${B:-caddy}}\n",
        "services:\n  a: {image: \"${IMG:-nginx:1.27@D}\"}\n  b:\n    image: postgres:${PG_TAG:-16.3@D}\n  c:\n    image: ${REG:-r.example}/x/y:1@D # z\n  d:\n    image: ${A:-${B:-caddy:latest@D}}\n",
    );
    left(
        Compose,
        "services:\n  a:\n    image: ${IMG}\n  b:\n    image: x:$TAG\n  c:\n    image: x:1${S:-}\n  d:\n    image: x:${T:?needed}\n",
        &[
            "${IMG}: the variable `IMG` has no value here",
            "x:$TAG: the variable `TAG` has no value here",
            "x:1${S:-}: the name comes together from several places",
            "x:${T:?needed}: the variable `T` has no value here",
        ],
    );
}

#[test]
fn block_scalars() {
    check_everywhere(
        Compose,
        "services:\n  a:\n    image: >-\n      nginx:1.27\n    init: true\n  b:\n    image: |\n      x:1\n",
        "services:\n  a:\n    image: >-\n      nginx:1.27@D\n    init: true\n  b:\n    image: |\n      x:1@D\n",
    );
}

#[test]
fn already_pinned_with_another_digest() {
    let old = model::Digest::of(b"old");
    check(
        Compose,
        &format!("services:\n  a:\n    image: nginx:1.27@{old} # c\n  b:\n    image: \"nginx@{old}\"\n"),
        "services:\n  a:\n    image: nginx:1.27@D # c\n  b:\n    image: \"nginx@D\"\n",
    );
}

#[test]
fn image_volumes_and_contexts() {
    check_everywhere(
        Compose,
        "services:\n  a:\n    image: x:1\n    volumes:\n      - data:/data\n      - type: image\n        source: y:2\n        target: /y\n      - {type: volume, source: z:3, target: /z}\n  b:\n    build:\n      context: .\n      additional_contexts:\n        base: docker-image://debian:12\n        other: ./dir\n  c:\n    build:\n      additional_contexts:\n        - base=docker-image://alpine:3.20\n",
        "services:\n  a:\n    image: x:1@D\n    volumes:\n      - data:/data\n      - type: image\n        source: y:2@D\n        target: /y\n      - {type: volume, source: z:3, target: /z}\n  b:\n    build:\n      context: .\n      additional_contexts:\n        base: docker-image://debian:12@D\n        other: ./dir\n  c:\n    build:\n      additional_contexts:\n        - base=docker-image://alpine:3.20@D\n",
    );
}

#[test]
fn extends_include_profiles_and_platform() {
    let text = "include:\n  - other.yaml\nservices:\n  a:\n    extends:\n      file: base.yaml\n      service: image\n    profiles: [debug]\n    platform: linux/arm64\n    image: x:1\n  b:\n    extends: a\n";
    check_everywhere(Compose, text, &text.replace("x:1", "x:1@D"));
    roles(Compose, text, &["deployed x:1 for linux/arm64"]);
}

#[test]
fn escapes_are_listed_and_left_alone() {
    let text = "services:\n  a:\n    image: \"ng\\u0069nx:1\"\n";
    check(Compose, text, text);
    left(Compose, text, &["nginx:1: escaped or folded: the bytes are not the value"]);
}

#[test]
fn what_is_no_reference_is_listed() {
    let text = "services:\n  a:\n    image: My Image\n  b:\n    image: \"\"\n  c:\n    image:\n  d:\n    image: [x]\n";
    check(Compose, text, text);
    let found = sources::find(Compose, text).unwrap();
    assert!(found.len() == 1 && found[0].obstacle.as_ref().unwrap().to_string().starts_with("not a reference"));
}

#[test]
fn tags_quoted_keys_and_several_documents() {
    check_everywhere(
        Compose,
        "---\n\"services\":\n  'a':\n    ? image\n    : !!str x:1\n...\n---\nservices:\n  b: {image: &q !!str 'y:2'}\n",
        "---\n\"services\":\n  'a':\n    ? image\n    : !!str x:1@D\n...\n---\nservices:\n  b: {image: &q !!str 'y:2@D'}\n",
    );
}

#[test]
fn a_dockerfile_inside_is_listed_with_its_reason() {
    let text = "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM x:1\n    image: me/a:1\n";
    check_everywhere(Compose, text, text);
    left(
        Compose,
        text,
        &[
            "FROM x:1: a Dockerfile inside of this file is not looked into: give it a file of its own",
            "me/a:1: a build gives its result this name",
        ],
    );
}
