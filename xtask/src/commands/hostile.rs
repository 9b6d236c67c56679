//! `cargo xtask proof hostile`: the program on every hostile image of the tests, reading and documents, within what is
//! promised: for at most 10 MB stored, under 10 s of processor, under 512 MB, and no temporary file left.
//!
//! The images are those of `crates/facts/tests/it`, built at full size by an optimised run of those tests, which also
//! judges what is read of them; here each is a layout that the program itself is given.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::paths;
use crate::tools::measure::{Cost, cost};
use crate::tools::{cargo, print, run};

const STORED: u64 = 10 << 20;
const SECONDS: f64 = 10.0;
const MEMORY: u64 = 512 << 20;
/// So much of a layer is inflated to know its diffID; one that is longer gets a digest that cannot match.
const INFLATED: u64 = 4 << 30;
/// As many are shown of the slowest and of the largest.
const SHOWN: usize = 8;

/// What one image cost, by question.
struct Case {
    name: String,
    stored: u64,
    check: Cost,
    sbom: Cost,
}

/// All images.
pub(crate) fn hostile() -> Result<()> {
    let images = paths::fresh("hostile")?;
    let mut tests = cargo::cargo(&["test", "--quiet", "--release", "--package", "facts", "--test", "it"]);
    run(tests.env("HOSTILE_TO", &images))?;
    let program = cargo::release()?;
    run(&mut cargo::cargo(&["build", "--quiet", "--release", "--package", "xtask"]))?;
    let meter = cargo::target().join("release/xtask");
    let work = paths::fresh("hostile-work")?;
    let mut cases = Vec::new();
    for name in names(&images)? {
        let layers = images.join(&name);
        let layout = work.join("layout");
        let stored = lay_out(&layers, &layout)?;
        if stored <= STORED {
            let [check, sbom] = measure(&meter, &program, &layout, &work, &name)?;
            cases.push(Case { name, stored, check, sbom });
        }
    }
    judge(cases)
}

fn names(folder: &Path) -> Result<BTreeSet<String>> {
    let entries = folder.read_dir().map_err(Error::file(folder))?;
    entries.map(|entry| Ok(entry.map_err(Error::file(folder))?.file_name().to_string_lossy().into_owned())).collect()
}

/// Makes a layout of the layers, each with the digests it really has.
fn lay_out(layers: &Path, layout: &Path) -> Result<u64> {
    paths::remove(layout)?;
    let blobs = layout.join("blobs/sha256");
    paths::folder(&blobs)?;
    let put = |bytes: &[u8]| -> Result<String> {
        let hex = hex(&Sha256::digest(bytes));
        let path = blobs.join(&hex);
        std::fs::write(&path, bytes).map_err(Error::file(path))?;
        Ok(format!("sha256:{hex}"))
    };
    let (mut stored, mut diff_ids, mut descriptors) = (0, Vec::new(), Vec::new());
    for name in names(layers)? {
        let path = layers.join(name);
        let bytes = std::fs::read(&path).map_err(Error::file(&path))?;
        stored += bytes.len() as u64;
        let (kind, diff_id) = plain_digest(&path).map_err(Error::file(&path))?;
        diff_ids.push(format!("sha256:{diff_id}"));
        let media = format!("application/vnd.oci.image.layer.v1.tar{kind}");
        descriptors.push(json!({"mediaType": media, "digest": put(&bytes)?, "size": bytes.len()}));
    }
    let config = json!({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": diff_ids}});
    let descriptor = |media: &str, value: &Value| -> Result<Value> {
        let text = value.to_string();
        Ok(json!({"mediaType": media, "digest": put(text.as_bytes())?, "size": text.len()}))
    };
    let config = descriptor("application/vnd.oci.image.config.v1+json", &config)?;
    let media = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({"schemaVersion": 2, "mediaType": media, "config": config, "layers": descriptors});
    let index = json!({"schemaVersion": 2, "manifests": [descriptor(media, &manifest)?]});
    paths::write(&layout.join("index.json"), &index.to_string())?;
    paths::write(&layout.join("oci-layout"), "{\"imageLayoutVersion\": \"1.0.0\"}")?;
    Ok(stored)
}

/// How a layer is packed, and the digest of what it unpacks to; of one that cannot be unpacked, of what could.
fn plain_digest(path: &Path) -> io::Result<(&'static str, String)> {
    let mut stored = BufReader::new(File::open(path)?);
    let head = stored.fill_buf()?;
    let (gzip, zstd) = (head.starts_with(&[0x1f, 0x8b]), head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]));
    Ok(if gzip {
        ("+gzip", digest(flate2::bufread::MultiGzDecoder::new(stored)))
    } else if zstd {
        ("+zstd", digest(zstd::Decoder::with_buffer(stored)?))
    } else {
        ("", digest(stored))
    })
}

