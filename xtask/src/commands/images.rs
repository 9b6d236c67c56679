//! `cargo xtask images`: all images, made ahead of the chores that use them.

use std::path::PathBuf;

use crate::error::Result;
use crate::images::{debian, demo, forms, layered, service};
use crate::tools::{apt, print};

/// The benchmark's images, smallest first.
pub(crate) fn measured() -> Result<[(&'static str, PathBuf); 3]> {
    apt::need(&["mmdebstrap", "python3-venv", "skopeo", "tar", "umoci"])?;
    let minimal = debian::minimal(debian::State::Today)?;
    Ok([("minimal", minimal), ("service", service::image()?), ("layered", layered::image()?)])
}

/// Makes every image, and says where it is.
pub(crate) fn all() -> Result<()> {
    for (_, folder) in measured()? {
        for form in forms::of(&folder)? {
            print(format_args!("{}{}", form.transport, form.path.display()));
        }
    }
    print(format_args!("oci:{}", demo::image()?.join("layout").display()));
    Ok(())
}
