//! The same image in the forms that are read differently: gzip and zstd layers, and Docker's archive.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Result;
use crate::tools::run;

/// One form of an image.
pub(crate) struct Form {
    /// What it is called in a table.
    pub(crate) name: &'static str,
    /// `oci:` or `docker-archive:`.
    pub(crate) transport: &'static str,
    pub(crate) path: PathBuf,
}

/// The three forms of the image in `folder`; those that umoci did not make, skopeo does.
pub(crate) fn of(folder: &Path) -> Result<[Form; 3]> {
    let gzip = Form { name: "OCI gzip", transport: "oci:", path: folder.join("layout") };
    let zstd = Form { name: "OCI zstd", transport: "oci:", path: folder.join("zstd") };
    let plain = Form { name: "docker save", transport: "docker-archive:", path: folder.join("archive.tar") };
    if !zstd.path.join("index.json").exists() {
        copy(&["--dest-compress-format=zstd"], folder, &format!("oci:{}:latest", zstd.path.display()))?;
    }
    if !plain.path.exists() {
        let part = folder.join("archive.part");
        crate::paths::remove(&part)?;
        copy(&[], folder, &format!("docker-archive:{}:bench/image:latest", part.display()))?;
        std::fs::rename(&part, &plain.path).map_err(crate::error::Error::file(&plain.path))?;
    }
    Ok([gzip, zstd, plain])
}

fn copy(words: &[&str], folder: &Path, to: &str) -> Result<()> {
    let from = format!("oci:{}:latest", folder.join("layout").display());
    run(Command::new("skopeo").args(["copy", "--quiet"]).args(words).args([&from, to]))
}
