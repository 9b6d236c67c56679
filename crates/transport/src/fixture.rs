//! Images built in memory, for the tests.

use model::Digest;
use model::oci::media;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// A tar of `files`, in order.
pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(crate) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// The files of a layout.
#[derive(Clone, Default)]
pub(crate) struct Layout {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// The descriptors of `index.json`.
    pub(crate) top: Vec<Value>,
}

impl Layout {
    /// Adds a blob and returns its descriptor.
    pub(crate) fn blob(&mut self, media_type: &str, content: impl Into<Vec<u8>>) -> Value {
        let content = content.into();
        let digest = Digest::of(&content);
        let descriptor = json!({"mediaType": media_type, "digest": digest.to_string(), "size": content.len()});
        self.files.insert(format!("blobs/sha256/{}", digest.hex()), content);
        descriptor
    }

    /// Adds an image of one plain layer that holds the file `name`, and returns its descriptor.
    pub(crate) fn image(&mut self, name: &str, architecture: &str) -> Value {
        let layer = tar(&[(name, name.as_bytes())]);
        self.image_of(vec![("application/vnd.oci.image.layer.v1.tar", layer)], architecture)
    }

    /// Adds an image of these layers, whose diffIDs are their digests.
    pub(crate) fn image_of(&mut self, layers: Vec<(&str, Vec<u8>)>, architecture: &str) -> Value {
        let diff_ids: Vec<String> = layers.iter().map(|(_, l)| Digest::of(l).to_string()).collect();
        let layers: Vec<Value> = layers.into_iter().map(|(t, l)| self.blob(t, l)).collect();
        let config = json!({"os": "linux", "architecture": architecture,
            "rootfs": {"type": "layers", "diff_ids": diff_ids}});
        let config = self.blob("application/vnd.oci.image.config.v1+json", config.to_string());
        let manifest = json!({"schemaVersion": 2, "config": config, "layers": layers});
        self.blob(media::OCI_MANIFEST, manifest.to_string())
    }

    /// Adds an index of `children` and returns its descriptor.
    pub(crate) fn index(&mut self, children: &[Value]) -> Value {
        let index = json!({"schemaVersion": 2, "manifests": children});
        self.blob(media::OCI_INDEX, index.to_string())
    }

    /// Lists `descriptor` in `index.json`, by this name if it is not empty.
    pub(crate) fn list(&mut self, mut descriptor: Value, name: &str) {
        if !name.is_empty() {
            descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": name});
        }
        self.top.push(descriptor);
    }

    /// All files.
    pub(crate) fn finish(&self) -> Vec<(String, Vec<u8>)> {
        let index = json!({"schemaVersion": 2, "manifests": self.top}).to_string();
        let mut files: Vec<_> = self.files.clone().into_iter().collect();
        files.push(("index.json".to_owned(), index.into_bytes()));
        files.push(("oci-layout".to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec()));
        files
    }

    /// As an archive; `prefix` is put before every name.
    pub(crate) fn archive(&self, prefix: &str) -> Vec<u8> {
        let files: Vec<_> = self.finish().into_iter().map(|(n, c)| (format!("{prefix}{n}"), c)).collect();
        tar(&files.iter().map(|(n, c)| (n.as_str(), c.as_slice())).collect::<Vec<_>>())
    }

    /// As a folder.
    pub(crate) fn write(&self, dir: &Path) {
        for (name, content) in self.finish() {
            let path = dir.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
    }
}

/// A descriptor with a platform.
pub(crate) fn on(mut descriptor: Value, os: &str, architecture: &str) -> Value {
    descriptor["platform"] = json!({"os": os, "architecture": architecture});
    descriptor
}

/// `mkfifo`.
pub(crate) fn fifo(path: &Path) {
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
}
