//! Applications as a Dockerfile would install them: packages of npm and pip in a folder.

use std::path::Path;
use std::process::Command;

use crate::error::Result;
use crate::paths;
use crate::tools::{apt, run};

/// Installs npm packages into `folder`; scripts of packages do not run.
pub(super) fn npm(folder: &Path, packages: &[&str]) -> Result<()> {
    apt::need_program("npm", "npm")?;
    paths::folder(folder)?;
    paths::write(&folder.join("package.json"), "{\"name\": \"app\", \"version\": \"1.0.0\", \"private\": true}\n")?;
    let quiet = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"];
    run(Command::new("npm").args(quiet).args(packages).current_dir(folder))
}

/// Installs Python packages into `folder`, with what they depend on only if `deep`.
pub(super) fn pip(folder: &Path, packages: &[&str], deep: bool) -> Result<()> {
    apt::need(&["python3-venv"])?;
    let python = crate::tools::python::plain()?;
    let mut command = Command::new(python);
    command.args(["-m", "pip", "install", "--quiet", "--no-compile", "--only-binary", ":all:"]);
    if !deep {
        command.arg("--no-deps");
    }
    run(command.arg("--target").arg(folder).args(packages))
}
