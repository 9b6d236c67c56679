//! `cargo xtask bench registry`: a copy between two real registries on loopback, and a thousand tags looked up, beside
//! skopeo and crane, in one run.
//!
//! Requests are counted in the registries' own access logs. Peers that look up one tag a process are run in a loop;
//! the table says so.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};
use crate::paths;
use crate::servers::Registry;
use crate::tools::measure::{Cost, cost};
use crate::tools::{cargo, print, run, say};
use model::{Algorithm, Digest, Hasher};

const CRANE: &str = "github.com/google/go-containerregistry/cmd/crane@v0.20.6";
const LAYERS: u64 = 5;
const LAYER: u64 = 100_000_000;
const TAGS: usize = 1000;

/// What is measured with.
struct Bench {
    runs: u32,
    meter: PathBuf,
    program: PathBuf,
    crane: Option<PathBuf>,
    work: PathBuf,
}

/// A tool, and how it copies to a reference; `None` if it is not here.
type Tool<'a> = (&'static str, &'a dyn Fn(&str) -> Option<Command>);

/// A row of a table.
struct Row {
    name: &'static str,
    cost: Cost,
    requests: usize,
}

/// Measures copying and looking up.
pub(crate) fn bench(options: &[&str]) -> Result<()> {
    let wanted = Error::Option { option: "bench registry", wanted: "--runs N with a number from 1" };
    let runs = match options {
        [] => 3,
        ["--runs", number] => number.parse().ok().filter(|&runs| runs > 0).ok_or(wanted)?,
        _ => return Err(wanted),
    };
    let program = cargo::release()?;
    run(&mut cargo::cargo(&["build", "--quiet", "--release", "--package", "xtask"]))?;
    let meter = cargo::target().join("release/xtask");
    let bench = Bench { runs, meter, program, crane: crane(), work: paths::fresh("bench-registry")? };
    bench.copy()?;
    bench.resolve()
}

fn crane() -> Option<PathBuf> {
    let folder = paths::work("go");
    let program = folder.join("crane");
    if program.exists() {
        return Some(program);
    }
    match run(Command::new("go").args(["install", CRANE]).env("GOBIN", &folder)) {
        Ok(()) => Some(program),
        Err(error) => {
            say(format_args!("without crane: {error}"));
            None
        }
    }
}

impl Bench {
    /// One image from registry to registry; the second is empty each time.
    fn copy(&self) -> Result<()> {
        let layout = self.work.join("layout");
        image(&layout)?;
        let source = Registry::start(&self.work.join("source"))?;
        let from = format!("{}/bench/image:1", source.address);
        run(Command::new(&self.program).args(["copy", "--quiet", &format!("oci:{}:1", layout.display()), &from]))?;
        let tools: [Tool<'_>; 3] = [
            ("plimsoll copy", &|to| Some(words(&self.program, &["copy", &from, to]))),
            ("skopeo copy", &|to| {
                let (from, to) = (format!("docker://{from}"), format!("docker://{to}"));
                let insecure = ["copy", "--src-tls-verify=false", "--dest-tls-verify=false", &from, &to];
                Some(words(Path::new("skopeo"), &insecure))
            }),
            ("crane copy", &|to| Some(words(self.crane.as_ref()?, &["copy", &from, to]))),
        ];
        let mut rows = Vec::new();
        for (name, command) in tools {
            let mut best: Option<Row> = None;
            for _ in 0..self.runs {
                let folder = self.work.join("destination");
                paths::remove(&folder)?;
                let destination = Registry::start(&folder)?;
                let Some(command) = command(&format!("{}/bench/image:1", destination.address)) else { break };
                let before = source.requests()?;
                let cost = cost(&self.meter, &command)?;
                let requests = source.requests()? - before + destination.requests()?;
                best = Some(better(best, Row { name, cost, requests }));
            }
            rows.extend(best);
        }
        show(&format!("{} MB in {LAYERS} layers, registry to registry", LAYERS * LAYER / 1_000_000), &rows);
        Ok(())
    }

    /// A thousand tags of one repository, each with a manifest of its own.
    fn resolve(&self) -> Result<()> {
        let registry = Registry::start(&self.work.join("tags"))?;
        let names = tags(&registry.address)?;
        let list = names.join("\n");
        let file = self.work.join("references");
        paths::write(&file, &list)?;
        let looped = |line: &str| {
            let mut command = Command::new("sh");
            command.args([
                "-ec",
                &format!("while read -r ref || [ -n \"$ref\" ]; do {line}; done < '{}'", file.display()),
            ]);
            command
        };
        let mut ours = words(&self.program, &["resolve"]);
        ours.args(&names).env("PLIMSOLL_HOME", self.work.join("home"));
        let mut each = looped(&format!("'{}' resolve \"$ref\"", self.program.display()));
        each.env("PLIMSOLL_HOME", self.work.join("home-each"));
        let skopeo = "skopeo inspect --tls-verify=false --format '{{.Digest}}' \"docker://$ref\"";
        let mut tools = vec![("plimsoll resolve, one process", ours), ("plimsoll resolve, a process a tag", each)];
        tools.push(("skopeo inspect, a process a tag", looped(skopeo)));
        if let Some(crane) = &self.crane {
            let line = format!("'{}' digest \"$ref\"", crane.display());
            tools.push(("crane digest, a process a tag", looped(&line)));
        }
        let mut rows = Vec::new();
        for (name, command) in tools {
            let before = registry.requests()?;
            match cost(&self.meter, &command) {
                Ok(cost) => rows.push(Row { name, cost, requests: registry.requests()? - before }),
                Err(error) => say(format_args!("without {name}: {error}")),
            }
        }
        show(&format!("{TAGS} tags looked up"), &rows);
        Ok(())
    }
}

