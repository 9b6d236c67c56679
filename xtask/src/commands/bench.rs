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
use crate::tools::{cargo, print, python, run, say};

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
    for (name, folder) in images {
        for form in forms::of(&folder)? {
            bench.table(name, &form)?;
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
        let go = [
            (
                "syft, newest",
                "syft",
                "github.com/anchore/syft/cmd/syft@latest",
                syft as fn(&Form, &Path) -> Vec<String>,
            ),
            ("trivy, newest", "trivy", "github.com/aquasecurity/trivy/cmd/trivy@latest", trivy),
        ];
        for (name, program, module, words) in go {
            let folder = paths::work("go");
            match run(Command::new("go").args(["install", module]).env("GOBIN", &folder)) {
                Ok(()) => peers.push(Peer { name, program: folder.join(program), words }),
                Err(error) => say(format_args!("without {name}: {error}")),
            }
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

    fn table(&self, image: &str, form: &Form) -> Result<()> {
        let mut floor = Command::new(&self.meter);
        let floor = self.best(self.runs, floor.arg("floor").arg(&form.path), || Ok(()))?;
        let home = self.work.join("home");
        let document = self.work.join("ours.json");
        let mut ours = Command::new(&self.program);
        ours.arg("sbom").arg(format!("{}{}", form.transport, form.path.display()));
        ours.arg("-o").arg(format!("spdx-json={}", document.display())).env("PLIMSOLL_HOME", &home);
        let cold = self.best(self.runs, &ours, || paths::remove(&home))?;
        let warm = self.best(self.runs, &ours, || Ok(()))?;
        let mut rows = vec![("floor", floor), ("plimsoll, cold", cold), ("plimsoll, warm", warm)];
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
        Ok(())
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
