//! Calls other programs and says so, because a chore that hides its commands cannot be repeated by hand.

use std::fmt::Arguments;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// A line to the person at the terminal. A closed stderr is no reason to stop.
pub(crate) fn say(line: Arguments) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A line of what was asked for, to stdout.
pub(crate) fn print(line: Arguments) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Runs a command with this terminal as its output; fails when it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let text = shown(command);
    say(format_args!("$ {text}"));
    let status = command.stdin(Stdio::null()).status().map_err(|source| spawn(command, source))?;
    if status.success() { Ok(()) } else { Err(Error::Failed { command: text, status, tail: String::new() }) }
}

/// What a command prints; fails, with its complaint, when the command does.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let out = command.stdin(Stdio::null()).output().map_err(|source| spawn(command, source))?;
    if out.status.success() {
        return Ok(String::from_utf8_lossy(&out.stdout).into_owned());
    }
    let tail = format!("\n{}", String::from_utf8_lossy(&out.stderr).trim_end());
    Err(Error::Failed { command: shown(command), status: out.status, tail })
}

fn spawn(command: &Command, source: std::io::Error) -> Error {
    let program = command.get_program().to_string_lossy().into_owned();
    let from = match program.rsplit('/').next().unwrap_or_default() {
        "mmdebstrap" => "the Debian package mmdebstrap",
        "skopeo" => "the Debian package skopeo",
        "umoci" => "the Debian package umoci",
        "docker" => "the Debian package docker.io or docker-cli",
        "dockerd" => "the Debian package docker.io",
        "initdb" | "postgres" => "the Debian package postgresql",
        "docker-registry" => "the Debian package docker-registry",
        "npm" | "node" => "the Debian package npm, or Node.js' own",
        "cargo" => "rustup",
        "go" => "the Debian package golang-go, or Go's own",
        "python3" => "the Debian package python3-venv",
        _ => "a program of this machine",
    };
    Error::Spawn { program, from, source }
}

/// The command as one would type it (arguments with blanks in quotes).
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let quoted = words.map(|word| {
        let word = word.to_string_lossy();
        if word.is_empty() || word.contains([' ', '\n', '$', '*', ';', '"']) {
            format!("'{}'", word.replace('\'', r"'\''"))
        } else {
            word.into_owned()
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_as_typed() {
        assert_eq!(shown(Command::new("ls").args(["-l", "a b", "", "it's $x"])), r"ls -l 'a b' '' 'it'\''s $x'");
    }

    #[test]
    fn a_failure_carries_the_complaint() {
        let error = output(Command::new("sh").args(["-c", "echo broken >&2; exit 3"])).expect_err("exit 3");
        assert!(error.to_string().ends_with("\nbroken"), "{error}");
        let error = output(&mut Command::new("/nowhere/dockerd")).expect_err("no such program");
        assert!(error.to_string().contains("Debian package docker.io"), "{error}");
    }
}
