//! Which image a reference names now: one GET, hashed; what is proved of the answer and what is only claimed.
//!
//! A registry's answer proves that some bytes exist and what they are. That a tag names them is that server's word
//! at that moment, since nothing signs a tag. Both are said apart, statement by statement.

mod crowd;
mod past;
mod prove;
mod statement;

pub(crate) use past::{Age, AgeVerdict, as_of, ever, judge, remember};
pub(crate) use statement::{About, Standing, Statement, vantage};

use super::{Access, open::registry};
use crate::failure::Failure;
use jiff::Timestamp;
use model::oci::{Descriptor, Document};
use model::{Digest, Platform, Reference};
use transport::{Chosen, Registry, RegistryError, Sighting, TransportError};

/// Asks registries what references name; connections and sign-ins are shared by all that it is asked.
pub(crate) struct Resolver {
    client: Registry,
    now: Timestamp,
}

/// What is asked of a [`Resolver`] beside the reference.
#[derive(Clone, Default)]
pub(crate) struct Ask {
    /// The platform whose image is wanted too.
    pub(crate) platform: Option<Platform>,
    /// Whether to go and look at everything that the answer names.
    pub(crate) prove: bool,
}

/// What a reference names.
pub(crate) struct Resolution {
    pub(crate) reference: Reference,
    /// The answer, hashed. With a digest in the reference this is that digest's document.
    pub(crate) sighting: Sighting,
    /// The image for the platform that was asked for.
    pub(crate) chosen: Option<Chosen>,
    /// With a tag and a digest: whether they agree.
    pub(crate) agreement: Option<Agreement>,
    /// What the tag names now, where that is not the digest beside it.
    pub(crate) beside: Option<Sighting>,
    /// When it was asked.
    pub(crate) seen: Timestamp,
    /// What is known of it, and how well.
    pub(crate) statements: Vec<Statement>,
    /// The time that was asked about, where the answer is the ledger's of the past.
    pub(crate) past: Option<Timestamp>,
    /// How old it is, where that was asked.
    pub(crate) age: Option<Age>,
}

/// What the tag of `name:tag@digest` names now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// The digest.
    Same,
    /// Another digest; the one in the reference is still there.
    Moved(Digest),
    /// An index, of which the digest is one image: for whom, if the index says so.
    Part { index: Digest, platform: Option<Platform> },
    /// Nothing any more; the digest is still there.
    Gone,
}

impl Resolution {
    /// The digest of the index or manifest that the reference names.
    pub(crate) fn digest(&self) -> Digest {
        self.sighting.digest
    }

    /// What to pin: `name:tag@digest`, in the short form. With a platform that was asked for, its image.
    pub(crate) fn pin(&self) -> String {
        let digest = self.chosen.as_ref().map_or(self.sighting.digest, |chosen| chosen.descriptor.digest);
        let familiar = self.reference.familiar();
        let name = familiar.split('@').next().unwrap_or_default();
        format!("{name}@{digest}")
    }

    /// Whether the answer is an index of several images.
    pub(crate) fn is_index(&self) -> bool {
        matches!(self.sighting.document, Document::Index(_))
    }

    /// The images that an index names; none for a single image.
    pub(crate) fn children(&self) -> &[Descriptor] {
        match &self.sighting.document {
            Document::Index(index) => &index.manifests,
            Document::Manifest(_) => &[],
        }
    }

    /// Whether an image that it names, or a server that may answer for it, could not be looked at.
    pub(crate) fn is_unseen(&self) -> bool {
        self.statements.iter().any(|s| s.standing == Standing::NotChecked && s.about != About::Answer)
    }

    /// Whether something that the reference says turned out not to be so.
    pub(crate) fn is_refuted(&self) -> bool {
        self.statements.iter().any(|s| s.standing == Standing::Refuted)
    }
}

impl Resolver {
    /// A resolver that reaches registries as `access` says.
    pub(crate) fn new(access: &Access<'_>) -> Result<Self, Failure> {
        Ok(Self { client: registry(access)?, now: access.surroundings.now })
    }

    /// What `reference` names now.
    pub(crate) fn resolve(&self, reference: &Reference, ask: &Ask) -> Result<Resolution, Failure> {
        let Looked { sighting, agreement, beside } = self.look(reference)?;
        let chosen = match &ask.platform {
            Some(platform) => Some(self.client.choose(reference, &sighting.document, platform)?),
            None => None,
        };
        let (reference, statements) = (reference.clone(), Vec::new());
        let (past, age) = (None, None);
        let seen = self.now;
        let mut found = Resolution { reference, sighting, chosen, agreement, beside, seen, statements, past, age };
        found.statements = statement::of(&found);
        if ask.prove {
            found.statements.extend(prove::further(&self.client, &found));
        }
        Ok(found)
    }

    /// The client, for further questions over the same connections.
    pub(super) fn client(&self) -> &Registry {
        &self.client
    }

    /// What registries want their users to know, each word of it once.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.client.warnings()
    }

    /// The document that counts, and whether a tag beside a digest agrees with it.
    fn look(&self, reference: &Reference) -> Result<Looked, Failure> {
        let (Some(tag), Some(digest)) = (reference.tag(), reference.digest()) else {
            let sighting = self.client.sight(reference, &reference.wanted())?;
            return Ok(Looked { sighting, agreement: None, beside: None });
        };
        let (agreement, beside) = match self.client.sight(reference, tag) {
            Ok(seen) if is(seen.raw(), digest) => {
                let sighting = Sighting { digest: *digest, ..seen };
                return Ok(Looked { sighting, agreement: Some(Agreement::Same), beside: None });
            }
            Ok(seen) => (other(&seen, digest), Some(seen)),
            Err(error) if is_absent(&error) => (Agreement::Gone, None),
            Err(error) => return Err(error.into()),
        };
        let sighting = self.client.sight(reference, &digest.to_string())?;
        Ok(Looked { sighting, agreement: Some(agreement), beside })
    }
}

/// What a look at a reference gave.
struct Looked {
    sighting: Sighting,
    agreement: Option<Agreement>,
    beside: Option<Sighting>,
}

/// A tag that names something else than the digest: its index, or nothing that has to do with it.
fn other(seen: &Sighting, digest: &Digest) -> Agreement {
    let images = match &seen.document {
        Document::Index(index) => index.manifests.as_slice(),
        Document::Manifest(_) => &[],
    };
    match images.iter().find(|image| image.digest == *digest) {
        Some(image) => Agreement::Part { index: seen.digest, platform: image.platform.clone() },
        None => Agreement::Moved(seen.digest),
    }
}

fn is(raw: &[u8], digest: &Digest) -> bool {
    let mut hasher = digest.hasher();
    hasher.update(raw);
    hasher.finish() == *digest
}

/// Whether a registry said in its own words that it has no such thing: a bare 404 may come from anything on the way.
fn is_absent(error: &TransportError) -> bool {
    let absent = |source: &RegistryError| matches!(source, RegistryError::NotFound { certain: true, .. });
    matches!(error, TransportError::Registry { source, .. } if absent(source))
}
