//! Docker's credential helpers: `docker-credential-NAME get` (or `store`, `erase`), the question on
//! stdin, JSON on stdout
//! (<https://github.com/docker/docker-credential-helpers#development>).
//!
//! A helper is a stranger's program: it is given a time limit, its output is bounded, its stderr dropped, and
//! nothing that it prints reaches an error.

use super::{Credential, CredentialError};
use serde::Deserialize;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

const OUTPUT_LIMIT: u64 = 64 << 10;

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Username")]
    user: String,
    #[serde(rename = "Secret")]
    secret: String,
}

/// Asks the helper `name` for `server`; `None` if it has no sign-in for it.
pub(super) fn get(
    name: &str,
    server: &str,
    folders: &[PathBuf],
    limit: Duration,
) -> Result<Option<Credential>, CredentialError> {
    let fail = |why| failed(name, why);
    let program = find(name, folders).map_err(fail)?;
    let (status, output) = run(&program, "get", server, limit).map_err(fail)?;
    if !status.success() {
        let text = String::from_utf8_lossy(&output).to_ascii_lowercase();
        let absent = text.contains("credentials not found") || text.contains("no credentials");
        return if absent { Ok(None) } else { Err(fail("failed")) };
    }
    let answer: Answer = serde_json::from_slice(&output).map_err(|_| fail("did not answer in JSON"))?;
    let empty = answer.user.is_empty() && answer.secret.is_empty();
    Ok((!empty).then(|| Credential::from_pair(answer.user, answer.secret)))
}

/// Gives a sign-in to the helper `name`, which keeps it.
pub(super) fn store(
    name: &str,
    server: &str,
    user: &str,
    secret: &str,
    folders: &[PathBuf],
    limit: Duration,
) -> Result<(), CredentialError> {
    let fields = [("ServerURL", server), ("Username", user), ("Secret", secret)];
    let fields = fields.map(|(key, value)| (key.to_owned(), serde_json::Value::from(value)));
    let question = serde_json::Value::Object(fields.into_iter().collect()).to_string();
    told(name, "store", &question, folders, limit)
}

/// Has the helper `name` forget its sign-in for `server`.
pub(super) fn erase(name: &str, server: &str, folders: &[PathBuf], limit: Duration) -> Result<(), CredentialError> {
    told(name, "erase", server, folders, limit)
}

fn told(name: &str, verb: &str, question: &str, folders: &[PathBuf], limit: Duration) -> Result<(), CredentialError> {
    let fail = |why| failed(name, why);
    let program = find(name, folders).map_err(fail)?;
    let (status, _) = run(&program, verb, question, limit).map_err(fail)?;
    if status.success() { Ok(()) } else { Err(fail("failed")) }
}

fn failed(name: &str, why: &'static str) -> CredentialError {
    CredentialError::Helper { helper: model::escaped(name).into_owned(), why }
}

fn find(name: &str, folders: &[PathBuf]) -> Result<PathBuf, &'static str> {
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
        return Err("has a name that no program has");
    }
    let file = format!("docker-credential-{name}");
    folders.iter().map(|f| f.join(&file)).find(|p| p.is_file()).ok_or("is not installed")
}

fn run(program: &PathBuf, verb: &str, question: &str, limit: Duration) -> Result<(ExitStatus, Vec<u8>), &'static str> {
    let deadline = Instant::now() + limit;
    let mut child = Command::new(program)
        .arg(verb)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| "could not be started")?;
    let result = match (child.stdin.take(), child.stdout.take()) {
        (Some(stdin), Some(stdout)) => talk(stdin, stdout, question, limit),
        _ => Err("could not be started"),
    };
    // Whatever it said, it is gone before this returns.
    let status = result.and_then(|output| Ok((ended(&mut child, deadline)?, output)));
    if status.is_err() {
        let _ = child.kill();
        let _ = child.wait();
    }
    status
}

/// Writes the question, closes stdin and reads the answer; the reading thread ends with the helper's stdout.
fn talk(mut stdin: ChildStdin, stdout: ChildStdout, question: &str, limit: Duration) -> Result<Vec<u8>, &'static str> {
    // A helper may answer without listening: a closed pipe is no error.
    let _ = writeln!(stdin, "{question}");
    drop(stdin);
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut output = Vec::new();
        let read = stdout.take(OUTPUT_LIMIT + 1).read_to_end(&mut output);
        let _ = sender.send(read.map(|_| output));
    });
    match receiver.recv_timeout(limit) {
        Ok(Ok(output)) if output.len() as u64 <= OUTPUT_LIMIT => Ok(output),
        Ok(Ok(_)) => Err("answered with more than 64 KiB"),
        Ok(Err(_)) => Err("could not be read from"),
        Err(_) => Err("did not answer in time"),
    }
}

/// The status of a helper that has closed its stdout and so is about to end.
fn ended(child: &mut Child, deadline: Instant) -> Result<ExitStatus, &'static str> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) => return Err("did not end in time"),
            Err(_) => return Err("was lost"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::shown;
    use super::*;

    fn check(name: &str, limit: u64, expected: &str) {
        let folders = [PathBuf::from("/nonexistent"), concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/helpers").into()];
        let found = get(name, "r.io", &folders, Duration::from_millis(limit));
        let found = found.map_or_else(|e| format!("error: {e}"), shown);
        assert_eq!(found, expected, "{name}");
        assert!(!found.contains("hunter2"));
    }

    #[test]
    fn helpers_that_answer() {
        check("known", 10_000, "ann / for r.io");
        check("identity", 10_000, "identity  / refresh");
        check("none", 10_000, "none");
    }

    #[test]
    fn helpers_that_do_not() {
        check("broken", 10_000, "error: the credential helper `docker-credential-broken` failed");
        check("garbled", 10_000, "error: the credential helper `docker-credential-garbled` did not answer in JSON");
        check(
            "endless",
            10_000,
            "error: the credential helper `docker-credential-endless` answered with more than 64 KiB",
        );
        check("hanging", 50, "error: the credential helper `docker-credential-hanging` did not answer in time");
        check("absent", 50, "error: the credential helper `docker-credential-absent` is not installed");
        check(
            "../known",
            50,
            "error: the credential helper `docker-credential-../known` has a name that no program has",
        );
    }
}
