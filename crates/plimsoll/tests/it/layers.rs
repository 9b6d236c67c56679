//! Practice 2, from outside: what layers bring, and what they leave behind.

use crate::fixture::{Image, Layer, Packing, Sandbox, codes, good, parsed};
use insta::assert_snapshot;

/// The exit code and the rules of the practice that an image breaks.
fn check(image: &Image, code: i32, expected: &[&str]) {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &image.layout(Packing::Gzip));
    let report = parsed(&sandbox.run("check oci:app --json").data(code));
    assert_eq!(codes(&report, true), expected);
}

#[test]
fn cleaned_in_the_same_instruction_is_good() {
    check(&good(), 0, &[]);
}

#[test]
fn a_cache_that_stays() {
    let cache =
        Layer::new("RUN /bin/sh -c apk add curl # buildkit").file("var/cache/apk/APKINDEX.tar.gz", vec![1; 1_500_000]);
    check(&good().layer(cache), 0, &["PL201"]);
}

#[test]
fn megabytes_under_a_later_layer() {
    let big = Layer::new("COPY data /data # buildkit").file("data/model.bin", vec![7; 11_000_000]);
    let gone = Layer::new("RUN /bin/sh -c rm /data/model.bin # buildkit").without("data/model.bin");
    check(&good().layer(big).layer(gone), 0, &["PL203"]);
}

#[test]
fn a_program_with_setuid() {
    let tool =
        Layer::new("COPY helper /usr/local/bin # buildkit").with_mode("usr/local/bin/helper", "#!/bin/sh\n", 0o4755);
    check(&good().layer(tool), 0, &["PL204"]);
}

#[test]
fn a_secret_under_a_later_layer_still_fails() {
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n";
    let copied = Layer::new("COPY id_rsa /root/.ssh/id_rsa # buildkit").file("root/.ssh/id_rsa", key);
    let removed = Layer::new("RUN /bin/sh -c rm /root/.ssh/id_rsa # buildkit").without("root/.ssh/id_rsa");
    check(&good().layer(copied.clone()).layer(removed.clone()), 1, &["PL205"]);
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().layer(copied).layer(removed).layout(Packing::Plain));
    assert_snapshot!(sandbox.run("check oci:app"), @"
    exit: 1
    ----- stdout -----
    oci:app
      manifest sha256:fed8a537b009ecba0f65d3a321615318d8da9981a89e34c54b957b5a3961a60e
      linux/amd64, Debian GNU/Linux forky/sid, 3 packages in 5 layers, 579 B of files

    critical PL205 secret-file
      /root/.ssh/id_rsa was removed in a later layer and is still in the image: SSH private key
      proof:  layer 4 of 5 (`COPY id_rsa /root/.ssh/id_rsa`) holds the file; layer 5 of 5 (`RUN rm /root/.ssh/id_rsa`) hides it and does not remove it
      remedy: rotate it, then build again with `RUN --mount=type=secret` or hand it over when the container runs; deleting it in another layer is not enough

    not checked:
      tagging    the target is not asked for by a reference, so there is no tag to judge
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    fail: 1 critical; high and worse fail
    ----- stderr -----
    ");
}

#[test]
fn root_and_secrets_in_the_config() {
    check(&good().user(""), 0, &["PL206"]);
    check(&good().user("0:0"), 0, &["PL206"]);
    check(&good().env("API_TOKEN=hunter2"), 1, &["PL207"]);
    let run = Layer::new("RUN |1 NPM_TOKEN=hunter2 /bin/sh -c npm ci # buildkit").file("app/node_modules/.keep", "");
    check(&good().layer(run), 1, &["PL208"]);
}

#[test]
fn no_secret_is_repeated() {
    let sandbox = Sandbox::new();
    let run = Layer::new("RUN |1 NPM_TOKEN=s3cr3t-in-history /bin/sh -c npm ci # buildkit").file("app/x", "");
    sandbox.folder("app", &good().env("API_TOKEN=s3cr3t-in-env").layer(run).layout(Packing::Plain));
    for format in ["terminal", "json", "sarif"] {
        let run = sandbox.run(&format!("check oci:app -v -o {format}"));
        assert_eq!(run.code, 1);
        assert!(!run.stdout.contains("s3cr3t-in-env"), "{format}: {run}");
        assert!(!run.stdout.contains("s3cr3t-in-history"), "{format}: {run}");
    }
    for format in ["terminal", "json"] {
        let run = sandbox.run(&format!("inspect oci:app -v -o {format}"));
        assert!(!run.stdout.contains("s3cr3t-in-history"), "{format}: {run}");
    }
    for format in ["spdx-json", "cyclonedx-json"] {
        let run = sandbox.run(&format!("sbom oci:app -o {format}"));
        assert!(run.stdout.contains("npm ci") && !run.stdout.contains("s3cr3t-in"), "{format}: {run}");
    }
}
