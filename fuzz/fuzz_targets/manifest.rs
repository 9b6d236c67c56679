//! A manifest or an index: it keeps its bytes, and reads the same again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use model::oci::Document;

fuzz_target!(|data: &[u8]| {
    if let Ok(document) = Document::parse(data, None) {
        let raw = match &document {
            Document::Manifest(manifest) => manifest.raw(),
            Document::Index(index) => index.raw(),
        };
        assert_eq!(raw, data);
        assert_eq!(document.digest(), model::Digest::of(data));
    }
});
