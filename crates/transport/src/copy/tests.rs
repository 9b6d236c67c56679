//! Copies in all directions, and what becomes of the digest.

use super::{Copied, CopyOptions, Destination, Kept, Origin, Sent, copy};
use crate::fixture::{Layout, gzip, tar};
use crate::registry::testing::client;
use crate::{Attachment, Part, Target, TransportError};
use model::oci::{Descriptor, Document, media};
use model::{Digest, Platform, Reference};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use testkit::{Fault, Features, Registry, Reply};

/// An index of two platforms, an attestation, and a layer that both share.
fn layout() -> (Layout, Digest) {
    let mut layout = Layout::default();
    let base = ("application/vnd.oci.image.layer.v1.tar", tar(&[("base", b"base")]));
    let amd64 =
        layout.image_of(vec![base.clone(), ("application/vnd.oci.image.layer.v1.tar", tar(&[("a", b"1")]))], "amd64");
    let arm64 = layout
        .image_of(vec![base, ("application/vnd.oci.image.layer.v1.tar+gzip", gzip(&tar(&[("a", b"2")])))], "arm64");
    let on = |mut d: Value, arch: &str| {
        d["platform"] = json!({"os": "linux", "architecture": arch});
        d
    };
    let mut attestation = on(layout.image("statement", "unknown"), "unknown");
    attestation["platform"]["os"] = "unknown".into();
    attestation["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
    let children = [on(amd64, "amd64"), on(arm64, "arm64"), attestation];
    let index = layout.index(&children);
    let digest = index["digest"].as_str().unwrap().parse().unwrap();
    layout.list(index, "1.4");
    (layout, digest)
}

/// The first of its plain layers.
fn a_layer(layout: &Layout) -> &Vec<u8> {
    layout.files.values().find(|content| content.len() == 2048).unwrap()
}

/// The layout's image on a registry, as `app:1.4`.
fn serve(registry: &Registry, layout: &Layout) {
    for (path, content) in &layout.files {
        let Ok(value) = serde_json::from_slice::<Value>(content) else {
            registry.put_blob("app", content.clone());
            continue;
        };
        let kind = if value.get("manifests").is_some() { media::OCI_INDEX } else { media::OCI_MANIFEST };
        if value.get("schemaVersion").is_some() {
            let tag = (kind == media::OCI_INDEX).then_some("1.4");
            registry.put_manifest("app", tag, kind, content.clone());
        } else {
            registry.put_blob("app", content.clone());
        }
        assert!(path.starts_with("blobs/sha256/"));
    }
}

fn reference(registry: &Registry, name: &str) -> Reference {
    format!("{}/{name}", registry.host()).parse().unwrap()
}

fn options() -> CopyOptions<'static> {
    CopyOptions { platform: None, referrers: false, jobs: 3, stop: Arc::default(), progress: &|_| () }
}

fn from_registry(registry: &Registry, name: &str) -> Origin {
    Origin::registry(&reference(registry, name), &client(None).0).unwrap()
}

fn to_registry(registry: &Registry, name: &str, from: &Origin) -> Destination {
    Destination::registry(&reference(registry, name), from.tag(), &client(None).0).unwrap()
}

fn local(text: &str) -> Target {
    Target::parse(text).unwrap()
}

fn run(from: &Origin, mut to: Destination) -> Copied {
    copy(from, &mut to, &options()).unwrap()
}

fn at(dir: &Path, text: &str) -> Target {
    local(&text.replace("DIR", dir.to_str().unwrap()))
}

#[test]
fn from_registry_to_registry_all_platforms_byte_for_byte() {
    let (here, there) = (Registry::default(), Registry::new(Features::classic()));
    let (layout, digest) = layout();
    serve(&here, &layout);
    let from = from_registry(&here, "app:1.4");
    let copied = run(&from, to_registry(&there, "team/app", &from));
    assert_eq!((copied.digest, &copied.kept), (digest, &Kept::Same));
    assert_eq!(copied.names, [format!("{}/team/app:1.4", there.host())]);
    assert_eq!(there.tags("team/app"), [("1.4".to_owned(), digest)]);
    assert_eq!((copied.documents.len(), copied.blobs.len()), (4, 7));
    assert!(copied.blobs.iter().all(|(_, sent)| *sent == Sent::Written));
    for content in layout.files.values() {
        let digest = Digest::of(content);
        let kept = there.blob("team/app", &digest).or_else(|| Some(there.manifest("team/app", &digest.to_string())?.1));
        assert_eq!(kept.as_ref(), Some(content));
    }
    // Children are there before their index, and the tag comes last.
    let puts: Vec<String> =
        there.lines().into_iter().filter(|l| l.starts_with("PUT") && l.contains("/manifests/")).collect();
    assert_eq!(puts.len(), 4);
    assert_eq!(puts[3], "PUT /v2/team/app/manifests/1.4");
    assert_eq!(there.unfinished(), 0);

    // Once more: nothing is sent.
    let copied = run(&from, to_registry(&there, "team/app:other", &from));
    assert!(copied.blobs.iter().all(|(_, sent)| *sent == Sent::Present));
    assert!(!there.lines().iter().any(|line| line.contains("/blobs/")));
}

