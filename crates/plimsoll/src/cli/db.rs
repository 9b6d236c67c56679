//! `plimsoll db`.

use super::Outcome;
use crate::failure::{Bytes, Failure, count};
use crate::ops::advisories::{FeedPlace, age, manifest, update};
use crate::printer::Printer;
use crate::surroundings::Surroundings;
use clap::Subcommand;
use model::escaped;
use std::fmt::Write;

const EXAMPLES: &str = "\
EXAMPLES
  plimsoll db update osv=/srv/osv kev=/srv/kev.json epss=/srv/epss.csv
  plimsoll db status
  plimsoll scan debian:12-slim

Sources are read from folders and files; nothing is downloaded.";

/// Make and look at the index of advisories that `scan` and `check` ask.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Read sources, and swap in an index that knows what they say.
    ///
    /// A source that is given takes the place of what it said before; what the others
    /// said stays. An update that is killed leaves the index as it was.
    ///
    /// SOURCES:
    ///   osv             a folder with ECOSYSTEM/all.zip
    ///   debian-tracker  a file, JSON
    ///   alpine-secdb    a folder with v3.20/main.json and its kin
    ///   kev             a file, JSON
    ///   epss            a file, CSV
    ///
    /// Examples:
    ///   plimsoll db update osv=/srv/osv kev=/srv/known_exploited_vulnerabilities.json
    ///   plimsoll db update debian-tracker=/srv/debian.json
    #[command(verbatim_doc_comment)]
    Update {
        /// Sources and where they are.
        #[arg(value_name = "SOURCE=PLACE", required = true)]
        feeds: Vec<FeedPlace>,
    },
    /// Show what the index knows: by source when it was asked, how new it is, and how much it gave.
    Status,
}

pub(super) fn run(args: &Args, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let folder = surroundings.advisories_dir.as_deref().ok_or(Failure::NoHome)?;
    let mut text = String::new();
    match &args.what {
        What::Update { feeds } => {
            let updated = update(feeds, folder, surroundings.now)?;
            for (reason, times) in &updated.left_out {
                printer.say(&format!("left out, {} times: {reason}", times));
            }
            let bytes = updated.manifest.segments.iter().map(|p| p.size).sum();
            printer.say(&format!(
                "{} about {}, {}",
                count(updated.statements, "statement"),
                count(updated.packages, "package"),
                Bytes(bytes)
            ));
        }
        What::Status => {
            let manifest = manifest(folder)?.ok_or_else(|| Failure::NoIndex(folder.to_owned()))?;
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{:<24} {:>9} {:>10}  {:<10}  from", "source", "records", "newest", "asked");
            for s in &manifest.sources {
                let days = age(&s.asked, surroundings.now).map_or(String::new(), |d| format!(" ({d} days ago)"));
                let asked = format!("{}{days}", s.asked.get(..10).unwrap_or(&s.asked));
                let (name, origin) = (escaped(&s.name), escaped(&s.origin));
                let _ = writeln!(text, "{name:<24} {:>9} {:>10}  {asked:<10}  {origin}", s.records, escaped(&s.newest));
            }
        }
    }
    printer.data(text.as_bytes())?;
    Ok(0)
}
