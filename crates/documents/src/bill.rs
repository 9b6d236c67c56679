//! What a bill of materials is written from: an image's facts and what is known around them.

use facts::image::ImageFacts;
use model::oci::{Descriptor, ImageConfig};
use model::{Platform, Reference, Subject};

/// An image with everything a bill of materials says about it. Borrowed; the caller keeps the parts consistent.
#[derive(Clone, Copy, Debug)]
pub struct Bill<'a> {
    /// What was read from the layers.
    pub facts: &'a ImageFacts,
    /// What the image is.
    pub subject: Option<Subject>,
    /// What to call it where there is no reference: the target as the user named it.
    pub name: &'a str,
    /// Where it was asked for; gives the name and the package URL.
    pub reference: Option<&'a Reference>,
    /// The platform it is for.
    pub platform: Option<&'a Platform>,
    /// Its config: labels, author, date, and the instruction that made each layer.
    pub config: Option<&'a ImageConfig>,
    /// The layers as stored, lowest first; empty where no manifest states them.
    pub blobs: &'a [Descriptor],
    /// The program that writes the document.
    pub tool: Tool<'a>,
    /// The document's date in RFC 3339, chosen by the caller (`SOURCE_DATE_EPOCH`). `None`, or a text that is no
    /// date: the image's own date; where that is missing too, 1970-01-01, which the document says.
    pub created: Option<&'a str>,
    /// What to add.
    pub options: Options<'a>,
}

/// A program.
#[derive(Clone, Copy, Debug)]
pub struct Tool<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
}

/// What a document has beyond the facts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// The data fields of BSI TR-03183-2: file names and properties of components that are one file, and the
    /// completeness of every component's dependencies. Their SHA-512 is written where the facts have it; the
    /// guideline takes CycloneDX from 1.6 and SPDX from 3.0.1 on, so SPDX 2.3 can carry the fields, not conform.
    pub bsi: bool,
    /// Who answers for the document.
    pub creator: Option<Creator<'a>>,
}

/// A person or organisation that answers for a document.
#[derive(Clone, Copy, Debug)]
pub struct Creator<'a> {
    /// Their name.
    pub name: &'a str,
    /// Where to reach them.
    pub email: Option<&'a str>,
    /// Their web page.
    pub url: Option<&'a str>,
    /// A person, not an organisation.
    pub person: bool,
}