#[test]
fn on_the_same_registry_blobs_are_mounted() {
    let registry = Registry::default();
    serve(&registry, &layout().0);
    let from = from_registry(&registry, "app:1.4");
    let copied = run(&from, to_registry(&registry, "other:1", &from));
    assert!(copied.blobs.iter().all(|(_, sent)| *sent == Sent::Mounted));
    assert!(!registry.lines().iter().any(|line| line.starts_with("PUT") && line.contains("/blobs/")));
}

#[test]
fn one_platform_of_an_index_has_its_own_digest() {
    let (here, there) = (Registry::default(), Registry::default());
    let (layout, digest) = layout();
    serve(&here, &layout);
    let from = from_registry(&here, "app:1.4");
    let options = CopyOptions { platform: Some(Platform::linux("arm64")), ..options() };
    let copied = copy(&from, &mut to_registry(&there, "app", &from), &options).unwrap();
    let Kept::Platform(child) = copied.kept else { panic!("{:?}", copied.kept) };
    assert!(child != digest && copied.digest == digest);
    assert_eq!(there.tags("app"), [("1.4".to_owned(), child)]);
    assert_eq!((copied.documents.len(), copied.blobs.len()), (1, 3));
}

#[test]
fn through_a_layout_and_an_archive_and_back() {
    let dir = tempfile::tempdir().unwrap();
    let (here, there) = (Registry::default(), Registry::default());
    let (layout, digest) = layout();
    serve(&here, &layout);
    let from = from_registry(&here, "app:1.4");
    let first = run(&from, Destination::local(&at(dir.path(), "oci:DIR/layout:1.4")).unwrap());
    let from = Origin::local(&at(dir.path(), "oci:DIR/layout:1.4"), None).unwrap();
    let second = run(&from, Destination::local(&at(dir.path(), "oci-archive:DIR/a.tar:v")).unwrap());
    let from = Origin::local(&at(dir.path(), "oci-archive:DIR/a.tar:v"), None).unwrap();
    let third = run(&from, to_registry(&there, "app", &from));
    for copied in [first, second, third] {
        assert_eq!((copied.digest, copied.kept), (digest, Kept::Same));
    }
    assert_eq!(there.tags("app"), [("v".to_owned(), digest)]);
    let names: Vec<_> = dir.path().read_dir().unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn a_layout_is_added_to_and_what_is_there_is_proved_again() {
    let dir = tempfile::tempdir().unwrap();
    let (mut layout, digest) = layout();
    let extra = layout.image("extra", "amd64");
    layout.list(extra, "extra");
    layout.write(&dir.path().join("from"));
    let from = Origin::local(&at(dir.path(), "oci:DIR/from:1.4"), None).unwrap();
    let to = || Destination::local(&at(dir.path(), "oci:DIR/to:1.4")).unwrap();
    run(&from, to());
    let extra = Origin::local(&at(dir.path(), "oci:DIR/from:extra"), None).unwrap();
    run(&extra, Destination::local(&at(dir.path(), "oci:DIR/to:extra")).unwrap());
    assert!(run(&from, to()).blobs.iter().all(|(_, sent)| *sent == Sent::Present));
    let index: Value = serde_json::from_slice(&std::fs::read(dir.path().join("to/index.json")).unwrap()).unwrap();
    assert_eq!(index["manifests"].as_array().unwrap().len(), 2);

    // A blob that has rotted is written anew, and only that.
    let rotten = a_layer(&layout);
    let path = dir.path().join("to/blobs/sha256").join(Digest::of(rotten).hex());
    std::fs::write(&path, vec![0; rotten.len()]).unwrap();
    let sent: Vec<Sent> = run(&from, to()).blobs.into_iter().map(|(_, sent)| sent).collect();
    assert_eq!(sent.iter().filter(|&&sent| sent == Sent::Written).count(), 1);
    assert_eq!(&std::fs::read(path).unwrap(), rotten);
    assert_eq!(Origin::local(&at(dir.path(), "oci:DIR/to:1.4"), None).unwrap().digest(), digest);
}

#[test]
fn into_what_docker_loads_and_back() {
    let dir = tempfile::tempdir().unwrap();
    let (layout, _) = layout();
    layout.write(&dir.path().join("from"));
    let from = Origin::local(&at(dir.path(), "oci:DIR/from:1.4"), None).unwrap();
    let options = CopyOptions { platform: Some(Platform::linux("arm64")), ..options() };
    let mut to = Destination::local(&at(dir.path(), "docker-archive:DIR/d.tar:app:1.4")).unwrap();
    let copied = copy(&from, &mut to, &options).unwrap();
    let Kept::Platform(child) = copied.kept else { panic!("{:?}", copied.kept) };
    // The manifest lies beside what Docker reads, so it is not lost on the way back.
    let again = Origin::local(&at(dir.path(), "docker-archive:DIR/d.tar:app:1.4"), None).unwrap();
    assert_eq!((again.digest(), again.is_made), (child, false));
    let image = crate::open_local(&at(dir.path(), "docker-archive:DIR/d.tar"), &Platform::linux("arm64")).unwrap();
    assert_eq!(image.layers.len(), 2);
}

#[test]
fn an_archive_without_a_manifest_gets_one_that_is_always_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let layers = [tar(&[("a", b"1")]), gzip(&tar(&[("b", b"2")]))];
    let diff_ids = [Digest::of(&layers[0]), Digest::of(&tar(&[("b", b"2")]))].map(|d| d.to_string());
    let config = json!({"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": diff_ids}});
    let config = config.to_string();
    let name = format!("{}.json", Digest::of(config.as_bytes()).hex());
    let list = json!([{"Config": name, "RepoTags": ["app:1.4"], "Layers": ["1/layer.tar", "2/layer.tar"]}]).to_string();
    let files = [
        (name.as_str(), config.as_bytes()),
        ("1/layer.tar", &layers[0]),
        ("2/layer.tar", &layers[1]),
        ("manifest.json", list.as_bytes()),
    ];
    std::fs::write(dir.path().join("saved.tar"), tar(&files)).unwrap();
    let registry = Registry::default();
    let digests = [(); 2].map(|()| {
        let from = Origin::local(&at(dir.path(), "docker-archive:DIR/saved.tar:app:1.4"), None).unwrap();
        let copied = run(&from, to_registry(&registry, "app", &from));
        let Kept::Made(digest) = copied.kept else { panic!("{:?}", copied.kept) };
        digest
    });
    assert_eq!(digests[0], digests[1]);
    let (_, raw) = registry.manifest("app", "1.4").unwrap();
    let Ok(Document::Manifest(manifest)) = Document::parse(&raw, None) else { panic!("a manifest") };
    assert_eq!(manifest.config.digest, Digest::of(config.as_bytes()));
    let types: Vec<&str> = manifest.layers.iter().map(|l| l.media_type.rsplit('.').next().unwrap()).collect();
    assert_eq!(types, ["tar", "tar+gzip"]);
    assert_eq!(registry.blob("app", &manifest.layers[0].digest).as_ref(), Some(&layers[0]));
}

