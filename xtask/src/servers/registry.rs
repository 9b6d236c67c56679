//! The distribution registry, of the Debian package docker-registry.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use super::{Server, free_port};
use crate::error::Result;
use crate::paths;

/// An empty registry without sign-in on a free port of loopback.
pub(crate) struct Registry {
    _server: Server,
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
        let server = Server::start(name, &mut command, &folder.join("log"), ready)?;
        Ok(Self { _server: server, address })
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
