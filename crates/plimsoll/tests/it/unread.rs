//! A layer that could not be read is no layer without bytes: no figure stands for it, or for a sum that it belongs to.

use crate::fixture::{Packing, Sandbox, good, parsed};
use crate::formats::described;
use serde_json::Value;

/// An image on disk as `app`, of which these layers are cut off.
fn cut(sandbox: &Sandbox, layers: &[usize]) {
    let mut image = good().stored(Packing::Gzip);
    for &layer in layers {
        let whole = Packing::Gzip.pack(&image.plain[layer]);
        let part = whole[..whole.len() - 12].to_vec();
        image.layers[layer] = image.blob("application/vnd.oci.image.layer.v1.tar+gzip", part);
    }
    sandbox.folder("app", &image.layout());
}

fn absent(object: &Value, keys: &[&str]) {
    for key in keys {
        assert!(object.get(key).is_none(), "{key} in {object}");
    }
}

#[test]
fn inspect_states_what_was_read() {
    let sandbox = Sandbox::new();
    cut(&sandbox, &[1]);
    let document = parsed(&sandbox.run("inspect oci:app --json").data(3));
    described("inspect-v1", &document);
    absent(&document, &["plainBytes", "visibleBytes", "entries"]);
    let layers = &document["layers"];
    absent(&layers[1], &["plainBytes", "entries", "fileBytes", "hiddenBytes"]);
    assert!(layers[1]["storedBytes"].is_u64());
    assert!(layers[0]["plainBytes"].is_u64() && layers[2]["plainBytes"].is_u64());
    // The unread layer may hide anything below it, and nothing above.
    absent(&layers[0], &["hiddenBytes"]);
    assert!(layers[2]["hiddenBytes"].is_u64());
    let text = sandbox.run("inspect oci:app").data(3);
    assert!(text.contains("in what was read of 3 layers (1 could not be)"), "{text}");
    assert!(text.contains("stored, plain and visible not known"), "{text}");
    assert!(text.lines().any(|line| line.split_whitespace().any(|word| word == "?")), "{text}");
}

#[test]
fn layers_states_what_was_read() {
    let sandbox = Sandbox::new();
    cut(&sandbox, &[1]);
    let document = parsed(&sandbox.run("layers oci:app --json").data(3));
    described("layers-v1", &document);
    absent(&document, &["dive"]);
    absent(&document["totals"], &["visibleBytes", "fileBytes", "wastedPercent"]);
    absent(&document["layers"][1], &["plainBytes", "fileBytes", "entries", "added", "deadBytes", "spareBytes"]);
    assert!(document["layers"][0]["plainBytes"].is_u64());
    let text = sandbox.run("layers oci:app").data(3);
    assert!(text.contains("1 of them could not be read"), "{text}");
    assert!(text.contains("in what was read of the layers"), "{text}");
    assert!(!text.contains("dive would say"), "{text}");
    let page = sandbox.run("layers oci:app -o html").data(3);
    assert!(page.contains("<td class=\"n\">?</td>") && page.contains("1 of them could not be read"), "{page}");
}

#[test]
fn an_image_of_which_nothing_was_read_is_not_called_empty() {
    let sandbox = Sandbox::new();
    cut(&sandbox, &[0, 1, 2]);
    let done = sandbox.run("sbom oci:app -o spdx-json=app.json");
    assert_eq!(done.code, 3);
    assert!(!done.stderr.contains("not one file"), "{}", done.stderr);
    assert!(done.stderr.contains("0 packages in what was read of 3 layers (3 could not be)"), "{}", done.stderr);
    let text = sandbox.run("check oci:app").data(3);
    assert!(!text.contains("not one file") && !text.contains("0 B of files"), "{text}");
}
