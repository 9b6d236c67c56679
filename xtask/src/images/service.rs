//! A service image of about a gigabyte: Node.js, Python, Java and Ruby from Debian, and an application's packages.

use std::path::{Path, PathBuf};

use super::build::Build;
use super::cache::cached;
use super::{app, debian};
use crate::error::Result;
use crate::paths;

const DEBIAN: &str =
    "nodejs npm python3-pip python3-venv default-jre-headless ca-certificates-java ruby build-essential git curl";
const NPM: [&str; 10] =
    ["express", "webpack", "typescript", "eslint", "jest", "react", "react-dom", "axios", "next", "prettier"];
const PIP: [&str; 8] = ["django", "flask", "requests", "sqlalchemy", "numpy", "pandas", "celery", "boto3"];

/// The image's folder: `layout/`, tag `latest`.
pub(crate) fn image() -> Result<PathBuf> {
    let base = debian::minimal(debian::State::Today)?;
    cached("service", &format!("3 {DEBIAN} {NPM:?} {PIP:?}"), |folder| make(folder, &base))
}

fn make(folder: &Path, base: &Path) -> Result<()> {
    let build = Build::new(folder)?;
    build.tar(&base.join("rootfs.tar"), "/bin/sh -c #(nop) ADD file:rootfs.tar in / ")?;
    build.script(&format!("apt-get update && apt-get install -qq -y --no-install-recommends {DEBIAN} >/dev/null && rm -rf /var/lib/apt/lists/*"))?;
    let (javascript, python) = (folder.join("javascript"), folder.join("python"));
    app::npm(&javascript.join("app"), &NPM)?;
    build.folder(&javascript, "RUN /bin/sh -c npm ci # buildkit")?;
    app::pip(&python.join("usr/local/lib/python3.11/dist-packages"), &PIP, true)?;
    build.folder(&python, "RUN /bin/sh -c pip install -r requirements.txt # buildkit")?;
    paths::remove(&javascript)?;
    paths::remove(&python)?;
    build.config(&["--no-history", "--config.cmd=/usr/bin/node"])?;
    build.finish()
}
