//! What shells and `man` want to know of the command line.

use super::Outcome;
use crate::failure::file;
use crate::printer::Printer;
use clap_complete::Shell;
use model::escaped;
use std::path::PathBuf;

const EXAMPLES: &str = "\
EXAMPLES
  plimsoll completions bash > ~/.local/share/bash-completion/completions/plimsoll
  plimsoll completions fish > ~/.config/fish/completions/plimsoll.fish
  plimsoll completions zsh > \"${fpath[1]}/_plimsoll\"

Whoever makes a package writes the man pages with `plimsoll man --to DIR`.";

/// Print completions for a shell.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
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
