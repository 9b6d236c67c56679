//! `plimsoll check`.

use super::Outcome;
use super::common::{Common, DecisionsFile};
use super::output::{Output, chosen, deliver};
use crate::failure::{Failure, with_causes};
use crate::ops::advisories::MAX_AGE;
use crate::ops::pin::gather;
use crate::ops::tags::past_of;
use crate::ops::{Checked, Reading, check, check_texts};
use crate::printer::{Printer, Tone};
use crate::report::decisions::{self, Log};
use crate::report::report_v1::Unopened;
use crate::report::{report_v1, sarif_log, terminal};
use crate::surroundings::Surroundings;
use ledger::cache::Cache;
use model::Verdict;
use practices::{Past, mistakes};
use std::path::PathBuf;
use std::str::FromStr;

/// Judge images, and the files that name them, by the practices of the guide: one verdict, proofs and remedies.
///
/// Reads every layer once and runs all rules whose evidence is there; what could
/// not be looked at is listed as not checked, never taken for good. Levels are set
/// in `plimsoll.toml`, by rule and by image.
///
/// Examples:
///   plimsoll check debian:12-slim
///   plimsoll check docker:app:1.4 -o terminal -o sarif=check.sarif
///   plimsoll check . -o sarif=check.sarif      what this folder's files deploy and build on
///   plimsoll check --explain PL202
#[derive(clap::Args)]
#[command(verbatim_doc_comment, after_help = super::TARGETS)]
pub(crate) struct Args {
    /// The images to judge, and folders or files that name images.
    #[arg(value_name = "TARGET", required_unless_present = "explain")]
    targets: Vec<String>,
    /// `terminal`, `json` or `sarif`, to stdout or to a file; may be repeated.
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]")]
    output: Vec<Output<Format>>,
    /// The same as `-o json`.
    #[arg(long)]
    json: bool,
    /// Tell what a rule is about, by code or name, and do nothing else; `list` names all rules.
    #[arg(long, value_name = "CODE", exclusive = true)]
    explain: Option<String>,
    #[command(flatten)]
    decisions: DecisionsFile,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Terminal,
    Json,
    Sarif,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "terminal" => Ok(Self::Terminal),
            "json" => Ok(Self::Json),
            "sarif" => Ok(Self::Sarif),
            other => Err(format!("`{other}` is not `terminal`, `json` or `sarif`")),
        }
    }
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    if let Some(code) = &args.explain {
        return explain(code, printer);
    }
    let outputs = chosen(&args.output, args.json.then_some(Format::Json), Format::Terminal)?;
    let policy = common.policy(surroundings)?;
    let written = args.decisions.read(surroundings)?;
    let cache = common.cache(surroundings, printer);
    let shelf = common.advisories(surroundings)?;
    let mut checked = Vec::new();
    let mut unopened = Vec::new();
    for target in &args.targets {
        if let Some(path) = texts(target, surroundings) {
            let sources = gather(&[path], &surroundings.here, &policy.pin);
            // To have looked at nothing is not to have found nothing.
            if sources.texts.is_empty() && sources.unread.is_empty() {
                let failure = Failure::NothingNamed(target.clone());
                failure.tell(printer);
                unopened.push(Unopened { target, failure });
            } else {
                let mut policy = policy.clone();
                super::lint::take_over(&mut policy, surroundings, printer)?;
                checked.push(check_texts(target, sources, &policy, surroundings.today()));
            }
            continue;
        }
        match common.read(target, surroundings, cache.as_ref(), printer) {
            Ok(reading) => {
                let scan = shelf.as_ref().map(|s| s.scan(&reading, surroundings.now, MAX_AGE)).transpose()?;
                let past = past(&reading, cache.as_ref(), common, surroundings, printer);
                checked.push(check(
                    reading,
                    past.as_ref(),
                    scan.as_ref(),
                    written.as_ref(),
                    &policy,
                    surroundings.today(),
                ));
            }
            Err(failure) => {
                failure.tell(printer);
                unopened.push(Unopened { target, failure });
            }
        }
    }
    if checked.is_empty() {
        return Ok(2);
    }
    let log = written.as_ref().map(|d| Log::new(d, checked.iter().filter_map(|c| c.decided.as_ref())));
    for output in outputs {
        let bytes = render(output.format, &checked, &unopened, log.as_ref(), common.verbose)?;
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    let worst = checked.iter().map(|c| c.evaluation.verdict).max().unwrap_or(Verdict::Pass);
    Ok(if unopened.is_empty() { worst.exit_code() } else { 2 })
}

/// What the ledger knows of the tag that was asked for. Only a tag of a registry has a past.
fn past(
    reading: &Reading,
    cache: Option<&Cache>,
    common: &Common,
    surroundings: &Surroundings,
    printer: &mut Printer,
) -> Option<Past> {
    let reference = reading.image.reference.as_ref().filter(|r| r.digest().is_none())?;
    let ledger = common.ledger_if_there(surroundings, printer)?;
    match past_of(&ledger, cache, reference) {
        Ok(past) => past,
        Err(failure) => {
            printer.say(&format!(
                "{} the ledger could not be asked: {}",
                Tone::Warn.set("note:"),
                with_causes(&failure)
            ));
            None
        }
    }
}

/// The path of texts that a target is: a folder that holds no image, or a file of a kind that names images.
fn texts(target: &str, surroundings: &Surroundings) -> Option<PathBuf> {
    if surroundings.here.join(target).is_file() && sources::Kind::of_path(target).is_some() {
        return Some(PathBuf::from(target));
    }
    match transport::Target::parse(target) {
        Ok(transport::Target::Source(path)) => Some(path),
        _ => None,
    }
}

fn render(
    format: Format,
    checked: &[Checked],
    unopened: &[Unopened<'_>],
    log: Option<&Log<'_>>,
    verbose: bool,
) -> Result<Vec<u8>, Failure> {
    match format {
        Format::Terminal => Ok((terminal::check(checked, verbose) + &decisions::write(log, verbose)).into_bytes()),
        Format::Json => Ok(report_v1::write(checked, unopened, log)),
        Format::Sarif => sarif_log::write(checked),
    }
}

pub(super) fn explain(code: &str, printer: &mut Printer) -> Outcome {
    let text = match code {
        "list" => terminal::rules(),
        code => mistakes::explain(code).ok_or_else(|| Failure::NoRule(code.to_owned()))?,
    };
    printer.data(text.as_bytes())?;
    Ok(0)
}
