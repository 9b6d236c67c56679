//! Where a copy comes from.

use super::made;
use crate::archive::Archive;
use crate::files::Files;
use crate::image::LayerBytes;
use crate::layout::{blob_path, document_of, root_of};
use crate::registry::{BlobReader, Remote};
use crate::select::verify;
use crate::target::Pick;
use crate::{Engine, Registry, Target, TransportError};
use model::oci::{Descriptor, Document, Index, MANIFEST_LIMIT, media};
use model::{Digest, Platform, Reference};
use std::path::Path;
use std::sync::Arc;

/// An image that can be copied, its first document verified.
pub struct Origin {
    pub(super) target: String,
    pub(super) root: Document,
    pub(super) store: Arc<dyn Store>,
    /// Whether its manifest was made here, because the source has none.
    pub(super) is_made: bool,
    /// The tag it was asked for by.
    tag: Option<String>,
}

/// What can be asked of a source.
pub(crate) trait Store: Send + Sync {
    /// The document that a descriptor promises, verified.
    fn document(&self, descriptor: &Descriptor) -> Result<Document, TransportError>;
    /// A blob's bytes, not verified.
    fn open(&self, blob: &Descriptor) -> Result<LayerBytes, TransportError>;
    /// What refers to a manifest.
    fn referrers(&self, subject: &Digest) -> Result<Vec<Descriptor>, TransportError>;
    /// The repository, if it is on a registry.
    fn remote(&self) -> Option<&Remote> {
        None
    }
}

impl Origin {
    /// An image on a registry.
    ///
    /// # Errors
    /// Those of [`Remote::document`].
    pub fn registry(reference: &Reference, client: &Registry) -> Result<Self, TransportError> {
        let remote = client.remote(reference)?;
        let root = remote.document(&reference.wanted())?;
        let tag = match reference.digest() {
            None => Some(reference.wanted()),
            Some(_) => reference.tag().map(str::to_owned),
        };
        let target = reference.as_typed().to_owned();
        Ok(Self { target, root, store: Arc::new(remote), is_made: false, tag })
    }

    /// An image in a layout or an archive on this machine. A layout that lists the platforms of an image apart has
    /// no index of them: there `platform` has to choose.
    ///
    /// # Errors
    /// [`TransportError::NotLocal`] for other targets; what is wrong with the layout or archive.
    pub fn local(target: &Target, platform: Option<&Platform>) -> Result<Self, TransportError> {
        let shown = target.to_string();
        match target {
            Target::Oci { dir, pick } => Self::layout(Files::folder(dir)?, pick, platform, &shown),
            Target::OciArchive { file, pick } => {
                Self::layout(Files::Archive(Archive::open(file)?), pick, platform, &shown)
            }
            Target::DockerArchive { file, image } => Self::docker(|| Archive::open(file), image.as_deref(), &shown),
            _ => Err(TransportError::NotLocal { target: shown, what: "nothing that is copied from" }),
        }
    }

    /// An image in Docker's engine.
    ///
    /// # Errors
    /// [`TransportError::Engine`], and what is wrong with the engine's archive.
    pub fn engine(name: &str, engine: &Engine) -> Result<Self, TransportError> {
        let shown = format!("docker:{name}");
        let (id, file) = engine.saved(name, &shown)?;
        let again = || {
            let file = file.try_clone().map_err(|source| TransportError::File { path: shown.clone(), source })?;
            Archive::of(file, shown.clone())
        };
        let archive = again()?;
        let tag = name.parse::<Reference>().ok().map(|reference| reference.wanted());
        if archive.has("index.json") && archive.has(&blob_path(&id)) {
            let layout = Self::layout(Files::Archive(archive), &Pick::Digest(id), None, &shown);
            // In the classic store the id is a config's, which is no manifest.
            if let Ok(origin) = layout {
                return Ok(Self { tag, ..origin });
            }
        }
        let made = Self::docker(again, Some(&id.to_string()), &shown)?;
        Ok(Self { tag, ..made })
    }

    fn layout(files: Files, pick: &Pick, platform: Option<&Platform>, target: &str) -> Result<Self, TransportError> {
        let root = root_of(&files, pick, platform, target)?;
        let tag = match pick {
            Pick::Tag(name) => Some(name.rsplit_once(':').map_or(name.as_str(), |(_, tag)| tag).to_owned()),
            _ => None,
        };
        let store = Arc::new(Layout { files, target: target.to_owned() });
        Ok(Self { target: target.to_owned(), root, store, is_made: false, tag })
    }

