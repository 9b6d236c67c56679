//! The documents: valid by the formats' own validators, and the same bytes for the same image.

use crate::parts;
use crate::program::Plimsoll;

fn target() -> String {
    format!("oci:{}", parts::image().join("layout").display())
}

#[test]
fn documents_are_valid_by_the_formats_own_validators() {
    let folder = parts::folder("valid");
    let plimsoll = Plimsoll::cold(&folder);
    let mut files = Vec::new();
    for format in ["spdx-json", "cyclonedx-json", "cyclonedx-json@1.7"] {
        let file = folder.join(format!("{format}.json")).display().to_string();
        plimsoll.document(&["sbom", &target(), "-o", &format!("{format}={file}")]);
        files.push(file);
    }
    let validator = concat!(env!("CARGO_MANIFEST_DIR"), "/../../xtask/validate_sbom.py");
    let words: Vec<&str> = std::iter::once(validator).chain(files.iter().map(String::as_str)).collect();
    let output = parts::tool(&parts::python(), "python3-venv", &words);
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(told.matches(": valid").count(), files.len(), "{told}");
}

#[test]
fn the_same_image_gives_the_same_bytes_cold_warm_and_without_a_cache() {
    let folder = parts::folder("same");
    for words in [
        &["sbom", "-o", "spdx-json"][..],
        &["sbom", "-o", "cyclonedx-json"],
        &["inspect", "-o", "json"],
        &["check", "-o", "sarif"],
    ] {
        let mut words = words.to_vec();
        let target = target();
        words.insert(1, &target);
        let plimsoll = Plimsoll::cold(&folder);
        let cold = plimsoll.ask(&words).out;
        assert!(!cold.is_empty(), "{words:?}");
        assert!(plimsoll.ask(&words).out == cold, "{words:?}, warm");
        words.push("--no-cache");
        assert!(plimsoll.ask(&words).out == cold, "{words:?}, without a cache");
    }
}
