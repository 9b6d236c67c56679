//! `verify`: everything that is said of an image, and which of it a key that is trusted has said.
//!
//! Whoever may push may hang anything to an image, so that what nobody trusted has signed is listed and counts for
//! nothing. A signature counts if a given key made it, over these very bytes, and what they say is about this digest.

use super::{Demand, Named, SignFailure};
use crate::failure::{Failure, with_causes};
use crate::ops::Access;
use crate::ops::open::registry;
use model::oci::{Descriptor, Document, Manifest};
use model::{Digest, Reference};
use signing::{
    BUNDLE_LIMIT, Bundle, COSIGN_SIGN, ENVELOPE_TYPE, Envelope, PublicKey, SIGNATURE, SIMPLE_TYPE, STATEMENT_TYPE,
    Statement, simple_signer, simple_subject, tag_of,
};
use transport::{RegistryError, Remote, TransportError, Vantage};

/// The most things that are said of one image that are looked at.
const ENTRIES: usize = 1024;
/// How the types of sigstore's bundles begin, of all their versions.
const BUNDLES: &str = "application/vnd.dev.sigstore.bundle";

/// What is said of an image, and what of it counts.
pub(crate) struct Verification {
    pub(crate) reference: Reference,
    /// The index or manifest that the reference names.
    pub(crate) subject: Digest,
    pub(crate) entries: Vec<Entry>,
    pub(crate) required: Vec<Required>,
}

/// One thing that is said.
pub(crate) struct Entry {
    /// The manifest that it hangs in.
    pub(crate) digest: Digest,
    pub(crate) form: Form,
    /// What kind of thing, as far as it could be read.
    pub(crate) predicate_type: Option<String>,
    pub(crate) mark: Mark,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Sigstore's bundle, in a referrer.
    Bundle,
    /// cosign's signature under a tag.
    SimpleSigning,
    /// cosign's attestation under a tag.
    Envelope,
}

/// What it is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Signed by this key, about this image.
    Verified {
        /// The name of the key.
        key: String,
        /// `sha256:` of it.
        fingerprint: Digest,
    },
    /// Signed by a given key, about something else.
    Other,
    /// Signed by none of the keys.
    Stranger,
    /// Signed by the holder of a certificate, for which no root of trust is at hand.
    Keyless,
    /// It could not be read.
    Broken(String),
}

/// What has to be there.
pub(crate) struct Required {
    /// As a URI.
    pub(crate) predicate_type: String,
    pub(crate) met: bool,
}

impl Verification {
    /// Whether all that has to be there is.
    pub(crate) fn passes(&self) -> bool {
        self.required.iter().all(|required| required.met)
    }
}

/// Looks at everything that is said of what `reference` names now, and holds it against the keys.
pub(crate) fn verify(reference: &Reference, demand: &Demand, access: &Access<'_>) -> Result<Verification, Failure> {
    if access.offline {
        return Err(Failure::Offline(reference.as_typed().to_owned()));
    }
    let required = demand.require.iter().map(|name| super::kind(name)).collect::<Result<Vec<_>, _>>()?;
    let client = registry(access)?;
    // What refers to it is asked of the registry, so what the tag names is, too.
    let subject = client.sight_at(reference, &reference.wanted(), &Vantage::Direct)?.digest;
    let look = Look { remote: client.remote(reference)?, subject, keys: &demand.keys };
    let entries = look.entries()?;
    let met = |kind: &String| {
        let says = |entry: &&Entry| entry.predicate_type.as_ref() == Some(kind);
        entries.iter().filter(says).any(|entry| matches!(entry.mark, Mark::Verified { .. }))
    };
    let required = required.into_iter().map(|kind| Required { met: met(&kind), predicate_type: kind }).collect();
    Ok(Verification { reference: reference.clone(), subject, entries, required })
}

/// One look at one image.
struct Look<'k> {
    remote: Remote,
    subject: Digest,
    keys: &'k [Named],
}

