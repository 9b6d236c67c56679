//! How targets are written, and what is said of those that are none.

use crate::fixture::{Image, Packing, Sandbox, Stored, good, parsed, tar_of};
use insta::assert_snapshot;
use serde_json::json;

fn on(architecture: &str) -> Stored {
    good().on(architecture).stored(Packing::Plain)
}

/// A layout with an index of two platforms.
fn two_platforms() -> Sandbox {
    let sandbox = Sandbox::new();
    let platform = |architecture: &str| json!({"os": "linux", "architecture": architecture});
    let (all, index) = Stored::index(vec![(on("arm64"), platform("arm64")), (on("s390x"), platform("s390x"))]);
    sandbox.folder("app", &all.layout_of(&[index]));
    sandbox
}

#[test]
fn the_platform_asked_for() {
    let sandbox = two_platforms();
    for platform in ["linux/arm64", "linux/s390x"] {
        let image = parsed(&sandbox.run(&format!("inspect oci:app --json --platform {platform}")).data(0));
        assert_eq!(image["platform"], platform);
    }
    assert_snapshot!(sandbox.run("check oci:app --platform linux/riscv64"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `oci:app` has no image for linux/riscv64; it has linux/arm64, linux/s390x
    hint: ask for one of those with `--platform`
    ");
    assert_snapshot!(sandbox.run("check oci:app --platform arm"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value 'arm' for '--platform <OS/ARCH>': `arm` is not a platform: expected `os/architecture` or `os/architecture/variant`, such as `linux/amd64`

    For more information, try '--help'.
    ");
    sandbox.folder("one", &on("s390x").layout());
    assert_snapshot!(sandbox.run("check oci:one --platform linux/arm64"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `oci:one` is for linux/s390x, not for linux/arm64
    hint: leave out `--platform` to read it as it is
    ");
}

#[test]
fn both_a_reference_and_a_path_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().layout(Packing::Plain));
    good().rootfs(&sandbox.path("debian"));
    sandbox.write("sources/main.rs", "");
    assert_snapshot!(sandbox.run("check app"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `app` is both an image reference and an OCI layout here
    hint: write `oci:app` or `docker.io/library/app:latest`
    ");
    assert_snapshot!(sandbox.run("check debian"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `debian` is both an image reference and a root filesystem here
    hint: write `dir:debian` or `docker.io/library/debian:latest`
    ");
    assert_snapshot!(sandbox.run("check sources"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `sources` is both an image reference and a folder here
    hint: write `./sources` or `docker.io/library/sources:latest`
    ");
}

#[test]
fn a_source_tree_is_no_image() {
    let sandbox = Sandbox::new();
    sandbox.write("sources/Dockerfile", "FROM scratch\n");
    assert_snapshot!(sandbox.run("inspect ./sources"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `./sources` is a folder of source texts, not an image
    hint: name an image: `oci:DIR`, `docker-archive:FILE`, `dir:ROOT` or a reference
    ");
}

#[test]
fn several_images_in_one_layout() {
    let sandbox = Sandbox::new();
    let mut all = good().stored(Packing::Plain);
    let mut first = all.manifest();
    first["annotations"] = json!({"org.opencontainers.image.ref.name": "1.4.2"});
    let mut other = good().user("other").stored(Packing::Plain);
    let mut second = other.manifest();
    second["annotations"] = json!({"org.opencontainers.image.ref.name": "1.4.3"});
    all.blobs.extend(other.blobs);
    sandbox.folder("app", &all.layout_of(&[first, second.clone()]));
    assert_snapshot!(sandbox.run("check oci:app"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `oci:app` has several images: `:1.4.2`, `:1.4.3`
    hint: write one of those behind the name of the file or folder
    ");
    assert_snapshot!(sandbox.run("check oci:app:2"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `oci:app:2` has no image `2`; it has `:1.4.2`, `:1.4.3`
    hint: write one of those behind the name of the file or folder
    ");
    let by_tag = parsed(&sandbox.run("check --json oci:app:1.4.3").data(0));
    assert_eq!(by_tag["targets"][0]["subject"]["digest"], second["digest"]);
    let digest = second["digest"].as_str().unwrap();
    let by_digest = parsed(&sandbox.run(&format!("check --json oci:app@{digest}")).data(0));
    assert_eq!(by_digest["targets"][0]["subject"]["digest"], digest);
}

#[test]
fn what_is_not_there() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run("check oci:missing"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read `missing`: No such file or directory (os error 2)
    hint: look at the path; it is read from the current folder
    ");
    assert_snapshot!(sandbox.run("check ./missing.tar"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no `./missing.tar`
    hint: look at the path; it is read from the current folder
    ");
    assert_snapshot!(sandbox.run("check dir:missing"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read `missing`: No such file or directory (os error 2)
    hint: look at the path; it is read from the current folder
    ");
    assert_snapshot!(sandbox.run("check oci:"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `oci:` names nothing behind its colon
    ");
    assert_snapshot!(sandbox.run("check UPPER"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `UPPER` is no file or folder here, and as an image: `UPPER` is not an image reference: a repository must be lower case
    hint: did you mean `upper`?
    ");
    let said = sandbox.run("check https://registry.example/Team/app:1.4.2/").stderr;
    assert!(said.ends_with("hint: did you mean `registry.example/team/app:1.4.2`?\n"), "{said}");
}

#[test]
fn what_is_no_image() {
    let sandbox = Sandbox::new();
    sandbox.write("notes.txt", "hello");
    sandbox.write("plain.tar", tar_of(&[("etc/os-release".to_owned(), b"ID=debian".to_vec())].into()));
    sandbox.write("cut.tar", &tar_of(&good().layout(Packing::Plain))[..5000]);
    sandbox.write("empty.tar", "");
    assert_snapshot!(sandbox.run("check ./notes.txt"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `./notes.txt` is a file that is no image archive
    hint: an archive is what `docker save` writes, or `skopeo copy` to `oci-archive:`
    ");
    assert_snapshot!(sandbox.run("check ./plain.tar"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `./plain.tar` is a tar file with neither `index.json` nor `manifest.json`: unpack a root filesystem first
    ");
    assert_snapshot!(sandbox.run("check oci-archive:cut.tar"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `cut.tar` is not a whole tar archive: a member that is longer than the archive at byte 2048
    hint: write the image again and compare sizes
    ");
    assert_snapshot!(sandbox.run("check ./empty.tar"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `./empty.tar` is a file that is no image archive
    hint: an archive is what `docker save` writes, or `skopeo copy` to `oci-archive:`
    ");
}

#[test]
fn without_the_network_a_reference_cannot_be_had() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run("--offline check registry.invalid/my-api:1.4.2"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `registry.invalid/my-api:1.4.2` is in a registry, and `--offline` was asked for
    hint: leave out `--offline`, or name a copy on this machine
    ");
}

#[test]
fn no_daemon_is_said() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command("check docker:my-api:1.4.2");
    command.env("DOCKER_HOST", format!("unix://{}", sandbox.path("none.sock").display()));
    assert_snapshot!(sandbox.run_command(&mut command), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `docker:my-api:1.4.2`: cannot reach the Docker engine at unix://[DIR]/work/none.sock: No such file or directory (os error 2)
    hint: is Docker running, and may you use its socket?
    ");
}

#[test]
fn an_image_without_layers() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &Image::of(Vec::new()).layout(Packing::Plain));
    assert_snapshot!(sandbox.run("check oci:app"), @"
    exit: 3
    ----- stdout -----
    oci:app
      manifest sha256:81bb715ba7fc149ab69ffbf9cf524dcafc207d3f715b9abbee815cd3ef09e318
      linux/amd64, no distribution named, 0 packages in 0 layers, 0 B of files

    info     PL304 distribution-unknown
      the image does not say which distribution it is based on
      proof:  none of its 0 entries is an os-release
      remedy: nothing, if it was built from scratch on purpose; else keep the base's /etc/os-release

    could not be read, so nothing can be said of it:
      unreadable: the image holds not one file, so there is nothing to judge

    not checked:
      tagging    the target is not asked for by a reference, so there is no tag to judge
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    inconclusive: 1 info; high and worse fail
    ----- stderr -----
    ");
}

#[test]
fn something_else_than_the_prefix_says() {
    let sandbox = Sandbox::new();
    sandbox.folder("layout", &good().layout(Packing::Plain));
    sandbox.write("layout.tar", tar_of(&good().layout(Packing::Plain)));
    sandbox.write("save.tar", tar_of(&good().stored(Packing::Plain).docker_save("app:1")));
    sandbox.write("note.txt", "a note");
    good().rootfs(&sandbox.path("root"));
    let said = |target: &str| {
        let run = sandbox.run(&format!("check {target}"));
        assert_eq!(run.code, 2, "{run}");
        run.stderr
    };
    let expected = |target: &str, what: &str, not: &str, hint: &str| {
        let hint = if hint.is_empty() { String::new() } else { format!("hint: write `{hint}`\n") };
        assert_eq!(said(target), format!("error: `{target}` is {what}, not {not}\n{hint}"), "{target}");
    };
    let (layout, archive, save) = ("an OCI layout", "an archive of an OCI layout", "an archive of `docker save`");
    expected("oci:layout.tar", archive, layout, "oci-archive:layout.tar");
    expected("oci:save.tar", save, layout, "docker-archive:save.tar");
    expected("oci:root", "a root filesystem", layout, "dir:root");
    expected("oci-archive:layout", layout, archive, "oci:layout");
    expected("oci-archive:save.tar", save, archive, "docker-archive:save.tar");
    expected("oci-archive:note.txt", "a file that is no image archive", archive, "");
    expected("docker-archive:layout.tar", archive, save, "oci-archive:layout.tar");
    expected("docker-archive:root", "a root filesystem", save, "dir:root");
    expected("dir:save.tar", save, "a root filesystem", "docker-archive:save.tar");
}

#[test]
fn what_follows_an_at_is_a_digest() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().layout(Packing::Plain));
    for target in ["oci:app@sha256:12", "oci:app@latest", "docker-archive:app.tar@sha256:xyz"] {
        let run = sandbox.run(&format!("check {target}"));
        assert_eq!(run.code, 2, "{run}");
        assert!(run.stderr.starts_with(&format!("error: `{target}` has no digest behind its `@`: ")), "{run}");
    }
}
