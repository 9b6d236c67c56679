//! Writes sample documents into the folder given, for the official validators: `xtask/validate_sbom.py`.

#[path = "../tests/it/fixture.rs"]
#[allow(dead_code, missing_docs)]
mod fixture;

use documents::cyclonedx::{self, Version};
use documents::spdx;
use std::error::Error;
use std::fs::File;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let samples = [
        ("web", fixture::web()),
        ("web-bsi", fixture::web_bsi()),
        ("clean", fixture::clean()),
        ("bare", fixture::bare()),
        ("hostile", fixture::hostile(&fixture::HOSTILE)),
        ("large", fixture::large(2500)),
    ];
    for (name, sample) in samples {
        let file = |ending: &str| File::create(Path::new(&folder).join(format!("{name}.{ending}")));
        spdx::write(&sample.bill(), file("spdx.json")?)?;
        cyclonedx::write(&sample.bill(), Version::V1_6, file("1-6.cdx.json")?)?;
        cyclonedx::write(&sample.bill(), Version::V1_7, file("1-7.cdx.json")?)?;
    }
    Ok(())
}
