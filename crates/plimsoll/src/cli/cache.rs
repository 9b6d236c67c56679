//! `plimsoll cache`.

use super::Outcome;
use super::common::Common;
use crate::failure::Bytes;
use crate::printer::Printer;
use crate::surroundings::Surroundings;
use clap::Subcommand;

const EXAMPLES: &str = "\
EXAMPLES
  plimsoll cache                             how much is in it
  plimsoll cache trim --cache-limit 500MB    make it smaller now
  plimsoll cache clear                       nothing is lost but time: layers are read again

It is in `PLIMSOLL_HOME`, else in `XDG_CACHE_HOME` or `~/.cache`.";

/// See and tend the cache of layers that were read.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// Show how much is in it (the default).
    Usage,
    /// Remove what was used least recently until it is under its limit.
    Trim,
    /// Remove everything.
    Clear,
    /// Read every entry and remove those that are damaged.
    Verify,
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let cache = common.open_cache(surroundings)?;
    let mut text = String::new();
    match args.what.as_ref().unwrap_or(&What::Usage) {
        What::Usage => {
            let usage = cache.usage();
            for (kind, entries, bytes) in &usage.by_kind {
                text.push_str(&format!("{:<8} {entries:>8} {:>10}\n", kind.word(), Bytes(*bytes)));
            }
            text.push_str(&format!("{:<8} {:>8} {:>10}\n", "in all", usage.entries, Bytes(usage.bytes)));
        }
        What::Trim => {
            cache.trim()?;
            printer.say(&format!("{} are left", Bytes(cache.usage().bytes)));
        }
        What::Clear => {
            let before = cache.usage().bytes;
            cache.clear()?;
            printer.say(&format!("{} were removed", Bytes(before)));
        }
        What::Verify => {
            let report = cache.verify();
            text = format!("{} good, {} damaged and removed\n", report.good, report.damaged);
        }
    }
    printer.data(text.as_bytes())?;
    Ok(0)
}
