//! Debian's own minimal root filesystem, by mmdebstrap from the archive that this machine uses.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::build::Build;
use super::cache::cached;
use crate::error::Result;
use crate::tools::{apt, run};

/// Which state of the release.
#[derive(Clone, Copy)]
pub(crate) enum State {
    /// With its security suite: as today.
    Today,
    /// Without: as at its last point release.
    PointRelease,
}

/// A minimal Debian 12: `rootfs.tar`, `layout/` (one gzip layer, tag `latest`), and `packages.tsv` with what
/// `dpkg-query -W` says inside: package, version, architecture.
pub(crate) fn minimal(state: State) -> Result<PathBuf> {
    let name = match state {
        State::Today => "debian",
        State::PointRelease => "debian-point-release",
    };
    cached(name, "bookworm minbase 1", |folder| {
        let tar = folder.join("rootfs.tar");
        mmdebstrap(folder, &tar, state)?;
        let build = Build::new(folder)?;
        build.tar(&tar, "/bin/sh -c #(nop) ADD file:rootfs.tar in / ")?;
        build.config(&["--no-history", "--config.cmd=/bin/bash"])?;
        build.finish()
    })
}

fn mmdebstrap(folder: &Path, tar: &Path, state: State) -> Result<()> {
    let listing = folder.join("packages.tsv");
    let format = r"${Package}\t${Version}\t${Architecture}\n";
    let hook = format!("chroot \"$1\" dpkg-query -W -f '{format}' >'{}'", listing.display());
    let main = apt::archive("bookworm")?;
    let mut command = Command::new("mmdebstrap");
    command.args(["--quiet", "--mode=root", "--variant=minbase", "--customize-hook", &hook, "bookworm"]).arg(tar);
    command.arg(format!("deb {main} bookworm main"));
    if matches!(state, State::Today) {
        command.arg(format!("deb {} bookworm-security main", apt::archive("bookworm-security")?));
    }
    run(&mut command)
}
