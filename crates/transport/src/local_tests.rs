use super::*;
use crate::fixture::{Layout, fifo, gzip, on, tar};
use crate::{Compression, Pick};
use model::{Digest, Subject, UnknownKind};
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;
use tempfile::TempDir;

const PLAIN: &str = "application/vnd.oci.image.layer.v1.tar";

fn amd64() -> Platform {
    Platform::linux("amd64")
}

/// The names of the files in layer `index`, which must be a plain tar.
fn files(image: &Image, index: usize) -> Vec<String> {
    let mut archive = tar::Archive::new(image.bytes.open(index).unwrap());
    archive.entries().unwrap().map(|e| e.unwrap().path().unwrap().display().to_string()).collect()
}

/// What was found, in short: the first layer's files; or the error with the temporary folder's name cut.
fn found(dir: &Path, result: Result<Image, TransportError>) -> String {
    match result {
        Ok(image) => files(&image, 0).join(" "),
        Err(error) => {
            let text = error.to_string().replace(&format!("{}/", dir.display()), "");
            text.replace(&dir.display().to_string(), "")
        }
    }
}

fn with(layout: &Layout) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    layout.write(dir.path());
    dir
}

#[track_caller]
fn check_layout(layout: &Layout, pick: Pick, platform: &str, expected: &str) {
    let dir = with(layout);
    let target = Target::Oci { dir: dir.path().to_owned(), pick: pick.clone() };
    assert_eq!(found(dir.path(), open_local(&target, &platform.parse().unwrap())), expected, "as a folder");
    for (name, bytes) in
        [("a.tar", layout.archive("")), ("b.tar", layout.archive("./")), ("third", gzip(&layout.archive("")))]
    {
        let file = dir.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let target = Target::OciArchive { file, pick: pick.clone() };
        let found = found(dir.path(), open_local(&target, &platform.parse().unwrap()));
        let named = |text: &str| text.replace("oci-archive:", "oci:").replace(name, "");
        assert_eq!(named(&found), expected, "as an archive");
    }
}

fn tag(name: &str) -> Pick {
    Pick::Tag(name.to_owned())
}

#[test]
fn a_single_image_needs_no_name() {
    let mut layout = Layout::default();
    let image = layout.image("one", "amd64");
    layout.list(image.clone(), "v1");
    layout.list(image, "latest");
    check_layout(&layout, Pick::Only, "linux/amd64", "one");
    check_layout(&layout, tag("v1"), "linux/amd64", "one");
    check_layout(&layout, tag("v2"), "linux/amd64", "`oci::v2` has no image `v2`; it has `:v1`, `:latest`");
}

#[test]
fn a_name_is_the_whole_annotation_or_its_tag() {
    let mut layout = Layout::default();
    for (file, name) in [("one", "r.io:5000/app:v1"), ("two", "v1"), ("three", "r.io:5000/app:v3")] {
        let image = layout.image(file, "amd64");
        layout.list(image, name);
    }
    check_layout(&layout, tag("r.io:5000/app:v1"), "linux/amd64", "one");
    check_layout(&layout, tag("v1"), "linux/amd64", "two");
    check_layout(&layout, tag("v3"), "linux/amd64", "three");
    check_layout(
        &layout,
        Pick::Only,
        "linux/amd64",
        "`oci:` has several images: `:r.io:5000/app:v1`, `:v1`, `:r.io:5000/app:v3`",
    );
}

#[test]
fn an_empty_layout_has_no_image() {
    check_layout(&Layout::default(), Pick::Only, "linux/amd64", "`oci:` has no image `linux/amd64`; it has none");
}

/// An index of two platforms and an attestation, below another index.
fn nested() -> (Layout, Value) {
    let mut layout = Layout::default();
    let amd64 = on(layout.image("amd", "amd64"), "linux", "amd64");
    let arm64 = on(layout.image("arm", "arm64"), "linux", "arm64");
    let attestation = on(layout.image("attestation", ""), "unknown", "unknown");
    let inner = layout.index(&[attestation, arm64.clone(), amd64]);
    let outer = layout.index(&[inner]);
    layout.list(outer, "v1");
    (layout, arm64)
}

