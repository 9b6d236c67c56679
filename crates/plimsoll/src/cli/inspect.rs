//! `plimsoll inspect`.

use super::Outcome;
use super::common::Common;
use super::output::{Output, chosen, deliver};
use crate::printer::Printer;
use crate::report::{inspect_v1, terminal};
use crate::surroundings::Surroundings;
use std::str::FromStr;

/// Show what an image is: digests, platform, sizes, layers with their instructions, labels.
#[derive(clap::Args)]
#[command(after_help = super::TARGETS)]
pub(crate) struct Args {
    /// The image.
    #[arg(value_name = "TARGET")]
    target: String,
    /// `terminal` or `json`, to stdout or to a file; may be repeated.
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]")]
    output: Vec<Output<Format>>,
    /// The same as `-o json`.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Terminal,
    Json,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "terminal" => Ok(Self::Terminal),
            "json" => Ok(Self::Json),
            other => Err(format!("`{other}` is not `terminal` or `json`")),
        }
    }
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let outputs = chosen(&args.output, args.json.then_some(Format::Json), Format::Terminal)?;
    let cache = common.cache(surroundings, printer);
    let reading = common.read(&args.target, surroundings, cache.as_ref(), printer)?;
    for output in outputs {
        let bytes = match output.format {
            Format::Terminal => terminal::inspect(&reading, common.verbose).into_bytes(),
            Format::Json => inspect_v1::write(&reading),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    let blocked = reading.facts.is_blocked() || reading.unknowns.iter().any(|u| u.kind.blocks());
    Ok(if blocked { 3 } else { 0 })
}
