//! Into a layout in a folder: every file under another name first, `index.json` last. What is there already is
//! read again before it is believed.

use super::Sent;
use super::origin::{Store, shown};
use super::sink::{Sink, expect_digest, named};
use crate::TransportError;
use crate::drafts;
use crate::layout::{CONTAINERD_NAME, REF_NAME, blob_path};
use crate::registry::{Source, entry, raw_of};
use crate::target::Pick;
use crate::written::{self, bare, plain};
use model::Digest;
use model::oci::{Descriptor, Document, MANIFEST_LIMIT, OciError, media};
use serde_json::Value;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A folder that is, or becomes, an OCI layout.
pub(super) struct Folder {
    dir: PathBuf,
    name: Option<String>,
    digest: Option<Digest>,
    /// Entries for `index.json`.
    entries: Mutex<Vec<Value>>,
}

impl Folder {
    pub(super) fn open(dir: &Path, pick: &Pick) -> Result<Self, TransportError> {
        let (name, digest) = named(pick);
        let folder = Self { dir: dir.to_owned(), name, digest, entries: Mutex::default() };
        let blobs = dir.join("blobs");
        std::fs::create_dir_all(&blobs).map_err(|source| folder.failed(&blobs, source))?;
        drafts::sweep(&blobs.join("sha256"));
        drafts::sweep(dir);
        Ok(folder)
    }

    fn failed(&self, path: &Path, source: io::Error) -> TransportError {
        TransportError::File { path: shown(path), source }
    }

    /// Writes a file whole or not at all.
    fn write(
        &self,
        path: &Path,
        fill: &mut dyn FnMut(&mut File) -> Result<(), TransportError>,
    ) -> Result<(), TransportError> {
        let parent = path.parent().unwrap_or(&self.dir);
        std::fs::create_dir_all(parent).map_err(|source| self.failed(parent, source))?;
        let mut file = tempfile::Builder::new()
            .prefix(drafts::PREFIX)
            .tempfile_in(parent)
            .map_err(|source| self.failed(parent, source))?;
        fill(file.as_file_mut())?;
        file.as_file().sync_all().map_err(|source| self.failed(path, source))?;
        set_readable(file.as_file()).map_err(|source| self.failed(path, source))?;
        file.persist(path).map_err(|e| self.failed(path, e.error))?;
        Ok(())
    }

    /// Whether the blob is there, whole.
    fn is_there(&self, blob: &Descriptor) -> bool {
        let Ok(file) = File::open(self.dir.join(blob_path(&blob.digest))) else { return false };
        if file.metadata().map_or(true, |meta| !meta.is_file() || meta.len() != blob.size) {
            return false;
        }
        let mut hasher = blob.digest.hasher();
        let mut sink = HashWriter(&mut hasher);
        io::copy(&mut file.take(blob.size), &mut sink).is_ok() && hasher.finish() == blob.digest
    }

    fn list(&self, entry: Value) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// `index.json` with the new entries: one of the same name gives way, one without a name to the same digest.
    fn merged(&self, new: Vec<Value>) -> Result<Value, TransportError> {
        let path = self.dir.join("index.json");
        let mut index = match std::fs::read(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => written::index(Vec::new()),
            Err(source) => return Err(self.failed(&path, source)),
            Ok(raw) => {
                let wrong = |source| TransportError::Document { target: shown(&path), source };
                if raw.len() > MANIFEST_LIMIT {
                    return Err(wrong(OciError::TooLarge { what: "index", size: raw.len(), limit: MANIFEST_LIMIT }));
                }
                Document::parse(&raw, Some(media::OCI_INDEX)).map_err(wrong)?;
                serde_json::from_slice(&raw).map_err(|source| wrong(OciError::Json { what: "index", source }))?
            }
        };
        let mut entries = index["manifests"].as_array().cloned().unwrap_or_default();
        for entry in new {
            let name = |e: &Value| e["annotations"][REF_NAME].as_str().map(str::to_owned);
            entries.retain(|old| match (name(&entry), name(old)) {
                (Some(new), Some(old)) => new != old,
                (None, None) => old["digest"] != entry["digest"],
                _ => true,
            });
            entries.push(entry);
        }
        index["manifests"] = Value::Array(entries);
        Ok(index)
    }
}

/// Temporary files are for their owner alone; a layout is for all that its folder is for.
fn set_readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

struct HashWriter<'a>(&'a mut model::Hasher);

