//! Nothing is believed on a mismatch: forged layouts, archives and registries are detected, and what they claim is
//! never listed.

use crate::fixture::{Files, Layer, Packing, Registry, Sandbox, Stored, dpkg, good};
use insta::assert_snapshot;
use model::Digest;
use serde_json::json;

/// The good image with a package that nobody installed, in the place of its second layer.
fn evil_layer() -> Layer {
    Layer::new("RUN evil").file("var/lib/dpkg/status", dpkg(&[("libc6", "2.40-3"), ("forged-package", "6.6.6")]))
}

fn evil() -> Stored {
    let mut image = good();
    image.layers[1] = evil_layer();
    image.stored(Packing::Plain)
}

/// Where a blob of a layout lies.
fn path(digest: &serde_json::Value) -> String {
    let digest: Digest = digest.as_str().unwrap().parse().unwrap();
    format!("blobs/sha256/{}", digest.hex())
}

/// No command believes the layout, and none lists what it claims.
#[track_caller]
fn check_target(sandbox: &Sandbox, target: &str, code: i32, why: &str) {
    for command in ["check --json", "check", "inspect", "inspect --json", "sbom -o spdx-json", "sbom -o cyclonedx-json"]
    {
        // Twice: nothing forged may be remembered either.
        for _ in 0..2 {
            let run = sandbox.run(&format!("{command} {target}"));
            assert_eq!(run.code, code, "{command}: {run}");
            assert!(!run.stdout.contains("forged-package"), "{command}: {run}");
            assert!(format!("{run}").contains(why), "{command}: {run}");
        }
    }
}

#[track_caller]
fn check(files: &Files, code: i32, why: &str) {
    let sandbox = Sandbox::new();
    sandbox.folder("app", files);
    check_target(&sandbox, "oci:app", code, why);
    sandbox.archive("app.tar", files);
    check_target(&sandbox, "oci-archive:app.tar", code, why);
}

#[test]
fn the_image_is_read_where_nothing_is_forged() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &evil().layout());
    assert!(sandbox.run("sbom oci:app -o spdx-json").data(0).contains("forged-package"));
}

#[test]
fn a_layer_with_other_bytes() {
    let image = good().stored(Packing::Plain);
    let (honest, evil) = (image.plain[1].clone(), evil().plain[1].clone());
    let name = path(&image.layers[1]["digest"]);
    let mut files = image.layout();
    files.insert(name.clone(), evil.clone());
    check(&files, 3, "mismatch");
    // Of the size that is promised, so that only the digest tells.
    let mut padded = evil;
    padded.resize(honest.len(), 0);
    files.insert(name, padded);
    check(&files, 3, "mismatch");
}

#[test]
fn a_packed_layer_with_other_bytes() {
    for packing in [Packing::Gzip, Packing::Zstd] {
        let image = good().stored(packing);
        let name = path(&image.layers[1]["digest"]);
        let mut files = image.layout();
        files.insert(name, packing.pack(&evil_layer().tar()));
        check(&files, 3, "mismatch");
    }
}

#[test]
fn a_layer_of_another_size() {
    for change in [-1, 1, 1_000_000] {
        let mut image = evil();
        let size = image.layers[1]["size"].as_i64().unwrap();
        image.layers[1]["size"] = json!(size + change);
        check(&image.layout(), 3, "mismatch");
    }
}

#[test]
fn a_diff_id_of_another_layer() {
    for packing in [Packing::Plain, Packing::Gzip, Packing::Zstd] {
        let mut image = good();
        image.layers[1] = evil_layer();
        let mut image = image.stored(packing);
        image.config["rootfs"]["diff_ids"][1] = json!(Digest::of(&good().layers[1].tar()).to_string());
        check(&image.layout(), 3, "mismatch");
    }
}

#[test]
fn a_diff_id_of_a_layer_that_is_known_is_no_proof_of_another_blob() {
    for packing in [Packing::Plain, Packing::Gzip, Packing::Zstd] {
        let sandbox = Sandbox::new();
        for known in [Packing::Plain, Packing::Gzip] {
            sandbox.folder("known", &good().layout(known));
            sandbox.run("check oci:known").data(0);
        }
        let mut image = good();
        image.layers[1] = evil_layer();
        let mut image = image.stored(packing);
        image.config["rootfs"]["diff_ids"][1] = json!(Digest::of(&good().layers[1].tar()).to_string());
        sandbox.folder("app", &image.layout());
        check_target(&sandbox, "oci:app", 3, "mismatch");
    }
}

#[test]
fn too_few_and_too_many_diff_ids() {
    let mut few = good().stored(Packing::Plain);
    few.config["rootfs"]["diff_ids"].as_array_mut().unwrap().pop();
    check(&few.layout(), 3, "the manifest has 3 layers but the config has 2 diffIDs");
    let mut many = good().stored(Packing::Plain);
    many.config["rootfs"]["diff_ids"].as_array_mut().unwrap().push(json!(Digest::of(b"").to_string()));
    check(&many.layout(), 3, "the manifest has 3 layers but the config has 4 diffIDs");
}

