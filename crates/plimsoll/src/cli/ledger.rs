//! `plimsoll ledger`.

use super::Outcome;
use super::common::Common;
use super::output::{Shape, Shown, deliver};
use crate::failure::{Bytes, Failure, count, file};
use crate::printer::Printer;
use crate::report::{ledger_export_v1, ledger_v1};
use crate::surroundings::Surroundings;
use clap::Subcommand;
use ledger::{Checkpoint, Ledger, Report};
use model::escaped;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
EXAMPLES
  plimsoll ledger status                                how much it holds, and where it is
  plimsoll ledger checkpoint -o monday.checkpoint       keep this elsewhere: in git, on paper
  plimsoll ledger verify --checkpoint monday.checkpoint is everything still there, as it was written?
  plimsoll ledger backup ledger-2026-06-01.db           a consistent copy while others go on writing
  plimsoll ledger export > ledger.jsonl                 every row as a line of JSON

The ledger only grows. Its rows are chained by hashes, so a changed, removed or
reordered row is named; that the newest rows are gone, or that everything was
written anew, only a checkpoint shows that was kept elsewhere.

EXIT CODES: 0 whole, 1 something in it is not as it was written, 2 it could not be read.";

/// Tend the record of what tags were seen to name, and prove that nobody changed it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Show where it is and how much it holds.
    Status {
        #[command(flatten)]
        shown: Shown,
    },
    /// Compute every hash anew and name what is not as it was written.
    Verify {
        /// A checkpoint that was kept elsewhere.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
        #[command(flatten)]
        shown: Shown,
    },
    /// Write down how each repository's chain ends, to be kept elsewhere.
    Checkpoint {
        /// Into this file instead of to stdout.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Write a consistent copy of the file to FILE, which must not exist.
    Backup {
        /// Where to.
        file: PathBuf,
    },
    /// Write every row as a line of JSON.
    Export {
        /// Of this repository alone, such as `docker.io/library/debian`.
        #[arg(long, value_name = "REPOSITORY")]
        repository: Option<String>,
    },
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    // To look at a ledger makes none.
    let place = common.ledger_place(surroundings)?;
    let ledger = Ledger::open_if_there(&place)?.ok_or_else(|| Failure::NoLedger(place.to_string()))?;
    match &args.what {
        What::Status { shown } => status(&ledger, shown, printer),
        What::Verify { checkpoint, shown } => verify(&ledger, checkpoint.as_deref(), shown, printer),
        What::Checkpoint { output } => {
            deliver(ledger.checkpoint()?.to_string().as_bytes(), output.as_deref(), printer)?;
            Ok(0)
        }
        What::Backup { file } => {
            ledger.backup(file)?;
            printer.say(&format!("wrote {}", escaped(&file.display().to_string())));
            Ok(0)
        }
        What::Export { repository } => export(&ledger, repository.as_deref(), printer),
    }
}

fn status(ledger: &Ledger, shown: &Shown, printer: &mut Printer) -> Outcome {
    let outputs = shown.outputs()?;
    let status = ledger.status()?;
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => in_lines(&ledger.place(), &status),
            Shape::Json => ledger_v1::status(&ledger.place(), &status),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    Ok(0)
}

fn in_lines(place: &str, status: &ledger::Status) -> Vec<u8> {
    let time = |time: Option<jiff::Timestamp>| time.map_or_else(|| "-".to_owned(), |time| time.to_string());
    let text = format!(
        "{}\n{:<13} {}\n{:<13} {}\n{:<13} {} ({})\n{:<13} {}\n{:<13} {}\n",
        escaped(place),
        "repositories",
        status.repositories,
        "observations",
        status.observations,
        "documents",
        status.documents,
        Bytes(status.document_bytes),
        "first seen",
        time(status.first),
        "last row",
        time(status.last),
    );
    text.into_bytes()
}

fn verify(ledger: &Ledger, checkpoint: Option<&Path>, shown: &Shown, printer: &mut Printer) -> Outcome {
    let outputs = shown.outputs()?;
    let checkpoint = checkpoint.map(read_checkpoint).transpose()?;
    let report = ledger.verify(checkpoint.as_ref())?;
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => verified(&report),
            Shape::Json => ledger_v1::verified(&ledger.place(), checkpoint.is_some(), &report),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    if checkpoint.is_none() {
        printer
            .say("without a checkpoint nobody can tell whether the newest rows are missing: see `ledger checkpoint`");
    }
    Ok(u8::from(!report.problems.is_empty()))
}

fn read_checkpoint(path: &Path) -> Result<Checkpoint, Failure> {
    let text = std::fs::read_to_string(path).map_err(file("read", path))?;
    text.parse().map_err(|error| Failure::Checkpoint { path: path.to_owned(), error })
}

fn verified(report: &Report) -> Vec<u8> {
    let mut text: String = report.problems.iter().map(|problem| format!("{problem}\n")).collect();
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    text.push_str(&format!(
        "{} and {} in {}: {}\n",
        count(number(report.observations), "row"),
        count(number(report.documents), "document"),
        if report.repositories == 1 {
            "1 repository".to_owned()
        } else {
            format!("{} repositories", report.repositories)
        },
        if report.problems.is_empty() {
            "as they were written".to_owned()
        } else {
            count(report.problems.len(), "problem")
        },
    ));
    text.into_bytes()
}

/// Page by page, so that memory does not grow with the ledger.
fn export(ledger: &Ledger, repository: Option<&str>, printer: &mut Printer) -> Outcome {
    const PAGE: u32 = 500;
    let repositories = match repository {
        Some(name) => vec![name.to_owned()],
        None => ledger.repositories()?,
    };
    for repository in repositories {
        let mut after = 0;
        loop {
            let page = ledger.page(&repository, after, PAGE)?;
            let lines: Vec<u8> = page.iter().flat_map(ledger_export_v1::line).collect();
            printer.data(&lines)?;
            match page.last() {
                Some(last) => after = last.sequence,
                None => break,
            }
        }
    }
    Ok(0)
}
