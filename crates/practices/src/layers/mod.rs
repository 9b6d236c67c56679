//! Practice 2: few, clear and clean layers. What a layer holds stays in the image, whatever a later one removes.

pub(crate) mod dockerfile;
pub(crate) mod hidden_files;
pub(crate) mod late_cleanup;
pub(crate) mod metadata_copy;
pub(crate) mod over_budget;
pub(crate) mod package_cache;
pub(crate) mod privileged_files;
pub(crate) mod root_user;
pub(crate) mod secret_file;
pub(crate) mod secret_in_build_argument;
pub(crate) mod secret_in_env;
mod tools;
pub mod waste;

/// From here on, waste is worth someone's time.
const WORTH_MENDING: u64 = 1_000_000;
/// From here on, it is worth a rebuild.
const LARGE: u64 = 50_000_000;
