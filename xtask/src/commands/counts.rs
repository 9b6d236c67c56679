//! `cargo xtask proof counts`: what the element checks of NTIA, CISA's framing (FSCT3) and BSI TR-03183-2 miss in our
//! bills of materials, and in syft's of the same images. It fails unless ours lack a smaller share on each.
//!
//! `validate_sbom.py --elements` does the counting, with ntia-conformance-checker.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::images::{debian, demo};
use crate::paths;
use crate::tools::{apt, cargo, output, print, python};

const STANDARDS: [&str; 3] = ["ntia", "fsct3-min", "bsi"];
const OURS: usize = 0;

/// Both small images, both tools, all standards.
pub(crate) fn counts() -> Result<()> {
    apt::need(&["mmdebstrap", "python3-venv", "tar", "umoci"])?;
    let images = [("minimal", debian::minimal(debian::State::Today)?), ("demo", demo::image()?)];
    let (program, peer) = (cargo::release()?, python::peer()?);
    let work = paths::fresh("counts")?;
    let mut worse = Vec::new();
    for (name, folder) in images {
        let layout = folder.join("layout");
        let ours = documents(&mut ours(&program, &layout), &work.join(format!("{name}-ours")))?;
        let theirs = documents(&mut syft(&peer, &layout), &work.join(format!("{name}-syft")))?;
        worse.extend(table(name, &[ours, theirs]));
    }
    if worse.is_empty() { Ok(()) } else { Err(Error::Unproven(format!("not better than syft: {}", worse.join(", ")))) }
}

fn ours(program: &Path, layout: &Path) -> Command {
    let mut command = Command::new(program);
    command.args([
        "sbom",
        "--no-cache",
        "--no-ledger",
        "--bsi",
        "--creator",
        "Example Ltd",
        "--creator-email",
        "sbom@example.com",
    ]);
    command.arg(format!("oci:{}", layout.display()));
    command
}

fn syft(program: &Path, layout: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("SYFT_CHECK_FOR_APP_UPDATE", "false").args(["scan", "-q"]);
    command.arg(format!("oci-dir:{}", layout.display()));
    command
}

/// Writes both documents and counts: one value a standard.
fn documents(command: &mut Command, name: &Path) -> Result<[Value; 3]> {
    let (spdx, cyclonedx) = (name.with_extension("spdx.json"), name.with_extension("cdx.json"));
    command.arg("-o").arg(format!("spdx-json={}", spdx.display()));
    output(command.arg("-o").arg(format!("cyclonedx-json={}", cyclonedx.display())))?;
    let script = paths::workspace().join("xtask/validate_sbom.py");
    let mut count = Command::new(python::validators()?);
    let text = output(count.arg(script).arg("--elements").args([&spdx, &cyclonedx]))?;
    let found: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let of = |standard: &str| found.iter().map(|file| &file["standards"][standard]).find(|v| !v.is_null()).cloned();
    let all = STANDARDS.map(of);
    match all {
        [Some(ntia), Some(fsct3), Some(bsi)] => Ok([ntia, fsct3, bsi]),
        _ => Err(Error::Unproven(format!("a standard is missing in what was counted:\n{text}"))),
    }
}

/// Prints one image, and says where ours is not better.
fn table(image: &str, tools: &[[Value; 3]; 2]) -> Vec<String> {
    let mut worse = Vec::new();
    for (at, standard) in STANDARDS.iter().enumerate() {
        print(format_args!("| {image}, {standard}: components without | plimsoll | syft 1.18.1 |"));
        print(format_args!("|---|---|---|"));
        let of = |tool: usize| &tools[tool][at];
        for word in of(OURS)["missing"].as_object().into_iter().flat_map(|missing| missing.keys()) {
            let cell = |tool: usize| format!("{} of {}", of(tool)["missing"][word], asked(of(tool), word));
            print(format_args!("| {word} | {} | {} |", cell(0), cell(1)));
        }
        let (ours, theirs) = (share(of(0)), share(of(1)));
        let verdict =
            |tool: usize| of(tool)["conformant"].as_bool().map_or("not judged", |yes| if yes { "yes" } else { "no" });
        print(format_args!("| *conformant* | {} | {} |", verdict(0), verdict(1)));
        print(format_args!("| *lacking of all that is asked* | {:.1} % | {:.1} % |\n", ours * 100.0, theirs * 100.0));
        if ours >= theirs {
            worse.push(format!("{standard} on {image}"));
        }
    }
    worse
}

/// Of how many an element is asked.
fn asked(standard: &Value, word: &str) -> u64 {
    match word {
        "creator of the document" => 1,
        _ if word.ends_with("of single files") => standard["files"].as_u64().unwrap_or(0),
        _ => standard["total"].as_u64().unwrap_or(0),
    }
}

/// How much of all that is asked is not there, each element with the same weight.
fn share(standard: &Value) -> f64 {
    let missing = standard["missing"].as_object();
    let shares: Vec<f64> = missing
        .into_iter()
        .flatten()
        .filter(|(word, _)| asked(standard, word) > 0)
        .map(|(word, count)| count.as_f64().unwrap_or(0.0) / asked(standard, word) as f64)
        .collect();
    shares.iter().sum::<f64>() / shares.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_what_is_asked() {
        let check = |text: &str, expected: f64| {
            let found = share(&serde_json::from_str(text).expect("valid"));
            assert!((found - expected).abs() < 1e-9, "{text}: {found}");
        };
        check(r#"{"total": 10, "missing": {"names": 0, "versions": 5}}"#, 0.25);
        check(r#"{"total": 10, "files": 2, "missing": {"names": 0, "SHA-512, of single files": 2}}"#, 0.5);
        check(r#"{"total": 10, "files": 0, "missing": {"names": 1, "SHA-512, of single files": 0}}"#, 0.1);
        check(r#"{"total": 0, "missing": {"creator of the document": 1}}"#, 1.0);
    }
}
