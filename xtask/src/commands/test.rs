//! `cargo xtask test`: everything that must hold before a change lands, in the order of what fails fastest.

use std::process::Command;

use super::{e2e, truth};
use crate::error::Result;
use crate::tools::{apt, cargo, run, say};

/// What the end-to-end tests call; each is also what a person would install to follow them by hand.
const PACKAGES: [&str; 9] = [
    "ca-certificates",
    "docker-registry",
    "docker.io",
    "mmdebstrap",
    "postgresql",
    "python3-venv",
    "skopeo",
    "tar",
    "umoci",
];

/// All tests.
pub(crate) fn everything() -> Result<()> {
    cargo::need_components()?;
    lints()?;
    licences()?;
    units()?;
    end_to_end()?;
    say(format_args!("everything passed"));
    Ok(())
}

/// The end-to-end tests alone, and what they need.
pub(crate) fn end_to_end() -> Result<()> {
    apt::need(&PACKAGES)?;
    let parts = e2e::Parts::prepare()?;
    e2e::run_tests(&parts)?;
    truth::slice()
}

/// What needs nothing but Cargo.
pub(crate) fn fast() -> Result<()> {
    cargo::need_components()?;
    lints()?;
    units()
}

fn lints() -> Result<()> {
    run(&mut cargo::cargo(&["fmt", "--all", "--check"]))?;
    let clippy = ["clippy", "--quiet", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    run(&mut cargo::cargo(&clippy))
}

/// Known vulnerabilities of dependencies are matched by a test of this crate's, without a network.
fn licences() -> Result<()> {
    let mut command = Command::new(cargo::deny()?);
    command.args(["--all-features", "check", "bans", "licenses", "sources"]);
    run(command.current_dir(crate::paths::workspace()))
}

fn units() -> Result<()> {
    run(&mut cargo::cargo(&["test", "--workspace"]))
}
