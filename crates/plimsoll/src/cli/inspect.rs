//! `plimsoll inspect`.

use super::Outcome;
use super::common::Common;
use super::output::{Shape, Shown, deliver};
use crate::printer::Printer;
use crate::report::{inspect_v1, terminal};
use crate::surroundings::Surroundings;

/// Show what an image is: digests, platform, sizes, layers with their instructions, labels.
///
/// Nothing is judged. Exit code 3 says that a part of the image could not be read.
///
/// Examples:
///   plimsoll inspect debian:12-slim
///   plimsoll inspect registry.example/app:1.4 --platform linux/arm64
///   plimsoll inspect oci:build/image --json
#[derive(clap::Args)]
#[command(verbatim_doc_comment, after_help = super::TARGETS)]
pub(crate) struct Args {
    /// The image.
    #[arg(value_name = "TARGET")]
    target: String,
    #[command(flatten)]
    shown: Shown,
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let outputs = args.shown.outputs()?;
    let cache = common.cache(surroundings, printer);
    let reading = common.read(&args.target, surroundings, cache.as_ref(), printer)?;
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => terminal::inspect(&reading, common.verbose).into_bytes(),
            Shape::Json => inspect_v1::write(&reading),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    let blocked = reading.facts.is_blocked() || reading.unknowns.iter().any(|u| u.kind.blocks());
    Ok(if blocked { 3 } else { 0 })
}
