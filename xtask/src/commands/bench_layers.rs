//! `cargo xtask bench layers`: an image of 100,000 files of which a later layer deletes 2,000 one by one, beside the floor
//! of the same bytes and, if asked for, beside dive.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use model::{Algorithm, Digest, Hasher};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::images::cache::cached;
use crate::paths;
use crate::tools::measure::{Cost, cost};
use crate::tools::{cargo, output, print, run};

/// The newest that Go's module proxy has as source when this was written.
const DIVE: &str = "github.com/wagoodman/dive@v0.13.1";
const FILES: u64 = 100_000;
const DELETED: u64 = 2_000;
/// Processor time against the floor's.
const ALLOWED: f64 = 1.3;

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Measures the one image.
pub(crate) fn layers(options: &[&str]) -> Result<()> {
    let wanted = Error::Option { option: "bench layers", wanted: "--runs N, then --dive, or neither" };
    let (runs, dive) = match options {
        [] => (3, false),
        ["--dive"] => (3, true),
        ["--runs", number, rest @ ..] if rest.is_empty() || *rest == ["--dive"] => {
            (number.parse::<u32>().ok().filter(|runs| *runs > 0).ok_or(wanted)?, !rest.is_empty())
        }
        _ => return Err(wanted),
    };
    let image = cached("deleted", &format!("1 {FILES} {DELETED}"), make)?;
    let program = cargo::release()?;
    run(&mut cargo::cargo(&["build", "--quiet", "--release", "--package", "xtask"]))?;
    let meter = cargo::target().join("release/xtask");
    let layout = image.join("layout");
    let best = |command: &Command| -> Result<Cost> {
        let mut best = cost(&meter, command)?;
        for _ in 1..runs {
            best = best.best(cost(&meter, command)?);
        }
        Ok(best)
    };
    let mut floor = Command::new(&meter);
    let mut ours = Command::new(&program);
    ours.arg("layers").arg(format!("oci:{}", layout.display())).args(["--no-cache", "--platform", "linux/amd64"]);
    ours.args(["-o", "json=/dev/null"]).env("PLIMSOLL_HOME", paths::fresh("bench-layers")?);
    let (floor, ours) = (best(floor.arg("floor").arg(&layout))?, best(&ours)?);
    print(format_args!(
        "| {FILES} files, {DELETED} of them deleted later, OCI gzip | CPU s | x floor | wall s | memory MB |"
    ));
    print(format_args!("|---|---|---|---|---|"));
    row("floor", floor, floor);
    row("plimsoll layers", ours, floor);
    if dive {
        row("dive --json", peer(&meter, &image)?, floor);
    }
    let word = if ours.cpu <= floor.cpu * ALLOWED { "met" } else { "missed" };
    print(format_args!("\nAllowed {ALLOWED} x the floor: {word}."));
    Ok(())
}

fn row(name: &str, Cost { cpu, wall, memory }: Cost, floor: Cost) {
    let (ratio, mega) = (cpu / floor.cpu, memory as f64 / 1e6);
    print(format_args!("| {name} | {cpu:.2} | {ratio:.2} | {wall:.2} | {mega:.0} |"));
}

/// One run of dive: it takes minutes.
fn peer(meter: &Path, image: &Path) -> Result<Cost> {
    let folder = paths::work("go").join("dive-0.13.1");
    let program = folder.join("dive");
    if !program.exists() {
        run(Command::new("go").args(["install", DIVE]).env("GOBIN", &folder))?;
    }
    let archive = image.join("archive.tar");
    if !archive.exists() {
        let (from, to) = (format!("oci:{}", image.join("layout").display()), archive.display());
        output(Command::new("skopeo").args([
            "copy",
            "--quiet",
            &from,
            &format!("docker-archive:{to}:bench/deleted:1"),
        ]))?;
    }
    let mut command = Command::new(&program);
    command.arg(format!("docker-archive://{}", archive.display())).args(["--json", "/dev/null"]);
    cost(meter, &command)
}

