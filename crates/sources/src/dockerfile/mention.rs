//! One place in a Dockerfile that names an image: what it says, and where a digest goes, or why none may.
//!
//! A mention says where bytes may change and never changes them.

use crate::Role;
use crate::span::Span;
use model::Reference;
use std::fmt;

/// A place that names an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Where the name stands, for a reader; also where the value comes from if that is elsewhere (an `ARG`).
    pub span: Span,
    /// The text there, as written.
    pub written: String,
    /// What it names, variables filled in, whether or not a digest may be written there.
    pub names: Option<Reference>,
    /// What it is for: `FROM` names a base, `COPY --from` and mounts name a build's input.
    pub role: Role,
    /// The image and where to write, or why it is left alone.
    pub image: Result<Image, WhyNot>,
}

/// An image that a text names, and the bytes that decide which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The reference as it stands, variables filled in with the values that the text itself gives.
    pub reference: Reference,
    /// Where the tag is written, without its colon; `None` if there is none or it is not one piece of the text.
    pub tag: Option<Span>,
    /// Where the digest is written, with its `@`.
    pub digest: Option<Span>,
    /// Where an absent digest goes: the byte after the name and the tag.
    pub end: usize,
}

impl Image {
    /// The bytes to replace with `@` and a digest; empty where there is none yet.
    pub fn digest_span(&self) -> Span {
        self.digest.unwrap_or(Span::at(self.end))
    }
}

/// Why a mention is left alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhyNot {
    /// `scratch`: there is no image.
    Scratch,
    /// A stage of the same file.
    Own(String),
    /// Its value is not in the text: a variable or a template that is filled in from outside.
    FromOutside(String),
    /// The value is in the text, but a digest there would change other things too.
    Shared(String),
    /// It is no image reference.
    NotAReference(String),
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scratch => f.write_str("`scratch` is no image"),
            Self::Own(what) => write!(f, "it is {what}"),
            Self::FromOutside(what) => write!(f, "its value comes from outside: {what}"),
            Self::Shared(what) => write!(f, "a digest would change something else too: {what}"),
            Self::NotAReference(what) => f.write_str(what),
        }
    }
}
