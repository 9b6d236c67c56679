//! Into a tar file: a layout, and for Docker the list that `docker load` reads beside it. Layers go in as they are
//! stored; Docker unpacks them. The file has its name only when it is whole.

use super::Sent;
use super::layout::{listed, listed_whole, pour};
use super::origin::{Store, shown};
use super::sink::{Sink, expect_digest};
use crate::drafts;
use crate::layout::blob_path;
use crate::registry::{Source, entry, raw_of};
use crate::select::expect_image;
use crate::written;
use crate::{Engine, TransportError};
use model::oci::{Descriptor, Document, OciError};
use model::{Digest, Reference};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tempfile::NamedTempFile;

/// For whom the archive is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TarKind {
    Oci,
    Docker,
}

/// What becomes of the file in the end.
enum End {
    Keep(PathBuf),
    Load(Engine, String),
}

/// An archive in the making.
pub(super) struct Tar {
    kind: TarKind,
    end: End,
    name: Option<String>,
    digest: Option<Digest>,
    state: Mutex<State>,
}

struct State {
    builder: Option<tar::Builder<NamedTempFile>>,
    there: BTreeSet<Digest>,
    entries: Vec<Value>,
    root: Option<Document>,
}

impl Tar {
    /// A file that takes the place of `file` in the end.
    pub(super) fn beside(
        file: &Path,
        (name, digest): (Option<String>, Option<Digest>),
        kind: TarKind,
    ) -> Result<Self, TransportError> {
        let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if kind == TarKind::Docker
            && let Some(name) = &name
        {
            docker_reference(&shown(file), name)?;
        }
        Self::new(folder, End::Keep(file.to_owned()), name, digest, kind)
    }

    /// A file in `folder` that an engine loads in the end.
    pub(super) fn for_engine(name: &str, engine: Engine, folder: &Path) -> Result<Self, TransportError> {
        docker_reference(&format!("docker:{name}"), name)?;
        let end = End::Load(engine, name.to_owned());
        Self::new(folder, end, Some(name.to_owned()), None, TarKind::Docker)
    }

