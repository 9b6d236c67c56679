//! `sign`, `attest` and `verify`: what keys say of an image, hung to it in its registry and read back from there.

mod failure;
mod verify;

pub(crate) use failure::SignFailure;
pub(crate) use verify::{Entry, Form, Mark, Required, Verification, verify};

use super::open::registry;
use super::{Access, policy_at};
use crate::failure::{Failure, file};
use model::{Digest, Reference};
use serde_json::Value;
use signing::{BUNDLE_TYPE, Bundle, CONTENT, Envelope, PREDICATE, PublicKey, SigningKey, Statement, predicate_type};
use std::path::{Path, PathBuf};
use transport::{Attachment, Part, Vantage};

/// No key is longer.
const KEY_LIMIT: u64 = 64 << 10;

/// What is to be said of an image.
pub(crate) enum Saying {
    /// That it is signed.
    Signature,
    /// Something about it: its kind, and the thing itself.
    Predicate(String, Value),
}

/// What was said, and by whom.
pub(crate) struct Signed {
    pub(crate) reference: Reference,
    /// The index or manifest that it is about.
    pub(crate) subject: Digest,
    /// The referrer that says it.
    pub(crate) attachment: Digest,
    pub(crate) predicate_type: String,
    pub(crate) key: PublicKey,
}

/// Says something of the image that `reference` names now, and hangs it to it. What a tag names is looked at once, and
/// only the digest is signed.
pub(crate) fn sign(
    reference: &Reference,
    saying: Saying,
    key: &SigningKey,
    access: &Access<'_>,
) -> Result<Signed, Failure> {
    if access.offline {
        return Err(Failure::Offline(reference.as_typed().to_owned()));
    }
    let client = registry(access)?;
    // By the registry itself, to which the signature goes: a mirror may tell what the tag named last week.
    let sighting = client.sight_at(reference, &reference.wanted(), &Vantage::Direct)?;
    let public = key.public().map_err(SignFailure::Signing)?;
    let statement = match saying {
        Saying::Signature => Statement::signature(sighting.digest),
        Saying::Predicate(kind, predicate) => Statement::about(&reference.name(), sighting.digest, &kind, predicate),
    };
    let envelope = Envelope::signed(statement.write(), key).map_err(SignFailure::Signing)?;
    let attachment = attachment(&statement.predicate_type, Bundle::write(&envelope, &public), access);
    let attached = client.remote(reference)?.attach(&sighting.descriptor(), &attachment)?;
    Ok(Signed {
        reference: reference.clone(),
        subject: sighting.digest,
        attachment: attached,
        predicate_type: statement.predicate_type,
        key: public,
    })
}

/// As cosign 3 hangs a bundle to an image
/// (<https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md>).
fn attachment(predicate_type: &str, bundle: Vec<u8>, access: &Access<'_>) -> Attachment {
    let (name, value) = CONTENT;
    let date = access.surroundings.source_date.clone().unwrap_or_else(|| access.surroundings.now.to_string());
    let annotations = [
        (name.to_owned(), value.to_owned()),
        (PREDICATE.to_owned(), predicate_type.to_owned()),
        ("org.opencontainers.image.created".to_owned(), date),
    ];
    Attachment {
        artifact_type: BUNDLE_TYPE.to_owned(),
        parts: vec![Part { media_type: BUNDLE_TYPE.to_owned(), bytes: bundle, annotations: Vec::new() }],
        annotations: annotations.to_vec(),
    }
}

/// The URI of a predicate type, by its short name or itself.
pub(crate) fn kind(name: &str) -> Result<String, Failure> {
    predicate_type(name).map(str::to_owned).ok_or_else(|| SignFailure::PredicateType(name.to_owned()).into())
}

/// The text of a file with a key.
pub(crate) fn key_text(path: &Path) -> Result<String, Failure> {
    use std::io::Read as _;
    let mut text = String::new();
    let opened = std::fs::File::open(path).map_err(file("read", path))?;
    opened.take(KEY_LIMIT).read_to_string(&mut text).map_err(file("read", path))?;
    Ok(text)
}

/// A public key, by the name of its file.
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) key: PublicKey,
}

/// The public keys in these files.
pub(crate) fn keys(paths: &[PathBuf]) -> Result<Vec<Named>, Failure> {
    let one = |path: &PathBuf| {
        let key = PublicKey::parse(&key_text(path)?).map_err(|error| SignFailure::key(path, error))?;
        Ok(Named { name: path.display().to_string(), key })
    };
    paths.iter().map(one).collect()
}

/// Who has to have signed an image, and what: from the policy.
pub(crate) struct Demand {
    pub(crate) keys: Vec<Named>,
    pub(crate) require: Vec<String>,
}

/// What the policy demands of an image, by the first entry that is for it. Files of keys lie beside the policy.
pub(crate) fn demand(reference: &Reference, access: &Access<'_>) -> Result<Option<Demand>, Failure> {
    let Some(path) = &access.policy else { return Ok(None) };
    let policy = policy_at(path)?;
    let Some(found) = policy.signatures.into_iter().find(|entry| entry.is_for(reference)) else { return Ok(None) };
    let folder = path.parent().unwrap_or(Path::new(""));
    let paths: Vec<PathBuf> = found.keys.iter().map(|key| folder.join(key)).collect();
    Ok(Some(Demand { keys: keys(&paths)?, require: found.require }))
}
