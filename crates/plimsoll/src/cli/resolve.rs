//! `plimsoll resolve`.

use super::Outcome;
use super::common::Common;
use super::output::{Output, deliver};
use crate::failure::Failure;
use crate::ops::{Ask, Resolution};
use crate::printer::Printer;
use crate::report::{resolve_text, resolve_v1};
use crate::surroundings::Surroundings;
use model::Reference;
use std::str::FromStr;

const EXAMPLES: &str = "\
EXAMPLES
  plimsoll resolve node:20                       the digest that `node:20` names now, ready to be pinned
  plimsoll resolve node:20 --platform linux/arm64   and its image for that platform
  plimsoll resolve node:20@sha256:…              does the tag still name this digest?
  plimsoll resolve --prove my.registry/app:1.4   are all its images there, and do all mirrors agree?
  plimsoll resolve -o pin node:20 redis:7        one `name:tag@digest` a line

Bytes that were fetched and hashed prove what a digest is. That a tag names it is a server's word, and is said to be
*claimed*; the answer names the server: the registry itself, or a mirror in its place.

EXIT CODES: 0 resolved, 1 something that a reference or an index says is not so, 2 a registry could not be asked,
3 it cannot be told.";

/// Say exactly which image a reference names: its digest, proved by its bytes.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The images in registries.
    #[arg(value_name = "REF", required = true)]
    references: Vec<Reference>,
    /// Fetch and hash every image that an index names, and ask every mirror.
    #[arg(long)]
    prove: bool,
    /// `terminal`, `json` or `pin`, to stdout or to a file; may be repeated.
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
    Pin,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "terminal" => Ok(Self::Terminal),
            "json" => Ok(Self::Json),
            "pin" => Ok(Self::Pin),
            other => Err(format!("`{other}` is not `terminal`, `json` or `pin`")),
        }
    }
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let resolver = common.resolver(&args.references, surroundings)?;
    let ask = Ask { platform: common.platform(), prove: args.prove };
    let answers = resolver.resolve_all(&args.references, &ask);
    let mut outputs = args.output.clone();
    if args.json {
        outputs.push(Output { format: Format::Json, file: None });
    }
    if outputs.is_empty() {
        outputs.push(Output { format: Format::Terminal, file: None });
    }
    for failure in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        failure.tell(printer);
    }
    for output in outputs {
        let bytes = match output.format {
            Format::Terminal => resolve_text::write(&answers, common.verbose).into_bytes(),
            Format::Json => resolve_v1::write(&args.references, &answers),
            Format::Pin => resolve_text::pins(&answers).into_bytes(),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    Ok(code(&answers))
}

/// What could not be asked is worse than what is not so, since it may hide it.
fn code(answers: &[Result<Resolution, Failure>]) -> u8 {
    if answers.iter().any(Result::is_err) {
        return 2;
    }
    u8::from(answers.iter().flatten().any(Resolution::is_refuted))
}
