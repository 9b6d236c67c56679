//! Debian packages: which are missing, and installing them; and where this machine gets its packages from.

use std::process::Command;

use super::{output, run, say};
use crate::error::{Error, Result};

/// Installs those of `packages` that are missing. Needs root only if there are any.
pub(crate) fn need(packages: &[&str]) -> Result<()> {
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    say(format_args!("Debian packages to install: {}", missing.join(" ")));
    let root = output(Command::new("id").arg("-u"))?.trim() == "0";
    if !root {
        return Err(Error::Packages(missing.join(" ")));
    }
    run(&mut apt(&["update", "-qq"]))?;
    run(apt(&["install", "-y", "-qq", "--no-install-recommends"]).args(&missing))
}

/// Installs `package` if nothing on this machine answers to `program`, from whatever source.
pub(crate) fn need_program(program: &'static str, package: &str) -> Result<()> {
    match output(Command::new(program).arg("--version")) {
        Ok(_) => Ok(()),
        Err(_) => need(&[package]),
    }
}

fn installed(package: &str) -> bool {
    let asked = output(Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package]));
    asked.is_ok_and(|status| status == "installed")
}

/// `RUNLEVEL=1` keeps a package's own service (Docker's, the registry's) from being started: tests start their own.
fn apt(words: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(words).env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
    command
}

/// Where a Debian suite comes from, as this machine is set up.
pub(crate) fn archive(codename: &'static str) -> Result<String> {
    let format = "$(ORIGIN) $(CODENAME) $(COMPONENT) $(REPO_URI)";
    let listed = output(Command::new("apt-get").args(["indextargets", "--format", format, "Created-By: Packages"]))?;
    let found = listed.lines().find_map(|line| line.strip_prefix(&format!("Debian {codename} main ")));
    found.map(|uri| uri.trim_end_matches('/').to_owned()).ok_or(Error::Archive(codename))
}