#[test]
fn an_index_is_followed_to_the_platform() {
    let (layout, arm64) = nested();
    check_layout(&layout, tag("v1"), "linux/amd64", "amd");
    check_layout(&layout, Pick::Only, "linux/arm64", "arm");
    check_layout(
        &layout,
        Pick::Only,
        "linux/s390x",
        "`oci:` has no image for linux/s390x; it has linux/arm64, linux/amd64",
    );
    let digest = arm64["digest"].as_str().unwrap().parse().unwrap();
    check_layout(&layout, Pick::Digest(digest), "linux/amd64", "arm");
    let dir = with(&layout);
    let image = open_local(&Target::Oci { dir: dir.path().to_owned(), pick: Pick::Only }, &amd64()).unwrap();
    let top: Digest = layout.top[0]["digest"].as_str().unwrap().parse().unwrap();
    assert_eq!(image.index.unwrap().digest(), top);
    assert_eq!(image.subject, Some(Subject::Manifest(image.manifest.unwrap().digest())));
}

#[test]
fn platforms_may_be_listed_at_the_top() {
    let mut layout = Layout::default();
    for architecture in ["amd64", "arm64"] {
        let image = on(layout.image(architecture, architecture), "linux", architecture);
        layout.list(image, "v1");
    }
    check_layout(&layout, Pick::Only, "linux/arm64", "arm64");
    check_layout(&layout, tag("v1"), "linux/amd64", "amd64");
    check_layout(
        &layout,
        Pick::Only,
        "linux/mips",
        "`oci:` has no image for linux/mips; it has linux/amd64, linux/arm64",
    );
    let second = on(layout.image("other", "amd64"), "linux", "amd64");
    layout.list(second, "v2");
    check_layout(&layout, tag("v2"), "linux/amd64", "other");
    check_layout(&layout, Pick::Only, "linux/amd64", "`oci:` has several images: `:v1`, `:v1`, `:v2`");
}

/// A layout of one image whose blob of `media_type` is replaced by `forge`.
#[track_caller]
fn check_forged(media_type: &str, forge: fn(&[u8]) -> Vec<u8>, what: &str) {
    let mut layout = Layout::default();
    let image = layout.image("one", "amd64");
    layout.list(image, "v1");
    let wanted: Value = match media_type {
        "manifest" => layout.top[0].clone(),
        _ => serde_json::from_slice::<Value>(&layout.files[&path_of(&layout.top[0])]).unwrap()["config"].clone(),
    };
    let blob = layout.files.get_mut(&path_of(&wanted)).unwrap();
    *blob = forge(blob);
    let dir = with(&layout);
    let target = Target::Oci { dir: dir.path().to_owned(), pick: Pick::Only };
    match open_local(&target, &amd64()) {
        Err(TransportError::Mismatch { what: found, .. }) => assert_eq!(found, what),
        other => panic!("{:?}", other.err()),
    }
}

fn path_of(descriptor: &Value) -> String {
    let digest: Digest = descriptor["digest"].as_str().unwrap().parse().unwrap();
    format!("blobs/sha256/{}", digest.hex())
}

#[test]
fn forged_documents_are_refused() {
    let longer = |b: &[u8]| [b, b" ".as_slice()].concat();
    let changed = |b: &[u8]| String::from_utf8(b.to_vec()).unwrap().replacen("sha256:", "sha512:", 1).into_bytes();
    check_forged("manifest", longer, "manifest");
    check_forged("manifest", changed, "manifest");
    check_forged("config", longer, "config");
    check_forged("config", changed, "config");
}

#[test]
fn a_size_that_is_a_lie_is_a_mismatch() {
    let mut layout = Layout::default();
    let mut image = layout.image("one", "amd64");
    image["size"] = json!(1);
    layout.list(image, "v1");
    let dir = with(&layout);
    let error = open_local(&Target::Oci { dir: dir.path().to_owned(), pick: Pick::Only }, &amd64()).err().unwrap();
    assert!(matches!(error, TransportError::Mismatch { .. }), "{error}");
}

#[test]
fn a_digest_cannot_be_a_path() {
    let mut layout = Layout::default();
    layout.list(json!({"mediaType": "m", "digest": "sha256:../../../etc/passwd", "size": 1}), "v1");
    let dir = with(&layout);
    let error = open_local(&Target::Oci { dir: dir.path().to_owned(), pick: Pick::Only }, &amd64()).err().unwrap();
    assert!(matches!(error, TransportError::Document { .. }), "{error}");
}