#[test]
fn what_refers_to_an_image_comes_along_when_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let (here, there) = (Registry::default(), Registry::new(Features::classic()));
    let (layout, digest) = layout();
    serve(&here, &layout);
    let remote = client(None).0.remote(&reference(&here, "app")).unwrap();
    let (media_type, raw) = here.manifest("app", "1.4").unwrap();
    let subject = Descriptor { digest, ..crate::written::bare(&media_type, &raw) };
    let attachment = |kind: &str| Attachment {
        artifact_type: kind.to_owned(),
        parts: vec![Part {
            media_type: "text/plain".to_owned(),
            bytes: kind.as_bytes().to_vec(),
            annotations: Vec::new(),
        }],
        annotations: Vec::new(),
    };
    let sbom = remote.attach(&subject, &attachment("application/spdx+json")).unwrap();
    let (media_type, raw) = here.manifest("app", &sbom.to_string()).unwrap();
    // The SBOM itself is signed.
    let signature = remote.attach(&crate::written::bare(&media_type, &raw), &attachment("application/x.sig")).unwrap();

    let all = || CopyOptions { referrers: true, ..options() };
    let from = from_registry(&here, "app:1.4");
    let mut layout = Destination::local(&at(dir.path(), "oci:DIR/layout:1.4")).unwrap();
    let copied = copy(&from, &mut layout, &all()).unwrap();
    let names: Vec<(Digest, Digest)> = copied.referrers.iter().map(|(of, d)| (*of, d.digest)).collect();
    assert_eq!(names, [(digest, sbom), (sbom, signature)]);
    // Out of the layout, where they lie beside the only image, to a registry that keeps no list.
    let from = Origin::local(&at(dir.path(), "oci:DIR/layout"), None).unwrap();
    assert_eq!(from.digest(), digest);
    let copied = copy(&from, &mut to_registry(&there, "app:1.4", &from), &all()).unwrap();
    assert_eq!(copied.referrers.len(), 2);
    let far = client(None).0.remote(&reference(&there, "app")).unwrap();
    let listed = far.referrers(&digest, Some("application/spdx+json")).unwrap();
    assert_eq!(listed.iter().map(|d| d.digest).collect::<Vec<_>>(), [sbom]);
    assert_eq!(far.referrers(&sbom, None).unwrap()[0].digest, signature);

    let copied = run(&from, to_registry(&Registry::default(), "app:1.4", &from));
    assert_eq!(copied.referrers, []);
}

