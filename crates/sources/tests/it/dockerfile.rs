use crate::{check, check_everywhere, left, roles};
use sources::Kind::Dockerfile;

#[test]
fn bases_inputs_and_the_frontend() {
    check_everywhere(
        Dockerfile,
        "# syntax=docker/dockerfile:1\n# ä\nFROM node:20-slim AS build\nCOPY --from=busybox:1.36 /bin/sh /sh\nRUN --mount=type=bind,from=alpine:3.20,target=/a true\nFROM scratch\nCOPY --from=build /a /a\n",
        "# syntax=docker/dockerfile:1@D\n# ä\nFROM node:20-slim@D AS build\nCOPY --from=busybox:1.36@D /bin/sh /sh\nRUN --mount=type=bind,from=alpine:3.20@D,target=/a true\nFROM scratch\nCOPY --from=build /a /a\n",
    );
}

#[test]
fn the_digest_goes_where_the_value_comes_from() {
    check_everywhere(
        Dockerfile,
        "ARG BASE=node:20-slim\nFROM ${BASE}\nRUN true\n",
        "ARG BASE=node:20-slim@D\nFROM ${BASE}\nRUN true\n",
    );
    check(Dockerfile, "FROM --platform=linux/amd64 node\n", "FROM --platform=linux/amd64 node:latest@D\n");
}

#[test]
fn what_is_left() {
    left(
        Dockerfile,
        "FROM node:20 AS a\nFROM a\nFROM scratch\n",
        &["a: a stage of the same build", "scratch: `scratch` is no image"],
    );
}

#[test]
fn roles_are_told() {
    roles(
        Dockerfile,
        "# syntax=docker/dockerfile:1\nFROM node:20\nCOPY --from=busybox /a /b\nRUN --mount=type=bind,from=x:1 true\n",
        &["frontend docker/dockerfile:1", "base node:20", "build-input busybox", "build-input x:1"],
    );
}

#[test]
fn pinned_already() {
    let old = model::Digest::of(b"old");
    check(Dockerfile, &format!("FROM node:20@{old} AS a\nFROM a\n"), "FROM node:20@D AS a\nFROM a\n");
}
