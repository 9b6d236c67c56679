//! `plimsoll sign` and `plimsoll attest`.

use super::Outcome;
use super::common::Common;
use super::login::asked;
use super::output::{Shape, Shown, deliver};
use crate::failure::{Failure, file};
use crate::ops::signing::{self, Saying, SignFailure, Signed, key_text, kind};
use crate::printer::Printer;
use crate::report::{sign_text, sign_v1};
use crate::surroundings::Surroundings;
use ::signing::{SigningKey, is_sealed};
use model::Reference;
use serde_json::Value;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The most bytes of a predicate: an SBOM of a large image has a tenth of it.
const PREDICATE_LIMIT: u64 = 48 << 20;

const SIGNING: &str = "\
EXAMPLES
  cosign generate-key-pair                                 or: openssl genpkey -algorithm ED25519 -out ci.key
  plimsoll sign registry.example/app:1.4 --key cosign.key
  plimsoll sign registry.example/app@sha256:… --key ci.key
  plimsoll verify registry.example/app:1.4 --key cosign.pub

What the tag names at this moment is signed, by its digest; the signature hangs to the image in
its registry as a sigstore bundle, so that cosign 3 finds it too. The key's password is
PLIMSOLL_KEY_PASSWORD or COSIGN_PASSWORD, else it is asked for.";

const ATTESTING: &str = "\
EXAMPLES
  plimsoll sbom app:1.4 -o cyclonedx-json=app.cdx.json
  plimsoll attest registry.example/app:1.4 --key cosign.key --type cyclonedx --predicate app.cdx.json
  plimsoll attest registry.example/app:1.4 --key ci.key --type https://example.org/tested/v1 --predicate -

Types by name: slsaprovenance1, spdxjson, cyclonedx, vuln, openvex, link; any other is a URI.";

/// Sign an image with a key: the signature hangs to it in its registry.
#[derive(clap::Args)]
#[command(after_help = SIGNING)]
pub(crate) struct Sign {
    /// The image in a registry.
    #[arg(value_name = "REF")]
    reference: Reference,
    /// The private key: PEM of P-256 or Ed25519, or one that cosign made.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    shown: Shown,
}

/// Say something of an image, signed with a key: what it was built from, what is in it.
#[derive(clap::Args)]
#[command(after_help = ATTESTING)]
pub(crate) struct Attest {
    /// The image in a registry.
    #[arg(value_name = "REF")]
    reference: Reference,
    /// The private key: PEM of P-256 or Ed25519, or one that cosign made.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// What kind of thing is said: a name or a URI.
    #[arg(long = "type", value_name = "TYPE")]
    kind: String,
    /// What is said, in JSON; `-` is stdin.
    #[arg(long, value_name = "FILE")]
    predicate: PathBuf,
    #[command(flatten)]
    shown: Shown,
}

pub(super) fn sign(args: &Sign, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let key = private(&args.key, surroundings)?;
    let signed = signing::sign(&args.reference, Saying::Signature, &key, &common.access(surroundings))?;
    show(&signed, &args.shown, printer)
}

pub(super) fn attest(args: &Attest, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let saying = Saying::Predicate(kind(&args.kind)?, predicate(&args.predicate)?);
    let key = private(&args.key, surroundings)?;
    let signed = signing::sign(&args.reference, saying, &key, &common.access(surroundings))?;
    show(&signed, &args.shown, printer)
}

fn show(signed: &Signed, shown: &Shown, printer: &mut Printer) -> Outcome {
    for output in shown.outputs()? {
        let bytes = match output.format {
            Shape::Terminal => sign_text::write(signed).into_bytes(),
            Shape::Json => sign_v1::write(signed),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    Ok(0)
}

/// The private key, opened with the password of the surroundings or of who sits there.
fn private(path: &Path, surroundings: &Surroundings) -> Result<SigningKey, Failure> {
    let text = key_text(path)?;
    let password = match (&surroundings.key_password, is_sealed(&text)) {
        (_, false) => String::new(),
        (Some(password), true) => password.clone(),
        (None, true) => asked(&format!("password of {}: ", path.display()), true)
            .map_err(|_| SignFailure::NoPassword(path.to_owned()))?,
    };
    Ok(SigningKey::parse(&text, password.as_bytes()).map_err(|error| SignFailure::key(path, error))?)
}

fn predicate(path: &Path) -> Result<Value, Failure> {
    let mut raw = Vec::new();
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().take(PREDICATE_LIMIT + 1).read_to_end(&mut raw),
        false => std::fs::File::open(path).and_then(|opened| opened.take(PREDICATE_LIMIT + 1).read_to_end(&mut raw)),
    };
    read.map_err(file("read", path))?;
    if raw.len() as u64 > PREDICATE_LIMIT {
        return Err(SignFailure::PredicateSize { path: path.to_owned(), limit: PREDICATE_LIMIT }.into());
    }
    Ok(serde_json::from_slice(&raw).map_err(|error| SignFailure::Predicate { path: path.to_owned(), error })?)
}
