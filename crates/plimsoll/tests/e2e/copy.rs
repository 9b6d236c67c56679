//! Copies by us, read back by skopeo and by Docker; images of skopeo, read by us; nothing left behind.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::parts;
use crate::program::{Plimsoll, parse, text};

fn layout() -> String {
    format!("oci:{}:latest", parts::image().join("layout").display())
}

/// The digest of the image in the layout.
fn digest() -> String {
    let raw = std::fs::read(parts::image().join("layout/index.json")).expect("index.json");
    text(&parse(&raw)["manifests"][0]["digest"]).to_owned()
}

fn copy(plimsoll: &Plimsoll, from: &str, to: &str, more: &[&str]) -> Value {
    parse(&plimsoll.document(&[&["copy", from, to, "--json"], more].concat()))
}

/// What skopeo says of an image on a registry; it hashes what it gets.
fn skopeo_digest(reference: &str) -> String {
    let words = ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", &format!("docker://{reference}")];
    String::from_utf8_lossy(&parts::skopeo(&words).stdout).trim().to_owned()
}

#[test]
fn what_we_push_skopeo_and_docker_read() {
    let folder = parts::folder("copy-push");
    let plimsoll = Plimsoll::cold(&folder);
    let reference = format!("{}/e2e/copied:1", parts::registry());
    let done = copy(&plimsoll, &layout(), &reference, &[]);
    assert_eq!((text(&done["kept"]), text(&done["result"])), ("same", digest().as_str()));
    assert_eq!(skopeo_digest(&reference), digest());
    let back = format!("oci:{}:1", folder.join("skopeo").display());
    parts::skopeo(&["copy", "--quiet", "--src-tls-verify=false", &format!("docker://{reference}"), &back]);
    assert_eq!(
        copy(&plimsoll, &back, &format!("oci:{}:1", folder.join("ours").display()), &[])["digest"],
        done["digest"]
    );
    let pulled = parts::docker(&["pull", &reference]);
    assert!(String::from_utf8_lossy(&pulled.stdout).contains(&digest()), "{pulled:?}");
    parts::docker(&["inspect", &format!("{}@{}", reference.trim_end_matches(":1"), digest())]);
}

#[test]
fn what_skopeo_pushes_we_copy_and_neighbours_are_mounted() {
    let folder = parts::folder("copy-mount");
    let plimsoll = Plimsoll::cold(&folder);
    let host = parts::registry();
    let source = format!("{host}/e2e/by-skopeo:1");
    parts::skopeo(&["copy", "--quiet", "--dest-tls-verify=false", &layout(), &format!("docker://{source}")]);
    let done = copy(&plimsoll, &source, &format!("{host}/e2e/neighbour:1"), &[]);
    assert_eq!(done["kept"], "same");
    let how: Vec<&str> = done["blobs"].as_array().expect("blobs").iter().map(|b| text(&b["how"])).collect();
    assert!(how.iter().all(|how| *how == "mounted"), "{how:?}");
    assert_eq!(skopeo_digest(&format!("{host}/e2e/neighbour:1")), text(&done["digest"]));
    let again = copy(&plimsoll, &source, &format!("{host}/e2e/neighbour:1"), &[]);
    assert!(again["blobs"].as_array().expect("blobs").iter().all(|b| b["how"] == "present"));
}

#[test]
fn into_the_engine_and_out_of_it() {
    let folder = parts::folder("copy-engine");
    let plimsoll = Plimsoll::cold(&folder);
    let done = copy(&plimsoll, &layout(), "docker:e2e/loaded:1", &[]);
    let id =
        String::from_utf8_lossy(&parts::docker(&["image", "inspect", "--format", "{{.Id}}", "e2e/loaded:1"]).stdout)
            .trim()
            .to_owned();
    assert_eq!(text(&done["result"]), id);
    assert!(matches!(text(&done["kept"]), "config" | "same"), "{done}");
    let reference = format!("{}/e2e/from-engine:1", parts::registry());
    let out = copy(&plimsoll, "docker:e2e/loaded:1", &reference, &[]);
    assert_eq!(skopeo_digest(&reference), text(&out["result"]));
    // Made anew, from the same config.
    let words = ["inspect", "--tls-verify=false", "--raw", &format!("docker://{reference}")];
    let manifest = parse(&parts::skopeo(&words).stdout);
    assert!(out["kept"] == "same" || manifest["config"]["digest"] == id.as_str(), "{out}");
    parts::docker(&["load", "--quiet", "--input", &archive(&plimsoll, &folder)]);
    parts::docker(&["image", "inspect", "e2e/archived:1"]);
}

/// An archive that Docker's own client loads.
fn archive(plimsoll: &Plimsoll, folder: &Path) -> String {
    let file = folder.join("docker.tar").display().to_string();
    copy(plimsoll, &layout(), &format!("docker-archive:{file}:e2e/archived:1"), &[]);
    file
}

#[test]
fn skopeo_reads_our_layouts_and_archives() {
    let folder = parts::folder("copy-archives");
    let plimsoll = Plimsoll::cold(&folder);
    for (kind, name) in [("oci", "layout:1"), ("oci-archive", "image.tar:1"), ("docker-archive", "docker.tar:e2e/x:1")]
    {
        let target = format!("{kind}:{}", folder.join(name).display());
        copy(&plimsoll, &layout(), &target, &[]);
        let back = format!("dir:{}", folder.join(format!("{kind}-back")).display());
        parts::skopeo(&["copy", "--quiet", &target, &back]);
    }
}

/// The bytes of unfinished uploads. docker-registry 2.8 leaves an empty `hashstates` of every cancelled upload behind: it
/// removes the upload, answers 204, and then writes down the state of the hash.
fn uploads(repository: &str) -> Vec<PathBuf> {
    let folder = parts::registry_data().join("docker/registry/v2/repositories").join(repository).join("_uploads");
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path().join("data"))).filter(|data| data.exists()).collect()
}

#[test]
fn an_interrupted_copy_leaves_no_upload_and_no_tag() {
    let folder = parts::folder("copy-interrupt");
    let plimsoll = Plimsoll::cold(&folder);
    let reference = format!("{}/e2e/interrupted:1", parts::registry());
    let mut child = plimsoll
        .command(&["copy", &layout(), &reference])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    // As soon as the registry holds a part of an upload.
    let start = Instant::now();
    while uploads("e2e/interrupted").is_empty() && start.elapsed() < Duration::from_secs(60) {
        std::thread::yield_now();
    }
    kill(Pid::from_raw(i32::try_from(child.id()).expect("a pid")), Signal::SIGINT).expect("it runs");
    let status = child.wait().expect("it ends");
    assert_eq!(uploads("e2e/interrupted"), [] as [PathBuf; 0]);
    let tags = parts::registry_data().join("docker/registry/v2/repositories/e2e/interrupted/_manifests/tags/1");
    assert!(status.code() == Some(130) && !tags.exists(), "{status:?}");
}
