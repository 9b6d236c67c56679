//! The vocabulary of the house: references, digests, manifests, packages, unknowns, findings.
//!
//! Nothing here does IO, reads a clock or knows a format other than OCI's JSON (`oci`). A word that two
//! rooms share is defined here once; a word that one room needs stays in that room.

mod digest;
mod finding;
pub mod oci;
mod package;
mod path;
mod platform;
mod purl;
mod reference;
mod subject;
mod text;
mod unknown;
mod versions;

pub use digest::{Algorithm, Digest, DigestError, Hasher, Sha256};
pub use finding::{Disposition, Finding, Fix, Place, Practice, Ruling, Severity, TextPlace, Verdict};
pub use package::{Ecosystem, Evidence, Licence, Overlap, Package, PackageId, Relation, SourcePackage, Trust};
pub use path::{PathError, TreePath};
pub use platform::{Platform, PlatformError};
pub use purl::{Purl, PurlBuilder, PurlError, PurlParts};
pub use reference::{Reference, ReferenceError};
pub use subject::Subject;
pub use text::{escaped, visible};
pub use unknown::{Spot, Unknown, UnknownKind};
pub use versions::{LONGEST_VERSION, Version, VersionError, VersionOrder};
