//! `plimsoll lint`.

use super::Outcome;
use super::check::explain;
use super::common::Common;
use super::output::{Output, chosen, deliver};
use crate::failure::Failure;
use crate::ops::{Fixes, LintedFile, adopt_hadolint, dockerfiles, lint_file};
use crate::printer::{Printer, Tone};
use crate::report::report_v1::Unopened;
use crate::report::{checkstyle, code_climate, diff, junit, lint_terminal, one_line, report_v1, sarif_log};
use crate::surroundings::Surroundings;
use model::{Verdict, escaped};
use practices::Policy;
use std::path::{Path, PathBuf};
use std::str::FromStr;

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
/// `--fix` makes what can be mended without a guess: the text is read and judged again after each
/// step, and a step that makes anything worse is taken back. Comments and all other bytes stay. RUNs
/// are joined only by `--unsafe-fixes`, and only if `consecutive-runs` is turned on.
///
/// A `.hadolint.yaml` in this folder is read; `plimsoll.toml` wins.
///
/// `--explain list` names the rules that are built in; ShellCheck is not. Some are off unless
/// `plimsoll.toml` or `--all-rules` turns them on, and say why. COPY is held against the
/// `.dockerignore` beside the file.
///
/// Examples:
///   plimsoll lint
///   plimsoll lint Dockerfile images/ -o terminal -o sarif=lint.sarif
///   plimsoll lint -o github -o junit=lint.xml
///   plimsoll lint - < Dockerfile
///   plimsoll lint --diff
///   plimsoll lint --fix Dockerfile
///   plimsoll lint --explain DL3025
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Dockerfiles, and folders of them; `-` is stdin.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// `terminal`, `json`, `sarif`, `checkstyle`, `codeclimate` (GitLab's, too), `github`, `junit` or `tty` (hadolint's),
    /// to stdout or to a file; may be repeated.
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]")]
    output: Vec<Output<Format>>,
    /// The same as `-o json`.
    #[arg(long)]
    json: bool,
    /// Run also the rules that are off by default; `plimsoll.toml` still turns rules off.
    #[arg(long)]
    all_rules: bool,
    /// Make the fixes that change nothing but what their rule is about, and say what is left.
    #[arg(long)]
    fix: bool,
    /// Show what `--fix` would change as a unified diff, and nothing else.
    #[arg(long, conflicts_with_all = ["fix", "output", "json"])]
    diff: bool,
    /// Make also fixes that may change what the image is or does. Read what they did.
    #[arg(long)]
    unsafe_fixes: bool,
    /// Tell what a rule is about, by code, name or alias, and do nothing else; `list` names all rules.
    #[arg(long, value_name = "CODE", exclusive = true)]
    explain: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Terminal,
    Json,
    Sarif,
    Checkstyle,
    CodeClimate,
    Github,
    Junit,
    Tty,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "terminal" => Self::Terminal,
            "json" => Self::Json,
            "sarif" => Self::Sarif,
            "checkstyle" => Self::Checkstyle,
            "codeclimate" | "gitlab" => Self::CodeClimate,
            "github" => Self::Github,
            "junit" => Self::Junit,
            "tty" => Self::Tty,
            other => {
                let all =
                    "`terminal`, `json`, `sarif`, `checkstyle`, `codeclimate`, `gitlab`, `github`, `junit` or `tty`";
                return Err(format!("`{other}` is not {all}"));
            }
        })
    }
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    if let Some(code) = &args.explain {
        return explain(code, printer);
    }
    let outputs = chosen(&args.output, args.json.then_some(Format::Json), Format::Terminal)?;
    let mut policy = common.policy(surroundings)?;
    policy.all_rules = args.all_rules;
    take_over(&mut policy, surroundings, printer)?;
    let wanted = wanted(args)?;
    let paths = dockerfiles(&args.paths)?;
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let (mut linted, mut unread) = (Vec::new(), Vec::new());
    for (path, name) in paths.iter().zip(&names) {
        match lint_file(path, &policy, surroundings.today(), wanted).and_then(|file| mended(args, file, path, printer))
        {
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
    if args.diff {
        show(&linted, printer)?;
    }
    for output in outputs.into_iter().filter(|_| !args.diff) {
        let bytes = render(output.format, &linted, &unread)?;
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    let worst = linted.iter().map(|file| file.linted.verdict).max().unwrap_or(Verdict::Pass);
    Ok(if unread.is_empty() { worst.exit_code() } else { 2 })
}

/// What a `.hadolint.yaml` here says holds where `plimsoll.toml` says nothing; what of it does not hold is told.
pub(super) fn take_over(
    policy: &mut Policy,
    surroundings: &Surroundings,
    printer: &mut Printer,
) -> Result<(), Failure> {
    if let Some((path, notes)) = adopt_hadolint(policy, &surroundings.here)? {
        let name = escaped(&path.file_name().unwrap_or_default().to_string_lossy()).into_owned();
        notes.iter().for_each(|note| printer.say(&format!("{name}: {note}")));
    }
    Ok(())
}

fn wanted(args: &Args) -> Result<Fixes, Failure> {
    match (args.fix || args.diff, args.unsafe_fixes) {
        (false, true) => Err(Failure::UnsafeAlone),
        _ if args.fix && args.paths.iter().any(|path| path.as_os_str() == "-") => Err(Failure::FixesStdin),
        (false, false) => Ok(Fixes::None),
        (true, false) => Ok(Fixes::Safe),
        (true, true) => Ok(Fixes::All),
    }
}

/// With `--fix`, the file as it is after its fixes.
fn mended(args: &Args, mut file: LintedFile, path: &Path, printer: &mut Printer) -> Result<LintedFile, Failure> {
    if args.fix {
        let made = file.write(path)?;
        if let Some(text) = lint_terminal::fixed(&made, file.unsafe_ones(), args.unsafe_fixes) {
            let name = Tone::Strong.set(&format!("{}:", escaped(&file.path)));
            printer.say(&format!("{name} {text}"));
        }
    }
    Ok(file)
}

fn show(linted: &[LintedFile], printer: &mut Printer) -> Result<(), Failure> {
    for file in linted {
        match file.texts() {
            Some((before, after)) => printer.data(diff::unified(&file.path, before, after).as_bytes())?,
            None => printer.say(&format!("{}: it holds a secret, so its diff is not shown", escaped(&file.path))),
        }
    }
    Ok(())
}

fn render(format: Format, linted: &[LintedFile], unread: &[Unopened<'_>]) -> Result<Vec<u8>, Failure> {
    match format {
        Format::Terminal => Ok(lint_terminal::lint(linted).into_bytes()),
        Format::Json => Ok(report_v1::write_lint(linted, unread)),
        Format::Sarif => sarif_log::write_lint(linted),
        Format::Checkstyle => Ok(checkstyle::write(linted).into_bytes()),
        Format::CodeClimate => Ok(code_climate::write(linted)),
        Format::Github => Ok(one_line::github(linted).into_bytes()),
        Format::Junit => Ok(junit::write_lint(linted).into_bytes()),
        Format::Tty => Ok(one_line::tty(linted).into_bytes()),
    }
}
