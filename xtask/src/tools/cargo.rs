//! Cargo, its components, and cargo-deny.

use std::path::PathBuf;
use std::process::Command;

use super::{output, run, say};
use crate::error::{Error, Result};
use crate::paths;

const DENY: &str = "0.20.2";

/// Cargo in the workspace's folder: the one that runs this chore, else the one on the path.
pub(crate) fn cargo(words: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(words).current_dir(paths::workspace());
    command
}

/// One binary of end-to-end tests. The whole workspace is named, although one crate has it: dependencies then have the
/// same features as in `cargo test --workspace`, and none is built twice.
pub(crate) fn end_to_end(test: &str) -> Command {
    cargo(&["test", "--workspace", "--features", "facts/e2e,plimsoll/e2e", "--test", test])
}

/// Fails, naming the component, when rustfmt or clippy is not there.
pub(crate) fn need_components() -> Result<()> {
    for (word, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        output(&mut cargo(&[word, "--version"])).map_err(|_| Error::Component(component))?;
    }
    Ok(())
}

/// cargo-deny of the pinned version: from the path, from `target/xtask`, or installed there (some minutes).
pub(crate) fn deny() -> Result<PathBuf> {
    let own = paths::work("bin/cargo-deny");
    for candidate in [PathBuf::from("cargo-deny"), own.clone()] {
        let version = output(Command::new(&candidate).arg("--version"));
        if version.is_ok_and(|version| version.trim().ends_with(DENY)) {
            return Ok(candidate);
        }
    }
    say(format_args!("cargo-deny {DENY} is not here yet; building it takes some minutes, once"));
    let root = paths::work("");
    run(cargo(&["install", "cargo-deny", "--locked", "--version", DENY, "--root"]).arg(root))?;
    Ok(own)
}

/// Builds the program for speed and says where it is.
pub(crate) fn release() -> Result<PathBuf> {
    run(&mut cargo(&["build", "--quiet", "--release", "--package", "plimsoll"]))?;
    Ok(target().join("release/plimsoll"))
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| paths::workspace().join("target"), PathBuf::from)
}
