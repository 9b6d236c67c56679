//! `plimsoll copy`.

use super::Outcome;
use super::common::Common;
use super::output::{Shape, Shown, deliver};
use crate::ops::{self, CopyRequest};
use crate::printer::Printer;
use crate::report::{copy_text, copy_v1};
use crate::surroundings::Surroundings;

const EXAMPLES: &str = "\
EXAMPLES
  plimsoll copy debian:12 registry.example/debian:12           all platforms, byte for byte
  plimsoll copy app:1.4 registry.example/app:1.4 --referrers   with its SBOMs and signatures
  plimsoll copy app@sha256:… oci:mirror:1.4                    into a layout; others in it stay
  plimsoll copy oci-archive:app.tar registry.example/app:1.4
  plimsoll copy registry.example/app:1.4 docker:app:1.4        loaded into Docker's engine
  plimsoll copy docker:app:dev oci-archive:app.tar:dev

Nothing is compressed or written anew: the digest that goes in comes out. Where
the way itself loses it (Docker's classic store and `docker save` know an image
by its config), that is said. In a registry, a destination without a tag takes the
source's, and without that has no name but its digest. An archive that is there is
replaced.";

/// Copy an image between registries, layouts, archives and Docker: the digest that goes in comes out.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What to copy, as for every command.
    #[arg(value_name = "SOURCE")]
    source: String,
    /// Where to: a reference, `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:REF]`, `docker:REF`.
    #[arg(value_name = "DESTINATION")]
    destination: String,
    /// Copy what refers to the image too: signatures, SBOMs, attestations.
    #[arg(long)]
    referrers: bool,
    /// How many blobs are on their way at the same time.
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    jobs: u8,
    #[command(flatten)]
    shown: Shown,
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let outputs = args.shown.outputs()?;
    let request = CopyRequest {
        source: &args.source,
        destination: &args.destination,
        referrers: args.referrers,
        jobs: args.jobs.into(),
        watched: printer.is_watched(),
    };
    let copying = ops::copy(&request, &common.access(surroundings))?;
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => copy_text::write(&copying, common.verbose).into_bytes(),
            Shape::Json => copy_v1::write(&copying),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    Ok(0)
}
