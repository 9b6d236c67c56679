//! Where a copy goes.

use super::Sent;
use super::archive::{Tar, TarKind};
use super::layout::Folder;
use super::origin::Store;
use crate::registry::{Remote, Source};
use crate::target::Pick;
use crate::{Engine, Registry, Target, TransportError};
use model::oci::{Descriptor, Document};
use model::{Digest, Reference};
use std::path::Path;
use std::sync::Arc;

/// A place that an image is copied to.
pub struct Destination(Box<dyn Sink>);

/// What every place does. Blobs may come from several threads at once; then documents, children first; then the
/// image itself; then the end, and only then the image has its name.
pub(super) trait Sink: Sync + Send {
    /// Whether it holds one image for one platform, not an index.
    fn single(&self) -> bool {
        false
    }
    /// How many blobs it takes at the same time.
    fn jobs(&self) -> usize;
    /// Refuses an image that cannot be what was asked for.
    fn accept(&self, root: &Document) -> Result<(), TransportError>;
    /// Whether it has this manifest, and therefore all that belongs to it.
    fn has(&self, digest: &Digest) -> Result<bool, TransportError>;
    /// Takes a blob and verifies it.
    fn blob(&self, blob: &Descriptor, from: &dyn Store, bytes: &Arc<dyn Source>) -> Result<Sent, TransportError>;
    /// Takes a document, by its digest.
    fn document(&self, document: &Document) -> Result<(), TransportError>;
    /// Takes a document that refers to one that is there.
    fn referrer(&self, document: &Document) -> Result<(), TransportError>;
    /// Takes the image, and gives it its name if it can be seen already.
    fn root(&self, root: &Document) -> Result<(), TransportError>;
    /// Makes everything that was taken visible. The digest of the config if the place knows the image by no other.
    fn finish(&self) -> Result<Option<Digest>, TransportError>;
    /// The names of the image there.
    fn names(&self) -> Vec<String>;
}

impl Destination {
    /// A repository on a registry. Without a tag or digest in `reference` the image gets `tag`, and without that
    /// no name at all.
    ///
    /// # Errors
    /// Those of [`Registry::remote`].
    pub fn registry(reference: &Reference, tag: Option<&str>, client: &Registry) -> Result<Self, TransportError> {
        let remote = client.remote(reference)?;
        let tag = match (reference.tag(), reference.digest()) {
            (Some(typed), _) => Some(typed.to_owned()),
            (None, Some(_)) => None,
            (None, None) => tag.map(str::to_owned),
        };
        Ok(Self(Box::new(OnRegistry { remote, tag, digest: reference.digest().copied() })))
    }

    /// A layout or archive on this machine: a layout is added to, an archive replaced.
    ///
    /// # Errors
    /// [`TransportError::NotLocal`] for other targets, [`TransportError::File`].
    pub fn local(target: &Target) -> Result<Self, TransportError> {
        let sink: Box<dyn Sink> = match target {
            Target::Oci { dir, pick } => Box::new(Folder::open(dir, pick)?),
            Target::OciArchive { file, pick } => Box::new(Tar::beside(file, named(pick), TarKind::Oci)?),
            Target::DockerArchive { file, image } => Box::new(Tar::beside(file, docker_name(image), TarKind::Docker)?),
            _ => {
                let what = "nothing that is copied to";
                return Err(TransportError::NotLocal { target: target.to_string(), what });
            }
        };
        Ok(Self(sink))
    }

    /// Docker's engine, which gets an archive that is made in `folder` first; so it is asked before whether it is there.
    ///
    /// # Errors
    /// [`TransportError::Engine`] where nobody answers, [`TransportError::File`].
    pub fn engine(name: &str, engine: Engine, folder: &Path) -> Result<Self, TransportError> {
        engine.reach().map_err(|source| TransportError::Engine { target: format!("docker:{name}"), source })?;
        Ok(Self(Box::new(Tar::for_engine(name, engine, folder)?)))
    }

    pub(super) fn sink(&mut self) -> &mut dyn Sink {
        self.0.as_mut()
    }
}

/// The name and digest that a layout's image is to have.
pub(super) fn named(pick: &Pick) -> (Option<String>, Option<Digest>) {
    match pick {
        Pick::Only => (None, None),
        Pick::Tag(tag) => (Some(tag.clone()), None),
        Pick::Digest(digest) => (None, Some(*digest)),
    }
}

fn docker_name(image: &Option<String>) -> (Option<String>, Option<Digest>) {
    (image.clone(), None)
}

/// An image that has another digest than the destination names.
pub(super) fn expect_digest(target: &str, root: &Document, wanted: Option<&Digest>) -> Result<(), TransportError> {
    match wanted {
        Some(wanted) if *wanted != root.digest() => Err(TransportError::Mismatch {
            target: target.to_owned(),
            what: "the image",
            expected: wanted.to_string(),
            found: root.digest().to_string(),
        }),
        _ => Ok(()),
    }
}

struct OnRegistry {
    remote: Remote,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl Sink for OnRegistry {
    fn jobs(&self) -> usize {
        usize::MAX
    }

    fn accept(&self, root: &Document) -> Result<(), TransportError> {
        expect_digest(&self.remote.name(), root, self.digest.as_ref())
    }

    fn has(&self, digest: &Digest) -> Result<bool, TransportError> {
        self.remote.has_manifest(digest)
    }

    fn blob(&self, blob: &Descriptor, from: &dyn Store, bytes: &Arc<dyn Source>) -> Result<Sent, TransportError> {
        let mount = from.remote().and_then(|source| source.mounts_into(&self.remote));
        self.remote.put_blob(blob, mount, bytes)
    }

    fn document(&self, document: &Document) -> Result<(), TransportError> {
        self.remote.put_document(document, &document.digest().to_string()).map(drop)
    }

    fn referrer(&self, document: &Document) -> Result<(), TransportError> {
        self.remote.put_referrer(document)
    }

    fn root(&self, root: &Document) -> Result<(), TransportError> {
        let reference = self.tag.clone().unwrap_or_else(|| root.digest().to_string());
        self.remote.put_document(root, &reference).map(drop)
    }

    fn finish(&self) -> Result<Option<Digest>, TransportError> {
        Ok(None)
    }

    fn names(&self) -> Vec<String> {
        self.tag.iter().map(|tag| format!("{}:{tag}", self.remote.name())).collect()
    }
}
