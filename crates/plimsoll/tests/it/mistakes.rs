//! The guide's common mistakes, each in an image that is good but for it: exactly its finding.

use crate::fixture::{Layer, Packing, Registry, Sandbox, codes, dpkg, good, parsed};
use insta::assert_snapshot;

#[test]
fn a_mutable_tag_is_deployed() {
    let registry = Registry::new();
    let mut sandbox = Sandbox::new();
    sandbox.filter(&registry.host(), "127.0.0.1:5000");
    registry.push("my-api", "latest", good().stored(Packing::Plain));
    assert_snapshot!(sandbox.run(&format!("check {}/my-api:latest", registry.host())), @"
    exit: 0
    ----- stdout -----
    127.0.0.1:5000/my-api:latest
      manifest sha256:b55405ad004898a4fc0caf12239fe99a2e873c78fe38487981fd7e2880f5e30a
      linux/amd64, Kali GNU/Linux Rolling, 3 packages in 3 layers, 608 B of files

    medium   PL102 mutable-tag
      the tag `latest` is meant to move, so it does not say which image runs
      proof:  `127.0.0.1:5000/my-api:latest` asks for `127.0.0.1:5000/my-api:latest`, which was manifest sha256:b55405ad004898a4fc0caf12239fe99a2e873c78fe38487981fd7e2880f5e30a on [TODAY]
      remedy: deploy what was checked: `127.0.0.1:5000/my-api:latest@sha256:b55405ad004898a4fc0caf12239fe99a2e873c78fe38487981fd7e2880f5e30a`

    not checked:
      tagging    the ledger knows nothing of what the tag named before: `plimsoll tags watch` records it
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    pass: 1 medium; high and worse fail
    ----- stderr -----
    ");
    let strict = sandbox.run(&format!("check --json {}/my-api:latest", registry.host()));
    assert_eq!(codes(&parsed(&strict.data(0)), true), ["PL102"]);
}

#[test]
fn the_cleanup_is_in_a_later_layer() {
    let sandbox = Sandbox::new();
    let mut image = good();
    let lists = "var/lib/apt/lists/deb.debian.org_debian_dists_sid_main_binary-amd64_Packages";
    image.layers[1] = Layer::new("RUN /bin/sh -c apt-get update && apt-get install -y curl # buildkit")
        .file(lists, vec![b'x'; 2_000_000])
        .file("var/lib/dpkg/status", dpkg(&[("libc6", "2.40-3"), ("curl", "8.11.0-1")]));
    image.layers[2] = Layer::new("RUN /bin/sh -c rm -rf /var/lib/apt/lists/* # buildkit").without(lists);
    sandbox.folder("app", &image.layout(Packing::Plain));
    assert_snapshot!(sandbox.run("check oci:app"), @"
    exit: 0
    ----- stdout -----
    oci:app
      manifest sha256:7f11f01cafc4346cde42e57506b9b8bcff59de14b90aec0dfdde635bcd9a62c4
      linux/amd64, Kali GNU/Linux Rolling, 2 packages in 3 layers, 421 B of files

    medium   PL202 late-cleanup
      removing 2.0 MB of apt leftovers in a later layer saves nothing
      proof:  1 file in /var/lib/apt/lists come with layer 2 of 3 (`RUN apt-get update && apt-get install -y curl`) and are removed by layer 3 of 3 (`RUN rm -rf /var/lib/apt/lists/*`)
      remedy: clean up where the files are made: end the same `RUN` with `apt-get clean && rm -rf /var/lib/apt/lists/*`, or mount a cache on /var/cache/apt and /var/lib/apt

    not checked:
      tagging    the target is not asked for by a reference, so there is no tag to judge
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    pass: 1 medium; high and worse fail
    ----- stderr -----
    ");
    assert_eq!(codes(&parsed(&sandbox.run("check oci:app --json").data(0)), true), ["PL202"]);
}