impl Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Copies exactly the promised bytes and proves them.
pub(super) fn pour(
    blob: &Descriptor,
    bytes: &Arc<dyn Source>,
    out: &mut dyn Write,
    target: &str,
) -> Result<(), TransportError> {
    let failed = |source: io::Error| match source.downcast::<TransportError>() {
        Ok(ours) => ours,
        Err(source) => TransportError::File { path: target.to_owned(), source },
    };
    let wrong = |expected: String, found: String| TransportError::Mismatch {
        target: target.to_owned(),
        what: "a blob",
        expected,
        found,
    };
    let mut reader = bytes.open().map_err(failed)?;
    let mut hasher = blob.digest.hasher();
    let mut buffer = vec![0; 256 << 10];
    let mut size = 0_u64;
    loop {
        let got = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(got) => got,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(failed(e)),
        };
        size += got as u64;
        if size > blob.size {
            return Err(wrong(format!("{} bytes long", blob.size), "longer".to_owned()));
        }
        hasher.update(&buffer[..got]);
        out.write_all(&buffer[..got]).map_err(failed)?;
    }
    let found = hasher.finish();
    if size != blob.size || found != blob.digest {
        let found = if size == blob.size { found.to_string() } else { format!("{size} bytes long") };
        let expected = if size == blob.size { blob.digest.to_string() } else { format!("{} bytes long", blob.size) };
        return Err(wrong(expected, found));
    }
    Ok(())
}

/// The entry of `index.json` for an image, by this name.
pub(super) fn listed(document: &Document, name: Option<&str>) -> Value {
    let (raw, media_type) = raw_of(document);
    let mut entry = plain(&bare(media_type, raw));
    if let Some(name) = name {
        entry["annotations"][REF_NAME] = name.into();
    }
    entry
}

/// With the whole reference, as containerd and Docker look for it.
pub(super) fn listed_whole(document: &Document, reference: &model::Reference) -> Value {
    let mut entry = listed(document, Some(&reference.wanted()));
    entry["annotations"][CONTAINERD_NAME] = format!("{}:{}", reference.name(), reference.wanted()).into();
    entry
}

impl Sink for Folder {
    fn jobs(&self) -> usize {
        usize::MAX
    }

    fn accept(&self, root: &Document) -> Result<(), TransportError> {
        expect_digest(&shown(&self.dir), root, self.digest.as_ref())
    }

    /// Nothing here is believed before it was read.
    fn has(&self, _: &Digest) -> Result<bool, TransportError> {
        Ok(false)
    }

    fn blob(&self, blob: &Descriptor, _: &dyn Store, bytes: &Arc<dyn Source>) -> Result<Sent, TransportError> {
        if self.is_there(blob) {
            return Ok(Sent::Present);
        }
        let path = self.dir.join(blob_path(&blob.digest));
        self.write(&path, &mut |file| pour(blob, bytes, file, &shown(&path)))?;
        Ok(Sent::Written)
    }

    fn document(&self, document: &Document) -> Result<(), TransportError> {
        let path = self.dir.join(blob_path(&document.digest()));
        self.write(&path, &mut |file| {
            file.write_all(raw_of(document).0).map_err(|source| TransportError::File { path: shown(&path), source })
        })
    }

    fn referrer(&self, document: &Document) -> Result<(), TransportError> {
        self.document(document)?;
        let (raw, media_type) = raw_of(document);
        if let Some((_, entry)) = entry(raw, media_type) {
            self.list(entry);
        }
        Ok(())
    }

    fn root(&self, root: &Document) -> Result<(), TransportError> {
        self.document(root)?;
        self.list(listed(root, self.name.as_deref()));
        Ok(())
    }

    fn finish(&self) -> Result<Option<Digest>, TransportError> {
        let mark = self.dir.join("oci-layout");
        if !mark.exists() {
            self.write(&mark, &mut |file| {
                let text = written::LAYOUT;
                file.write_all(text).map_err(|source| TransportError::File { path: shown(&mark), source })
            })?;
        }
        // Others may add to the same layout; each reads the list while it holds the lock.
        let lock = File::open(&mark).map_err(|source| self.failed(&mark, source))?;
        rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive)
            .map_err(|errno| self.failed(&mark, errno.into()))?;
        let new = std::mem::take(&mut *self.entries.lock().unwrap_or_else(PoisonError::into_inner));
        let text = self.merged(new)?.to_string();
        let path = self.dir.join("index.json");
        self.write(&path, &mut |file| {
            file.write_all(text.as_bytes()).map_err(|source| TransportError::File { path: shown(&path), source })
        })?;
        Ok(None)
    }

    fn names(&self) -> Vec<String> {
        self.name.iter().map(|name| format!("oci:{}:{name}", self.dir.display())).collect()
    }
}
