//! An image of many layers: a minimal Debian and one layer for each of fifty Python packages.

use std::path::{Path, PathBuf};

use super::build::Build;
use super::cache::cached;
use super::{app, debian};
use crate::error::Result;
use crate::paths;

#[rustfmt::skip]
const PACKAGES: [&str; 50] = [
    "aiohttp", "attrs", "babel", "beautifulsoup4", "boto3", "botocore", "celery", "certifi", "cffi", "click",
    "cryptography", "cython", "django", "docutils", "flask", "fonttools", "greenlet", "grpcio", "h5py", "idna",
    "jinja2", "jsonschema", "lxml", "markdown", "markupsafe", "matplotlib", "mypy", "networkx", "numpy", "pandas",
    "pillow", "protobuf", "psutil", "pyarrow", "pydantic", "pygments", "pytest", "pytz", "pyyaml", "regex",
    "requests", "rich", "scikit-learn", "scipy", "setuptools", "sphinx", "sqlalchemy", "sympy", "tornado", "urllib3",
];

/// The image's folder: `layout/`, tag `latest`.
pub(crate) fn image() -> Result<PathBuf> {
    let base = debian::minimal(debian::State::Today)?;
    cached("layered", &format!("1 {PACKAGES:?}"), |folder| make(folder, &base))
}

fn make(folder: &Path, base: &Path) -> Result<()> {
    let build = Build::new(folder)?;
    build.tar(&base.join("rootfs.tar"), "/bin/sh -c #(nop) ADD file:rootfs.tar in / ")?;
    for package in PACKAGES {
        let content = folder.join("content");
        app::pip(&content.join("usr/local/lib/python3.11/dist-packages"), &[package], false)?;
        build.folder(&content, &format!("RUN /bin/sh -c pip install --no-deps {package} # buildkit"))?;
        paths::remove(&content)?;
    }
    build.finish()
}