fn digest(plain: impl Read) -> String {
    let mut hash = Sha256::new();
    let mut plain = plain.take(INFLATED);
    let mut buffer = vec![0; 256 << 10];
    while let Ok(count @ 1..) = plain.read(&mut buffer) {
        hash.update(&buffer[..count]);
    }
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The cost of a verdict, and of both documents without what the first run has cached.
fn measure(meter: &Path, program: &Path, layout: &Path, work: &Path, name: &str) -> Result<[Cost; 2]> {
    let temporary = work.join("tmp");
    let document = |format: &str| format!("{format}={}", work.join(format).display());
    let (spdx, cyclonedx) = (document("spdx-json"), document("cyclonedx-json"));
    let questions: [&[&str]; 2] = [&["check"], &["sbom", "--bsi", "-o", &spdx, "-o", &cyclonedx]];
    let mut costs = Vec::new();
    for words in questions {
        paths::remove(&temporary)?;
        paths::folder(&temporary)?;
        paths::remove(&work.join("home"))?;
        let mut command = Command::new(program);
        command.args(words).arg(format!("oci:{}", layout.display()));
        command.env("TMPDIR", &temporary).env("PLIMSOLL_HOME", work.join("home"));
        costs.push(cost(meter, &command)?);
        let left = names(&temporary)?;
        if !left.is_empty() {
            return Err(Error::Unproven(format!("{name}: `{}` left {left:?} in its temporary folder", words[0])));
        }
    }
    Ok([costs[0], costs[1]])
}

fn judge(mut cases: Vec<Case>) -> Result<()> {
    if cases.len() < 60 {
        return Err(Error::Unproven(format!("only {} hostile images were there to measure", cases.len())));
    }
    print(format_args!("{} hostile images of at most 10 MB; no temporary file left by any.\n", cases.len()));
    for (title, key) in [
        ("slowest", (|case: &Case| case.check.cpu.max(case.sbom.cpu)) as fn(&Case) -> f64),
        ("largest in memory", |case: &Case| case.check.memory.max(case.sbom.memory) as f64),
    ] {
        cases.sort_by(|a, b| key(b).total_cmp(&key(a)));
        print(format_args!("| {title} | stored KB | check: CPU s | MB | sbom, both formats: CPU s | MB |"));
        print(format_args!("|---|---|---|---|---|---|"));
        for Case { name, stored, check, sbom } in cases.iter().take(SHOWN) {
            let mega = |cost: &Cost| cost.memory / 1_000_000;
            print(format_args!(
                "| {name} | {} | {:.2} | {} | {:.2} | {} |",
                stored / 1000,
                check.cpu,
                mega(check),
                sbom.cpu,
                mega(sbom)
            ));
        }
        print(format_args!(""));
    }
    let over = |case: &&Case| [case.check, case.sbom].iter().any(|cost| cost.cpu >= SECONDS || cost.memory >= MEMORY);
    let over: Vec<&str> = cases.iter().filter(over).map(|case| case.name.as_str()).collect();
    if over.is_empty() {
        return Ok(());
    }
    Err(Error::Unproven(format!("over {SECONDS} s or {} MB: {}", MEMORY >> 20, over.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn plain_digests_are_of_what_is_inside() {
        let folder = std::env::temp_dir().join(format!("xtask-hostile-{}", std::process::id()));
        paths::folder(&folder).expect("a folder");
        let check = |bytes: &[u8], expected: &str| {
            let path = folder.join("layer");
            std::fs::write(&path, bytes).expect("written");
            let (kind, digest) = plain_digest(&path).expect("read");
            assert_eq!((kind, digest), (expected, hex(&Sha256::digest(b"plain"))));
        };
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"plain").expect("in memory");
        check(&gzip.finish().expect("in memory"), "+gzip");
        check(&zstd::encode_all(&b"plain"[..], 1).expect("in memory"), "+zstd");
        check(b"plain", "");
        paths::remove(&folder).expect("removed");
    }
}