impl Look<'_> {
    fn entries(&self) -> Result<Vec<Entry>, Failure> {
        let referrers = self.remote.referrers(&self.subject, None)?;
        let bundles = referrers.iter().filter(|d| d.artifact_type.as_deref().is_some_and(|t| t.starts_with(BUNDLES)));
        let mut entries = Vec::new();
        for found in bundles {
            self.room(&entries)?;
            entries.push(self.bundle(found));
        }
        for (kind, form) in [("sig", Form::SimpleSigning), ("att", Form::Envelope)] {
            let Some(manifest) = self.tagged(&tag_of(&self.subject, kind))? else { continue };
            for layer in &manifest.layers {
                self.room(&entries)?;
                entries.extend(self.older(&manifest, layer, form));
            }
        }
        Ok(entries)
    }

    fn room(&self, entries: &[Entry]) -> Result<(), Failure> {
        match entries.len() < ENTRIES {
            true => Ok(()),
            false => Err(SignFailure::TooMuchSaid { digest: self.subject, limit: ENTRIES }.into()),
        }
    }

    /// The manifest under a tag that cosign made from the digest, if there is one.
    fn tagged(&self, tag: &str) -> Result<Option<Manifest>, Failure> {
        match self.remote.document(tag) {
            Ok(Document::Manifest(manifest)) => Ok(Some(manifest)),
            Ok(Document::Index(_)) => Ok(None),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn bundle(&self, found: &Descriptor) -> Entry {
        let said = self.bundle_of(found).map_err(|failure| with_causes(&failure));
        let (predicate_type, mark) = said.unwrap_or_else(|why| (None, Mark::Broken(why)));
        Entry { digest: found.digest, form: Form::Bundle, predicate_type, mark }
    }

    fn bundle_of(&self, found: &Descriptor) -> Result<(Option<String>, Mark), Failure> {
        let Document::Manifest(manifest) = self.remote.document(&found.digest.to_string())? else {
            return Err(SignFailure::NoBundle.into());
        };
        let layer = manifest.layers.iter().find(|layer| layer.media_type.starts_with(BUNDLES));
        let raw = self.remote.small_blob(layer.ok_or(SignFailure::NoBundle)?, BUNDLE_LIMIT)?;
        let bundle = Bundle::parse(&raw).map_err(SignFailure::Signing)?;
        Ok(self.envelope(&bundle.envelope, bundle.keyless))
    }

    /// What an envelope says, and what that is worth. What nobody trusted has signed is read to be shown, no more.
    fn envelope(&self, envelope: &Envelope, keyless: bool) -> (Option<String>, Mark) {
        let statement = match envelope.payload_type() {
            STATEMENT_TYPE => Statement::parse(envelope.payload()),
            _ => return (None, Mark::Broken("the envelope holds no in-toto statement".to_owned())),
        };
        let signer = envelope.check(self.keys.iter().map(|named| &named.key)).and_then(|key| self.mark(key));
        match (statement, signer) {
            (Err(error), _) => (None, Mark::Broken(with_causes(&error))),
            (Ok(said), Some(mark)) if said.is_about(&self.subject) => (Some(said.predicate_type), mark),
            (Ok(said), Some(_)) => (Some(said.predicate_type), Mark::Other),
            (Ok(said), None) if keyless => (Some(said.predicate_type), Mark::Keyless),
            (Ok(said), None) => (Some(said.predicate_type), Mark::Stranger),
        }
    }

    /// What is signed by this key.
    fn mark(&self, key: &PublicKey) -> Option<Mark> {
        let named = self.keys.iter().find(|named| named.key == *key)?;
        Some(Mark::Verified { key: named.name.clone(), fingerprint: named.key.fingerprint() })
    }

    /// One layer of what cosign hung under a tag before version 3.
    fn older(&self, manifest: &Manifest, layer: &Descriptor, form: Form) -> Option<Entry> {
        let digest = manifest.digest();
        let wanted = match form {
            Form::SimpleSigning => SIMPLE_TYPE,
            _ => ENVELOPE_TYPE,
        };
        if layer.media_type != wanted {
            return None;
        }
        let said = self.remote.small_blob(layer, BUNDLE_LIMIT).map_err(|error| with_causes(&error));
        let said = said.and_then(|raw| match form {
            Form::SimpleSigning => Ok(self.simple(&raw, layer)),
            _ => Envelope::parse(&raw).map(|envelope| self.envelope(&envelope, false)).map_err(|e| with_causes(&e)),
        });
        let (predicate_type, mark) = said.unwrap_or_else(|why| (None, Mark::Broken(why)));
        Some(Entry { digest, form, predicate_type, mark })
    }

    fn simple(&self, payload: &[u8], layer: &Descriptor) -> (Option<String>, Mark) {
        let kind = Some(COSIGN_SIGN.to_owned());
        let Some(signature) = layer.annotations.get(SIGNATURE) else {
            return (kind, Mark::Broken(format!("it has no annotation `{SIGNATURE}`")));
        };
        let keys = self.keys.iter().map(|named| &named.key);
        let signer = match simple_signer(payload, signature, keys) {
            Ok(key) => key.and_then(|key| self.mark(key)),
            Err(error) => return (kind, Mark::Broken(with_causes(&error))),
        };
        let keyless = layer.annotations.contains_key("dev.sigstore.cosign/certificate");
        let mark = match (simple_subject(payload), signer) {
            (Err(error), _) => Mark::Broken(with_causes(&error)),
            (Ok(subject), Some(mark)) if subject == self.subject => mark,
            (Ok(_), Some(_)) => Mark::Other,
            (Ok(_), None) if keyless => Mark::Keyless,
            (Ok(_), None) => Mark::Stranger,
        };
        (kind, mark)
    }
}

fn is_absent(error: &TransportError) -> bool {
    matches!(error, TransportError::Registry { source, .. } if matches!(**source, RegistryError::NotFound { .. }))
}
