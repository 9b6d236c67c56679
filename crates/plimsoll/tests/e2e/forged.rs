//! Bytes that are not what their digests say: nothing is listed from them, and nothing passes.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::parts;
use crate::program::{Plimsoll, array, parse, text};

/// A copy of the layout, to be forged.
fn copy(test: &str) -> PathBuf {
    let folder = parts::folder(test);
    let (from, to) = (parts::image().join("layout").display().to_string(), folder.join("layout"));
    parts::tool("cp", "coreutils", &["-r", &from, &to.display().to_string()]);
    to
}

fn blob(layout: &Path, descriptor: &Value) -> PathBuf {
    let (algorithm, hex) = text(&descriptor["digest"]).split_once(':').expect("a digest");
    layout.join("blobs").join(algorithm).join(hex)
}

fn json(path: &Path) -> Value {
    parse(&std::fs::read(path).expect("a JSON file"))
}

fn manifest(layout: &Path) -> PathBuf {
    blob(layout, &json(&layout.join("index.json"))["manifests"][0])
}

fn layer(layout: &Path) -> PathBuf {
    blob(layout, &json(&manifest(layout))["layers"][0])
}

/// Replaces `from` by `to`, of the same length, so that only the digest can tell.
fn alter(path: &Path, from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    let text = std::fs::read_to_string(path).expect("a text");
    assert!(text.contains(from), "{text}");
    std::fs::write(path, text.replacen(from, to, 1)).expect("written");
}

/// No verdict of pass, with an empty cache, with one that knows the true image, and without one.
fn refused(layout: &Path) {
    let plimsoll = Plimsoll::cold(layout.parent().expect("a folder"));
    let target = format!("oci:{}", layout.display());
    let ask = |words: &[&str]| {
        let answer = plimsoll.ask(words);
        assert!(matches!(answer.code, 2 | 3), "{words:?}: {answer:?}");
        if answer.code == 3 && words[0] == "check" {
            assert_eq!(text(&parse(&answer.out)["verdict"]), "inconclusive");
        }
    };
    let both = || {
        for words in [["check", &target, "-o", "json"], ["sbom", &target, "-o", "spdx-json"]] {
            ask(&words);
            ask(&[&words[..], &["--no-cache"]].concat());
        }
    };
    both();
    assert!(!plimsoll.packages(&format!("oci:{}", parts::image().join("layout").display())).is_empty());
    both();
}

/// Nothing that a forged layer holds is listed.
fn lists_nothing(plimsoll: &Plimsoll, target: &str) {
    let answer = plimsoll.ask(&["sbom", target, "-o", "spdx-json"]);
    assert!(matches!(answer.code, 2 | 3), "{answer:?}");
    if answer.code == 3 {
        let document = parse(&answer.out);
        let names: Vec<&str> = array(&document["packages"]).iter().map(|package| text(&package["name"])).collect();
        assert!(!names.contains(&"dpkg"), "{names:?}");
    }
}

#[test]
fn a_manifest_that_is_not_the_one_its_digest_names() {
    let layout = copy("forged-manifest");
    alter(&manifest(&layout), "application/vnd.oci.image.config", "application/vnd.oci.image.forged");
    refused(&layout);
}

#[test]
fn a_config_that_is_not_the_one_its_digest_names() {
    let layout = copy("forged-config");
    let config = blob(&layout, &json(&manifest(&layout))["config"]);
    alter(&config, "linux", "lunix");
    refused(&layout);
}

#[test]
fn a_layer_of_the_same_size_with_one_other_byte() {
    let layout = copy("forged-byte");
    let layer = layer(&layout);
    let mut bytes = std::fs::read(&layer).expect("the layer");
    // The operating system's byte of the gzip header: it unpacks to the same tar, with the same diffID.
    bytes[9] ^= 0x55;
    std::fs::write(&layer, bytes).expect("written");
    let plimsoll = Plimsoll::cold(layout.parent().expect("a folder"));
    let answer = plimsoll.ask(&["check", &format!("oci:{}", layout.display()), "-o", "json"]);
    assert_eq!(text(&parse(&answer.out)["verdict"]), "inconclusive", "{}", answer.talk);
    assert_eq!(answer.code, 3);
    lists_nothing(&plimsoll, &format!("oci:{}", layout.display()));
}

#[test]
fn a_layer_cut_short() {
    let layout = copy("forged-short");
    let file = std::fs::OpenOptions::new().write(true).open(layer(&layout)).expect("the layer");
    let size = file.metadata().expect("its size").len();
    file.set_len(size / 2).expect("cut");
    let plimsoll = Plimsoll::cold(layout.parent().expect("a folder"));
    lists_nothing(&plimsoll, &format!("oci:{}", layout.display()));
}

#[test]
fn a_diff_id_that_is_not_the_layers() {
    let folder = parts::folder("forged-diff-id");
    let archive = folder.join("image.tar").display().to_string();
    let from = format!("oci:{}:latest", parts::image().join("layout").display());
    parts::skopeo(&["copy", "--quiet", &from, &format!("docker-archive:{archive}:e2e/forged:1")]);
    // The layer is a plain tar in the archive's tar: a byte of it, some files in.
    let mut bytes = std::fs::read(&archive).expect("the archive");
    let header = bytes.windows(4).position(|window| window == b".tar").expect("the layer's header");
    bytes[header + 1_000_000] ^= 0x01;
    std::fs::write(&archive, bytes).expect("written");
    let plimsoll = Plimsoll::cold(&folder);
    lists_nothing(&plimsoll, &format!("docker-archive:{archive}"));
}
