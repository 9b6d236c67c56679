//! `cargo xtask bench sbom`: what a bill of materials costs, beside the floor and beside other tools, in one run.
//!
//! Each number is the best of n runs on this machine, now. Processor time is what to compare: it hardly depends on what
//! else the machine does. The tables go to stdout, everything else to stderr.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};
use crate::images::forms::{self, Form};
use crate::paths;
use crate::tools::measure::{Cost, cost};
use crate::tools::{cargo, output, print, python, run};

/// Peers that Go's module proxy has as source: the newest of each when this was written.
const SYFT: (&str, &str) = ("syft 1.57.1", "github.com/anchore/syft/cmd/syft@v1.57.1");
const TRIVY: (&str, &str) = ("trivy 0.74.0", "github.com/aquasecurity/trivy/cmd/trivy@v0.74.0");

/// Seconds of processor that the hash of every file may take beside the floor, for each GB of plain content.
const HASHES: f64 = 0.35;
/// Seconds for all else on the image with the most packages.
const PACKAGES: f64 = 1.0;
/// Seconds that the floor of the smallest image in gzip took on the machine for which those seconds were promised.
const PACE: f64 = 0.46;
/// Bytes of memory at once.
const MEMORY: u64 = 100_000_000;

/// What is measured with.
struct Bench {
    runs: u32,
    meter: PathBuf,
    program: PathBuf,
    peers: Vec<Peer>,
    work: PathBuf,
}

/// Another tool, and how it is called.
struct Peer {
    name: &'static str,
    program: PathBuf,
    words: fn(&Form, &Path) -> Vec<String>,
}

/// Measures all images in all forms.
pub(crate) fn sbom(options: &[&str]) -> Result<()> {
    let (runs, peers) = parse(options)?;
    let images = super::images::measured()?;
    let program = cargo::release()?;
    run(&mut cargo::cargo(&["build", "--quiet", "--release", "--package", "xtask"]))?;
    let meter = cargo::target().join("release/xtask");
    let bench = Bench { runs, meter, program, peers: self::peers(peers)?, work: paths::fresh("bench")? };
    bench.start_up()?;
    let [(_, base), ..] = &images;
    let bases = forms::of(base)?;
    let mut pace = None;
    for (name, folder) in &images {
        let forms = forms::of(folder)?;
        // Docker's archive is the layers as they are, so its length is what they inflate to.
        let plain = forms.iter().find(|form| form.transport == "docker-archive:").map_or(0, |form| length(&form.path));
        for (form, base) in forms.iter().zip(&bases) {
            let measured = bench.table(name, form, base)?;
            // The first table is the smallest image in gzip.
            let pace = *pace.get_or_insert(measured[0].cpu / PACE);
            judge(name, plain, measured, pace);
        }
    }
    Ok(())
}

fn parse<'a>(options: &[&'a str]) -> Result<(u32, &'a str)> {
    let (mut runs, mut peers) = (3, "pip");
    for pair in options.chunks(2) {
        match *pair {
            ["--runs", number] => {
                let wanted = Error::Option { option: "--runs", wanted: "a number from 1" };
                runs = number.parse().ok().filter(|&runs| runs > 0).ok_or(wanted)?;
            }
            ["--peers", which @ ("none" | "pip" | "go")] => peers = which,
            _ => return Err(Error::Option { option: "bench sbom", wanted: "--runs N or --peers none|pip|go" }),
        }
    }
    Ok((runs, peers))
}

fn peers(which: &str) -> Result<Vec<Peer>> {
    if which == "none" {
        return Ok(Vec::new());
    }
    let mut peers = vec![Peer { name: "syft 1.18.1", program: python::peer()?, words: syft }];
    if which == "go" {
        let go =
            [(SYFT.0, "syft", SYFT.1, syft as fn(&Form, &Path) -> Vec<String>), (TRIVY.0, "trivy", TRIVY.1, trivy)];
        for (name, program, module, words) in go {
            // A folder a version, so that another one is never taken for it.
            let folder = paths::work("go").join(name.replace(' ', "-"));
            let program = folder.join(program);
            if !program.exists() {
                // trivy's source needs it up to Go 1.26; syft's does not mind.
                run(Command::new("go").args(["install", module]).env("GOBIN", &folder).env("GOEXPERIMENT", "jsonv2"))?;
            }
            peers.push(Peer { name, program, words });
        }
    }
    Ok(peers)
}

fn syft(form: &Form, to: &Path) -> Vec<String> {
    let transport = form.transport.replace("oci:", "oci-dir:");
    let output = format!("spdx-json={}", to.display());
    vec!["scan".into(), "-q".into(), format!("{transport}{}", form.path.display()), "-o".into(), output]
}

fn trivy(form: &Form, to: &Path) -> Vec<String> {
    let words = ["image", "--quiet", "--format", "spdx-json", "--cache-dir"];
    let mut words: Vec<String> = words.map(str::to_owned).to_vec();
    words.push(to.with_extension("cache").display().to_string());
    words.extend(["--input".into(), form.path.display().to_string(), "--output".into(), to.display().to_string()]);
    words
}

