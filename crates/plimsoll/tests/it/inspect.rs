//! `plimsoll inspect`.

use crate::fixture::{Layer, Packing, Sandbox, good, parsed};
use insta::assert_snapshot;

fn stage() -> Sandbox {
    let sandbox = Sandbox::new();
    let gone = Layer::new("RUN /bin/sh -c rm /app/index.js # buildkit").without("app/index.js");
    sandbox.folder("app", &good().layer(gone).layout(Packing::Plain));
    sandbox
}

#[test]
fn for_people() {
    assert_snapshot!(stage().run("inspect oci:app"), @"
    exit: 0
    ----- stdout -----
    oci:app
      linux/amd64, Kali GNU/Linux Rolling, 3 packages in 4 layers, 587 B of files
      manifest  sha256:995d9fd21015e0a488ba8b86388b96695b9e33396ad33c3886ce174c240d43fa
      config    sha256:5c9cb62db41e6df1072250337d70d2c8bbe39af488ed343c45d28665b59dc4b3
      created   2024-06-01T12:00:00Z
      user      app
      size      11.8 kB stored, 11.8 kB plain, 587 B visible
      packages  3 dpkg

    layers     stored      plain     hidden  instruction
         1     5.1 kB     5.1 kB      140 B  ADD file:b0 in /
         2     3.1 kB     3.1 kB          -  RUN apt-get update && apt-get install -y curl ca-certificates && rm -rf /var/lib/apt/list…
         3     2.0 kB     2.0 kB       21 B  COPY . /app
         4     1.5 kB     1.5 kB          -  RUN rm /app/index.js

    labels
      org.opencontainers.image.created=2024-06-01T12:00:00Z
      org.opencontainers.image.revision=a1b2c3d4
      org.opencontainers.image.source=https://git.example.org/my-api
      org.opencontainers.image.version=1.4.2
    ----- stderr -----
    ");
}

#[test]
fn for_programs() {
    assert_snapshot!(stage().run("inspect oci:app --json"), @r#"
    exit: 0
    ----- stdout -----
    {
      "schema": "plimsoll.inspect/1",
      "target": "oci:app",
      "subject": {
        "kind": "manifest",
        "digest": "sha256:995d9fd21015e0a488ba8b86388b96695b9e33396ad33c3886ce174c240d43fa"
      },
      "manifest": "sha256:995d9fd21015e0a488ba8b86388b96695b9e33396ad33c3886ce174c240d43fa",
      "config": "sha256:5c9cb62db41e6df1072250337d70d2c8bbe39af488ed343c45d28665b59dc4b3",
      "platform": "linux/amd64",
      "created": "2024-06-01T12:00:00Z",
      "distribution": {
        "id": "kali",
        "version": "2026.3",
        "name": "Kali GNU/Linux Rolling"
      },
      "storedBytes": 11776,
      "plainBytes": 11776,
      "visibleBytes": 587,
      "entries": 5,
      "packages": {
        "dpkg": 3
      },
      "user": "app",
      "labels": {
        "org.opencontainers.image.created": "2024-06-01T12:00:00Z",
        "org.opencontainers.image.revision": "a1b2c3d4",
        "org.opencontainers.image.source": "https://git.example.org/my-api",
        "org.opencontainers.image.version": "1.4.2"
      },
      "annotations": {},
      "layers": [
        {
          "diffId": "sha256:82a0f44d3f32c9a1b622f479069245aa64f9e1c75b7f8a2cd80c779a8671a7bf",
          "blob": "sha256:82a0f44d3f32c9a1b622f479069245aa64f9e1c75b7f8a2cd80c779a8671a7bf",
          "storedBytes": 5120,
          "plainBytes": 5120,
          "entries": 4,
          "fileBytes": 281,
          "hiddenBytes": 140,
          "instruction": "ADD file:b0 in /"
        },
        {
          "diffId": "sha256:c9affa44806fc720e7b5f3f64de2d6521fc57573f0a55ef4b8908f0895f14fbf",
          "blob": "sha256:c9affa44806fc720e7b5f3f64de2d6521fc57573f0a55ef4b8908f0895f14fbf",
          "storedBytes": 3072,
          "plainBytes": 3072,
          "entries": 2,
          "fileBytes": 446,
          "hiddenBytes": 0,
          "instruction": "RUN apt-get update && apt-get install -y curl ca-certificates && rm -rf /var/lib/apt/lists/*"
        },
        {
          "diffId": "sha256:fc711e77eec9280a76a4ff5d4ad634eba60ed5b240183d7bd62d365254db21d8",
          "blob": "sha256:fc711e77eec9280a76a4ff5d4ad634eba60ed5b240183d7bd62d365254db21d8",
          "storedBytes": 2048,
          "plainBytes": 2048,
          "entries": 1,
          "fileBytes": 21,
          "hiddenBytes": 21,
          "instruction": "COPY . /app"
        },
        {
          "diffId": "sha256:0a7b21e4fa027c8136c67d84c23362f6baa9e8a54d8efd4f7ef80bac2be1cfdf",
          "blob": "sha256:0a7b21e4fa027c8136c67d84c23362f6baa9e8a54d8efd4f7ef80bac2be1cfdf",
          "storedBytes": 1536,
          "plainBytes": 1536,
          "entries": 1,
          "fileBytes": 0,
          "hiddenBytes": 0,
          "instruction": "RUN rm /app/index.js"
        }
      ],
      "unknowns": []
    }
    ----- stderr -----
    "#);
}

#[test]
fn a_root_filesystem_and_an_old_archive() {
    let mut sandbox = Sandbox::new();
    good().rootfs(&sandbox.path("root"));
    sandbox.archive("saved.tar", &good().stored(Packing::Plain).docker_save("my-api:1.4.2"));
    // The digest of a tree is also over its owners and permissions, which depend on who runs the tests.
    let root = parsed(&sandbox.run("inspect dir:root --json").data(0));
    sandbox.filter(root["subject"]["digest"].as_str().unwrap(), "[DIGEST]");
    assert_snapshot!(sandbox.run("inspect dir:root"), @"
    exit: 0
    ----- stdout -----
    dir:root
      tree [DIGEST]
      linux/amd64, Kali GNU/Linux Rolling, 3 packages in 1 layer, 608 B of files
      size      not stated stored, 12.3 kB plain, 608 B visible
      packages  3 dpkg

    layers     stored      plain     hidden  instruction
         1          -    12.3 kB          -  (not stated)

    no labels
    ----- stderr -----
    ");
    let saved = parsed(&sandbox.run("inspect --json saved.tar").data(0));
    assert_eq!(saved["subject"]["kind"], "config");
    assert_eq!(saved["subject"]["digest"], saved["config"]);
}

#[test]
fn a_layer_that_cannot_be_read_is_exit_code_3() {
    let sandbox = Sandbox::new();
    let mut image = good().stored(Packing::Plain);
    image.layers[2]["mediaType"] = "application/vnd.oci.image.layer.v1.tar+gzip+encrypted".into();
    sandbox.folder("app", &image.layout());
    let run = sandbox.run("inspect oci:app");
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("is encrypted"), "{run}");
}
