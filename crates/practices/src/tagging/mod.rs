//! Practice 1: deploy by digest, or at least by a version tag that is never used again.
//!
//! For an image the rules judge the reference that it was asked for by. Nobody asks for a layout or an archive by a
//! tag, so for those they cannot look. For a source tree they judge every reference that its texts name. Some
//! judge what the tag was seen to name before; where nobody looked, they cannot.

mod change;
pub(crate) mod dockerfile;
pub(crate) mod mutable_tag;
pub(crate) mod no_digest;
pub(crate) mod no_tag;
pub(crate) mod series_tag;
mod tag;
pub(crate) mod tag_flip_flop;
pub(crate) mod tag_rolled_back;
pub(crate) mod tag_vanished;
pub(crate) mod text_mutable_tag;
pub(crate) mod text_no_digest;
pub(crate) mod text_no_reference;
pub(crate) mod text_no_tag;
pub(crate) mod text_series_tag;
pub(crate) mod text_two_digests;
mod texts;
pub(crate) mod version_tag_reused;

#[cfg(test)]
mod text_tests;

use crate::evidence::{Evidence, Missing};
use crate::rule::Rule;
use model::Reference;
use tag::TagKind;

/// The rules that look at nothing but the past.
pub(crate) const OF_THE_PAST: [&Rule; 4] =
    [&version_tag_reused::RULE, &tag_rolled_back::RULE, &tag_flip_flop::RULE, &tag_vanished::RULE];

/// The reference and its tag, if the tag decides what runs and is of this kind.
fn deciding_tag<'a>(evidence: &Evidence<'a>, kind: TagKind) -> Result<Option<(&'a Reference, &'a str)>, Missing> {
    let reference = evidence.needs_reference()?;
    let tag = reference.tag().filter(|t| reference.digest().is_none() && tag::kind(t) == kind);
    Ok(tag.map(|t| (reference, t)))
}

/// How to name exactly what was looked at.
fn by_digest(evidence: &Evidence<'_>, reference: &Reference) -> String {
    let tag = reference.tag().map(|t| format!(":{t}")).unwrap_or_default();
    match evidence.deployable_digest() {
        Some(digest) => format!("deploy what was checked: `{}{tag}@{digest}`", reference.name()),
        None => {
            format!("push the image and deploy `{}{tag}@sha256:…` with the digest the push prints", reference.name())
        }
    }
}

/// What the reference pointed to when it was looked at.
fn pointed_to(evidence: &Evidence<'_>, reference: &Reference) -> String {
    let asked = format!("`{}` asks for `{}:{}`", reference.as_typed(), reference.name(), reference.wanted());
    match evidence.subject {
        Some(subject) => format!("{asked}, which was {subject} on {}", evidence.today),
        None => asked,
    }
}

/// How far a tag may be expected to move, the least first: 0 a release or build, which never should; 1 a line of releases;
/// 2 a name that says neither; 3 one that is meant to move. By its text alone.
pub fn mobility(tag: &str) -> u8 {
    match tag::kind(tag) {
        TagKind::Version => 0,
        TagKind::Series => 1,
        TagKind::Name => 2,
        TagKind::Moving => 3,
    }
}

/// The full version that a tag names, without what stands before it: `1.4.2-alpine` of `v1.4.2-alpine`.
pub(crate) fn version_in(tag: &str) -> Option<&str> {
    tag::version(tag)
}
