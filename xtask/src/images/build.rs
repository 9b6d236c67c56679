//! An OCI layout that grows layer by layer, by umoci.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Result;
use crate::paths;
use crate::tools::{output, run};

/// A layout `FOLDER/layout` with one image, tagged `latest`.
pub(super) struct Build {
    folder: PathBuf,
}

impl Build {
    /// An image without layers.
    pub(super) fn new(folder: &Path) -> Result<Self> {
        let build = Self { folder: folder.to_path_buf() };
        output(build.umoci("init").arg("--layout").arg(folder.join("layout")))?;
        output(build.umoci("new").arg("--image").arg(build.image()))?;
        Ok(build)
    }

    /// Adds a tar file as a layer, and the instruction that is said to have made it.
    pub(super) fn tar(&self, tar: &Path, created_by: &str) -> Result<&Self> {
        let mut command = self.umoci("raw");
        command.arg("add-layer").arg("--image").arg(self.image()).args(["--history.created_by", created_by]);
        run(command.arg(tar))?;
        Ok(self)
    }

    /// Adds a folder's content as a layer, owned by root.
    pub(super) fn folder(&self, content: &Path, created_by: &str) -> Result<&Self> {
        let tar = self.folder.join("layer.tar");
        let owner = ["--owner=0", "--group=0", "--numeric-owner", "--sort=name"];
        output(Command::new("tar").args(owner).arg("-cf").arg(&tar).arg("-C").arg(content).arg("."))?;
        self.tar(&tar, created_by)?;
        paths::remove(&tar)?;
        Ok(self)
    }

    /// Runs a shell script in the image's root and adds what it changed as a layer.
    pub(super) fn script(&self, script: &str) -> Result<&Self> {
        let bundle = self.folder.join("bundle");
        paths::remove(&bundle)?;
        output(self.umoci("unpack").arg("--image").arg(self.image()).arg(&bundle))?;
        let root = bundle.join("rootfs");
        let resolver = root.join("etc/resolv.conf");
        let before = std::fs::read(&resolver).ok();
        let _ = std::fs::copy("/etc/resolv.conf", &resolver);
        // Namespaces of its own: `/proc`, which Java's installation reads, goes away with them, and so does any daemon.
        let mut command = Command::new("unshare");
        command.args(["--mount", "--pid", "--fork"]).arg(format!("--mount-proc={}", root.join("proc").display()));
        command.stdout(std::io::stderr());
        run(command.arg("chroot").arg(&root).args(["sh", "-ec", script]).envs(PLAIN))?;
        match before {
            Some(text) => std::fs::write(&resolver, text).map_err(crate::error::Error::file(&resolver))?,
            None => paths::remove(&resolver)?,
        }
        let created_by = format!("/bin/sh -c {script}");
        let mut command = self.umoci("repack");
        output(command.args(["--history.created_by", &created_by, "--image"]).arg(self.image()).arg(&bundle))?;
        paths::remove(&bundle)?;
        Ok(self)
    }

    /// Sets the configuration, in the words of `umoci config`.
    pub(super) fn config(&self, words: &[&str]) -> Result<&Self> {
        output(self.umoci("config").arg("--image").arg(self.image()).args(words))?;
        Ok(self)
    }

    /// Removes what no image of the layout uses.
    pub(super) fn finish(&self) -> Result<()> {
        output(self.umoci("gc").arg("--layout").arg(self.folder.join("layout")))?;
        Ok(())
    }

    fn image(&self) -> String {
        format!("{}:latest", self.folder.join("layout").display())
    }

    fn umoci(&self, word: &str) -> Command {
        let mut command = Command::new("umoci");
        command.args(["--log=error", word]);
        command
    }
}

/// The environment of a script: nothing of the host's languages, and no questions.
const PLAIN: [(&str, &str); 3] = [("DEBIAN_FRONTEND", "noninteractive"), ("LC_ALL", "C.UTF-8"), ("HOME", "/root")];
