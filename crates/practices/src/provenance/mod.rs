//! Practice 7: source, date and version in the image itself, as OCI's labels
//! (<https://github.com/opencontainers/image-spec/blob/v1.1.0/annotations.md>).
//!
//! A label is a claim of whoever built the image. These rules judge whether it is there, well formed and free of
//! contradiction; none of them believes it.

pub(crate) mod created_contradicted;
pub(crate) mod created_in_future;
pub(crate) mod created_malformed;
pub(crate) mod dockerfile;
pub(crate) mod empty_label;
mod labels;
pub(crate) mod licenses_malformed;
pub(crate) mod no_created;
pub(crate) mod no_revision;
pub(crate) mod no_source;
pub(crate) mod no_version;
pub(crate) mod platform_contradicted;
pub(crate) mod revision_malformed;
mod time;
pub(crate) mod url_malformed;
pub(crate) mod version_contradicted;

pub(crate) use licenses_malformed::is_spdx;
pub(crate) use time::rfc3339;
pub(crate) use url_malformed::is_absolute_url;
