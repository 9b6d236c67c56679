//! The hand-worked truths of `testdata/truths` against the matcher and the sample of real records.

use crate::enrichment::Enrichment;
use crate::feeds::osv;
use crate::matching::{Query, ask, join, key};
use crate::{Builder, Index, Segment, ecosystem};
use serde::Deserialize;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct File {
    truth: Vec<Truth>,
}

#[derive(Deserialize)]
struct Truth {
    world: String,
    package: String,
    vulnerability: String,
    affected: Vec<String>,
    fine: Vec<String>,
    reason: String,
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name)
}

fn index_bytes() -> Vec<u8> {
    let mut builder = Builder::default();
    for entry in data("advisories").read_dir().unwrap() {
        let path = entry.unwrap().path().join("all.zip");
        if let Ok(bytes) = std::fs::read(&path) {
            osv::archive(std::io::Cursor::new(bytes), 0, 1, &mut builder).unwrap();
        }
    }
    let mut bytes = Vec::new();
    builder.write(&mut bytes).unwrap();
    bytes
}

fn truths() -> Vec<Truth> {
    let mut all = Vec::new();
    for entry in data("truths").read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "toml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let file: File = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            all.extend(file.truth);
        }
    }
    all
}

/// Whether the matcher says that this version has this vulnerability.
fn has(index: &Index<'_>, truth: &Truth, version: &str) -> bool {
    let (world, name) = (truth.world.as_str(), truth.package.as_str());
    let order = ecosystem::world(world).unwrap().order;
    let query = Query { world, name, version, order, module: "" };
    let answer = ask(index, &key(world, name), &query).unwrap();
    assert_eq!(answer.unjudged, [], "{name} {version}");
    let found = join(index, &Enrichment::default(), world, order, &answer.hits).unwrap();
    found.iter().any(|v| v.id == truth.vulnerability)
}

#[test]
fn not_one_truth_is_missed() {
    let bytes = index_bytes();
    let index = Index::new(vec![Segment::open(&bytes).unwrap()]).unwrap();
    let (truths, mut wrong) = (truths(), Vec::new());
    for truth in &truths {
        assert!(!truth.reason.is_empty() && !truth.affected.is_empty() && !truth.fine.is_empty());
        let affected = truth.affected.iter().map(|v| (v, true));
        for (version, expected) in affected.chain(truth.fine.iter().map(|v| (v, false))) {
            if has(&index, truth, version) != expected {
                let not = if expected { "" } else { "not " };
                let (name, id) = (&truth.package, &truth.vulnerability);
                wrong.push(format!("{name} {version} has {not}{id}: {}", truth.reason));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    // As many as were promised, of each kind.
    let promised =
        [("Debian:", 120), ("Alpine:", 40), ("Go", 30), ("PyPI", 40), ("crates.io", 30), ("npm", 25), ("Maven", 15)];
    for (world, least) in promised {
        let of = |t: &&Truth| t.world.starts_with(world);
        let facts: usize = truths.iter().filter(of).map(|t| t.affected.len() + t.fine.len()).sum();
        assert!(facts >= least, "{world}: {facts}");
    }
}