#[test]
fn what_is_too_large_is_not_read() {
    let mut layout = Layout::default();
    let big = layout.blob(model::oci::media::OCI_MANIFEST, vec![b' '; model::oci::MANIFEST_LIMIT + 1]);
    layout.list(big, "v1");
    let dir = with(&layout);
    let error = open_local(&Target::Oci { dir: dir.path().to_owned(), pick: Pick::Only }, &amd64()).err().unwrap();
    assert!(error.to_string().contains("at most 4194304 are read"), "{error}");
}

#[test]
fn neither_pipes_nor_links_lead_out() {
    let mut layout = Layout::default();
    let image = layout.image("one", "amd64");
    layout.list(image.clone(), "v1");
    let check = |spoil: &dyn Fn(&Path), expected: &str| {
        let dir = with(&layout);
        let blob = dir.path().join(path_of(&image));
        let kept = dir.path().join("kept");
        std::fs::rename(&blob, &kept).unwrap();
        spoil(&blob);
        let target = Target::Oci { dir: dir.path().to_owned(), pick: Pick::Only };
        let text = found(dir.path(), open_local(&target, &amd64()));
        assert_eq!(text.replace(&path_of(&image), "BLOB"), expected);
    };
    let link = |to: &'static str| move |blob: &Path| std::os::unix::fs::symlink(to, blob).unwrap();
    check(&|blob| fifo(blob), "`BLOB` in `` is not a regular file");
    check(&|blob| std::fs::create_dir(blob).unwrap(), "`BLOB` in `` is not a regular file");
    check(&|_| {}, "`` is incomplete: `BLOB` is missing");
    check(&link("/etc/passwd"), "`BLOB` in `` is a link that leads out of it or in a circle");
    check(&link("/dev/zero"), "`BLOB` in `` is a link that leads out of it or in a circle");
    check(
        &|blob| std::os::unix::fs::symlink(blob, blob).unwrap(),
        "`BLOB` in `` is a link that leads out of it or in a circle",
    );
    check(&link("../../kept"), "one");
}

/// The compressions of an image of these layers; `absent` blobs are removed.
fn compressions(layers: Vec<(&str, &str)>, urls: bool, absent: bool) -> Vec<String> {
    let mut layout = Layout::default();
    let layers = layers.into_iter().map(|(media_type, content)| (media_type, content.as_bytes().to_vec())).collect();
    let image = layout.image_of(layers, "amd64");
    let mut manifest: Value = serde_json::from_slice(&layout.files[&path_of(&image)]).unwrap();
    for layer in manifest["layers"].as_array_mut().unwrap() {
        if absent {
            layout.files.remove(&path_of(layer));
        }
        if urls {
            layer["urls"] = json!(["https://example.com/layer"]);
        }
    }
    let image = layout.blob(model::oci::media::OCI_MANIFEST, manifest.to_string());
    layout.list(image, "");
    let dir = with(&layout);
    let image = open_local(&Target::Oci { dir: dir.path().to_owned(), pick: Pick::Only }, &amd64()).unwrap();
    let word = |c: &Compression| match c {
        Compression::Unreadable(unknown) => unknown.kind.word().to_owned(),
        other => format!("{other:?}"),
    };
    image.layers.iter().map(|l| word(&l.compression)).collect()
}

#[test]
fn foreign_layers_are_read_where_they_are_here() {
    let foreign = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    assert_eq!(compressions(vec![(foreign, "a"), (PLAIN, "b")], false, false), ["Gzip", "Plain"]);
    assert_eq!(compressions(vec![(foreign, "a")], false, true), ["foreign-layer"]);
    assert_eq!(compressions(vec![(PLAIN, "a")], true, true), ["foreign-layer"]);
    assert_eq!(compressions(vec![(PLAIN, "a")], true, false), ["Plain"]);
    let encrypted = "application/vnd.oci.image.layer.v1.tar+gzip+encrypted";
    assert_eq!(compressions(vec![(encrypted, "a"), (PLAIN, "b")], false, false), ["unreadable-layer", "Plain"]);
}

