//! One helper that reads an image as the program does and compares what came out with what should.

use facts::image::ImageFacts;
use facts::layer::{self, Encoding, Means, Promise};
use facts::{LayerFacts, Limits, Tree, assemble, looks};
use model::{Digest, Unknown};
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

/// Plain bytes that one image of up to 20 MB may have: what the program allows.
const ALLOWANCE: u64 = 2 << 30;
/// Far above what any case takes, even unoptimised on a busy machine: this tells a hang, not a speed.
const HANG: Duration = Duration::from_secs(60);

/// Unoptimised code reads images that are so much smaller, under limits that are so much lower.
pub(crate) const SCALE: usize = if cfg!(debug_assertions) { 20 } else { 1 };

/// The default limits, those that take long to reach lower where code is not optimised.
fn limits() -> Limits {
    let all = Limits::default();
    let scale = SCALE as u64;
    Limits {
        plain_floor: all.plain_floor / scale,
        entries: all.entries / SCALE,
        name_bytes: all.name_bytes / scale,
        sparse_bytes: all.sparse_bytes / scale,
        link_steps: all.link_steps / scale,
        tree_nodes: all.tree_nodes / SCALE,
        ..all
    }
}

/// Reads one stored layer.
pub(crate) fn read(stored: &[u8], promise: &Promise) -> Result<LayerFacts, Unknown> {
    read_of(&AtomicU64::new(ALLOWANCE), stored, promise)
}

/// Reads one layer of an image that shares an allowance.
fn read_of(allowance: &AtomicU64, stored: &[u8], promise: &Promise) -> Result<LayerFacts, Unknown> {
    let means = Means { limits: &limits(), looks: &looks(), spool: &tempfile::tempfile, allowance, progress: &|_| {} };
    layer::read(stored, Encoding::Sniff, promise, &means)
}

/// The layers that can be read, and why the others cannot.
pub(crate) fn read_all(stored: &[Vec<u8>]) -> (Vec<LayerFacts>, Vec<Unknown>) {
    let allowance = AtomicU64::new(ALLOWANCE / SCALE as u64);
    let (mut layers, mut unknowns) = (Vec::new(), Vec::new());
    for stored in stored {
        let promise = Promise { blob: Some((Digest::of(stored), stored.len() as u64)), diff_id: None };
        match read_of(&allowance, stored, &promise) {
            Ok(facts) => layers.push(facts),
            Err(unknown) => unknowns.push(unknown),
        }
    }
    (layers, unknowns)
}

/// Reads the image of these stored layers. `unknowns` has one `kind text` for every Unknown that must be there:
/// the kind's word, and a text that its message holds. One that blocks a verdict and is not listed fails the
/// test, and so does another list of visible files; `["…"]` stands for files too many to list.
pub(crate) fn check(stored: Vec<Vec<u8>>, unknowns: &[&str], files: &[&str]) -> ImageFacts {
    hand_out(&stored);
    let start = Instant::now();
    let bytes: usize = stored.iter().map(Vec::len).sum();
    let (layers, unread) = read_all(&stored);
    drop(stored);
    let facts = assemble(&layers, unread, &limits());
    let took = start.elapsed();
    println!("{bytes} stored bytes, {took:?}, {} resident at most", resident());
    let said: Vec<String> = facts.unknowns.iter().map(ToString::to_string).collect();
    let fits = |unknown: &Unknown, wanted: &str| {
        let (kind, text) = wanted.split_once(' ').unwrap_or((wanted, ""));
        unknown.kind.word() == kind && unknown.to_string().contains(text)
    };
    for wanted in unknowns {
        assert!(facts.unknowns.iter().any(|u| fits(u, wanted)), "not said: {wanted}\nsaid: {said:#?}");
    }
    for unknown in facts.unknowns.iter().filter(|u| u.kind.blocks()) {
        assert!(unknowns.iter().any(|wanted| fits(unknown, wanted)), "not expected: {unknown}");
        assert!(!unknown.to_string().chars().any(char::is_control), "{unknown:?}");
    }
    if files != ["…"] {
        assert_eq!(visible(&layers), files);
    }
    assert!(took < HANG, "{took:?}");
    facts
}

/// Writes the image below the folder that `HOSTILE_TO` names, if it is set: who measures the program on these very
/// images, as `cargo xtask proof hostile` does, gets them from here.
fn hand_out(stored: &[Vec<u8>]) {
    let Some(folder) = std::env::var_os("HOSTILE_TO") else { return };
    let test = std::thread::current();
    let folder = std::path::Path::new(&folder).join(test.name().unwrap_or("unnamed").replace("::", "."));
    std::fs::create_dir_all(&folder).expect("a folder for the image");
    for (number, layer) in stored.iter().enumerate() {
        std::fs::write(folder.join(format!("{number:04}")), layer).expect("a layer written");
    }
}

/// The visible files of these layers.
pub(crate) fn visible(layers: &[LayerFacts]) -> Vec<String> {
    let tree = Tree::squash(layers, &limits());
    tree.files().iter().map(|(path, _)| path.to_string()).collect()
}

/// The most memory this process ever had resident, as the kernel words it.
fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap_or("an unknown number").trim().to_owned()
}

/// A test a case: `name: layers => [unknowns] [files];`
macro_rules! hostile {
    ($($name:ident: $layers:expr => [$($unknown:literal),* $(,)?] [$($file:literal),* $(,)?];)*) => {$(
        #[test]
        fn $name() {
            crate::check::check($layers, &[$($unknown),*], &[$($file),*]);
        }
    )*};
}
pub(crate) use hostile;
