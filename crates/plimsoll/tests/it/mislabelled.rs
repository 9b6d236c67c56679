//! Layers that are stored in another way than their media type says: read by their content, and said.

use crate::fixture::{Packing, Sandbox, Stored, good};

/// The good image, packed in one way and labelled as packed in another.
fn labelled(packing: Packing, suffix: &str) -> Stored {
    let mut image = good().stored(packing);
    for layer in &mut image.layers {
        layer["mediaType"] = format!("application/vnd.oci.image.layer.v1.tar{suffix}").into();
    }
    image
}

/// Cold and warm, and whoever met the same layers before under their right label.
#[track_caller]
fn check(packing: Packing, suffix: &str) {
    let sandbox = Sandbox::new();
    sandbox.folder("right", &good().stored(packing).layout());
    sandbox.folder("wrong", &labelled(packing, suffix).layout());
    let why = format!("is typed `application/vnd.oci.image.layer.v1.tar{suffix}`, but its ");
    for target in ["wrong", "wrong", "right", "wrong"] {
        let run = sandbox.run(&format!("check -v oci:{target}"));
        assert_eq!(run.code, 0, "{target}: {run}");
        assert!(run.stdout.contains("3 packages in 3 layers"), "{target}: {run}");
        assert_eq!(run.stdout.matches(&why).count(), if target == "wrong" { 3 } else { 0 }, "{target}: {run}");
    }
}

#[test]
fn a_layer_is_read_by_its_content_whatever_its_label_says() {
    check(Packing::Gzip, "");
    check(Packing::Zstd, "");
    check(Packing::Plain, "+gzip");
    check(Packing::Plain, "+zstd");
    check(Packing::Zstd, "+gzip");
    check(Packing::Gzip, "+zstd");
}

#[test]
fn a_right_label_says_nothing() {
    for (packing, suffix) in [(Packing::Plain, ""), (Packing::Gzip, "+gzip"), (Packing::Zstd, "+zstd")] {
        let sandbox = Sandbox::new();
        sandbox.folder("app", &labelled(packing, suffix).layout());
        assert!(!sandbox.run("check -v oci:app").data(0).contains("mislabelled"), "{suffix}");
    }
}

#[test]
fn policy_may_want_labels_to_be_right() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &labelled(Packing::Gzip, "").layout());
    sandbox.write("plimsoll.toml", "coverage-blocks = true\n");
    assert_eq!(sandbox.run("check oci:app").code, 3);
}
