//! What a command costs: processor time, wall time and the most memory at once.

use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

use super::{output, print};
use crate::error::{Error, Result};

/// Seconds of processor (user and system), seconds of wall, bytes of memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) cpu: f64,
    pub(crate) wall: f64,
    pub(crate) memory: u64,
}

impl Cost {
    /// The better of both, each number for itself.
    pub(crate) fn best(self, other: Self) -> Self {
        Self { cpu: self.cpu.min(other.cpu), wall: self.wall.min(other.wall), memory: self.memory.min(other.memory) }
    }
}

/// The cost of one run. The kernel tells the memory of *all* children of a process at once, so the command runs as
/// the only child of a process of its own: `xtask measured COMMAND...`, see [`measured`].
pub(crate) fn cost(meter: &std::path::Path, command: &Command) -> Result<Cost> {
    let mut wrapped = Command::new(meter);
    wrapped.arg("measured").arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(name, value),
            None => wrapped.env_remove(name),
        };
    }
    let text = output(&mut wrapped)?;
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers[..] {
        [cpu, wall, memory] => Ok(Cost { cpu, wall, memory: memory as u64 }),
        _ => Err(Error::Meter(text)),
    }
}

/// Runs a command, drops its output, and prints what it cost.
pub(crate) fn measured(words: &[&str]) -> Result<()> {
    let (program, arguments) =
        words.split_first().ok_or(Error::Option { option: "measured", wanted: "a command to run" })?;
    let start = Instant::now();
    let ran = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).status();
    let wall = start.elapsed().as_secs_f64();
    let status = ran.map_err(|source| Error::Spawn { program: (*program).into(), from: "the benchmark", source })?;
    if !acceptable(status) {
        return Err(Error::Failed { command: words.join(" "), status, tail: String::new() });
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|errno| Error::file("getrusage")(errno.into()))?;
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    let cpu = seconds(usage.user_time()) + seconds(usage.system_time());
    print(format_args!("{cpu:.6} {wall:.6} {}", usage.max_rss() * 1024));
    Ok(())
}

/// A program that judges says no with 1 and "I cannot tell" with 3; both did their work.
fn acceptable(status: ExitStatus) -> bool {
    matches!(status.code(), Some(0 | 1 | 3))
}
