//! Ctrl-C in the midst of a layer: no document, no other name of it, nothing half-kept.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc::{Sender, channel};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::parts;
use crate::program::Plimsoll;

#[test]
fn an_interrupt_in_a_layer_leaves_no_file() {
    let folder = parts::folder("interrupt");
    let documents = folder.join("documents");
    std::fs::create_dir(&documents).expect("a folder");
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let target = format!("{}/e2e/slow:1", listener.local_addr().expect("an address"));
    let (half, at_half) = channel();
    std::thread::spawn(move || serve(&listener, &half));

    let plimsoll = Plimsoll::cold(&folder);
    let output = format!("spdx-json={}", documents.join("sbom.json").display());
    let mut child = plimsoll
        .command(&["sbom", &target, "-o", &output])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let half = at_half.recv_timeout(std::time::Duration::from_secs(60));
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid"));
    kill(pid, Signal::SIGINT).expect("it runs");
    let status = child.wait().expect("it ends");
    let mut talk = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut talk).expect("text");
    half.unwrap_or_else(|_| panic!("the layer was never asked for: {talk}"));
    assert!(!status.success(), "{talk}");
    assert_eq!(files(&documents), [] as [PathBuf; 0]);
    assert_eq!(plimsoll.packages(&layout()).len(), dpkg_count(), "the state folder is as good as new");
}

fn layout() -> String {
    format!("oci:{}", parts::image().join("layout").display())
}

fn dpkg_count() -> usize {
    std::fs::read_to_string(parts::image().join("packages.tsv")).expect("packages.tsv").lines().count()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
}

/// A registry that gives half of a layer and says so; the rest never comes.
fn serve(listener: &TcpListener, half: &Sender<()>) {
    for stream in listener.incoming() {
        let (stream, half) = (stream.expect("a connection"), half.clone());
        std::thread::spawn(move || answer(stream, &half));
    }
}

fn answer(stream: TcpStream, half: &Sender<()>) {
    let mut requests = BufReader::new(stream.try_clone().expect("a connection"));
    let mut replies = stream;
    loop {
        let mut line = String::new();
        if requests.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut header = line.clone();
        while header != "\r\n" {
            header.clear();
            if requests.read_line(&mut header).unwrap_or(0) == 0 {
                return;
            }
        }
        let (method, path) = line.split_once(' ').expect("a request line");
        let path = path.split(' ').next().unwrap_or_default();
        reply(&mut replies, method, path, half);
    }
}

fn reply(to: &mut TcpStream, method: &str, path: &str, half: &Sender<()>) {
    let layout = parts::image().join("layout");
    let bytes = |digest: &str| std::fs::read(layout.join("blobs").join(digest.replace(':', "/"))).expect("a blob");
    let (kind, body, whole) = if let Some(reference) = path.rsplit_once("/manifests/") {
        let index = std::fs::read(layout.join("index.json")).expect("index.json");
        let index: serde_json::Value = serde_json::from_slice(&index).expect("JSON");
        let digest = index["manifests"][0]["digest"].as_str().expect("a digest").to_owned();
        assert!(matches!(reference.1, "1") || reference.1 == digest, "{path}");
        ("application/vnd.oci.image.manifest.v1+json", bytes(&digest), true)
    } else if let Some((_, digest)) = path.rsplit_once("/blobs/") {
        let body = bytes(digest);
        let whole = body.len() < 1_000_000;
        ("application/octet-stream", body, whole)
    } else {
        ("application/json", b"{}".to_vec(), true)
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n", body.len());
    to.write_all(head.as_bytes()).expect("the head is taken");
    if method == "HEAD" {
        return;
    }
    let sent = if whole { body.len() } else { body.len() / 2 };
    let taken = to.write_all(&body[..sent]);
    if !whole {
        half.send(()).expect("the test waits");
        return;
    }
    taken.expect("the body is taken");
}