fn words(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

fn better(old: Option<Row>, new: Row) -> Row {
    match old {
        None => new,
        Some(old) => Row { cost: old.cost.best(new.cost), requests: old.requests.min(new.requests), name: new.name },
    }
}

fn show(title: &str, rows: &[Row]) {
    print(format_args!("| {title} | wall s | x ours | CPU s | memory MB | requests |"));
    print(format_args!("|---|---|---|---|---|---|"));
    let ours = rows.first().map_or(1.0, |row| row.cost.wall);
    for Row { name, cost, requests } in rows {
        let (wall, ratio, memory) = (cost.wall, cost.wall / ours, cost.memory as f64 / 1e6);
        print(format_args!("| {name} | {wall:.2} | {ratio:.2} | {:.2} | {memory:.0} | {requests} |", cost.cpu));
    }
    print(format_args!(""));
}

/// A layout of layers that nothing can compress, so that only bytes are moved.
fn image(layout: &Path) -> Result<()> {
    let blobs = layout.join("blobs/sha256");
    paths::folder(&blobs)?;
    let mut layers = Vec::new();
    for _ in 0..LAYERS {
        let digest = random(&blobs)?;
        layers.push(descriptor("application/vnd.oci.image.layer.v1.tar", &digest, LAYER));
    }
    let config = blob(&blobs, r#"{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}"#)?;
    let manifest = manifest(&config, &layers);
    let (digest, size) = blob(&blobs, &manifest)?;
    let annotations = r#"{"org.opencontainers.image.ref.name":"1"}"#;
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"{MANIFEST}","digest":"{digest}","size":{size},"annotations":{annotations}}}]}}"#
    );
    paths::write(&layout.join("index.json"), &index)?;
    paths::write(&layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn manifest((config, size): &(Digest, u64), layers: &[String]) -> String {
    let config = descriptor("application/vnd.oci.image.config.v1+json", config, *size);
    let layers = layers.join(",");
    format!(r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{config},"layers":[{layers}]}}"#)
}

fn descriptor(kind: &str, digest: &Digest, size: u64) -> String {
    format!(r#"{{"mediaType":"{kind}","digest":"{digest}","size":{size}}}"#)
}

fn blob(blobs: &Path, text: &str) -> Result<(Digest, u64)> {
    let digest = Digest::of(text.as_bytes());
    paths::write(&blobs.join(digest.hex()), text)?;
    Ok((digest, text.len() as u64))
}

fn random(blobs: &Path) -> Result<Digest> {
    let (source, draft) = (Path::new("/dev/urandom"), blobs.join("draft"));
    let mut from = File::open(source).map_err(Error::file(source))?.take(LAYER);
    let mut to = BufWriter::new(File::create(&draft).map_err(Error::file(&draft))?);
    let mut hasher = Hasher::new(Algorithm::Sha256);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let got = from.read(&mut buffer).map_err(Error::file(source))?;
        if got == 0 {
            break;
        }
        hasher.update(&buffer[..got]);
        to.write_all(&buffer[..got]).map_err(Error::file(&draft))?;
    }
    to.flush().map_err(Error::file(&draft))?;
    let digest = hasher.finish();
    let path = blobs.join(digest.hex());
    std::fs::rename(&draft, &path).map_err(Error::file(&path))?;
    Ok(digest)
}

/// Puts a thousand images there that differ in an annotation, and gives their references.
fn tags(address: &str) -> Result<Vec<String>> {
    let config = br#"{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}"#;
    let digest = Digest::of(config);
    let begun = http(address, "POST", "/v2/bench/tags/blobs/uploads/", "", b"")?;
    let place = begun.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap_or_default();
    let path = place.split_once(address).map_or(place, |(_, path)| path);
    http(address, "PUT", &format!("{path}&digest={digest}"), "application/octet-stream", config)?;
    let plain = manifest(&(digest, config.len() as u64), &[]);
    let mut names = Vec::new();
    for number in 0..TAGS {
        let manifest = plain.replacen('{', &format!(r#"{{"annotations":{{"number":"{number}"}},"#), 1);
        http(address, "PUT", &format!("/v2/bench/tags/manifests/1.0.{number}"), MANIFEST, manifest.as_bytes())?;
        names.push(format!("{address}/bench/tags:1.0.{number}"));
    }
    Ok(names)
}

/// One request; the head of the answer.
fn http(address: &str, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<String> {
    let talk = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        let length = body.len();
        let kind = if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
        let host = format!("Host: {address}\r\nConnection: close\r\n");
        write!(stream, "{method} {path} HTTP/1.1\r\n{host}{kind}Content-Length: {length}\r\n\r\n")?;
        stream.write_all(body)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = talk().map_err(Error::file(address))?;
    let is_done = answer.split(' ').nth(1).is_some_and(|status| status.starts_with('2'));
    if is_done { Ok(answer) } else { Err(Error::Answer { method: method.to_owned(), path: path.to_owned(), answer }) }
}
