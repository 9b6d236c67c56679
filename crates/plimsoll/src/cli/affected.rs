//! `plimsoll affected`.

use super::Outcome;
use super::common::Common;
use super::output::{Shape, Shown, deliver};
use crate::failure::Failure;
use crate::ops::advisories::MAX_AGE;
use crate::ops::{AffectedQuestion, affected};
use crate::printer::Printer;
use crate::report::{affected_text, affected_v1};
use crate::surroundings::Surroundings;

/// Say which images have a vulnerability or a package, from the SBOMs that were retained.
///
/// Asks the ledger, which has the SBOM of every image that `plimsoll scan` or
/// `plimsoll sbom` read, and the index of advisories: no network, and no image.
/// A version may be a range: `<`, `<=`, `>`, `>=` or `=`, parted by commas. A
/// distribution's package is found by its own name and by that of its source.
///
/// Examples:
///   plimsoll affected CVE-2024-3094
///   plimsoll affected 'pkg:npm/lodash@<4.17.21' --json
///   plimsoll affected pkg:deb/debian/openssl
///
/// EXIT CODES: 0 no retained image is affected, 1 some are, 2 the tool could not do
/// its work, 3 inconclusive: the index does not know it, or is too old for it.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// A vulnerability by any of its names, or a package URL.
    #[arg(value_name = "CVE|GHSA|PURL")]
    what: String,
    /// Days after which a source of the index is too old to say that nothing is affected.
    #[arg(long, value_name = "DAYS", default_value_t = MAX_AGE)]
    max_age: u32,
    #[command(flatten)]
    shown: Shown,
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let outputs = args.shown.outputs()?;
    let question = AffectedQuestion::parse(&args.what)?;
    let ledger = common.open_ledger_if_there(surroundings)?;
    let shelf = common.advisories(surroundings)?;
    if shelf.is_none() && matches!(question, AffectedQuestion::Vulnerability(_)) {
        return Err(surroundings.advisories_dir.clone().map_or(Failure::NoHome, Failure::NoIndex));
    }
    let answer = affected(&question, &ledger, shelf.as_ref(), surroundings.now, args.max_age)?;
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => affected_text::write(&answer, &args.what).into_bytes(),
            Shape::Json => affected_v1::write(&answer, &args.what),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    Ok(match (answer.images.is_empty(), answer.unknowns.is_empty()) {
        (false, _) => 1,
        (true, false) => 3,
        (true, true) => 0,
    })
}
