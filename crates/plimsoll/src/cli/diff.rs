//! `plimsoll diff`.

use super::Outcome;
use super::common::Common;
use super::output::{Shape, Shown, deliver};
use crate::ops::advisories::MAX_AGE;
use crate::ops::{Asked, diff, half};
use crate::printer::Printer;
use crate::report::{diff_text, diff_v1};
use crate::surroundings::Surroundings;

const EXAMPLES: &str = "\
EXAMPLES
  plimsoll diff app:1.4 app:1.5
  plimsoll diff debian:12-slim docker:debian:12-slim --json
  plimsoll diff sbom:old.cdx.json app:1.5      an SBOM of any tool has packages, and no files

Vulnerabilities are compared where there is an index of advisories (`plimsoll db update`), whatever was
decided about them. `plimsoll layers A B` compares layers and waste.

EXIT CODES: 0 compared, 2 it could not be, 3 a part of one could not be read or judged, so there may
be more than is shown.";

/// Compare two images or SBOMs: packages, labels, files, known vulnerabilities
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The image or `sbom:FILE` before.
    #[arg(value_name = "BEFORE")]
    before: String,
    /// The image or `sbom:FILE` after.
    #[arg(value_name = "AFTER")]
    after: String,
    /// Days after which a source of the index is too old.
    #[arg(long, value_name = "DAYS", default_value_t = MAX_AGE)]
    max_age: u32,
    #[command(flatten)]
    shown: Shown,
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let outputs = args.shown.outputs()?;
    let (cache, access) = (common.cache(surroundings, printer), common.access(surroundings));
    let asked = Asked { watched: printer.is_watched(), ..Asked::default() };
    let shelf = common.advisories(surroundings)?;
    let before = half(&args.before, &access, cache.as_ref(), asked)?;
    let after = half(&args.after, &access, cache.as_ref(), asked)?;
    let diff = diff(before, after, shelf.as_ref(), surroundings.now, args.max_age)?;
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => diff_text::write(&diff, common.verbose).into_bytes(),
            Shape::Json => diff_v1::write(&diff),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    Ok(if diff.gaps().is_empty() { 0 } else { 3 })
}
