//! What shells and `man` want to know of the command line.

use super::Outcome;
use crate::failure::file;
use crate::printer::Printer;
use clap_complete::Shell;
use model::escaped;
use std::path::PathBuf;

/// Print completions for a shell.
#[derive(clap::Args)]
pub(crate) struct Completions {
    /// Which shell.
    shell: Shell,
}

/// Write the man pages into a folder.
#[derive(clap::Args)]
pub(crate) struct Man {
    /// The folder.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

pub(super) fn completions(args: &Completions, mut command: clap::Command, printer: &mut Printer) -> Outcome {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut command, "plimsoll", &mut out);
    printer.data(&out)?;
    Ok(0)
}

pub(super) fn man(args: &Man, command: &clap::Command, printer: &mut Printer) -> Outcome {
    std::fs::create_dir_all(&args.to).map_err(file("make", &args.to))?;
    clap_mangen::generate_to(command.clone(), &args.to).map_err(file("write", &args.to))?;
    printer.say(&format!("wrote the man pages to {}", escaped(&args.to.display().to_string())));
    Ok(0)
}
