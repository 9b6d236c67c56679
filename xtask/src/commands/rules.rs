//! `cargo xtask rules`: the page of all rules about Dockerfiles, made from the rules.

use crate::error::{Error, Result};
use crate::paths;

pub(crate) fn rules() -> Result<()> {
    let path = paths::workspace().join("docs/rules.md");
    std::fs::write(&path, practices::mistakes::rules_page()).map_err(Error::file(&path))
}