/// Writes the layout: files of 100 bytes to 64 kB as Debian's are spread, 9 kB on average, in folders of 100; then a
/// layer of whiteouts.
fn make(folder: &Path) -> Result<()> {
    let blobs = folder.join("layout/blobs/sha256");
    paths::folder(&blobs)?;
    let mut state = 1_u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut content = Vec::new();
    let first = layer(&blobs, |layer| {
        for number in 0..FILES {
            let size = 100_u64 << (next() % 10);
            content.clear();
            // Half of it text of few words, half noise: it is packed to about half, as real layers are.
            while (content.len() as u64) < size {
                let word = next();
                if content.len() % 64 < 32 {
                    content.extend_from_slice(format!("{:04} ", word % 50).as_bytes());
                } else {
                    content.extend_from_slice(&word.to_le_bytes()[..4]);
                }
            }
            layer.file(&path(number), &content)?;
        }
        Ok(())
    })?;
    let second = layer(&blobs, |layer| {
        (0..DELETED).try_for_each(|number| {
            let path = path(number * (FILES / DELETED));
            let (folder, name) = path.rsplit_once('/').unwrap_or_default();
            layer.file(&format!("{folder}/.wh.{name}"), b"")
        })
    })?;
    let history =
        json!([{"created_by": "COPY srv /srv # buildkit"}, {"created_by": "RUN /bin/sh -c rm some # buildkit"}]);
    let rootfs = json!({"type": "layers", "diff_ids": [first.plain.to_string(), second.plain.to_string()]});
    let config = json!({"os": "linux", "architecture": "amd64", "rootfs": rootfs, "history": history});
    let config = document(&blobs, CONFIG, &config)?;
    let layers = [first.descriptor, second.descriptor];
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers});
    let index = json!({"schemaVersion": 2, "manifests": [document(&blobs, MANIFEST, &manifest)?]});
    let layout = folder.join("layout");
    paths::write(&layout.join("index.json"), &index.to_string())?;
    paths::write(&layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)
}

fn path(number: u64) -> String {
    format!("srv/{:02}/{:02}/file-{number}.dat", number / 10_000, number / 100 % 100)
}

fn document(blobs: &Path, kind: &str, value: &Value) -> Result<Value> {
    let text = value.to_string();
    let digest = Digest::of(text.as_bytes());
    paths::write(&blobs.join(digest.hex()), &text)?;
    Ok(json!({"mediaType": kind, "digest": digest.to_string(), "size": text.len()}))
}

/// A layer that was written.
struct Layer {
    plain: Digest,
    descriptor: Value,
}

fn layer(blobs: &Path, fill: impl FnOnce(&mut Tar) -> Result<()>) -> Result<Layer> {
    let draft = blobs.join("draft");
    let file = File::create(&draft).map_err(Error::file(&draft))?;
    let packed = GzEncoder::new(BufWriter::new(file), Compression::default());
    let mut tar = Tar { packed, plain: Hasher::new(Algorithm::Sha256), path: draft.clone() };
    fill(&mut tar)?;
    tar.write(&[0; 1024])?;
    let Tar { packed, plain, .. } = tar;
    packed.finish().and_then(|mut file| file.flush()).map_err(Error::file(&draft))?;
    let stored = std::fs::read(&draft).map_err(Error::file(&draft))?;
    let digest = Digest::of(&stored);
    let path = blobs.join(digest.hex());
    std::fs::rename(&draft, &path).map_err(Error::file(&path))?;
    let descriptor = json!({"mediaType": LAYER, "digest": digest.to_string(), "size": stored.len()});
    Ok(Layer { plain: plain.finish(), descriptor })
}

/// A tar of regular files with short names.
struct Tar {
    packed: GzEncoder<BufWriter<File>>,
    plain: Hasher,
    path: PathBuf,
}

impl Tar {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.plain.update(bytes);
        self.packed.write_all(bytes).map_err(Error::file(&self.path))
    }

    /// One file: a header of POSIX's ustar, the content, and zeros up to the block's end.
    fn file(&mut self, name: &str, content: &[u8]) -> Result<()> {
        let mut header = [0_u8; 512];
        let mut put = |at: usize, text: &[u8]| {
            header.iter_mut().skip(at).zip(text).for_each(|(to, from)| *to = *from);
        };
        put(0, name.as_bytes());
        put(100, b"0000644\x000000000\x000000000\x00");
        put(124, format!("{:011o}\0{:011o}\0", content.len(), 1_700_000_000).as_bytes());
        put(148, b"        0");
        put(257, b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.write(&header)?;
        self.write(content)?;
        self.write(&[0; 512][..(512 - content.len() % 512) % 512])
    }
}
