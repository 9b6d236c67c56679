//! `plimsoll tag`, `plimsoll promote` and `plimsoll untag`.

use super::Outcome;
use super::common::Common;
use super::output::{Shape, Shown, deliver};
use crate::failure::{Failure, count};
use crate::ops::{self, Mending, PromoteRequest};
use crate::printer::{Printer, Tone};
use crate::report::{promote_text, promote_v1};
use crate::surroundings::Surroundings;
use ::ledger::Ledger;
use model::Reference;

const TAGGING: &str = "\
EXAMPLES
  plimsoll tag r.example/app@sha256:… r.example/app:1.4.2
  plimsoll tag r.example/app:1.4.2 r.example/app:1.4 r.example/app:latest
  plimsoll tag r.example/app:1.4.3 r.example/app:1.4.2 --force --reason \"1.4.2 was never announced\"

A version tag that names another image is not moved: both digests are shown. The version's tag is
written first, the tags that are meant to move last.

EXIT CODES: 0 done, 1 refused and nothing changed, 2 a registry could not be asked.";

const PROMOTING: &str = "\
EXAMPLES
  plimsoll promote r.example/test/app:1.4.2 r.example/app:1.4.2 r.example/app:latest
  plimsoll promote test/app@sha256:… prod.example/app:1.4.2 --referrers   with SBOMs and signatures
  plimsoll promote --dry-run r.example/test/app:1.4.2 r.example/app:1.4.2
  plimsoll promote --resume        finish what a killed run left half done
  plimsoll promote --undo          or let its tags name what they named

The digest that goes in comes out. What each tag named and is to name is written into the ledger
before the first request; each tag is looked at again before it is moved, and read back after.

EXIT CODES: 0 done, 1 refused and nothing changed; of --resume and --undo: somebody else moved a
tag, and it stays. 2 a registry could not be asked, or somebody else moved a tag meanwhile.";

/// What `tag` and `promote` share.
#[derive(clap::Args)]
pub(crate) struct How {
    /// Move a version tag that names another image, too.
    #[arg(long, requires = "reason")]
    force: bool,
    /// Why; it is kept in the ledger.
    #[arg(long, value_name = "TEXT", requires = "force")]
    reason: Option<String>,
    /// Show what would be done.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    shown: Shown,
}

/// Let tags name an image that is in the same repository; a version tag is never moved without a reason
#[derive(clap::Args)]
#[command(after_help = TAGGING)]
pub(crate) struct Tag {
    /// The image.
    #[arg(value_name = "SOURCE")]
    source: Reference,
    /// The tags, with their repository.
    #[arg(value_name = "DESTINATION", required = true)]
    destinations: Vec<Reference>,
    #[command(flatten)]
    how: How,
}

/// Bring an image into other repositories, byte for byte, and let tags name it there
#[derive(clap::Args)]
#[command(after_help = PROMOTING)]
pub(crate) struct Promote {
    /// The image.
    #[arg(value_name = "SOURCE", required_unless_present_any = ["resume", "undo"])]
    source: Option<Reference>,
    /// The tags, with their repositories.
    #[arg(value_name = "DESTINATION", required_unless_present_any = ["resume", "undo"])]
    destinations: Vec<Reference>,
    /// Bring what refers to the image too: signatures, SBOMs, attestations.
    #[arg(long)]
    referrers: bool,
    /// Finish what a killed run left half done.
    #[arg(long, conflicts_with_all = ["source", "destinations", "undo"])]
    resume: bool,
    /// Take back what a killed run left half done.
    #[arg(long, conflicts_with_all = ["source", "destinations"])]
    undo: bool,
    #[command(flatten)]
    how: How,
}

/// Remove a tag and nothing else: where a registry would take other tags along, it stays
#[derive(clap::Args)]
#[command(after_help = "EXAMPLES\n  plimsoll untag r.example/app:pr-7")]
pub(crate) struct Untag {
    /// The tags, with their repositories.
    #[arg(value_name = "REF", required = true)]
    references: Vec<Reference>,
}

pub(super) fn tag(args: &Tag, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let request = request(&args.source, &args.destinations, &args.how, printer);
    run(&request, &args.how.shown, common, surroundings, printer)
}

pub(super) fn promote(args: &Promote, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let Some(source) = &args.source else {
        let mending = if args.undo { Mending::Undo } else { Mending::Resume };
        return mend(mending, &args.how.shown, common, surroundings, printer);
    };
    let request = request(source, &args.destinations, &args.how, printer);
    let request = PromoteRequest { copies: true, referrers: args.referrers, ..request };
    run(&request, &args.how.shown, common, surroundings, printer)
}

pub(super) fn untag(args: &Untag, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let access = common.access(surroundings);
    let mut code = 0;
    for reference in &args.references {
        match ops::untag(reference, &access) {
            Ok(()) => printer.data(format!("untagged {}\n", reference.familiar()).as_bytes())?,
            Err(failure) => {
                failure.tell(printer);
                code = 2;
            }
        }
    }
    Ok(code)
}

fn request<'r>(
    source: &'r Reference,
    destinations: &'r [Reference],
    how: &'r How,
    printer: &Printer,
) -> PromoteRequest<'r> {
    PromoteRequest {
        source,
        destinations,
        reason: how.reason.as_deref().filter(|_| how.force),
        dry: how.dry_run,
        copies: false,
        referrers: false,
        watched: printer.is_watched(),
    }
}

fn run(
    request: &PromoteRequest<'_>,
    shown: &Shown,
    common: &Common,
    surroundings: &Surroundings,
    printer: &mut Printer,
) -> Outcome {
    let outputs = shown.outputs()?;
    let ledger = needed(common, surroundings)?;
    tell_open(&ledger, printer)?;
    let promoted = ops::promote(request, &common.access(surroundings), &ledger);
    if promoted.is_err() {
        tell_open(&ledger, printer)?;
    }
    let promotion = promoted?;
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => promote_text::write(&promotion).into_bytes(),
            Shape::Json => promote_v1::write(&promotion),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    Ok(u8::from(promotion.is_refused()))
}

fn mend(
    mending: Mending,
    shown: &Shown,
    common: &Common,
    surroundings: &Surroundings,
    printer: &mut Printer,
) -> Outcome {
    let outputs = shown.outputs()?;
    let ledger = needed(common, surroundings)?;
    let mended = ops::mend(mending, &common.access(surroundings), &ledger)?;
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => promote_text::mended(&mended).into_bytes(),
            Shape::Json => promote_v1::mended(&mended),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    let lost = mended.iter().any(|one| one.end == ::ledger::MoveEnd::Lost);
    Ok(u8::from(lost))
}

/// Says that tags are half moved, before another run and after one that failed.
fn tell_open(ledger: &Ledger, printer: &mut Printer) -> Result<(), Failure> {
    let open = ledger.open_moves()?.len();
    if open > 0 {
        let (note, what) = (Tone::Warn.set("note:"), count(open, "tag"));
        printer
            .say(&format!("{note} {what} half moved: `plimsoll promote --resume` finishes it, `--undo` takes it back"));
    }
    Ok(())
}

/// The ledger, without which no tag is moved: nobody would know what was meant.
fn needed(common: &Common, surroundings: &Surroundings) -> Result<Ledger, Failure> {
    common.open_ledger(surroundings)
}
