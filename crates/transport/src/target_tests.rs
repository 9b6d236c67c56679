use super::*;
use crate::fixture::{Layout, fifo, gzip, tar};
use std::fs;

/// A folder with one of everything.
fn everything() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let mut layout = Layout::default();
    let image = layout.image("f", "amd64");
    layout.list(image, "v1");
    fs::create_dir_all(at("layout")).unwrap();
    layout.write(&at("layout"));
    fs::create_dir_all(at("a:b")).unwrap();
    layout.write(&at("a:b"));
    fs::write(at("oci.tar"), layout.archive("./")).unwrap();
    fs::write(at("oci.tar.gz"), gzip(&layout.archive(""))).unwrap();
    fs::write(at("docker.tar"), tar(&[("manifest.json", b"[]")])).unwrap();
    let mut both: Vec<_> = layout.finish();
    both.push(("manifest.json".into(), b"[]".to_vec()));
    let both: Vec<_> = both.iter().map(|(n, c)| (n.as_str(), c.as_slice())).collect();
    fs::write(at("both.tar"), tar(&both)).unwrap();
    fs::write(at("saved"), tar(&both)).unwrap();
    fs::write(at("plain.tar"), tar(&[("etc/passwd", b"")])).unwrap();
    fs::write(at("notes.txt"), "hello").unwrap();
    fs::write(at("cut.tar"), &tar(&both)[..1100]).unwrap();
    fs::create_dir_all(at("rootfs/etc")).unwrap();
    fs::create_dir_all(at("rootfs/usr")).unwrap();
    fs::write(at("rootfs/etc/os-release"), "ID=x").unwrap();
    fs::create_dir_all(at("ubuntu/etc")).unwrap();
    fs::create_dir_all(at("Source")).unwrap();
    fifo(&at("pipe"));
    dir
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    let dir = everything();
    for (text, expected) in cases {
        let found = match Target::parse_in(dir.path(), text) {
            Ok(target) => format!("{target:?}"),
            Err(error) => match error.hint() {
                Some(hint) => format!("error: {error}; hint: {hint}"),
                None => format!("error: {error}"),
            },
        };
        assert_eq!(&found, expected, "{text}");
    }
}