    fn new(
        folder: &Path,
        end: End,
        name: Option<String>,
        digest: Option<Digest>,
        kind: TarKind,
    ) -> Result<Self, TransportError> {
        let file = tempfile::Builder::new()
            .prefix(drafts::PREFIX)
            .tempfile_in(folder)
            .map_err(|source| TransportError::File { path: shown(folder), source })?;
        let builder = Some(tar::Builder::new(file));
        let state = State { builder, there: BTreeSet::new(), entries: Vec::new(), root: None };
        Ok(Self { kind, end, name, digest, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn target(&self) -> String {
        match &self.end {
            End::Keep(file) => shown(file),
            End::Load(_, name) => format!("docker:{name}"),
        }
    }

    fn failed(&self, source: io::Error) -> TransportError {
        TransportError::File { path: self.target(), source }
    }

    /// A member of the archive, which `fill` writes.
    fn member(
        &self,
        state: &mut State,
        name: &str,
        size: u64,
        fill: &mut dyn FnMut(&mut dyn Write) -> Result<(), TransportError>,
    ) -> Result<(), TransportError> {
        let builder = state.builder.as_mut().ok_or_else(|| self.failed(io::Error::other("it is finished")))?;
        let mut header = tar::Header::new_gnu();
        header.set_size(size);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_path(name).map_err(|e| self.failed(e))?;
        header.set_cksum();
        let out = builder.get_mut();
        out.write_all(header.as_bytes()).map_err(|e| self.failed(e))?;
        fill(out)?;
        let padding = [0; 512];
        let rest = usize::try_from(size.next_multiple_of(512) - size).unwrap_or(0);
        out.write_all(&padding[..rest]).map_err(|e| self.failed(e))
    }

    fn text(&self, state: &mut State, name: &str, text: &[u8]) -> Result<(), TransportError> {
        self.member(state, name, text.len() as u64, &mut |out| out.write_all(text).map_err(|e| self.failed(e)))
    }

    /// The files that name the image.
    fn lists(&self, state: &mut State) -> Result<(), TransportError> {
        let Some(root) = state.root.take() else { return Ok(()) };
        let reference = self.name.as_ref().and_then(|name| name.parse::<Reference>().ok());
        let entry = match (&reference, self.kind) {
            (Some(reference), TarKind::Docker) => listed_whole(&root, reference),
            _ => listed(&root, self.name.as_deref()),
        };
        let mut entries = std::mem::take(&mut state.entries);
        entries.insert(0, entry);
        self.text(state, "oci-layout", written::LAYOUT)?;
        let index = written::index(entries);
        self.text(state, "index.json", index.to_string().as_bytes())?;
        if self.kind == TarKind::Docker
            && let Document::Manifest(manifest) = &root
        {
            let tags: Vec<String> = reference.iter().map(|r| format!("{}:{}", without_tag(r), r.wanted())).collect();
            let layers: Vec<String> = manifest.layers.iter().map(|l| blob_path(&l.digest)).collect();
            let list = json!([{"Config": blob_path(&manifest.config.digest), "RepoTags": tags, "Layers": layers}]);
            self.text(state, "manifest.json", list.to_string().as_bytes())?;
        }
        state.root = Some(root);
        Ok(())
    }
}

/// The familiar name without tag and digest, as Docker's lists have it.
fn without_tag(reference: &Reference) -> String {
    let name = reference.name();
    name.parse::<Reference>().map_or(name, |plain| plain.familiar())
}

/// What Docker is to call the image: a name that it would take.
fn docker_reference(target: &str, name: &str) -> Result<Reference, TransportError> {
    let wrong = |source| TransportError::Engine { target: target.to_owned(), source };
    let reference: Reference = name.parse().map_err(|source| wrong(crate::EngineError::Name(source)))?;
    match reference.digest() {
        None => Ok(reference),
        Some(_) => Err(wrong(crate::EngineError::Digest(name.to_owned()))),
    }
}

impl Sink for Tar {
    fn single(&self) -> bool {
        self.kind == TarKind::Docker
    }

    /// One member after the other.
    fn jobs(&self) -> usize {
        1
    }

    fn accept(&self, root: &Document) -> Result<(), TransportError> {
        if let (TarKind::Docker, Document::Manifest(manifest)) = (self.kind, root) {
            expect_image(manifest, &self.target())?;
        }
        expect_digest(&self.target(), root, self.digest.as_ref())
    }

    fn has(&self, _: &Digest) -> Result<bool, TransportError> {
        Ok(false)
    }

    fn blob(&self, blob: &Descriptor, _: &dyn Store, bytes: &Arc<dyn Source>) -> Result<Sent, TransportError> {
        let mut state = self.state();
        if !state.there.insert(blob.digest) {
            return Ok(Sent::Present);
        }
        let target = self.target();
        self.member(&mut state, &blob_path(&blob.digest), blob.size, &mut |out| pour(blob, bytes, out, &target))?;
        Ok(Sent::Written)
    }

    fn document(&self, document: &Document) -> Result<(), TransportError> {
        let mut state = self.state();
        let digest = document.digest();
        if !state.there.insert(digest) {
            return Ok(());
        }
        self.text(&mut state, &blob_path(&digest), raw_of(document).0)
    }

    fn referrer(&self, document: &Document) -> Result<(), TransportError> {
        self.document(document)?;
        let (raw, media_type) = raw_of(document);
        if let Some((_, entry)) = entry(raw, media_type) {
            self.state().entries.push(entry);
        }
        Ok(())
    }

    fn root(&self, root: &Document) -> Result<(), TransportError> {
        self.document(root)?;
        self.state().root = Some(root.clone());
        Ok(())
    }

    fn finish(&self) -> Result<Option<Digest>, TransportError> {
        let mut state = self.state();
        self.lists(&mut state)?;
        let Some(builder) = state.builder.take() else { return Ok(None) };
        let file = builder.into_inner().map_err(|e| self.failed(e))?;
        let root = state.root.take();
        match &self.end {
            End::Keep(path) => {
                file.as_file().sync_all().map_err(|e| self.failed(e))?;
                readable(file.as_file()).map_err(|e| self.failed(e))?;
                file.persist(path).map_err(|e| self.failed(e.error))?;
                Ok(None)
            }
            End::Load(engine, name) => {
                let wrong = |source| TransportError::Engine { target: self.target(), source };
                let id = engine.load(file.path(), name).map_err(wrong)?;
                match root {
                    Some(root) if root.digest() == id => Ok(None),
                    Some(Document::Manifest(manifest)) if manifest.config.digest == id => Ok(Some(id)),
                    _ => Err(TransportError::Document {
                        target: self.target(),
                        source: OciError::NotAnImage(format!("the engine's image {id}, which is not what was loaded")),
                    }),
                }
            }
        }
    }

    fn names(&self) -> Vec<String> {
        match (&self.end, &self.name, self.kind) {
            (End::Load(_, name), ..) => vec![format!("docker:{name}")],
            (End::Keep(file), Some(name), TarKind::Oci) => vec![format!("oci-archive:{}:{name}", file.display())],
            (End::Keep(file), Some(name), TarKind::Docker) => vec![format!("docker-archive:{}:{name}", file.display())],
            _ => Vec::new(),
        }
    }
}

fn readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}
