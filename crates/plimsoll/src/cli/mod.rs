//! The command line: parsed here, done by `ops`, shown by `report`.

mod affected;
mod cache;
mod check;
mod common;
mod copy;
mod db;
mod decide;
mod diff;
mod headings;
mod inside;
mod inspect;
mod keeper;
mod layers;
mod ledger;
mod lint;
mod login;
mod output;
mod pin;
mod promote;
mod resolve;
mod running;
mod sbom;
mod scan;
mod shell;
mod sign;
mod tags;
mod tags_watch;
mod verify;

use crate::failure::Failure;
use crate::printer::Printer;
use crate::surroundings::Surroundings;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::process::ExitCode;

/// What every command gives: an exit code, or why it could not do its work.
type Outcome = Result<u8, Failure>;

const TARGETS: &str = "\
TARGETS, the same for every command:
  REF                         an image in a registry: app:1.4, r.example/app@sha256:…
  docker:REF                  an image in Docker's engine
  oci:DIR[:TAG|@DIGEST]       an OCI image layout
  oci-archive:FILE[:TAG]      a layout in a tar file
  docker-archive:FILE[:REF]   what `docker save` wrote
  dir:PATH                    a root filesystem
A bare path is recognised by its content.

EXIT CODES: 0 pass, 1 fail, 2 the tool could not do its work, 3 inconclusive:
something could not be read, or policy requires what was not checked.";

/// Puts a container image's whole lifecycle under deliberate, informed control.
///
/// Start with `plimsoll check IMAGE`: what is in it, what is wrong with it, and what to do.
#[derive(Parser)]
#[command(name = "plimsoll", version, after_help = TARGETS, max_term_width = 110, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    common: common::Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Args),
    Lint(lint::Args),
    Layers(layers::Args),
    Inspect(inspect::Args),
    Ls(inside::Ls),
    Cat(inside::Cat),
    Diff(diff::Args),
    Copy(copy::Args),
    Pin(pin::Args),
    Resolve(resolve::Args),
    Running(running::Args),
    Tag(promote::Tag),
    Promote(promote::Promote),
    Untag(promote::Untag),
    Sign(sign::Sign),
    Attest(sign::Attest),
    Verify(verify::Args),
    Scan(scan::Args),
    Decide(Box<decide::Args>),
    Db(db::Args),
    Sbom(Box<sbom::Args>),
    Affected(affected::Args),
    Tags(Box<tags::Args>),
    Login(login::Login),
    Logout(login::Logout),
    Ledger(ledger::Args),
    Cache(cache::Args),
    Completions(shell::Completions),
    #[command(hide = true)]
    Man(shell::Man),
}

/// Runs what the command line asks for.
pub(crate) fn run(surroundings: &Surroundings, printer: &mut Printer) -> ExitCode {
    let parsed = headings::grouped(Cli::command()).try_get_matches().and_then(|m| Cli::from_arg_matches(&m));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage(&error, printer),
    };
    if cli.common.quiet {
        printer.hush();
    }
    let outcome = match &cli.command {
        Command::Check(args) => check::run(args, &cli.common, surroundings, printer),
        Command::Pin(args) => pin::run(args, &cli.common, surroundings, printer),
        Command::Lint(args) => lint::run(args, &cli.common, surroundings, printer),
        Command::Layers(args) => layers::run(args, &cli.common, surroundings, printer),
        Command::Inspect(args) => inspect::run(args, &cli.common, surroundings, printer),
        Command::Ls(args) => inside::ls(args, &cli.common, surroundings, printer),
        Command::Cat(args) => inside::cat(args, &cli.common, surroundings, printer),
        Command::Diff(args) => diff::run(args, &cli.common, surroundings, printer),
        Command::Copy(args) => copy::run(args, &cli.common, surroundings, printer),
        Command::Running(args) => running::run(args, &cli.common, surroundings, printer),
        Command::Tag(args) => promote::tag(args, &cli.common, surroundings, printer),
        Command::Promote(args) => promote::promote(args, &cli.common, surroundings, printer),
        Command::Untag(args) => promote::untag(args, &cli.common, surroundings, printer),
        Command::Sign(args) => sign::sign(args, &cli.common, surroundings, printer),
        Command::Attest(args) => sign::attest(args, &cli.common, surroundings, printer),
        Command::Verify(args) => verify::run(args, &cli.common, surroundings, printer),
        Command::Resolve(args) => resolve::run(args, &cli.common, surroundings, printer),
        Command::Scan(args) => scan::run(args, &cli.common, surroundings, printer),
        Command::Decide(args) => decide::run(args, surroundings, printer),
        Command::Db(args) => db::run(args, &cli.common, surroundings, printer),
        Command::Sbom(args) => sbom::run(args, &cli.common, surroundings, printer),
        Command::Affected(args) => affected::run(args, &cli.common, surroundings, printer),
        Command::Tags(args) => tags::run(args, &cli.common, surroundings, printer),
        Command::Login(args) => login::login(args, &cli.common, surroundings, printer),
        Command::Logout(args) => login::logout(args, surroundings, printer),
        Command::Ledger(args) => ledger::run(args, &cli.common, surroundings, printer),
        Command::Cache(args) => cache::run(args, &cli.common, surroundings, printer),
        Command::Completions(args) => shell::completions(args, Cli::command(), printer),
        Command::Man(args) => shell::man(args, &Cli::command(), printer),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            failure.tell(printer);
            ExitCode::from(2)
        }
    }
}

/// Help and version are data; a command line that makes no sense is talk, and exit code 2.
fn usage(error: &clap::Error, printer: &mut Printer) -> ExitCode {
    let text = error.render().ansi().to_string();
    if error.use_stderr() {
        printer.warn(text.trim_end());
        if error.get(ContextKind::InvalidSubcommand) == Some(&ContextValue::String("help".to_owned())) {
            printer.warn("tip: `plimsoll --help` lists the commands, `plimsoll COMMAND --help` tells of one");
        }
        return ExitCode::from(2);
    }
    match printer.data(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            Failure::from(error).tell(printer);
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        headings::grouped(Cli::command()).debug_assert();
    }
}
