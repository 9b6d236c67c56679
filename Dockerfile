# Plimsoll's own image: the program, certificate authorities, and nothing else.
#
#   docker build --build-arg VERSION=0.1.0 --build-arg REVISION="$(git rev-parse HEAD)" \
#     --build-arg CREATED="$(git log -1 --format=%cI)" -t plimsoll:0.1.0 .
#
# A release gives both bases as `tag@digest`, so that it can be made again from the same bytes; the digests are
# those that the release's own check has seen. Here the tags alone stand, and `plimsoll check .` says so (PL132, info):
# a digest that nobody renews would keep security fixes out of every build that is no release. No `# syntax=` line:
# nothing here needs another frontend than BuildKit's own, and that line would be one more image to trust.
ARG RUST=docker.io/library/rust:1.95-slim-bookworm
ARG BASE=gcr.io/distroless/cc-debian12:nonroot

FROM ${RUST} AS build
# aws-lc, the one library of cryptography, is C.
RUN apt-get update \
 && apt-get install -y --no-install-recommends cmake gcc g++ make \
 && rm -rf /var/lib/apt/lists/*
# Writes into the program which crates it was linked from, so that it can be named and matched with advisories.
RUN cargo install --locked cargo-auditable@0.7.7
WORKDIR /src
COPY . .
RUN cargo auditable build --locked --release --package plimsoll && mkdir /state

FROM ${BASE}
ARG VERSION
ARG REVISION
ARG CREATED
LABEL org.opencontainers.image.title="Plimsoll" \
      org.opencontainers.image.description="Puts a container image's whole lifecycle under deliberate, informed control" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/plimsoll/plimsoll" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
COPY --from=build /src/target/release/plimsoll /usr/local/bin/plimsoll
COPY LICENSE /usr/share/doc/plimsoll/LICENSE
COPY --from=build --chown=65532:65532 /state /var/cache/plimsoll
ENV PLIMSOLL_HOME=/var/cache/plimsoll
VOLUME /var/cache/plimsoll
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/plimsoll"]