#[test]
fn another_config_under_the_same_digest() {
    let mut image = good().stored(Packing::Plain);
    let name = path(&image.config()["digest"]);
    let mut files = image.layout();
    let forged = String::from_utf8(files[&name].clone()).unwrap().replace("1.4.2", "1.4.3");
    files.insert(name, forged.into_bytes());
    check(&files, 2, "config should be sha256:");
}

#[test]
fn a_config_of_another_size() {
    let mut image = evil();
    let mut config = image.config();
    config["size"] = json!(7);
    let manifest = image.manifest_over(config);
    check(&image.layout_of(&[manifest]), 2, "config should be 7 bytes long but is");
}

#[test]
fn another_manifest_under_the_same_digest() {
    let (mut image, mut other) = (good().stored(Packing::Plain), evil());
    let manifest = image.manifest();
    let replaced = other.manifest();
    let mut files = image.layout_of(std::slice::from_ref(&manifest));
    files.extend(other.layout());
    files
        .insert("index.json".to_owned(), json!({"schemaVersion": 2, "manifests": [manifest]}).to_string().into_bytes());
    let forged = files[&path(&replaced["digest"])].clone();
    files.insert(path(&manifest["digest"]), forged);
    check(&files, 2, "manifest should be");
}

#[test]
fn a_manifest_of_another_size() {
    let mut image = evil();
    let mut manifest = image.manifest();
    manifest["size"] = json!(1);
    check(&image.layout_of(&[manifest]), 2, "manifest should be 1 bytes long");
}

#[test]
fn a_blob_that_is_not_there() {
    let image = evil();
    let name = path(&image.layers[1]["digest"]);
    let mut files = image.layout();
    files.remove(&name);
    check(&files, 3, "damaged");
}

#[test]
fn an_old_archive_with_another_config_or_layer() {
    let honest = good().stored(Packing::Plain);
    let sandbox = Sandbox::new();
    let mut files = honest.docker_save("my-api:1.4.2");
    let config = files.keys().find(|n| n.ends_with(".json") && *n != "manifest.json").unwrap().clone();
    let layer = files.keys().find(|n| n.contains(&Digest::of(&honest.plain[1]).hex())).unwrap().clone();
    let forged = String::from_utf8(files[&config].clone()).unwrap().replace("1.4.2", "1.4.3");
    let untouched = files.insert(config.clone(), forged.into_bytes()).unwrap();
    sandbox.archive("saved.tar", &files);
    check_target(&sandbox, "docker-archive:saved.tar", 2, "config should be sha256:");
    files.insert(config, untouched);
    files.insert(layer, evil().plain[1].clone());
    sandbox.archive("saved.tar", &files);
    check_target(&sandbox, "docker-archive:saved.tar", 3, "mismatch");
}

#[test]
fn a_registry_that_serves_other_bytes() {
    let registry = Registry::new();
    let sandbox = Sandbox::new();
    let image = good().stored(Packing::Gzip);
    let digest = image.layers[1]["digest"].as_str().unwrap().to_owned();
    registry.push("my-api", "1.4.2", image);
    registry.forge("my-api", &digest, Packing::Gzip.pack(&evil_layer().tar()));
    check_target(&sandbox, &format!("{}/my-api:1.4.2", registry.host()), 3, "do not trust this copy");
}

#[test]
fn a_registry_that_serves_another_manifest_for_a_digest() {
    let registry = Registry::new();
    let mut sandbox = Sandbox::new();
    sandbox.filter(&registry.host(), "127.0.0.1:5000");
    let wanted = registry.push("my-api", "1.4.2", good().stored(Packing::Plain));
    let mut other = evil();
    let manifest = other.manifest();
    registry.push_document("my-api", &wanted.to_string(), &other, &manifest);
    assert_snapshot!(sandbox.run(&format!("check {}/my-api@{wanted}", registry.host())), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `127.0.0.1:5000/my-api@sha256:b55405ad004898a4fc0caf12239fe99a2e873c78fe38487981fd7e2880f5e30a`: manifest should be sha256:b55405ad004898a4fc0caf12239fe99a2e873c78fe38487981fd7e2880f5e30a but is sha256:d1bb1bde6b395231b4e9dc333f30047b7dee34b83119c7312e238da0ffbd24b1; do not trust this copy
    ");
}

#[test]
fn a_link_that_leads_out_of_a_layout() {
    let sandbox = Sandbox::new();
    let image = good().stored(Packing::Plain);
    let name = path(&image.layers[1]["digest"]);
    let plain = image.plain[1].clone();
    sandbox.folder("app", &image.layout());
    sandbox.write("outside", plain);
    std::fs::remove_file(sandbox.path(&format!("app/{name}"))).unwrap();
    std::os::unix::fs::symlink(sandbox.path("outside"), sandbox.path(&format!("app/{name}"))).unwrap();
    let run = sandbox.run("check oci:app");
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("leads out of it"), "{run}");
}
