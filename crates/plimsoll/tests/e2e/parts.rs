//! The real parts that `cargo xtask test` prepared. One that is missing fails the test and says where it comes from.

use std::path::PathBuf;
use std::process::{Command, Output};

fn variable(name: &str, what: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: it names {what}; run `cargo xtask test`"))
}

/// A folder for one test, empty.
pub(crate) fn folder(test: &str) -> PathBuf {
    let path = PathBuf::from(variable("PLIMSOLL_E2E_DIR", "a folder for the tests")).join("tests").join(test);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder for the test");
    path
}

/// A minimal Debian as `layout/` (tag `latest`), `rootfs.tar` and `packages.tsv`.
pub(crate) fn image() -> PathBuf {
    let path = PathBuf::from(variable("PLIMSOLL_E2E_IMAGE", "an image by the Debian packages mmdebstrap and umoci"));
    for part in ["layout/index.json", "rootfs.tar", "packages.tsv"] {
        assert!(path.join(part).exists(), "{} lacks {part}; remove it and run `cargo xtask test`", path.display());
    }
    path
}

/// `127.0.0.1:PORT` of a registry without sign-in.
pub(crate) fn registry() -> String {
    variable("PLIMSOLL_E2E_REGISTRY", "a registry of the Debian package docker-registry")
}

/// Where that registry keeps what it was given.
pub(crate) fn registry_data() -> PathBuf {
    PathBuf::from(variable("PLIMSOLL_E2E_REGISTRY_DATA", "the folder of that registry's data"))
}

/// The engine's address.
pub(crate) fn engine() -> String {
    variable("DOCKER_HOST", "an engine of the Debian package docker.io")
}

/// `postgres://…` of a cluster's administrator.
pub(crate) fn postgres() -> String {
    variable("PLIMSOLL_E2E_POSTGRES", "a cluster of the Debian package postgresql")
}

/// A Python that has the validators.
pub(crate) fn python() -> String {
    variable("PLIMSOLL_E2E_PYTHON", "a Python with the SBOM formats' validators (Debian package python3-venv)")
}

/// Runs a tool of a Debian package; it has to succeed.
pub(crate) fn tool(program: &str, package: &str, words: &[&str]) -> Output {
    let output = Command::new(program)
        .args(words)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; it comes with the Debian package {package}"));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {words:?} failed ({}): {complaint}", output.status);
    output
}

/// skopeo, which has to succeed.
pub(crate) fn skopeo(words: &[&str]) -> Output {
    tool("skopeo", "skopeo", words)
}

/// Docker's client on the tests' own engine; it has to succeed.
pub(crate) fn docker(words: &[&str]) -> Output {
    tool("docker", "docker.io (or docker-cli)", words)
}
