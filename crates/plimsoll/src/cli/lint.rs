//! `plimsoll lint`.

use super::Outcome;
use super::check::{Format, explain};
use super::common::Common;
use super::output::{Output, chosen, deliver};
use crate::failure::Failure;
use crate::ops::{LintedFile, dockerfiles, lint_file};
use crate::printer::Printer;
use crate::report::report_v1::Unopened;
use crate::report::{lint_terminal, report_v1, sarif_log};
use crate::surroundings::Surroundings;
use model::Verdict;
use std::path::PathBuf;

/// Judge Dockerfiles by the practices of the guide, each finding at its place in the text.
///
/// Reads what BuildKit reads. What it would reject is a finding, and the rest is judged all the
/// same. In folders, files named `Dockerfile`, `Dockerfile.dev`, `web.Dockerfile` or
/// `Containerfile` are taken, but for those that `.gitignore` leaves out.
///
/// A comment before an instruction turns rules off for it, by any of their names:
///   # plimsoll ignore=PL225 the shell is wanted here
///   # hadolint ignore=DL3025
///   # check=skip=JSONArgsRecommended
///
/// `--explain list` names the rules that are built in; ShellCheck is not. Some are off unless
/// `plimsoll.toml` or `--all-rules` turns them on, and say why. COPY is held against the
/// `.dockerignore` beside the file.
///
/// Examples:
///   plimsoll lint
///   plimsoll lint Dockerfile images/ -o terminal -o sarif=lint.sarif
///   plimsoll lint - < Dockerfile
///   plimsoll lint --explain DL3025
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Dockerfiles, and folders of them; `-` is stdin.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// `terminal`, `json` or `sarif`, to stdout or to a file; may be repeated.
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]")]
    output: Vec<Output<Format>>,
    /// The same as `-o json`.
    #[arg(long)]
    json: bool,
    /// Run also the rules that are off by default; `plimsoll.toml` still turns rules off.
    #[arg(long)]
    all_rules: bool,
    /// Tell what a rule is about, by code, name or alias, and do nothing else; `list` names all rules.
    #[arg(long, value_name = "CODE", exclusive = true)]
    explain: Option<String>,
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    if let Some(code) = &args.explain {
        return explain(code, printer);
    }
    let outputs = chosen(&args.output, args.json.then_some(Format::Json), Format::Terminal)?;
    let mut policy = common.policy(surroundings)?;
    policy.all_rules = args.all_rules;
    let paths = dockerfiles(&args.paths)?;
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let (mut linted, mut unread) = (Vec::new(), Vec::new());
    for (path, name) in paths.iter().zip(&names) {
        match lint_file(path, &policy, surroundings.today()) {
            Ok(file) => linted.push(file),
            Err(failure) => {
                failure.tell(printer);
                unread.push(Unopened { target: name, failure });
            }
        }
    }
    if linted.is_empty() {
        return Ok(2);
    }
    for output in outputs {
        let bytes = render(output.format, &linted, &unread)?;
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    let worst = linted.iter().map(|file| file.linted.verdict).max().unwrap_or(Verdict::Pass);
    Ok(if unread.is_empty() { worst.exit_code() } else { 2 })
}

fn render(format: Format, linted: &[LintedFile], unread: &[Unopened<'_>]) -> Result<Vec<u8>, Failure> {
    match format {
        Format::Terminal => Ok(lint_terminal::lint(linted).into_bytes()),
        Format::Json => Ok(report_v1::write_lint(linted, unread)),
        Format::Sarif => sarif_log::write_lint(linted),
    }
}
