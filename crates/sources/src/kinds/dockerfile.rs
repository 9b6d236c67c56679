//! Dockerfiles: what [`crate::dockerfile::images`] finds, as mentions of any text.

use crate::dockerfile::{Dockerfile, Keyword, Mention as Found, WhyNot, images};
use crate::{Mention, Named, Obstacle, Site, SourceError};
use model::Reference;

pub(crate) fn find(file: &Dockerfile) -> Vec<Mention> {
    images(file).into_iter().map(mention).collect()
}

fn mention(found: Found) -> Mention {
    let names = found.names.map(Named::Image);
    let (obstacle, site) = match found.image {
        Ok(image) => {
            let before = if image.reference.tag().is_some() || image.digest.is_some() { "@" } else { ":latest@" };
            let digest = image.digest_span();
            let site = Site { digest, before, after: String::new(), tag: image.tag };
            (None, Some(site))
        }
        Err(why) => (Some(obstacle(why, &found.written)), None),
    };
    Mention { span: found.span, written: found.written, names, obstacle, role: found.role, platform: None, site }
}

fn obstacle(why: WhyNot, written: &str) -> Obstacle {
    match why {
        WhyNot::Scratch => Obstacle::Scratch,
        WhyNot::Own(_) => Obstacle::Stage,
        WhyNot::FromOutside(what) => Obstacle::Outside(what),
        WhyNot::Shared(what) => Obstacle::Shared(what),
        WhyNot::NotAReference(_) => written.parse::<Reference>().err().map_or(Obstacle::Spelling, Obstacle::Malformed),
    }
}

/// The same instructions in the same order, and nothing that was understood is not any more.
pub(crate) fn compare(old: &Dockerfile, new: &Dockerfile) -> Result<(), SourceError> {
    let kinds = |file: &Dockerfile| -> Vec<Keyword> { file.instructions().map(|i| i.kind).collect() };
    let same = kinds(old) == kinds(new) && old.problems().len() == new.problems().len();
    if same { Ok(()) } else { Err(SourceError::Verify("the Dockerfile has other instructions".to_owned())) }
}
