//! A registry of the Debian package docker-registry, and something small to put there.

use flate2::Compression;
use flate2::write::GzEncoder;
use model::Digest;
use serde_json::{Value, json};
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// A running registry; it ends with this.
pub(super) struct Server {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub(super) address: String,
}

/// A port that is free now.
pub(super) fn free_address() -> String {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).expect("a free port").to_string()
}

impl Server {
    /// Starts a registry that keeps everything in `folder`; `more` is added to its configuration.
    pub(super) fn start(folder: &Path, more: &str) -> Self {
        std::fs::create_dir_all(folder).expect("a folder");
        let address = free_address();
        let data = folder.join("data").display().to_string();
        let text = format!(
            "version: 0.1\nlog: {{level: warn}}\nstorage: {{filesystem: {{rootdirectory: {data}}}}}\n\
             http: {{addr: \"{address}\"}}\n{more}"
        );
        let config = folder.join("config.yml");
        std::fs::write(&config, text).expect("written");
        let log = std::fs::File::create(folder.join("log")).expect("a log");
        let errors = log.try_clone().expect("a log");
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(&config).stdin(Stdio::null()).stdout(log).stderr(errors);
        let child = command.spawn().unwrap_or_else(|e| panic!("docker-registry: {e}; it is a Debian package"));
        let mut server = Self { child, address };
        server.wait(folder);
        server
    }

    fn wait(&mut self, folder: &Path) {
        let start = Instant::now();
        while TcpStream::connect(&self.address).is_err() {
            let over = self.child.try_wait().is_ok_and(|status| status.is_some()) || start.elapsed() > PATIENCE;
            let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(!over, "docker-registry does not start: {}", log());
            std::thread::yield_now();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A layout of one image with an empty layer, tagged `latest`; `note` makes it another image.
pub(super) fn layout(folder: &Path, note: &str) -> PathBuf {
    let root = folder.join(format!("layout-{note}"));
    std::fs::create_dir_all(root.join("blobs/sha256")).expect("a folder");
    let blob = |media_type: &str, content: &[u8]| -> Value {
        let digest = Digest::of(content);
        std::fs::write(root.join("blobs/sha256").join(digest.hex()), content).expect("written");
        json!({"mediaType": media_type, "digest": digest.to_string(), "size": content.len()})
    };
    let plain = [0; 1024];
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&plain).expect("packed");
    let layer = blob("application/vnd.oci.image.layer.v1.tar+gzip", &packed.finish().expect("packed"));
    let config = json!({
        "os": "linux", "architecture": "amd64", "config": {"Labels": {"note": note}},
        "rootfs": {"type": "layers", "diff_ids": [Digest::of(&plain).to_string()]}
    });
    let config = blob("application/vnd.oci.image.config.v1+json", config.to_string().as_bytes());
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": [layer]});
    let mut top = blob(media_type, manifest.to_string().as_bytes());
    top["annotations"] = json!({"org.opencontainers.image.ref.name": "latest"});
    let index = json!({"schemaVersion": 2, "manifests": [top]});
    std::fs::write(root.join("index.json"), index.to_string()).expect("written");
    std::fs::write(root.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("written");
    root
}
