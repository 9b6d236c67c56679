//! The squash against real extractors: random stacks of layers, unpacked by `umoci`, and by a Docker daemon where
//! `E2E_DOCKER_SOCKET` names its socket.
//!
//! `SQUASH_CASES` (default 40) is how many stacks, `SQUASH_SEED` (default 0) the first one's seed. Needs root, since
//! extractors set owners. Run with `cargo test -p facts --features e2e --test squash_proof`.

#![allow(clippy::print_stdout, reason = "says how much was compared")]

#[path = "../it/build.rs"]
#[allow(dead_code, reason = "shared with the other test binary, which uses all of it")]
mod build;
mod extract;
#[path = "../it/reference.rs"]
#[allow(dead_code, reason = "shared with the other test binary, which uses all of it")]
mod reference;
#[path = "../it/shown.rs"]
mod shown;

use extract::Extracted;
use facts::layer::{Encoding, Means, Promise, read};
use facts::{LayerFacts, Limits, looks};
use reference::{archives, stack};
use shown::{differences, squashed};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicU64;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().map_or(default, |text| text.parse().expect("a number"))
}

fn facts_of(tar: &[u8]) -> LayerFacts {
    let means = Means {
        limits: &Limits::default(),
        looks: &looks(),
        spool: &tempfile::tempfile,
        allowance: &AtomicU64::new(u64::MAX),
        progress: &|_| {},
    };
    read(tar, Encoding::Plain, &Promise::default(), &means).expect("a sound layer")
}

fn ours(layers: &[Vec<u8>]) -> Option<BTreeMap<String, String>> {
    let layers: Vec<LayerFacts> = layers.iter().map(|tar| facts_of(tar)).collect();
    squashed(&layers, |layer, entry| format!("{layer}.{entry}"))
}

/// Compares every stack with what `extract` makes of it. Refusing a stack is no answer, nor is
/// a doubt of our own; both must stay rare.
fn prove(extract: impl Fn(&[Vec<u8>], &Path) -> Extracted) {
    let (first, count) = (number("SQUASH_SEED", 0), number("SQUASH_CASES", 40));
    let (mut paths, mut refused, mut doubted) = (0, 0, 0);
    for seed in first..first + count {
        let stack = stack(seed).0;
        let layers = archives(&stack);
        let folder = tempfile::tempdir().expect("a folder");
        let theirs = match extract(&layers, folder.path()) {
            Ok(theirs) => theirs,
            Err(words) => {
                println!("seed {seed} was refused: {words}");
                refused += 1;
                continue;
            }
        };
        let Some(ours) = ours(&layers) else {
            doubted += 1;
            continue;
        };
        let found = differences(&ours, &theirs);
        assert!(found.is_empty(), "seed {seed}: {stack:#?}\n{found:#?}");
        paths += theirs.len();
    }
    assert!((refused + doubted) * 10 <= count, "{refused} of {count} stacks were refused, {doubted} doubted");
    let equal = count - refused - doubted;
    println!("{equal} stacks, {paths} visible paths, all equal; {refused} refused, {doubted} doubted by us");
}

#[test]
fn umoci_unpacks_what_we_squash() {
    prove(extract::umoci);
}

#[test]
fn docker_shows_what_we_squash() {
    let Ok(socket) = std::env::var("E2E_DOCKER_SOCKET") else {
        println!("not run: E2E_DOCKER_SOCKET names no Docker daemon");
        return;
    };
    prove(|layers, folder| extract::docker(&socket, layers, folder));
}