    /// What `docker save` wrote: the manifest beside it if there is one for the same config, else one made here.
    fn docker(
        open: impl Fn() -> Result<Archive, TransportError>,
        image: Option<&str>,
        target: &str,
    ) -> Result<Self, TransportError> {
        let archive = open()?;
        let is_layout = archive.has("index.json");
        let opened = crate::docker_archive::open(archive, image, &Platform::of_this_machine(), target)?;
        let tag = opened.reference.as_ref().map(Reference::wanted);
        if is_layout && let Some(config) = &opened.config {
            let layout = Layout { files: Files::Archive(open()?), target: target.to_owned() };
            if let Some(root) = layout.by_config(&config.digest()) {
                return Ok(Self { target: target.to_owned(), root, store: Arc::new(layout), is_made: false, tag });
            }
        }
        let (root, store) = made::of(opened)?;
        Ok(Self { target: target.to_owned(), root, store: Arc::new(store), is_made: true, tag })
    }

    /// The digest of what was named.
    pub fn digest(&self) -> Digest {
        self.root.digest()
    }

    /// The tag it was asked for by, if that is one that a registry would take.
    pub fn tag(&self) -> Option<&str> {
        let is_tag = |tag: &&str| format!("a:{tag}").parse::<Reference>().is_ok();
        self.tag.as_deref().filter(is_tag)
    }

    /// Whether it is an index.
    pub fn is_index(&self) -> bool {
        matches!(self.root, Document::Index(_))
    }
}

impl Store for Remote {
    fn document(&self, descriptor: &Descriptor) -> Result<Document, TransportError> {
        self.child(descriptor)
    }

    fn open(&self, blob: &Descriptor) -> Result<LayerBytes, TransportError> {
        let reader: BlobReader = self.open_blob(blob)?;
        Ok(Box::new(reader))
    }

    fn referrers(&self, subject: &Digest) -> Result<Vec<Descriptor>, TransportError> {
        Remote::referrers(self, subject, None)
    }

    fn remote(&self) -> Option<&Remote> {
        Some(self)
    }
}

/// A layout in a folder or an archive.
struct Layout {
    files: Files,
    target: String,
}

impl Layout {
    /// The manifest that `index.json` lists, itself or in an index, for this config; none if there is any doubt.
    fn by_config(&self, config: &Digest) -> Option<Document> {
        let index = self.index().ok()?;
        let nested = |d: &Descriptor| matches!(d.media_type.as_str(), media::OCI_INDEX | media::DOCKER_LIST);
        let mut open: Vec<Descriptor> = index.manifests;
        let mut budget = crate::DOCUMENTS_LIMIT;
        while let Some(descriptor) = open.pop() {
            budget = budget.checked_sub(1)?;
            match self.document(&descriptor).ok()? {
                Document::Manifest(manifest) if manifest.config.digest == *config => {
                    return Some(Document::Manifest(manifest));
                }
                Document::Manifest(_) => {}
                Document::Index(inner) if nested(&descriptor) => open.extend(inner.manifests),
                Document::Index(_) => {}
            }
        }
        None
    }

    fn index(&self) -> Result<Index, TransportError> {
        let raw = self.files.read("index.json", "index", MANIFEST_LIMIT)?;
        let document = |source| TransportError::Document { target: self.target.clone(), source };
        match Document::parse(&raw, Some(media::OCI_INDEX)).map_err(document)? {
            Document::Index(index) => Ok(index),
            Document::Manifest(m) => {
                let stated = model::escaped(&m.media_type).into_owned();
                Err(document(model::oci::OciError::NotAnImage(stated)))
            }
        }
    }
}

impl Store for Layout {
    fn document(&self, descriptor: &Descriptor) -> Result<Document, TransportError> {
        document_of(&self.files, descriptor, &self.target)
    }

    fn open(&self, blob: &Descriptor) -> Result<LayerBytes, TransportError> {
        Ok(self.files.open(&blob_path(&blob.digest))?.0)
    }

    /// A layout lists referrers at its top, beside the images.
    fn referrers(&self, subject: &Digest) -> Result<Vec<Descriptor>, TransportError> {
        let mut found = Vec::new();
        for descriptor in self.index()?.manifests {
            let raw = self.files.read(&blob_path(&descriptor.digest), "manifest", MANIFEST_LIMIT)?;
            verify(&raw, &descriptor, "manifest", &self.target)?;
            let entry = crate::registry::entry(&raw, &descriptor.media_type);
            if entry.is_some_and(|(of, _)| of == *subject) {
                found.push(descriptor);
            }
        }
        Ok(found)
    }
}

/// A path for errors.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
