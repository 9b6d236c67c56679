//! PostgreSQL, of the Debian package postgresql: a cluster of its own on loopback, never the machine's.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Server, free_port};
use crate::error::{Error, Result};
use crate::{paths, tools};

const PASSWORD: &str = "throw-away";

/// An empty cluster; gone when dropped.
pub(crate) struct Postgres {
    server: Option<Server>,
    folder: PathBuf,
    /// `postgres://…` of its administrator.
    pub(crate) url: String,
}

/// Whom the server runs as: it refuses to be root.
struct User {
    uid: u32,
    gid: u32,
}

impl Postgres {
    /// Makes a cluster in a temporary folder, which its user can reach wherever the workspace lies, and starts it.
    pub(crate) fn start(log: &Path) -> Result<Self> {
        let programs = programs()?;
        let folder = std::env::temp_dir().join(format!("plimsoll-xtask-postgres-{}", std::process::id()));
        paths::remove(&folder)?;
        paths::folder(&folder)?;
        let user = user()?;
        let (data, secret) = (folder.join("data"), folder.join("password"));
        paths::write(&secret, PASSWORD)?;
        if let Some(user) = &user {
            for path in [&folder, &secret] {
                std::os::unix::fs::chown(path, Some(user.uid), Some(user.gid)).map_err(Error::file(path))?;
            }
        }
        let mut make = as_user(&programs.join("initdb"), &user);
        make.args(["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata"]);
        tools::output(make.arg(&data).arg(format!("--pwfile={}", secret.display())).current_dir(&folder))?;
        let port = free_port()?;
        let mut command = as_user(&programs.join("postgres"), &user);
        command.arg("-D").arg(&data).arg("-k").arg(&folder).current_dir(&folder);
        command.args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "timezone=UTC"]);
        let mut ask = Command::new(programs.join("pg_isready"));
        ask.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
        let ask = std::cell::RefCell::new(ask);
        let ready = || ask.borrow_mut().status().is_ok_and(|status| status.success());
        let server = Server::start("PostgreSQL (Debian package postgresql)", &mut command, log, ready)?;
        let url = format!("postgres://postgres:{PASSWORD}@127.0.0.1:{port}/postgres");
        Ok(Self { server: Some(server), folder, url })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.server = None;
        let _ = paths::remove(&self.folder);
    }
}

/// Debian keeps them by version, out of the path; the newest is taken.
fn programs() -> Result<PathBuf> {
    let folder = Path::new("/usr/lib/postgresql");
    let versions = std::fs::read_dir(folder).map_err(Error::file(folder))?.flatten();
    let number = |path: &PathBuf| path.file_name().and_then(|n| n.to_str()?.parse::<u32>().ok()).unwrap_or(0);
    let newest = versions.map(|entry| entry.path()).max_by_key(number);
    let missing = || Error::file(folder)(std::io::ErrorKind::NotFound.into());
    Ok(newest.ok_or_else(missing)?.join("bin"))
}

/// The package's own user if this is root; otherwise whoever runs this.
fn user() -> Result<Option<User>> {
    let id = |words: &[&str]| -> Result<u32> {
        let said = tools::output(Command::new("id").args(words))?;
        Ok(said.trim().parse().unwrap_or(0))
    };
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    Ok(Some(User { uid: id(&["-u", "postgres"])?, gid: id(&["-g", "postgres"])? }))
}

fn as_user(program: &Path, user: &Option<User>) -> Command {
    let mut command = Command::new(program);
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    command
}
