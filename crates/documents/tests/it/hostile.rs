//! Whatever stands in an image, a document stays one: it parses, no text in it forges a line or hides, and every
//! identifier is there once.

use crate::fixture::{HOSTILE, hostile};
use crate::{cyclonedx_bytes, list, parsed, spdx_bytes, text};
use documents::cyclonedx::Version;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::HashSet;

/// Every text in a document, keys included.
fn texts(value: &Value, found: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => found(text),
        Value::Array(values) => values.iter().for_each(|v| texts(v, found)),
        Value::Object(fields) => fields.iter().for_each(|(key, v)| {
            found(key);
            texts(v, found);
        }),
        _ => {}
    }
}

fn check_texts(bytes: &[u8]) -> Value {
    let (last, line) = bytes.split_last().expect("a line");
    assert_eq!(*last, b'\n');
    let plain = std::str::from_utf8(line).expect("UTF-8");
    assert_eq!(model::escaped(plain), plain, "no raw control or bidirectional character");
    let document = parsed(bytes);
    texts(&document, &mut |text| {
        assert_eq!(model::escaped(text), text, "a text that a converter prints on one line");
        assert!(!text.contains("</text>"), "a text that ends a tag-value block: {text}");
    });
    document
}

/// Names and versions that SPDX's tag-value form would take for something else.
fn check_terms(spdx: &Value) {
    for package in list(spdx, "packages") {
        for value in [text(package, "/name"), text(package, "/versionInfo"), text(package, "/summary")] {
            assert!(!["NONE", "NOASSERTION"].contains(&value), "a keyword");
            assert!(!["Tool:", "Person:", "Organization:"].iter().any(|a| value.starts_with(a)), "an actor: {value}");
        }
        assert!(!text(package, "/name").trim().is_empty());
    }
}

fn check_ids<'a>(ids: impl Iterator<Item = &'a str>) -> HashSet<&'a str> {
    let mut seen = HashSet::new();
    for id in ids {
        assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'), "{id}");
        assert!(seen.insert(id), "{id} twice");
    }
    seen
}

fn check(samples: &[&str]) {
    let sample = hostile(samples);
    let spdx = check_texts(&spdx_bytes(&sample));
    check_terms(&spdx);
    let ids = check_ids(list(&spdx, "packages").iter().map(|p| text(p, "/SPDXID")));
    for edge in list(&spdx, "relationships").iter().skip(1) {
        assert!(
            ids.contains(text(edge, "/spdxElementId")) && ids.contains(text(edge, "/relatedSpdxElement")),
            "{edge}"
        );
    }
    let cyclonedx = check_texts(&cyclonedx_bytes(&sample, Version::V1_7));
    let nested = list(&cyclonedx, "components").iter().flat_map(|c| std::iter::once(c).chain(list(c, "components")));
    let ids = check_ids(nested.map(|c| text(c, "/bom-ref")));
    for edge in list(&cyclonedx, "dependencies") {
        let needed: Vec<_> = list(edge, "dependsOn").iter().filter_map(Value::as_str).collect();
        assert!(needed.iter().all(|id| ids.contains(id)), "{edge}");
        assert_eq!(needed.len(), needed.iter().collect::<HashSet<_>>().len(), "each once: {edge}");
    }
}

#[test]
fn texts_that_have_forged_something() {
    check(&HOSTILE);
    HOSTILE.iter().for_each(|text| check(&[text]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_at_all(samples in proptest::collection::vec(any::<String>(), 1..4)) {
        check(&samples.iter().map(String::as_str).collect::<Vec<_>>());
    }

    #[test]
    fn texts_of_syntax_alone(samples in proptest::collection::vec("[<>/text \\-()@:,;\"'\\\\\\n\\r\u{1b}\u{202e}a.]{0,24}", 1..4)) {
        check(&samples.iter().map(String::as_str).collect::<Vec<_>>());
    }
}
