//! An image is made once a recipe; half-made ones are never taken for whole.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::paths;
use crate::tools::say;

/// The folder `target/xtask/images/NAME`, made by `make` unless it was made by this very `recipe` before.
pub(crate) fn cached(name: &str, recipe: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let folder = paths::work("images").join(name);
    let mark = folder.join("recipe");
    if std::fs::read_to_string(&mark).is_ok_and(|text| text == recipe) {
        return Ok(folder);
    }
    say(format_args!("making the image `{name}` (once; it is kept in {})", folder.display()));
    let part = folder.with_extension("part");
    paths::remove(&part)?;
    paths::folder(&part)?;
    make(&part)?;
    paths::write(&part.join("recipe"), recipe)?;
    paths::remove(&folder)?;
    std::fs::rename(&part, &folder).map_err(Error::file(&folder))?;
    Ok(folder)
}
