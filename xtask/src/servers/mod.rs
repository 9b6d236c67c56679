//! Real servers on loopback with throw-away data, stopped by the process that started them, by pid.

mod docker;
mod postgres;
mod registry;

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::error::{Error, Result};
use crate::tools::say;

pub(crate) use docker::{Engine, Storage};
pub(crate) use postgres::Postgres;
pub(crate) use registry::Registry;

const PATIENCE: Duration = Duration::from_secs(60);
const BEAT: Duration = Duration::from_millis(50);

/// A started server; stopped when dropped.
struct Server {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts `command` with its words in `log`, and waits until `ready` says so.
    fn start(name: &'static str, command: &mut Command, log: &Path, ready: impl Fn() -> bool) -> Result<Self> {
        let words = std::fs::File::create(log).map_err(Error::file(log))?;
        let both = words.try_clone().map_err(Error::file(log))?;
        command.stdin(Stdio::null()).stdout(words).stderr(both);
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.spawn().map_err(|source| Error::Spawn { program, from: name, source })?;
        say(format_args!("started {name}, pid {}", child.id()));
        let mut server = Self { name, child, log: log.to_path_buf() };
        server.wait(ready)?;
        Ok(server)
    }

    fn wait(&mut self, ready: impl Fn() -> bool) -> Result<()> {
        let start = Instant::now();
        while !ready() {
            let over = self.child.try_wait().is_ok_and(|status| status.is_some());
            if over || start.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(&self.log).unwrap_or_default();
                let tail: Vec<&str> = log.lines().rev().take(10).collect();
                let log = tail.into_iter().rev().collect::<Vec<_>>().join("\n");
                return Err(Error::Server { server: self.name, seconds: start.elapsed().as_secs(), log });
            }
            std::thread::sleep(BEAT);
        }
        Ok(())
    }

    /// Asks the process to end, then insists.
    fn stop(&mut self) {
        let start = Instant::now();
        if let Ok(pid) = i32::try_from(self.child.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        while !self.child.try_wait().is_ok_and(|status| status.is_some()) {
            if start.elapsed() > PATIENCE {
                let _ = self.child.kill();
                let _ = self.child.wait();
                break;
            }
            std::thread::sleep(BEAT);
        }
        let _ = writeln!(std::io::stderr(), "stopped {}", self.name);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A port of the loopback address that is free now.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(Error::file("127.0.0.1:0"))?;
    Ok(listener.local_addr().map_err(Error::file("127.0.0.1:0"))?.port())
}
