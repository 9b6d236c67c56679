//! The distribution registry, of the Debian package docker-registry.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Server, free_port};
use crate::error::Result;
use crate::paths;

/// An empty registry without sign-in on a free port of loopback.
pub(crate) struct Registry {
    _server: Server,
    log: PathBuf,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
}

impl Registry {
    /// Starts a registry that keeps its data in `folder`.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        paths::folder(folder)?;
        let address = format!("127.0.0.1:{}", free_port()?);
        let config = folder.join("config.yml");
        paths::write(&config, &configuration(&folder.join("data"), &address))?;
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(&config);
        let ready = || TcpStream::connect(&address).is_ok();
        let name = "docker-registry (Debian package docker-registry)";
        let log = folder.join("log");
        let server = Server::start(name, &mut command, &log, ready)?;
        Ok(Self { _server: server, log, address })
    }

    /// How many requests its access log has.
    pub(crate) fn requests(&self) -> Result<usize> {
        let log = paths::read(&self.log)?;
        Ok(log.lines().filter(|line| line.contains(" /v2/") && line.contains(" HTTP/1.1\" ")).count())
    }
}

fn configuration(data: &Path, address: &str) -> String {
    format!(
        "version: 0.1\n\
         log: {{level: warn}}\n\
         storage:\n  filesystem: {{rootdirectory: {}}}\n  delete: {{enabled: true}}\n\
         http: {{addr: {address}}}\n",
        data.display()
    )
}
