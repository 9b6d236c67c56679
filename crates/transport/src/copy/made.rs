//! A manifest for an image that has none: what `docker save` and the classic engine give.
//!
//! The config stays as it is, and the layers as they are stored, plain or not; only the manifest is new, and the
//! same archive always gives the same one. Nothing is compressed: what was plain stays plain.

use super::origin::Store;
use crate::TransportError;
use crate::image::{Image, LayerBytes};
use crate::written::{bare, plain};
use model::oci::{Descriptor, Document, OciError, media};
use model::{Algorithm, Digest, Hasher};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Read};

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// The archive's layers by the digest of their stored bytes.
pub(super) struct Made {
    image: Image,
    config: (Digest, Vec<u8>),
    layers: BTreeMap<Digest, usize>,
    document: Document,
}

/// Reads all layers once, to know what they are, and makes the manifest.
pub(super) fn of(image: Image) -> Result<(Document, Made), TransportError> {
    let wrong = |source| TransportError::Document { target: image.target.clone(), source };
    let raw = image.config.as_ref().map(|config| config.raw().to_vec());
    let raw = raw.ok_or_else(|| wrong(OciError::NotAnImage("an archive without a config".to_owned())))?;
    if let Some(unknown) = image.unknowns.first() {
        return Err(wrong(OciError::NotAnImage(unknown.to_string())));
    }
    let mut layers = BTreeMap::new();
    let mut listed = Vec::new();
    for at in 0..image.layers.len() {
        let descriptor = describe(&image, at)?;
        listed.push(plain(&descriptor));
        layers.insert(descriptor.digest, at);
    }
    let config = bare(CONFIG, &raw);
    let manifest: Value = json!({
        "schemaVersion": 2, "mediaType": media::OCI_MANIFEST,
        "config": plain(&config), "layers": listed,
    });
    let document = Document::parse(manifest.to_string().as_bytes(), None).map_err(wrong)?;
    Ok((document.clone(), Made { image, config: (config.digest, raw), layers, document }))
}

/// What layer `at` is: stored how, how long, with which digest. A plain one must have the digest that the config
/// promises; a compressed one is verified by whoever unpacks it.
fn describe(image: &Image, at: usize) -> Result<Descriptor, TransportError> {
    let failed = |source: io::Error| TransportError::File { path: image.target.clone(), source };
    let mut reader = image.bytes.open(at)?;
    let mut hasher = Hasher::new(Algorithm::Sha256);
    let (mut size, mut magic) = (0, Vec::new());
    let mut buffer = vec![0; 128 << 10];
    loop {
        let got = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(got) => got,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(failed(e)),
        };
        magic.extend_from_slice(&buffer[..got.min(4_usize.saturating_sub(magic.len()))]);
        hasher.update(&buffer[..got]);
        size += got as u64;
    }
    let suffix = match magic[..] {
        [0x1f, 0x8b, ..] => "+gzip",
        [0x28, 0xb5, 0x2f, 0xfd] => "+zstd",
        _ => "",
    };
    let digest = hasher.finish();
    let promised = image.layers[at].diff_id;
    if let Some(promised) = promised.filter(|promised| suffix.is_empty() && *promised != digest) {
        let (expected, found) = (promised.to_string(), digest.to_string());
        return Err(TransportError::Mismatch { target: image.target.clone(), what: "a layer", expected, found });
    }
    Ok(Descriptor { size, digest, ..bare(&format!("{LAYER}{suffix}"), b"") })
}

impl Store for Made {
    fn document(&self, descriptor: &Descriptor) -> Result<Document, TransportError> {
        if descriptor.digest == self.document.digest() {
            return Ok(self.document.clone());
        }
        Err(TransportError::Missing { target: self.image.target.clone(), name: descriptor.digest.to_string() })
    }

    fn open(&self, blob: &Descriptor) -> Result<LayerBytes, TransportError> {
        if blob.digest == self.config.0 {
            return Ok(Box::new(io::Cursor::new(self.config.1.clone())));
        }
        match self.layers.get(&blob.digest) {
            Some(&at) => self.image.bytes.open(at),
            None => Err(TransportError::Missing { target: self.image.target.clone(), name: blob.digest.to_string() }),
        }
    }

    /// The format has no place for them.
    fn referrers(&self, _: &Digest) -> Result<Vec<Descriptor>, TransportError> {
        Ok(Vec::new())
    }
}
