//! `plimsoll running`.

use super::Outcome;
use super::common::Common;
use super::output::{Shape, Shown, deliver};
use crate::failure::with_causes;
use crate::ops::{self, Census, Verdict};
use crate::printer::{Printer, Tone};
use crate::report::{running_text, running_v1};
use crate::surroundings::Surroundings;

const EXAMPLES: &str = "\
EXAMPLES
  plimsoll running                  every container of Docker's engine: which image, exactly?
  plimsoll running web shop         a container, a Compose project or one of its services
  plimsoll running --all            those that stopped, too
  plimsoll running --offline        what the engine alone can tell
  plimsoll running -o json          for programs (docs/formats/running-v1.schema.json)

VERDICTS
  exact         what its reference names now, by digest
  same-content  its reference names another index now, with the same image for this platform
  drifted       its reference names another image now; the one that runs is still in the registry
  orphaned      what runs can no longer be pulled: the tag, or the digest, is gone
  local         made on this machine, and nobody else has it
  unknown       it cannot be told, and the proof says why

The engine is the one of DOCKER_HOST (a socket, or a port of this machine), Docker's or Podman's.
What the registries answer is kept in the ledger.

EXIT CODES: 0 nothing drifted; 1 something drifted or is orphaned; 2 the engine could not be
asked; 3 something is unknown.";

/// Say which image each container runs, exactly, and whether its tag still names that.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Containers, Compose projects or services; all unless given.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Stopped containers, too.
    #[arg(long, short)]
    all: bool,
    #[command(flatten)]
    shown: Shown,
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let outputs = args.shown.outputs()?;
    let census = ops::running(&common.access(surroundings), &args.names, args.all)?;
    if let Some(Err(failure)) =
        common.ledger(surroundings, printer).map(|ledger| ops::remember(&ledger, &census.answers, surroundings.now))
    {
        printer.say(&format!("{} the ledger could not be written: {}", Tone::Warn.set("note:"), with_causes(&failure)));
    }
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => running_text::write(&census, common.verbose).into_bytes(),
            Shape::Json => running_v1::write(&census, &surroundings.docker_host, surroundings.now),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    Ok(code(&census))
}

/// What is not as it should be is worse than what cannot be told.
fn code(census: &Census) -> u8 {
    let any = |is: fn(Verdict) -> bool| census.containers.iter().any(|one| is(one.verdict));
    match (any(Verdict::fails), any(|verdict| verdict == Verdict::Unknown)) {
        (true, _) => 1,
        (false, true) => 3,
        (false, false) => 0,
    }
}
