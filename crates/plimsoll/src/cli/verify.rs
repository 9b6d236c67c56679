//! `plimsoll verify`.

use super::Outcome;
use super::common::Common;
use super::output::{Shape, Shown, deliver};
use crate::ops::signing::{Demand, SignFailure, demand, keys, verify};
use crate::printer::Printer;
use crate::report::{verify_text, verify_v1};
use crate::surroundings::Surroundings;
use model::Reference;
use std::path::PathBuf;

const EXAMPLES: &str = "\
EXAMPLES
  plimsoll verify registry.example/app:1.4 --key cosign.pub
  plimsoll verify registry.example/app:1.4 --key ci.pub --type signature --type slsaprovenance1
  plimsoll verify registry.example/app@sha256:…       by the keys that `[[signatures]]` of plimsoll.toml names

Read are sigstore bundles that refer to the image, and what cosign hung under tags before
version 3. What none of the keys has signed is listed and counts for nothing.

EXIT CODES: 0 all that is required is signed by a key that is trusted, 1 something is not,
2 the registry could not be asked.";

/// Check who signed an image, and what is attested of it, by the keys that you trust.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The image in a registry.
    #[arg(value_name = "REF")]
    reference: Reference,
    /// A public key in PEM, instead of the policy's; may be repeated, and any of them will do.
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// What must be signed, instead of what the policy requires: `signature`, or an attestation by name or URI; may
    /// be repeated.
    #[arg(long = "type", value_name = "TYPE")]
    kinds: Vec<String>,
    #[command(flatten)]
    shown: Shown,
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let outputs = args.shown.outputs()?;
    let access = common.access(surroundings);
    let mut demanded = match args.key.is_empty() {
        true => demand(&args.reference, &access)?
            .ok_or_else(|| SignFailure::NoKeys(args.reference.as_typed().to_owned()))?,
        false => Demand { keys: keys(&args.key)?, require: vec!["signature".to_owned()] },
    };
    if !args.kinds.is_empty() {
        demanded.require.clone_from(&args.kinds);
    }
    let found = verify(&args.reference, &demanded, &access)?;
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => verify_text::write(&found).into_bytes(),
            Shape::Json => verify_v1::write(&found),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    Ok(u8::from(!found.passes()))
}
