//! Docker's document about a target, wherever it is: no layer is opened for it.

use super::open::{Access, engine, open};
use crate::failure::Failure;
use documents::docker_inspect::{Document, Named};
use model::{Digest, Reference};
use transport::{EngineError, Image, Target};

/// The document that `docker inspect` would print.
///
/// # Errors
/// The image cannot be had, or has no config.
pub(crate) fn describe(text: &str, access: &Access<'_>) -> Result<Document, Failure> {
    if let Target::Docker(name) = Target::parse(text)? {
        let answer = engine(access)?.describe(&name)?;
        let misread = |e: serde_json::Error| EngineError::Answer(model::escaped(&e.to_string()).into_owned());
        return Ok(Document::of_engine(&answer).map_err(misread)?);
    }
    let image = open(text, access)?;
    let Some(config) = &image.config else { return Err(Failure::NoConfig(text.to_owned())) };
    Ok(Document::of_image(config, &named(&image)))
}

/// The names that a pull by this reference would have left in an engine. Where no reference was asked for there is none.
fn named(image: &Image) -> Named {
    let Some(reference) = &image.reference else { return Named::default() };
    let pulled = image.index.as_ref().map(model::oci::Index::digest);
    let digest: Option<Digest> = pulled.or_else(|| image.manifest.as_ref().map(model::oci::Manifest::digest));
    let familiar = |text: String| text.parse::<Reference>().map(|reference| reference.familiar()).ok();
    let tag = reference.tag().or_else(|| reference.digest().is_none().then_some("latest"));
    let tag = tag.filter(|_| reference.digest().is_none());
    Named {
        tags: tag.and_then(|tag| familiar(format!("{}:{tag}", reference.name()))).into_iter().collect(),
        digests: digest.and_then(|digest| familiar(format!("{}@{digest}", reference.name()))).into_iter().collect(),
    }
}
