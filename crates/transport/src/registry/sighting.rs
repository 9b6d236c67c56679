//! What a reference names, seen from somewhere: one GET, its bytes hashed, and from where it was seen.
//!
//! A tag's answer is what one server said at one moment. A mirror's answer is that mirror's, not the registry's,
//! and says so.

use super::manifest::Fetch;
use super::routes::Route;
use super::stated::Stated;
use super::{Registry, RegistryError};
use crate::TransportError;
use crate::select::{best, descend};
use model::oci::{Descriptor, Document, ImageConfig, Manifest};
use model::{Digest, Platform, Reference};

/// The server that gave an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vantage {
    /// The registry that the reference names.
    Direct,
    /// A mirror or pull-through cache in its place: `HOST[:PORT]`, perhaps with a path.
    Mirror(String),
}

/// What one server answered for a reference.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The index or manifest; its raw bytes are what was hashed.
    pub document: Document,
    /// The digest of those bytes, in the algorithm of the digest that was asked for (SHA-256 for a tag).
    pub digest: Digest,
    /// What the headers state of it.
    pub stated: Stated,
    /// Who answered.
    pub vantage: Vantage,
    /// Those who were asked before and could not answer, with what they said.
    pub passed_over: Vec<(Vantage, String)>,
}

/// The image that an index has for a platform.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// As the index promises it.
    pub descriptor: Descriptor,
    /// Whether its bytes were fetched and hashed too.
    pub fetched: bool,
}

impl Sighting {
    /// The raw bytes of the document.
    pub fn raw(&self) -> &[u8] {
        match &self.document {
            Document::Manifest(manifest) => manifest.raw(),
            Document::Index(index) => index.raw(),
        }
    }

    /// What a referrer names it by.
    pub fn descriptor(&self) -> Descriptor {
        Descriptor {
            media_type: self.media_type().to_owned(),
            digest: self.digest,
            size: self.raw().len() as u64,
            urls: Vec::new(),
            annotations: Default::default(),
            platform: None,
            artifact_type: None,
        }
    }

    /// The media type that the document goes by.
    pub fn media_type(&self) -> &str {
        match &self.document {
            Document::Manifest(manifest) => &manifest.media_type,
            Document::Index(index) => &index.media_type,
        }
    }
}

impl Registry {
    /// Asks what `wanted` (a tag or a digest) names in the repository of `reference`, and hashes the answer: one
    /// GET, to the first of mirrors and registry that can answer.
    ///
    /// # Errors
    /// As [`crate::open_registry`]; where nobody can answer, the registry's own error.
    pub fn sight(&self, reference: &Reference, wanted: &str) -> Result<Sighting, TransportError> {
        let (found, passed_over) = self.first(reference, wanted, |route| sight(self, reference, wanted, route))?;
        Ok(Sighting { passed_over, ..found })
    }

    /// Who may answer for the tags of `reference`: its mirrors in their order, then the registry.
    pub fn vantages(&self, reference: &Reference) -> Vec<Vantage> {
        let routes = self.routes(reference, "").unwrap_or_default();
        routes.into_iter().map(|route| route.vantage).collect()
    }

    /// The same as [`Self::sight`], of one server alone.
    ///
    /// # Errors
    /// As [`Self::sight`].
    pub fn sight_at(&self, reference: &Reference, wanted: &str, at: &Vantage) -> Result<Sighting, TransportError> {
        let missing = || {
            TransportError::registry(
                reference.as_typed(),
                RegistryError::Host { host: format!("{at:?}"), why: "it is no mirror of this registry".to_owned() },
            )
        };
        let mut routes = self.routes(reference, wanted)?.into_iter();
        let route = routes.find(|route| route.vantage == *at).ok_or_else(missing)?;
        sight(self, reference, wanted, &route)
    }

    /// The image for `platform` in a document that was seen: from the index alone where it says so itself, else
    /// from the indexes within it. For a single manifest its config tells the platform.
    ///
    /// # Errors
    /// [`TransportError::NoPlatform`] if there is none, and as [`crate::open_registry`].
    pub fn choose(
        &self,
        reference: &Reference,
        document: &Document,
        platform: &Platform,
    ) -> Result<Chosen, TransportError> {
        let target = reference.as_typed();
        match document {
            Document::Index(index) => match best(index, platform).filter(|d| d.platform.is_some()) {
                Some(child) => Ok(Chosen { descriptor: child.clone(), fetched: false }),
                None => {
                    let mut load = |child: &Descriptor| {
                        let fetched = self.first(reference, &child.digest.to_string(), |route| {
                            Fetch { client: &self.0, repository: &route.repository, target }.child(child)
                        });
                        fetched.map(|(document, _)| document)
                    };
                    let (_, manifest) = descend(document.clone(), platform, target, &mut load)?;
                    Ok(Chosen { descriptor: described(&manifest, platform), fetched: true })
                }
            },
            Document::Manifest(manifest) => {
                let found = self.config_of(reference, manifest)?.platform();
                if platform.accepts(&found) {
                    return Ok(Chosen { descriptor: described(manifest, &found), fetched: true });
                }
                let (target, wanted) = (target.to_owned(), platform.to_string());
                Err(TransportError::NoPlatform {
                    target,
                    wanted,
                    offered: model::escaped(&found.to_string()).into_owned(),
                })
            }
        }
    }

    /// The config of an image, verified.
    ///
    /// # Errors
    /// As [`crate::open_registry`].
    pub fn config_of(&self, reference: &Reference, manifest: &Manifest) -> Result<ImageConfig, TransportError> {
        let target = reference.as_typed();
        let config = self.first(reference, &manifest.config.digest.to_string(), |route| {
            Fetch { client: &self.0, repository: &route.repository, target }.config(&manifest.config)
        })?;
        Ok(config.0)
    }
}

fn sight(client: &Registry, reference: &Reference, wanted: &str, at: &Route) -> Result<Sighting, TransportError> {
    let fetch = Fetch { client: &client.0, repository: &at.repository, target: reference.as_typed() };
    let (document, stated) = fetch.stated(wanted)?;
    let digest = match wanted.parse::<Digest>() {
        // Verified already: the bytes have this very digest.
        Ok(digest) => digest,
        Err(_) => document.digest(),
    };
    Ok(Sighting { document, digest, stated, vantage: at.vantage.clone(), passed_over: Vec::new() })
}

fn described(manifest: &Manifest, platform: &Platform) -> Descriptor {
    Descriptor {
        media_type: manifest.media_type.clone(),
        digest: manifest.digest(),
        size: manifest.raw().len() as u64,
        urls: Vec::new(),
        annotations: Default::default(),
        platform: Some(platform.clone()),
        artifact_type: None,
    }
}
