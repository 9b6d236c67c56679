//! `plimsoll ls` and `plimsoll cat`.

use super::Outcome;
use super::common::Common;
use super::output::{Shape, Shown, deliver};
use crate::ops::{Asked, inside};
use crate::printer::Printer;
use crate::report::{ls_text, ls_v1};
use crate::surroundings::Surroundings;
use std::io::Read as _;

/// So much of a file is held at once.
const PIECE: usize = 256 << 10;

const LISTING: &str = "\
EXAMPLES
  plimsoll ls app:1.4                       what stands at the root
  plimsoll ls app:1.4 /etc                  of a folder, each with the layer that brought it
  plimsoll ls -R docker:app:1.4 /srv
  plimsoll ls oci:image /usr/bin/node       one file

Nothing is unpacked and nothing is started. Where the layers are known already, none is fetched.

EXIT CODES: 0 listed, 2 it could not be, 3 a layer could not be read, so more may stand there.";

const CONTENT: &str = "\
EXAMPLES
  plimsoll cat debian:12-slim /etc/os-release
  plimsoll cat docker:app:1.4 /srv/app/package.json | jq .version
  plimsoll cat registry.example/app@sha256:… /etc/passwd

Links are followed within the image, as a program in it would. Of an image whose layers are known
only the layer is read that brought the file; the content is what that layer's digest proved.";

/// List what stands in an image, without unpacking it
#[derive(clap::Args)]
#[command(after_help = LISTING)]
pub(crate) struct Ls {
    /// The image.
    #[arg(value_name = "TARGET")]
    target: String,
    /// A file or a folder in it.
    #[arg(value_name = "PATH", default_value = "/")]
    path: String,
    /// Everything below the folder.
    #[arg(short = 'R', long)]
    recursive: bool,
    #[command(flatten)]
    shown: Shown,
}

/// Write one file of an image to stdout, without unpacking it
#[derive(clap::Args)]
#[command(after_help = CONTENT)]
pub(crate) struct Cat {
    /// The image.
    #[arg(value_name = "TARGET")]
    target: String,
    /// The file in it.
    #[arg(value_name = "PATH")]
    path: String,
}

pub(super) fn ls(args: &Ls, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let outputs = args.shown.outputs()?;
    let cache = common.cache(surroundings, printer);
    let asked = Asked { watched: printer.is_watched(), ..Asked::default() };
    let image = inside(&args.target, &common.access(surroundings), cache.as_ref(), asked)?;
    let standing = image.list(&args.path, args.recursive)?;
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => ls_text::write(&standing).into_bytes(),
            Shape::Json => ls_v1::write(&image, &standing),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    Ok(if image.is_blocked() { 3 } else { 0 })
}

pub(super) fn cat(args: &Cat, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let cache = common.cache(surroundings, printer);
    let asked = Asked { watched: printer.is_watched(), ..Asked::default() };
    let image = inside(&args.target, &common.access(surroundings), cache.as_ref(), asked)?;
    let mut content = image.content(&args.path)?;
    let mut piece = vec![0; PIECE];
    loop {
        match content.read(&mut piece)? {
            0 => return Ok(0),
            count => {
                if !printer.raw(&piece[..count])? {
                    return Ok(0);
                }
            }
        }
    }
}
