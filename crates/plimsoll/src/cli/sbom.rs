//! `plimsoll sbom`.

use super::Outcome;
use super::common::Common;
use super::keeper::Keeper;
use super::output::{Output, chosen, deliver};
use crate::failure::Failure;
use crate::ops::{Asked, Listed, Reading, retained};
use crate::printer::{Printer, Tone};
use crate::report::terminal;
use crate::surroundings::Surroundings;
use clap::Subcommand;
use documents::{Bill, Creator, Options, cyclonedx, spdx};
use model::escaped;
use std::path::PathBuf;
use std::str::FromStr;

/// List exactly what an image holds, as SPDX or CycloneDX.
///
/// Every package names the file that proves it, the layer and the instruction that brought it. What the image
/// does not prove is NOASSERTION, never invented. The same image gives the same bytes.
///
/// Examples:
///   plimsoll sbom debian:12-slim -o spdx-json
///   plimsoll sbom docker:app:1.4 -o spdx-json=app.spdx.json -o cyclonedx-json=app.cdx.json
///   plimsoll sbom fetch app:1.4           what was retained, also when the image is gone
///
/// What was read is retained in the ledger with the image's digest, so that `plimsoll affected` can answer for it.
#[derive(clap::Args)]
#[command(verbatim_doc_comment, after_help = super::TARGETS)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// The image.
    #[arg(value_name = "TARGET", required = true, default_value = "", hide_default_value = true)]
    target: String,
    /// `spdx-json` (2.3), `cyclonedx-json` (1.6) or `cyclonedx-json@1.7`, to stdout or to a file; may be repeated.
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]", required = true)]
    output: Vec<Output<Format>>,
    /// Add what only BSI TR-03183-2 asks for: file names, properties and SHA-512 of components that are one file, and
    /// how complete dependencies are. The SHA-512 is computed only now: layers that were read without are read again.
    #[arg(long)]
    bsi: bool,
    /// Who answers for the document: a name.
    #[arg(long, value_name = "NAME")]
    creator: Option<String>,
    /// Their e-mail address.
    #[arg(long, value_name = "ADDRESS", requires = "creator")]
    creator_email: Option<String>,
    /// Their web page.
    #[arg(long, value_name = "URL", requires = "creator")]
    creator_url: Option<String>,
}

#[derive(Subcommand)]
enum What {
    Fetch(Fetch),
}

/// Write the retained SBOM of an image: CycloneDX, without the network and without the image.
///
/// IMAGE is what the image was called when it was read, or its digest or the beginning of that.
#[derive(clap::Args)]
struct Fetch {
    /// The image: a name as it was typed, or a digest.
    #[arg(value_name = "IMAGE")]
    image: String,
    /// The file to write; stdout unless given.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Spdx,
    CycloneDx(cyclonedx::Version),
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "spdx-json" | "spdx-json@2.3" => Ok(Self::Spdx),
            "cyclonedx-json" | "cyclonedx-json@1.6" => Ok(Self::CycloneDx(cyclonedx::Version::V1_6)),
            "cyclonedx-json@1.7" => Ok(Self::CycloneDx(cyclonedx::Version::V1_7)),
            other => Err(format!("`{other}` is not `spdx-json`, `cyclonedx-json` or `cyclonedx-json@1.7`")),
        }
    }
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    if let Some(What::Fetch(args)) = &args.what {
        return fetch(args, common, surroundings, printer);
    }
    let outputs = chosen(&args.output, None, Format::Spdx)?;
    let keeper = Keeper::new(common, surroundings, common.policy(surroundings)?.keep_days);
    let cache = common.cache(surroundings, printer);
    let asked = Asked { long_hashes: args.bsi, ..Asked::default() };
    let reading = common.read_more(&args.target, surroundings, cache.as_ref(), asked, printer)?;
    let listed = Listed::of(&reading);
    let creator = args.creator.as_deref().map(|name| Creator {
        name,
        email: args.creator_email.as_deref(),
        url: args.creator_url.as_deref(),
        person: false,
    });
    let options = Options { bsi: args.bsi, creator };
    let bill = Bill { created: surroundings.source_date.as_deref(), options, ..listed.bill() };
    for output in &outputs {
        deliver(&render(output.format, &bill)?, output.file.as_deref(), printer)?;
    }
    keeper.keep(&reading, printer);
    Ok(gaps(&reading, printer))
}

/// A retained document, as it was.
fn fetch(args: &Fetch, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let ledger = common.open_ledger_if_there(surroundings)?;
    let (bill, document) = retained(&ledger, &args.image)?;
    let read = bill.last.strftime("%Y-%m-%d");
    printer.say(&escaped(&format!("{} of {} {}, read last on {read}", bill.form, bill.target, bill.subject)));
    deliver(&document, args.to.as_deref(), printer)?;
    Ok(0)
}

fn render(format: Format, bill: &Bill<'_>) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::new();
    match format {
        Format::Spdx => spdx::write(bill, &mut out)?,
        Format::CycloneDx(version) => cyclonedx::write(bill, version, &mut out)?,
    }
    Ok(out)
}

/// A list with holes is said to have them, and is not a success.
fn gaps(reading: &Reading, printer: &mut Printer) -> u8 {
    let facts = &reading.facts;
    let all = || facts.unknowns.iter().chain(&reading.unknowns);
    for unknown in all().filter(|u| u.kind.blocks()) {
        printer.warn(&format!("{} {unknown}", Tone::Warn.set("unknown:")));
    }
    printer.say(&terminal::extent(reading));
    // As for `check`: that nothing was listed of it must not sound like a whole list.
    let is_empty = reading.unread.is_empty() && facts.layers.iter().all(|layer| layer.entries == 0);
    if is_empty {
        printer
            .warn(&format!("{} the image holds not one file, so there is nothing to list", Tone::Warn.set("unknown:")));
    }
    if is_empty || all().any(|u| u.kind.blocks()) { 3 } else { 0 }
}
