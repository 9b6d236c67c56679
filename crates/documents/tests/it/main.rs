//! The documents as a reader gets them.

mod cyclonedx;
mod fixture;
mod hostile;
mod sarif;
mod spdx;

use documents::cyclonedx::Version;
use fixture::Sample;
use serde_json::Value;

fn spdx_bytes(sample: &Sample) -> Vec<u8> {
    let mut out = Vec::new();
    documents::spdx::write(&sample.bill(), &mut out).expect("memory takes everything");
    out
}

fn cyclonedx_bytes(sample: &Sample, version: Version) -> Vec<u8> {
    let mut out = Vec::new();
    documents::cyclonedx::write(&sample.bill(), version, &mut out).expect("memory takes everything");
    out
}

fn parsed(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

/// The text at a JSON pointer; empty where there is none.
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
