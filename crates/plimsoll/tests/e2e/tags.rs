//! A real registry that notifies, a watch that listens, and a version tag that is pushed again.

#![allow(clippy::unwrap_used, reason = "a test that cannot set its stage should say so at once")]

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::parts;
use crate::program::Plimsoll;

const TOKEN: &str = "an-e2e-token";
/// Longer than anything here takes; who waits longer waits for nothing.
const PATIENCE: Duration = Duration::from_secs(60);

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Ends a child that the test has started.
struct Ended(Child);

impl Ended {
    fn end(&mut self) -> Option<i32> {
        kill(Pid::from_raw(i32::try_from(self.0.id()).unwrap()), Signal::SIGTERM).unwrap();
        self.0.wait().unwrap().code()
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// docker-registry that posts its notifications to `port`.
fn notifying(folder: &Path, address: &str, port: u16) -> Ended {
    let config = format!(
        "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}, delete: {{enabled: true}}}}\n\
         http: {{addr: {address}, secret: e2e}}\nnotifications:\n  endpoints:\n    - name: plimsoll\n      \
         url: http://127.0.0.1:{port}/\n      headers: {{Authorization: [Bearer {TOKEN}]}}\n      timeout: 5s\n      \
         threshold: 3\n      backoff: 1s\n",
        folder.join("registry").display()
    );
    let path = folder.join("registry.yml");
    std::fs::write(&path, config).unwrap();
    let child = Command::new("docker-registry")
        .arg("serve")
        .arg(path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("docker-registry, of the Debian package docker-registry");
    let ended = Ended(child);
    let start = std::time::Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(start.elapsed() < PATIENCE, "docker-registry does not answer at {address}");
        std::thread::yield_now();
    }
    ended
}

fn lines_of(out: impl BufRead + Send + 'static) -> Receiver<String> {
    let (said, lines) = channel();
    std::thread::spawn(move || {
        // Ends with the program, or with the test.
        let _ = out.lines().map_while(Result::ok).try_for_each(|line| said.send(line));
    });
    lines
}

fn layout() -> String {
    format!("oci:{}:latest", parts::image().join("layout").display())
}

/// Pushes a layout as version 1.4.2 and gives the digest that the registry then states.
fn push(repository: &str, layout: &str) -> String {
    let to = format!("docker://{repository}:1.4.2");
    parts::skopeo(&["copy", "--quiet", "--dest-tls-verify=false", layout, &to]);
    let inspected = parts::skopeo(&["inspect", "--tls-verify=false", "--format={{.Digest}}", &to]);
    String::from_utf8_lossy(&inspected.stdout).trim().to_owned()
}

#[test]
fn a_version_tag_that_is_pushed_again_is_heard_of_and_named_by_the_audit() {
    let folder = parts::folder("notifications");
    let (address, port) = (format!("127.0.0.1:{}", free_port()), free_port());
    let _registry = notifying(&folder, &address, port);
    let repository = format!("{address}/e2e/again");
    let first = push(&repository, &layout());

    let plimsoll = Plimsoll::cold(&folder);
    let listen = format!("127.0.0.1:{port}");
    let mut command = plimsoll.command(&["tags", "watch", "--interval", "1h", "--listen", &listen, &repository]);
    let mut child = command
        .env("PLIMSOLL_LISTEN_TOKEN", TOKEN)
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(folder.join("talk")).unwrap())
        .spawn()
        .expect("the program starts");
    let lines = lines_of(BufReader::new(child.stdout.take().unwrap()));
    let mut watch = Ended(child);
    let talk = || std::fs::read_to_string(folder.join("talk")).unwrap();
    let line = || lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("nothing more is said: {}", talk()));
    assert_eq!(line(), format!("new       {repository}:1.4.2 {first}"));

    let other = format!("oci:{}:latest", folder.join("other").display());
    parts::skopeo(&["copy", "--quiet", "--dest-compress-format=zstd", &layout(), &other]);
    let second = push(&repository, &other);
    assert_ne!(first, second);
    // The next round is an hour away: only the registry's notification can have told.
    assert_eq!(line(), format!("moved     {repository}:1.4.2 {first} -> {second}"));
    assert_eq!(watch.end(), Some(0));

    let audit = plimsoll.ask(&["tags", "audit", &repository]);
    let told = String::from_utf8_lossy(&audit.out).into_owned();
    assert_eq!(audit.code, 1, "{told}{}", audit.talk);
    assert!(told.contains("PL105") && told.contains(&first) && told.contains(&second), "{told}");
    assert_eq!(plimsoll.ask(&["ledger", "verify"]).code, 0);

    // A clean-up by digest takes the tag along.
    parts::skopeo(&["delete", "--tls-verify=false", &format!("docker://{repository}:1.4.2")]);
    let gone = plimsoll.document(&["tags", "watch", "--once", &repository]);
    assert_eq!(String::from_utf8_lossy(&gone), format!("vanished  {repository}:1.4.2 {second}\n"));
}
