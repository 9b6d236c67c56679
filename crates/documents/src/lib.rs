//! Documents about an image: SPDX and CycloneDX bills of materials, SARIF logs, OpenVEX.
//!
//! One module a format, each a function of its input alone: no clock, no random number, no environment. The
//! same input gives the same bytes, and a document's own identifier is a hash of that input. All are
//! streamed to a writer; none builds the document as a tree of values first.
//!
//! Names, versions, labels and paths come from images and are hostile. JSON escaping is `serde_json`'s; on top
//! of it every text that another tool may print on one line goes through [`model::escaped`], so that a newline
//! cannot forge a tag-value line and a bidirectional override cannot show another name. Nothing that the facts
//! know is left out in silence: what a format has no field for becomes an annotation, a comment or a property.

mod bill;
pub mod buildkit;
pub mod claims;
pub mod cyclonedx;
pub mod docker_inspect;
pub mod go_template;
mod identity;
mod ids;
mod json;
mod licences;
pub mod openvex;
pub mod osv;
mod party;
mod prepared;
pub mod sarif;
pub mod spdx;
mod text;

pub use bill::{Bill, Creator, Options, Tool};
pub use json::{WriteError, harmless};
pub use prepared::image_purl;
