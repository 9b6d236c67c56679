//! `plimsoll db`.

use super::Outcome;
use super::common::Common;
use crate::failure::{Bytes, Failure, count, with_causes};
use crate::ops::advisories::{FeedPlace, UpdateRequest, Updated, age, manifest, update};
use crate::ops::feeds;
use crate::printer::{Printer, Tone};
use crate::surroundings::Surroundings;
use advisories::manifest::Source;
use clap::Subcommand;
use jiff::Timestamp;
use model::escaped;
use std::fmt::Write;

const EXAMPLES: &str = "\
EXAMPLES
  plimsoll db update                                        all sources, from where they are published
  plimsoll db update osv kev --ecosystem Debian --ecosystem npm
  plimsoll db update osv=https://mirror.example/osv         from a mirror
  plimsoll db update osv=/srv/osv kev=/srv/kev.json         from files that were brought here
  plimsoll db status
  plimsoll scan debian:12-slim";

/// Make and look at the index of advisories that `scan` and `check` ask.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Ask sources what they say now, and swap in an index that knows it.
    ///
    /// Without a SOURCE all that the index knows are asked where they were asked
    /// before; without an index all below, where they are published. What did not
    /// change is not sent again, a download that broke off goes on where it was, and
    /// an update that is killed leaves the index as it was.
    ///
    /// A source that cannot be had keeps what it said, and the exit code is 2. It is
    /// asked again when it is next named, or with all.
    ///
    /// SOURCES, and what PLACE is (an https address, or a path):
    ///   osv             the folder above ECOSYSTEM/all.zip
    ///   debian-tracker  a file, JSON
    ///   alpine-secdb    the folder above v3.20/main.json and its kin
    ///   kev             a file, JSON
    ///   epss            a file, CSV, or that as gzip
    ///
    /// Examples:
    ///   plimsoll db update
    ///   plimsoll db update osv --ecosystem Debian --ecosystem PyPI
    ///   plimsoll db update debian-tracker=/srv/debian.json
    #[command(verbatim_doc_comment)]
    Update {
        /// Sources, and where they are if not where they are published.
        #[arg(value_name = "SOURCE[=PLACE]")]
        feeds: Vec<FeedPlace>,
        /// Of OSV only this ecosystem, by OSV's name; may be repeated. What the index
        /// knows of others stays.
        #[arg(long = "ecosystem", value_name = "NAME", value_delimiter = ',', value_parser = ecosystem)]
        ecosystems: Vec<String>,
    },
    /// Show what the index knows: by source when it was asked, how new it is, and how much it gave.
    Status,
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let folder = surroundings.advisories_dir.as_deref().ok_or(Failure::NoHome)?;
    match &args.what {
        What::Update { feeds: asked, ecosystems } => {
            let client = if common.is_offline() { None } else { Some(feeds(&common.access(surroundings))?) };
            let (watched, now) = (printer.is_watched() && !common.quiet, surroundings.now);
            let request = UpdateRequest { feeds: asked, ecosystems, client, watched, now };
            Ok(told(&update(&request, folder)?, printer))
        }
        What::Status => {
            let manifest = manifest(folder)?.ok_or_else(|| Failure::NoIndex(folder.to_owned()))?;
            printer.data(table(&manifest.sources, surroundings.now).as_bytes())?;
            Ok(0)
        }
    }
}

/// What came of an update, and the exit code.
fn told(updated: &Updated, printer: &mut Printer) -> u8 {
    for (reason, times) in &updated.left_out {
        printer.say(&format!("left out, {times} times: {reason}"));
    }
    let bytes = Bytes(updated.manifest.segments.iter().map(|part| part.size).sum());
    match updated.made {
        Some((statements, packages)) => {
            let (statements, packages) = (count(statements, "statement"), count(packages, "package"));
            printer.say(&format!("{statements} about {packages}, {bytes}"));
        }
        None if updated.failed.is_empty() => {
            printer.say(&format!("nothing changed since the last time; {bytes}"));
        }
        None => {}
    }
    let of = |source: &Source, name: &str| source.name == name || source.name.starts_with(&format!("{name}/"));
    for (name, error) in &updated.failed {
        let known = updated.manifest.sources.iter().any(|source| of(source, name));
        let what = if known { "stays as it was" } else { "could not be had" };
        let hint = error.hint().map_or(String::new(), |hint| format!(" ({hint})"));
        let said = format!("`{name}` {what}: {}{hint}", with_causes(error));
        printer.warn(&format!("{} {}", Tone::Bad.set("error:"), escaped(&said)));
    }
    if updated.failed.is_empty() { 0 } else { 2 }
}

fn table(sources: &[Source], now: Timestamp) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{:<24} {:>9} {:>10}  {:<10}  from", "source", "records", "newest", "asked");
    for s in sources {
        let days = age(&s.asked, now).map_or(String::new(), |d| format!(" ({d} days ago)"));
        let asked = format!("{}{days}", s.asked.get(..10).unwrap_or(&s.asked));
        let (name, origin) = (escaped(&s.name), escaped(&s.origin));
        let _ = writeln!(text, "{name:<24} {:>9} {:>10}  {asked:<10}  {origin}", s.records, escaped(&s.newest));
    }
    text
}

/// A name of OSV's that may be a folder's.
fn ecosystem(text: &str) -> Result<String, String> {
    match advisories::ecosystem::world(text) {
        _ if text.contains([':', '/', '\\']) => Err("it is named without a release, such as `Debian`".to_owned()),
        Some(_) => Ok(text.to_owned()),
        None => Err("versions of that ecosystem cannot be compared".to_owned()),
    }
}
