//! Docker Engine, of the Debian package docker.io: without networks, because the tests only store and read images.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Server;
use crate::error::Result;
use crate::{paths, tools};

/// An engine of our own, with its own data, beside whatever else runs on the machine.
pub(crate) struct Engine {
    server: Option<Server>,
    folder: PathBuf,
}

/// How an engine keeps layers.
#[derive(Clone, Copy)]
pub(crate) enum Storage {
    /// Each layer apart, as most engines do.
    Overlay,
    /// Each layer applied onto a copy of those below. Slow, but it takes layers in which a file and a folder change
    /// places, where `overlay2` unpacks the layer alone and stumbles over its own links and folders.
    Copies,
}

impl Storage {
    fn name(self) -> &'static str {
        match self {
            Self::Overlay => "overlay2",
            Self::Copies => "vfs",
        }
    }
}

impl Engine {
    /// Starts an engine that keeps everything in `folder`, layers by this storage driver.
    pub(crate) fn start(folder: &Path, storage: Storage) -> Result<Self> {
        paths::folder(folder)?;
        let config = folder.join("daemon.json");
        paths::write(&config, "{}\n")?;
        let socket = socket(folder);
        let mut command = Command::new("dockerd");
        command.arg("--config-file").arg(&config);
        command.arg("--data-root").arg(folder.join("data")).arg("--exec-root").arg(folder.join("exec"));
        command.arg("--pidfile").arg(folder.join("pid")).arg("--host").arg(format!("unix://{}", socket.display()));
        command.args(["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"]);
        command.arg("--storage-driver").arg(storage.name());
        let ready = || UnixStream::connect(&socket).is_ok();
        let name = "dockerd (Debian package docker.io)";
        let server = Server::start(name, &mut command, &folder.join("log"), ready)?;
        Ok(Self { server: Some(server), folder: folder.to_path_buf() })
    }

    /// The engine's address, as `DOCKER_HOST` has it.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}", socket(&self.folder).display())
    }
}

impl Drop for Engine {
    /// The engine leaves its network namespace mounted; unmounted, the folder can be removed.
    fn drop(&mut self) {
        self.server = None;
        let netns = self.folder.join("exec/netns/default");
        if netns.exists() {
            let _ = tools::output(Command::new("umount").arg(netns));
        }
    }
}

/// A socket's path has at most 107 bytes, and a build folder may lie deep: hence the temporary folder.
fn socket(folder: &Path) -> PathBuf {
    let mut path = folder.join("docker.sock");
    if path.as_os_str().len() > 100 {
        path = std::env::temp_dir().join(format!("plimsoll-xtask-{}.sock", std::process::id()));
    }
    path
}