#[test]
fn an_archive_with_two_indexes_is_refused() {
    let mut layout = Layout::default();
    let image = layout.image("one", "amd64");
    layout.list(image, "v1");
    let mut all = layout.finish();
    all.push(("./index.json".into(), b"{}".to_vec()));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.tar");
    std::fs::write(&file, tar(&all.iter().map(|(n, c)| (n.as_str(), c.as_slice())).collect::<Vec<_>>())).unwrap();
    let error = open_local(&Target::OciArchive { file, pick: Pick::Only }, &amd64()).err().unwrap();
    assert!(matches!(error, TransportError::Doubled { .. }), "{error}");
}

/// A docker-archive's config over these layers, and its name.
fn docker_config(layers: &[&[u8]]) -> (Vec<u8>, String) {
    let diff_ids: Vec<String> = layers.iter().map(|l| Digest::of(l).to_string()).collect();
    let config = json!({"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": diff_ids}}).to_string();
    let name = Digest::of(config.as_bytes()).hex();
    (config.into_bytes(), name)
}

#[track_caller]
fn check_docker(bytes: &[u8], image: Option<&str>, expected: &str) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.tar");
    std::fs::write(&file, bytes).unwrap();
    let target = Target::DockerArchive { file, image: image.map(str::to_owned) };
    assert_eq!(found(dir.path(), open_local(&target, &amd64())), expected);
}

#[test]
fn docker_archives_name_their_images_by_reference() {
    let (one, two) = (tar(&[("one", b"")]), tar(&[("two", b"")]));
    let ((config1, name1), (config2, name2)) = (docker_config(&[&one]), docker_config(&[&two]));
    let manifest = json!([
        {"Config": format!("{name1}.json"), "RepoTags": ["app:1", "r.io/app:1"], "Layers": ["a/layer.tar"]},
        {"Config": format!("sha256:{name2}"), "RepoTags": null, "Layers": ["b.tar.gz"]},
    ])
    .to_string();
    let archive = tar(&[
        (&format!("{name1}.json"), &config1),
        (&format!("sha256:{name2}"), &config2),
        ("a/layer.tar", &one),
        ("b.tar.gz", &two),
        ("manifest.json", manifest.as_bytes()),
    ]);
    for archive in [archive.clone(), gzip(&archive)] {
        check_docker(&archive, Some("app:1"), "one");
        check_docker(&archive, Some("docker.io/library/app:1"), "one");
        check_docker(&archive, Some("r.io/app:1"), "one");
        check_docker(&archive, Some(&format!("sha256:{name2}")), "two");
        let offered = format!("`:app:1`, `@sha256:{name2}`");
        let none = format!("`docker-archive:a.tar:app:2` has no image `app:2`; it has {offered}");
        check_docker(&archive, Some("app:2"), &none);
        check_docker(&archive, None, &format!("`docker-archive:a.tar` has several images: {offered}"));
    }
}