impl Bench {
    /// How long it takes to say nothing.
    fn start_up(&self) -> Result<()> {
        let mut command = Command::new(&self.program);
        let best = self.best(self.runs.max(20), command.arg("--version"), || Ok(()))?;
        print(format_args!(
            "Start-up (`plimsoll --version`): {:.1} ms, {:.1} MB\n",
            best.wall * 1e3,
            mega(best.memory)
        ));
        Ok(())
    }

    /// The floor, the floor of the longest layer, and ours with nothing known.
    fn table(&self, image: &str, form: &Form, base: &Form) -> Result<[Cost; 3]> {
        let floor = |words: &[&str]| {
            let mut command = Command::new(&self.meter);
            self.best(self.runs, command.arg("floor").args(words).arg(&form.path), || Ok(()))
        };
        let (floor, longest) = (floor(&[])?, floor(&["--longest"])?);
        let home = self.work.join("home");
        let ours = self.ours(form, &home);
        let cold = self.best(self.runs, &ours, || paths::remove(&home))?;
        let warm = self.best(self.runs, &ours, || Ok(()))?;
        let mut rows = vec![
            ("floor", floor),
            ("floor of the longest layer alone", longest),
            ("plimsoll, cold", cold),
            ("plimsoll, warm", warm),
        ];
        if form.path != base.path {
            let before = || {
                paths::remove(&home)?;
                output(&mut self.ours(base, &home)).map(drop)
            };
            rows.push(("plimsoll, only the base known", self.best(self.runs, &ours, before)?));
        }
        for peer in &self.peers {
            let document = self.work.join("peer.json");
            let mut command = Command::new(&peer.program);
            command.args((peer.words)(form, &document)).env("SYFT_CHECK_FOR_APP_UPDATE", "false");
            rows.push((
                peer.name,
                self.best(self.runs, &command, || paths::remove(&document.with_extension("cache")))?,
            ));
        }
        show(image, form, &rows);
        Ok([floor, longest, cold])
    }

    /// Our own command, with what it remembers in `home`.
    fn ours(&self, form: &Form, home: &Path) -> Command {
        let mut ours = Command::new(&self.program);
        ours.arg("sbom").arg(format!("{}{}", form.transport, form.path.display()));
        ours.arg("-o").arg(format!("spdx-json={}", self.work.join("ours.json").display())).env("PLIMSOLL_HOME", home);
        ours
    }

    /// The best of `runs`, after `before` each time.
    fn best(&self, runs: u32, command: &Command, before: impl Fn() -> Result<()>) -> Result<Cost> {
        before()?;
        let mut best = cost(&self.meter, command)?;
        for _ in 1..runs {
            before()?;
            best = best.best(cost(&self.meter, command)?);
        }
        Ok(best)
    }
}

fn show(image: &str, form: &Form, rows: &[(&str, Cost)]) {
    print(format_args!("| {image}, {} | CPU s | x floor | wall s | memory MB |", form.name));
    print(format_args!("|---|---|---|---|---|"));
    let floor = rows[0].1.cpu;
    for (name, Cost { cpu, wall, memory }) in rows {
        let ratio = cpu / floor;
        print(format_args!("| {name} | {cpu:.2} | {ratio:.2} | {wall:.2} | {:.0} |", mega(*memory)));
    }
    print(format_args!(""));
}

/// What is promised of the service image beside what was found of it; of the others nothing is. The promise names
/// seconds, which weigh more on a slow machine: `pace` is how many times as long this one takes for the same floor.
fn judge(image: &str, plain: u64, [floor, longest, cold]: [Cost; 3], pace: f64) {
    let wall = cold.wall / longest.wall;
    print(format_args!("Wall {wall:.2} x the longest layer's own floor."));
    if image != "service" {
        return print(format_args!(""));
    }
    let giga = plain as f64 / 1e9;
    let beside = HASHES * giga + PACKAGES;
    let (allowed, paced) = (floor.cpu + beside, floor.cpu + beside * pace);
    let word = |met: bool| if met { "met" } else { "missed" };
    print(format_args!(
        "CPU {:.2} s of {allowed:.2} s allowed (floor + {HASHES} s for each of {giga:.2} GB + {PACKAGES} s): {}; of \
         {paced:.2} s at the pace of this machine (those seconds x {pace:.2}, its floor of the minimal image in gzip \
         by {PACE} s): {}. Memory {:.0} MB of {:.0} MB: {}.\n",
        cold.cpu,
        word(cold.cpu <= allowed),
        word(cold.cpu <= paced),
        mega(cold.memory),
        mega(MEMORY),
        word(cold.memory <= MEMORY)
    ));
}

fn length(path: &Path) -> u64 {
    path.metadata().map_or(0, |meta| meta.len())
}

fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options() {
        let check = |words: &[&'static str], expected: Option<(u32, &str)>| {
            assert_eq!(parse(words).ok(), expected, "{words:?}");
        };
        check(&[], Some((3, "pip")));
        check(&["--runs", "7", "--peers", "none"], Some((7, "none")));
        check(&["--runs", "0"], None);
        check(&["--peers", "npm"], None);
        check(&["--runs"], None);
    }
}
