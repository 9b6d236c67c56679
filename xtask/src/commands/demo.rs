//! `cargo xtask demo`: an image with the usual mistakes, made here and now, and what Plimsoll says of it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::error::{Error, Result};
use crate::images::demo;
use crate::paths;
use crate::tools::{apt, cargo, say};

const INTRODUCTION: &str = "\
This makes a container image as many teams have one, and asks Plimsoll about it:
a Debian 12 without its security updates, Node.js without a package, an app with npm and pip packages,
lists of apt left behind, a password in the environment, a program that runs as root for everyone, no labels.

It needs Linux, root (mmdebstrap and umoci set owners), the packages mmdebstrap, umoci, python3-venv and npm
(installed if missing), Debian's, npm's and Python's package archives, and 2 GB below target/.
Nothing is started, nothing is left running; the image is kept, so a second run takes seconds.
";

/// What is asked, and what to look at in the answer.
const QUESTIONS: [(&[&str], &str); 6] = [
    (&["check"], "one verdict, and for every finding its proof, the layer and instruction it came by, and what to do"),
    (&["check", "-o", "sarif=SARIF"], "the same for a code host: each finding at its place, told apart run by run"),
    (
        &["sbom", "-o", "spdx-json=SPDX", "-o", "cyclonedx-json=CYCLONEDX"],
        "what it holds, in both formats, from the facts of the first run: no layer is read again",
    ),
    (&["inspect"], "what it is: digests, platform, and each layer with the instruction that made it"),
    (
        &["layers"],
        "what each layer brings, and what is in the image in vain, in bytes, by the instruction that brought it",
    ),
    (&["check", "--explain", "PL201"], "why a rule is there, and how to keep it"),
];

/// Makes the image, then asks.
pub(crate) fn demo() -> Result<()> {
    say(format_args!("{INTRODUCTION}"));
    apt::need(&["mmdebstrap", "umoci", "python3-venv", "tar"])?;
    let program = cargo::release()?;
    let image = demo::image()?;
    let work = paths::fresh("demo")?;
    let target = format!("oci:{}", image.join("layout").display());
    for (words, meaning) in QUESTIONS {
        ask(&program, &work, words, &target, meaning)?;
    }
    say(format_args!("\nThe documents are in {}; the image is {target}.", work.display()));
    Ok(())
}

fn ask(program: &Path, work: &Path, words: &[&str], target: &str, meaning: &str) -> Result<()> {
    let mut words: Vec<String> = words.iter().map(|word| at(work, word)).collect();
    if !words.iter().any(|word| word == "--explain") {
        words.insert(1, target.to_owned());
    }
    say(format_args!("\n# {meaning}\n$ plimsoll {}", words.join(" ")));
    let start = Instant::now();
    let mut command = Command::new(program);
    command.args(&words).env("PLIMSOLL_HOME", work.join("home")).stdin(Stdio::null());
    let status = command.status().map_err(|source| Error::Spawn {
        program: "plimsoll".into(),
        from: "this workspace",
        source,
    })?;
    let meaning = match status.code() {
        Some(0) => "what was asked for is done, and nothing speaks against the image",
        Some(1) => "fail: there are findings of a severity that policy does not let pass",
        Some(3) => "inconclusive: something that could not be read might change the verdict",
        _ => return Err(Error::Failed { command: words.join(" "), status, tail: String::new() }),
    };
    say(format_args!("# exit code {}: {meaning} ({:.1} s)", status.code().unwrap_or(2), start.elapsed().as_secs_f64()));
    Ok(())
}

/// Puts the names of files to write below the demo's folder.
fn at(work: &Path, word: &str) -> String {
    let files = [("SARIF", "check.sarif"), ("SPDX", "image.spdx.json"), ("CYCLONEDX", "image.cdx.json")];
    let named = files.iter().find_map(|(mark, file)| word.strip_suffix(mark).map(|format| (format, file)));
    named.map_or_else(|| word.to_owned(), |(format, file)| format!("{format}{}", work.join(file).display()))
}