/// The error of a copy, without names that change; nothing has a name after it.
fn fails(here: &Registry, there: &Registry) -> String {
    let from = from_registry(here, "app:1.4");
    let error = copy(&from, &mut to_registry(there, "app", &from), &options()).unwrap_err().to_string();
    assert_eq!(there.tags("app"), []);
    assert_eq!(there.unfinished(), 0);
    error.replace(&here.host(), "HERE").replace(&there.host(), "THERE")
}

#[test]
fn a_copy_that_fails_leaves_no_tag_and_no_upload() {
    let (layout, _) = layout();
    let lost = { Digest::of(a_layer(&layout)) };
    let here = Registry::default();
    serve(&here, &layout);
    here.lose_blob("app", &lost);
    assert!(fails(&here, &Registry::default()).contains(&format!("HERE has no blob {lost}")));

    let here = Registry::default();
    serve(&here, &layout);
    here.forge_blob("app", &lost, vec![1; a_layer(&layout).len()]);
    let error = fails(&here, &Registry::default());
    assert!(error.contains(&format!("the content should be {lost} but is sha256:")), "{error}");

    let here = Registry::default();
    serve(&here, &layout);
    let there = Registry::default();
    there.misbehave(|seen| {
        let denied = || Fault::Instead(Reply::error(403, "DENIED", "no"));
        (seen.method == "PUT" && seen.path.contains("/uploads/")).then(denied)
    });
    assert!(fails(&here, &there).contains("THERE refuses access to the upload of blob sha256:"));

    let there = Registry::default();
    there.misbehave(|seen| {
        let invalid = || Fault::Instead(Reply::error(400, "MANIFEST_INVALID", "no such thing"));
        (seen.method == "PUT" && seen.path.contains("/manifests/")).then(invalid)
    });
    assert!(fails(&here, &there).ends_with("answered 400: MANIFEST_INVALID no such thing"));
}

#[test]
fn an_index_whose_child_is_gone_is_not_half_copied() {
    let (here, there) = (Registry::default(), Registry::default());
    let (layout, _) = layout();
    serve(&here, &layout);
    here.misbehave(|seen| {
        let gone = || Fault::Instead(Reply::error(404, "MANIFEST_UNKNOWN", "manifest unknown"));
        (seen.path.contains("/manifests/sha256:") && seen.nth == 0).then(gone)
    });
    assert!(fails(&here, &there).contains("HERE has no manifest `sha256:"));
    assert_eq!(there.lines(), [] as [String; 0]);
}

#[test]
fn a_destination_that_names_another_digest_is_refused() {
    let registry = Registry::default();
    let (layout, digest) = layout();
    serve(&registry, &layout);
    let from = from_registry(&registry, "app:1.4");
    let other = Digest::of(b"other");
    let mut to = to_registry(&registry, &format!("new@{other}"), &from);
    let error = copy(&from, &mut to, &options()).unwrap_err();
    assert!(matches!(&error, TransportError::Mismatch { .. }), "{error}");
    let copied = run(&from, to_registry(&registry, &format!("new@{digest}"), &from));
    assert_eq!((copied.names, registry.tags("new")), (Vec::<String>::new(), Vec::new()));
}

#[test]
fn who_stops_a_copy_finds_nothing_half_written() {
    let dir = tempfile::tempdir().unwrap();
    let (layout, _) = layout();
    layout.write(&dir.path().join("from"));
    let from = Origin::local(&at(dir.path(), "oci:DIR/from:1.4"), None).unwrap();
    let options = options();
    options.stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let mut to = Destination::local(&at(dir.path(), "oci:DIR/to:1.4")).unwrap();
    assert!(copy(&from, &mut to, &options).is_err());
    let names = |path: &str| dir.path().join(path).read_dir().unwrap().count();
    assert_eq!((names("to"), names("to/blobs")), (1, 0));
}
