//! Plimsoll and pindock on the same texts, against the same registry.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::cases::{CASES, Case};
use crate::error::{Error, Result};
use crate::paths;
use crate::servers::Registry;
use crate::tools::{print, python, run};
use model::Digest;

/// Prints a table: what each made of each text, byte for byte.
pub(super) fn compare(program: &Path, work: &Path) -> Result<()> {
    let registry = Registry::start(&work.join("registry"))?;
    let layout = work.join("layout");
    let digest = tiny(&layout)?;
    let to = format!("docker://{}/app:1", registry.address);
    let from = format!("oci:{}:1", layout.display());
    // Or it would compress the layer, and the manifest would be another one.
    let options = ["--quiet", "--preserve-digests", "--dest-tls-verify=false"];
    run(Command::new("skopeo").arg("copy").args(options).args([&from, &to]))?;
    let pindock = python::pinner()?;
    print(format_args!("\n| reference | plimsoll | pindock 1.1.3 |\n|---|---|---|"));
    for case in &CASES {
        let ours = |folder: &Path| {
            let mut command = Command::new(program);
            command.args(["pin", "--quiet"]).arg(folder).env("PLIMSOLL_HOME", work.join("home"));
            command
        };
        let theirs = |folder: &Path| {
            let mut command = Command::new(&pindock);
            command.args(["run", "--dir"]).arg(folder);
            command
        };
        let ours = tried(case, &work.join("ours"), &registry.address, &digest, ours)?;
        let theirs = tried(case, &work.join("theirs"), &registry.address, &digest, theirs)?;
        print(format_args!("| {} | {ours} | {theirs} |", case.name));
    }
    silent(program, &pindock, work, &registry.address)
}

/// What a registry that does not have the image comes to.
fn silent(program: &Path, pindock: &Path, work: &Path, host: &str) -> Result<()> {
    let folder = work.join("absent");
    paths::write(&folder.join("compose.yaml"), &format!("services:\n  a:\n    image: {host}/none:1\n"))?;
    let mut ours = Command::new(program);
    let ours = code(ours.args(["pin", "--quiet"]).arg(&folder).env("PLIMSOLL_HOME", work.join("home")))?;
    let theirs = code(Command::new(pindock).args(["run", "--dir"]).arg(&folder))?;
    print(format_args!("| an image that is not there | {ours} | {theirs} |"));
    Ok(())
}

fn code(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let out = command.stdin(Stdio::null()).output();
    let out = out.map_err(|source| Error::Spawn { program, from: "the benchmark", source })?;
    Ok(out.status.code().map_or_else(|| "killed".to_owned(), |code| format!("exit {code}")))
}

/// Lets a program loose on one text and says what became of it.
fn tried(
    case: &Case,
    folder: &Path,
    host: &str,
    digest: &Digest,
    program: impl Fn(&Path) -> Command,
) -> Result<String> {
    paths::remove(folder)?;
    let file: PathBuf = folder.join(case.file);
    let before = case.before.replace("HOST", host);
    let wanted = case.after.replace("HOST", host).replace("@D", &format!("@{digest}"));
    paths::write(&file, &before)?;
    let exit = code(&mut program(folder))?;
    let after = paths::read(&file)?;
    let what = if after == wanted {
        "right"
    } else if after == before {
        "not pinned"
    } else {
        "otherwise"
    };
    Ok(if exit == "exit 0" { what.to_owned() } else { format!("{what}, {exit}") })
}

/// The smallest image there is, as a layout with the tag `1`.
fn tiny(layout: &Path) -> Result<Digest> {
    let blobs = layout.join("blobs/sha256");
    let put = |bytes: &str| -> Result<(Digest, usize)> {
        let digest = Digest::of(bytes.as_bytes());
        paths::write(&blobs.join(digest.hex()), bytes)?;
        Ok((digest, bytes.len()))
    };
    let (layer, layer_size) = put(&"\0".repeat(1024))?;
    let config = format!(
        r#"{{"os":"linux","architecture":"amd64","config":{{}},"rootfs":{{"type":"layers","diff_ids":["{layer}"]}}}}"#
    );
    let (config, config_size) = put(&config)?;
    let descriptor = |kind: &str, digest: Digest, size: usize| {
        format!(r#"{{"mediaType":"application/vnd.oci.image.{kind}","digest":"{digest}","size":{size}}}"#)
    };
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{},"layers":[{}]}}"#,
        descriptor("config.v1+json", config, config_size),
        descriptor("layer.v1.tar", layer, layer_size)
    );
    let (digest, size) = put(&manifest)?;
    let named = descriptor("manifest.v1+json", digest, size);
    let named = named.replace('}', r#","annotations":{"org.opencontainers.image.ref.name":"1"}}"#);
    paths::write(&layout.join("index.json"), &format!(r#"{{"schemaVersion":2,"manifests":[{named}]}}"#))?;
    paths::write(&layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
    Ok(digest)
}
