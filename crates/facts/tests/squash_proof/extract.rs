//! Real extractors, and what they leave on disk.

use model::Digest;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

/// What an extractor leaves, or its words if it refuses.
pub(crate) type Extracted = Result<BTreeMap<String, String>, String>;

/// Unpacks an OCI layout of these layers with umoci.
pub(crate) fn umoci(layers: &[Vec<u8>], folder: &Path) -> Extracted {
    let layout = folder.join("layout");
    write_layout(layers, &layout);
    let bundle = folder.join("bundle");
    let image = format!("{}:t", layout.display());
    run(Command::new("umoci").args(["unpack", "--image", &image]).arg(&bundle))?;
    let mut out = BTreeMap::new();
    walk(&bundle.join("rootfs"), "", &mut out);
    Ok(out)
}

/// Loads an image of these layers into Docker and exports a container of it.
pub(crate) fn docker(socket: &str, layers: &[Vec<u8>], folder: &Path) -> Extracted {
    let archive = folder.join("image.tar");
    let name = format!("squash-proof:{}", &Digest::of(&layers.concat()).hex()[..16]);
    fs::write(&archive, docker_archive(layers, &name)).expect("an archive");
    let host = format!("unix://{socket}");
    let docker = |args: &[&str]| run(Command::new("docker").args(["-H", &host]).args(args));
    docker(&["load", "-i", &archive.to_string_lossy()])?;
    let id = String::from_utf8(docker(&["create", &name, "/none"])?).expect("an id");
    let exported = docker(&["export", id.trim()])?;
    docker(&["rm", id.trim()])?;
    docker(&["rmi", &name])?;
    Ok(from_tar(&exported))
}

fn run(command: &mut Command) -> Result<Vec<u8>, String> {
    let output = command.output().expect("the tool is installed");
    let words = || String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if output.status.success() { Ok(output.stdout) } else { Err(words()) }
}

fn config(layers: &[Vec<u8>]) -> String {
    let ids: Vec<String> = layers.iter().map(|tar| format!("\"{}\"", Digest::of(tar))).collect();
    format!(
        r#"{{"architecture":"amd64","os":"linux","config":{{"Cmd":["/none"]}},"rootfs":{{"type":"layers","diff_ids":[{}]}}}}"#,
        ids.join(",")
    )
}

fn write_layout(layers: &[Vec<u8>], at: &Path) {
    let blobs = at.join("blobs/sha256");
    fs::create_dir_all(&blobs).expect("a folder");
    let blob = |media: &str, content: &[u8]| {
        let digest = Digest::of(content);
        fs::write(blobs.join(digest.hex()), content).expect("a blob");
        format!(r#"{{"mediaType":"application/vnd.oci.image.{media}","digest":"{digest}","size":{}"#, content.len())
    };
    let config = blob("config.v1+json", config(layers).as_bytes());
    let listed: Vec<String> = layers.iter().map(|tar| blob("layer.v1.tar", tar) + "}").collect();
    let manifest = format!(r#"{{"schemaVersion":2,"config":{config}}},"layers":[{}]}}"#, listed.join(","));
    let manifest = blob("manifest.v1+json", manifest.as_bytes());
    let tag = r#""annotations":{"org.opencontainers.image.ref.name":"t"}"#;
    fs::write(at.join("index.json"), format!(r#"{{"schemaVersion":2,"manifests":[{manifest},{tag}}}]}}"#))
        .expect("an index");
    fs::write(at.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a marker");
}

fn docker_archive(layers: &[Vec<u8>], name: &str) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut add = |name: &str, content: &[u8]| {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, content).expect("in memory");
    };
    let names: Vec<String> = (0..layers.len()).map(|i| format!("{i}/layer.tar")).collect();
    names.iter().zip(layers).for_each(|(name, tar)| add(name, tar));
    add("config.json", config(layers).as_bytes());
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let manifest = format!(r#"[{{"Config":"config.json","RepoTags":["{name}"],"Layers":[{}]}}]"#, quoted.join(","));
    add("manifest.json", manifest.as_bytes());
    builder.into_inner().expect("in memory")
}

fn walk(folder: &Path, path: &str, out: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let path = format!("{path}/{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().expect("a type");
        let text = if kind.is_symlink() {
            let to = fs::read_link(entry.path()).expect("a link");
            format!("l:{}", String::from_utf8_lossy(to.as_os_str().as_bytes()))
        } else if kind.is_dir() {
            walk(&entry.path(), &path, out);
            "d".to_owned()
        } else {
            format!("f:{}", fs::read_to_string(entry.path()).expect("a file"))
        };
        out.insert(path, text);
    }
}

/// Docker adds folders of its own; ours have names of one letter.
fn from_tar(exported: &[u8]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for entry in tar::Archive::new(exported).entries().expect("a tar") {
        let mut entry = entry.expect("an entry");
        let path = String::from_utf8_lossy(&entry.path_bytes()).trim_end_matches('/').to_owned();
        if path.split('/').next().is_none_or(|top| top.len() != 1) {
            continue;
        }
        let link = entry.link_name_bytes().map(|to| String::from_utf8_lossy(&to).into_owned());
        let text = match entry.header().entry_type() {
            tar::EntryType::Directory => "d".to_owned(),
            tar::EntryType::Symlink => format!("l:{}", link.expect("a target")),
            tar::EntryType::Link => out.get(&format!("/{}", link.expect("a target"))).cloned().expect("a file before"),
            _ => {
                let mut text = String::new();
                entry.read_to_string(&mut text).expect("a file");
                format!("f:{text}")
            }
        };
        out.insert(format!("/{path}"), text);
    }
    out
}
