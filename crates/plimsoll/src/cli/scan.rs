//! `plimsoll scan`.

use super::Outcome;
use super::common::{Common, DecisionsFile};
use super::keeper::Keeper;
use super::output::{Output, chosen, deliver};
use crate::failure::Failure;
use crate::ops::advisories::MAX_AGE;
use crate::ops::advisories::Shelf;
use crate::ops::{Reading, Scanned, claimed, judge_scan, report_baseline};
use crate::printer::Printer;
use crate::report::decisions::Log;
use crate::report::report_v1::Unopened;
use crate::report::scan_by::By;
use crate::report::{
    junit, sarif_log, scan_csv, scan_cyclonedx, scan_gitlab, scan_markdown, scan_openvex, scan_table, scan_v1,
};
use crate::surroundings::Surroundings;
use ledger::cache::Cache;
use model::Verdict;
use practices::baseline::Baseline;
use std::path::Path;
use std::str::FromStr;

/// Match the packages of an image, or of an SBOM, with known vulnerabilities.
///
/// Needs an index of advisories (`plimsoll db update`), and the network only for an
/// image in a registry. A distribution judges its own packages; what could not be
/// judged is listed. The verdict is that of the rules PL401 to PL407, by the levels
/// that `plimsoll.toml` sets. A finding with a decision in force in
/// `plimsoll.decisions.toml` is shown with it and does not fail; once the decision
/// has ended it counts again. A target that cannot be opened keeps no other from
/// being scanned, and makes the exit code 2.
///
/// Examples:
///   plimsoll scan debian:12-slim
///   plimsoll scan docker:app:1.4 -o table -o json=app.scan.json
///   plimsoll scan app:1.4 --by action     which updates remove how much
///   plimsoll scan app:1.4 -o markdown=comment.md -o sarif=scan.sarif -o openvex=app.vex.json
///   plimsoll scan app:1.5 --baseline app:1.4   fail only what 1.4 does not have
///   plimsoll scan -v oci:build/image      who says so, by what range, brought by which layer
///   plimsoll scan sbom:app.cdx.json       what an SBOM of any tool claims (`sbom:-` for stdin)
#[derive(clap::Args)]
#[command(verbatim_doc_comment, after_help = super::TARGETS)]
pub(crate) struct Args {
    /// The images, and SBOMs (CycloneDX or SPDX in JSON) as `sbom:FILE`.
    #[arg(value_name = "TARGET", required = true)]
    targets: Vec<String>,
    /// `table`, `json`, `sarif`, `markdown`, `csv`, `junit`, `gitlab`, `openvex` or `cyclonedx-json` (the SBOM with
    /// its vulnerabilities), to stdout or to a file; may be repeated.
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]")]
    output: Vec<Output<Format>>,
    /// The same as `-o json`.
    #[arg(long)]
    json: bool,
    /// What the table's rows are put together by: `risk`, `action` (the updates that remove them), `package` or `layer`.
    #[arg(long, value_name = "WHAT", default_value = "risk")]
    by: By,
    /// Fail only what this does not have: an earlier report (`scan -o json`), an image, or `sbom:FILE`.
    #[arg(long, value_name = "REPORT|TARGET")]
    baseline: Option<String>,
    /// Days after which a source of the index is too old for a verdict of pass.
    #[arg(long, value_name = "DAYS", default_value_t = MAX_AGE)]
    max_age: u32,
    #[command(flatten)]
    decisions: DecisionsFile,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Table,
    Json,
    Sarif,
    Markdown,
    Csv,
    Junit,
    Gitlab,
    OpenVex,
    CycloneDx,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "table" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            "sarif" => Ok(Self::Sarif),
            "markdown" => Ok(Self::Markdown),
            "csv" => Ok(Self::Csv),
            "junit" => Ok(Self::Junit),
            "gitlab" => Ok(Self::Gitlab),
            "openvex" => Ok(Self::OpenVex),
            "cyclonedx-json" => Ok(Self::CycloneDx),
            other => {
                let words =
                    "`table`, `json`, `sarif`, `markdown`, `csv`, `junit`, `gitlab`, `openvex` or `cyclonedx-json`";
                Err(format!("`{other}` is not {words}"))
            }
        }
    }
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let outputs = chosen(&args.output, args.json.then_some(Format::Json), Format::Table)?;
    // Told before anything is read.
    if outputs.iter().any(|output| output.format == Format::CycloneDx) {
        one_image(&args.targets)?;
    }
    let policy = common.policy(surroundings)?;
    let decisions = args.decisions.read(surroundings)?;
    let shelf = common.advisories(surroundings)?;
    let shelf = shelf.ok_or_else(|| surroundings.advisories_dir.clone().map_or(Failure::NoHome, Failure::NoIndex))?;
    let cache = common.cache(surroundings, printer);
    let ask = Asking { args, common, surroundings, shelf: &shelf, cache: cache.as_ref() };
    let baseline = args.baseline.as_deref().map(|name| ask.baseline(name, printer)).transpose()?;
    let keeper = Keeper::new(common, surroundings, policy.keep_days);
    let mut all: Vec<Scanned> = Vec::new();
    let mut unopened = Vec::new();
    for target in &args.targets {
        let reading = match ask.reading(target, printer) {
            Ok(reading) => reading,
            // The others are scanned all the same.
            Err(failure) => {
                failure.tell(printer);
                unopened.push(Unopened { target, failure });
                continue;
            }
        };
        keeper.keep(&reading, printer);
        let scan = shelf.scan(&reading, surroundings.now, args.max_age)?;
        all.push(judge_scan(reading, scan, decisions.as_ref(), baseline.as_ref(), &policy, surroundings.today()));
    }
    if all.is_empty() {
        return Ok(2);
    }
    let log = decisions.as_ref().map(|d| Log::new(d, all.iter().filter_map(|s| s.decided.as_ref())));
    for output in outputs {
        let bytes = match output.format {
            Format::Table => scan_table::write(&all, log.as_ref(), args.by, common.verbose).into_bytes(),
            Format::Json => scan_v1::write(&all, &unopened, log.as_ref(), &shelf.manifest),
            Format::Sarif => sarif_log::write_scan(&all)?,
            Format::Markdown => scan_markdown::write(&all).into_bytes(),
            Format::Csv => scan_csv::write(&all).into_bytes(),
            Format::Junit => junit::write_scan(&all).into_bytes(),
            Format::Gitlab => scan_gitlab::write(&all, surroundings.today()),
            Format::OpenVex => scan_openvex::write(&all, surroundings.today())?,
            // There is one, or there would be nothing to write.
            Format::CycloneDx => match all.first() {
                Some(one) => scan_cyclonedx::write(one, surroundings.source_date.as_deref())?,
                None => continue,
            },
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    let worst = all.iter().map(|s| s.evaluation.verdict).max().unwrap_or(Verdict::Pass);
    Ok(if unopened.is_empty() { worst.exit_code() } else { 2 })
}

/// A bill of materials is about one image, and lists no components that only somebody else's document names.
fn one_image(targets: &[String]) -> Result<(), Failure> {
    match targets {
        [target] if target.starts_with("sbom:") => Err(Failure::ClaimedBill(target.clone())),
        [_] => Ok(()),
        _ => Err(Failure::OneBill),
    }
}

/// What every target is asked with.
struct Asking<'a> {
    args: &'a Args,
    common: &'a Common,
    surroundings: &'a Surroundings,
    shelf: &'a Shelf,
    cache: Option<&'a Cache>,
}

impl Asking<'_> {
    /// An image, or what an SBOM claims.
    fn reading(&self, target: &str, printer: &mut Printer) -> Result<Reading, Failure> {
        match target.strip_prefix("sbom:") {
            Some(file) => claimed(file, target),
            None => self.common.read(target, self.surroundings, self.cache, printer),
        }
    }

    /// What was known before: by an earlier report, or by what the same index says of an earlier image.
    fn baseline(&self, name: &str, printer: &mut Printer) -> Result<Baseline, Failure> {
        if let Some(known) = report_baseline(Path::new(name))? {
            return Ok(known);
        }
        let reading = self.reading(name, printer)?;
        Ok(Baseline::of(&self.shelf.scan(&reading, self.surroundings.now, self.args.max_age)?))
    }
}