#[test]
fn prefixes_say_what_it_is() {
    check(&[
        ("docker:app:1", r#"Docker("app:1")"#),
        ("docker:dind", r#"Docker("dind")"#),
        ("oci:layout", r#"Oci { dir: "layout", pick: Only }"#),
        ("oci:layout:v1", r#"Oci { dir: "layout", pick: Tag("v1") }"#),
        ("oci:layout:r.io/a:v1", r#"Oci { dir: "layout", pick: Tag("r.io/a:v1") }"#),
        ("oci:a:b", r#"Oci { dir: "a:b", pick: Only }"#),
        ("oci:a:b:v1", r#"Oci { dir: "a:b", pick: Tag("v1") }"#),
        ("oci:none:v1", r#"Oci { dir: "none", pick: Tag("v1") }"#),
        ("oci-archive:oci.tar", r#"OciArchive { file: "oci.tar", pick: Only }"#),
        ("oci-archive:oci.tar:v1", r#"OciArchive { file: "oci.tar", pick: Tag("v1") }"#),
        ("docker-archive:docker.tar", r#"DockerArchive { file: "docker.tar", image: None }"#),
        ("docker-archive:docker.tar:a/b:1", r#"DockerArchive { file: "docker.tar", image: Some("a/b:1") }"#),
        ("dir:ubuntu", r#"Rootfs("ubuntu")"#),
        ("dir:", "error: `dir:` names nothing behind its colon"),
    ]);
    let digest = Digest::of(b"");
    let expected = format!(r#"Oci {{ dir: "layout", pick: Digest({digest}) }}"#);
    check(&[(&format!("oci:layout@{digest}"), &expected), (&format!("oci:layout:v1@{digest}"), &expected)]);
}

#[test]
fn a_path_is_told_by_its_content() {
    check(&[
        ("./layout", r#"Oci { dir: "./layout", pick: Only }"#),
        ("oci.tar", r#"OciArchive { file: "oci.tar", pick: Only }"#),
        ("oci.tar.gz", r#"OciArchive { file: "oci.tar.gz", pick: Only }"#),
        ("docker.tar", r#"DockerArchive { file: "docker.tar", image: None }"#),
        ("both.tar", r#"OciArchive { file: "both.tar", pick: Only }"#),
        ("./rootfs", r#"Rootfs("./rootfs")"#),
        ("./ubuntu", r#"Source("./ubuntu")"#),
        ("Source", r#"Source("Source")"#),
        (".", r#"Source(".")"#),
    ]);
}

#[test]
fn a_name_that_is_nothing_here_is_a_reference() {
    let dir = everything();
    for text in
        ["debian", "debian:12", "r.io/a@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]
    {
        assert_eq!(Target::parse_in(dir.path(), text).unwrap(), Target::Registry(text.parse().unwrap()));
    }
    // A folder of texts has no tags, so this can only be the image.
    assert_eq!(
        Target::parse_in(dir.path(), "ubuntu:24.04").unwrap(),
        Target::Registry("ubuntu:24.04".parse().unwrap())
    );
}

#[test]
fn what_could_be_both_is_refused_with_the_choices() {
    check(&[
        (
            "ubuntu",
            "error: `ubuntu` is both an image reference and a folder here; \
             hint: write `./ubuntu` or `docker.io/library/ubuntu:latest`",
        ),
        (
            "rootfs",
            "error: `rootfs` is both an image reference and a root filesystem here; \
             hint: write `dir:rootfs` or `docker.io/library/rootfs:latest`",
        ),
        (
            "layout",
            "error: `layout` is both an image reference and an OCI layout here; \
             hint: write `oci:layout` or `docker.io/library/layout:latest`",
        ),
        (
            "layout:v1",
            "error: `layout:v1` is both an image reference and an image in a layout or archive here; \
             hint: write `oci:layout:v1` or `docker.io/library/layout:v1`",
        ),
        (
            "saved",
            "error: `saved` is both an image reference and an archive of an OCI layout here; \
             hint: write `oci-archive:saved` or `docker.io/library/saved:latest`",
        ),
    ]);
}

#[test]
fn what_is_nothing_says_so() {
    check(&[
        ("", "error: `` is no file or folder here, and as an image: the image reference is empty"),
        ("./none", "error: there is no `./none`; hint: look at the path; it is read from the current folder"),
        ("compose.yml", "error: there is no `compose.yml`; hint: look at the path; it is read from the current folder"),
        (
            "docker://app:1",
            "error: `docker://app:1` is no file or folder here, and as an image: `/app` is not an image reference: \
             a repository is lower-case words joined by `/`, `.`, `-`, `_` or `__`; hint: did you mean `app:1`?",
        ),
        (
            "docker-daemon:app:1",
            "error: `docker-daemon:app:1` is no file or folder here, and as an image: `app:1` is not a tag: \
             expected at most 128 letters, digits, `_`, `.` or `-`, not starting with `.` or `-`; \
             hint: did you mean `docker:app:1`?",
        ),
        ("./layout:v1", "error: there is no `./layout:v1`; hint: write `oci:./layout:v1`"),
        (
            "./plain.tar",
            "error: `./plain.tar` is a tar file with neither `index.json` nor `manifest.json`: \
             unpack a root filesystem first",
        ),
        (
            "cut.tar",
            "error: `cut.tar` is a tar file that cannot be read to its end: \
             with a prefix, such as `oci-archive:`, it is said why",
        ),
        (
            "./notes.txt",
            "error: `./notes.txt` is a file that is no image archive; \
             hint: an archive is what `docker save` writes, or `skopeo copy` to `oci-archive:`",
        ),
        (
            "./pipe",
            "error: `./pipe` is neither a file nor a folder; \
             hint: an archive is what `docker save` writes, or `skopeo copy` to `oci-archive:`",
        ),
        (
            "Upper",
            "error: `Upper` is no file or folder here, and as an image: \
             `Upper` is not an image reference: a repository must be lower case; hint: did you mean `upper`?",
        ),
    ]);
}

#[test]
fn a_target_reads_back_as_itself() {
    let dir = everything();
    for text in [
        "debian:12",
        "docker:app",
        "oci:layout:v1",
        "oci-archive:oci.tar:v1",
        "docker-archive:docker.tar:a:1",
        "dir:rootfs",
    ] {
        assert_eq!(Target::parse_in(dir.path(), text).unwrap().to_string(), text);
    }
}