#[test]
fn a_docker_archive_is_known_by_its_config() {
    let one = tar(&[("one", b"")]);
    let (config, name) = docker_config(&[&one]);
    let manifest = json!([{"Config": format!("blobs/sha256/{name}"), "Layers": ["x"]}]).to_string();
    let archive =
        tar(&[(&format!("blobs/sha256/{name}"), &config), ("x", &one), ("manifest.json", manifest.as_bytes())]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.tar");
    std::fs::write(&file, archive).unwrap();
    let image = open_local(&Target::DockerArchive { file, image: None }, &amd64()).unwrap();
    assert_eq!(image.subject, Some(Subject::Config(Digest::of(&config))));
    assert_eq!(image.layers[0].diff_id, Some(Digest::of(&one)));
    assert_eq!(image.layers[0].compression, Compression::Sniff);
    assert!(image.unknowns.is_empty() && image.manifest.is_none());
}

#[test]
fn a_forged_docker_config_is_refused() {
    let one = tar(&[("one", b"")]);
    let (config, name) = docker_config(&[&one]);
    let forged = [config.as_slice(), b" "].concat();
    for path in [format!("{name}.json"), format!("sha256:{name}"), format!("blobs/sha256/{name}")] {
        let manifest = json!([{"Config": path, "Layers": ["x"]}]).to_string();
        let archive = tar(&[(&path, &forged), ("x", &one), ("manifest.json", manifest.as_bytes())]);
        let found = Digest::of(&forged);
        let expected =
            format!("`docker-archive:a.tar`: config should be sha256:{name} but is {found}; do not trust this copy");
        check_docker(&archive, None, &expected);
    }
}

#[test]
fn a_docker_archive_that_lacks_diff_ids_is_blocked() {
    let one = tar(&[("one", b"")]);
    let (config, name) = docker_config(&[]);
    let manifest = json!([{"Config": name, "Layers": ["x"]}]).to_string();
    let archive = tar(&[(&name, &config), ("x", &one), ("manifest.json", manifest.as_bytes())]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.tar");
    std::fs::write(&file, archive).unwrap();
    let image = open_local(&Target::DockerArchive { file, image: None }, &amd64()).unwrap();
    assert_eq!(image.layers[0].diff_id, None);
    assert_eq!(image.unknowns.iter().map(|u| u.kind).collect::<Vec<_>>(), [UnknownKind::Mismatch]);
}

#[test]
fn odd_docker_archives_are_refused() {
    check_docker(&tar(&[("x", b"")]), None, "`a.tar` is incomplete: `manifest.json` is missing");
    check_docker(&tar(&[("manifest.json", b"[]")]), None, "`docker-archive:a.tar` has no image `any`; it has none");
    let away = br#"[{"Config":"../../etc/passwd","Layers":[]}]"#;
    let expected = "`../../etc/passwd` in `a.tar` is a link that leads out of it or in a circle";
    check_docker(&tar(&[("manifest.json", away)]), None, expected);
    let twice = tar(&[("manifest.json", b"[]"), ("manifest.json", b"[ ]")]);
    check_docker(&twice, None, "`a.tar` has `manifest.json` more than once; readers differ on which one counts");
}

#[test]
fn layers_open_from_several_threads() {
    let layers: Vec<Vec<u8>> = (0..8).map(|n| tar(&[(&format!("f{n}"), &vec![n; 100_000])])).collect();
    let mut layout = Layout::default();
    let image = layout.image_of(layers.iter().map(|l| (PLAIN, l.clone())).collect(), "amd64");
    layout.list(image, "v1");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), layout.archive("")).unwrap();
    let image = open_local(&Target::OciArchive { file: file.path().to_owned(), pick: Pick::Only }, &amd64()).unwrap();
    std::thread::scope(|scope| {
        for (n, layer) in layers.iter().enumerate() {
            let bytes = &image.bytes;
            scope.spawn(move || {
                let mut read = Vec::new();
                bytes.open(n).unwrap().read_to_end(&mut read).unwrap();
                assert!(read == *layer);
            });
        }
    });
    assert!(image.bytes.open(8).is_err());
}

#[test]
fn what_is_not_here_is_not_opened() {
    let source = Target::Source(".".into());
    let error = open_local(&source, &amd64()).err().unwrap();
    assert_eq!(error.to_string(), "`.` is a folder without an image, not an image on this machine");
    assert!(open_local(&Target::Docker("x".into()), &amd64()).is_err());
    assert!(open_local(&Target::Registry("x".parse().unwrap()), &amd64()).is_err());
}

#[test]
fn a_layer_of_a_docker_archive_may_be_a_link_to_another() {
    let one = tar(&[("one", b"")]);
    let (config, name) = docker_config(&[&one, &one]);
    let manifest = json!([{"Config": name, "Layers": ["a/layer.tar", "b/layer.tar"]}]).to_string();
    let mut builder = tar::Builder::new(Vec::new());
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    builder.append_link(&mut link, "b/layer.tar", "../a/layer.tar").unwrap();
    let links = builder.into_inner().unwrap();
    let rest = tar(&[(&name, &config), ("a/layer.tar", &one), ("manifest.json", manifest.as_bytes())]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.tar");
    std::fs::write(&file, [&links[..512], &rest].concat()).unwrap();
    let image = open_local(&Target::DockerArchive { file, image: None }, &amd64()).unwrap();
    assert_eq!([files(&image, 0), files(&image, 1)], [["one"], ["one"]]);
}
