//! `plimsoll layers`.

use super::Outcome;
use super::common::Common;
use super::output::{Output, chosen, deliver};
use crate::failure::Failure;
use crate::ops::{Anatomy, Asked, Comparison, Question, compare, dive_rules, layers};
use crate::printer::{Printer, Tone};
use crate::report::{compare_text, compare_v1, layers_html, layers_text, layers_v1};
use crate::surroundings::Surroundings;
use model::{Verdict, escaped};
use practices::waste::Budget;
use std::path::PathBuf;
use std::str::FromStr;

/// Show what each layer brings, what is in the image in vain, and which line to change.
///
/// A file that a later layer deletes, moves, replaces or only gives another owner or mode is still
/// pulled with every copy of the image; so are the caches of package tools, and content that is
/// there twice. Each is counted once, in bytes of its content, under the instruction that brought
/// it, with what to write instead.
///
/// With the Dockerfile, or BuildKit's provenance where the image carries it, each instruction has
/// its line and the base's layers are set apart. `--fix` writes into the Dockerfile what surely
/// changes nothing else: a cache removed in the RUN that filled it, a mode or an owner given by the
/// COPY itself. RUNs are never joined.
///
/// Exit code 1 says that there is more waste than `--max-waste`, `max-waste` of `[layers]` in
/// `plimsoll.toml` or `--dive-ci` allows; 3 that a part of the image could not be read.
///
/// Examples:
///   plimsoll layers docker:app:1.4
///   plimsoll layers docker:app:1.4 --dockerfile Dockerfile --diff
///   plimsoll layers docker:app:1.4 docker:app:1.5
///   plimsoll layers docker:app:1.4 -o html=layers.html
///   plimsoll layers registry.example/app:1.4 --base debian:12-slim --max-waste 5%
#[derive(clap::Args)]
#[command(verbatim_doc_comment, after_help = super::TARGETS)]
pub(crate) struct Args {
    /// The image.
    #[arg(value_name = "TARGET")]
    target: String,
    /// Another image: what it has more or less of.
    #[arg(value_name = "OTHER", conflicts_with_all = ["dockerfile", "base", "dive_ci"])]
    other: Option<String>,
    /// The Dockerfile that the image was built from.
    #[arg(long, short = 'f', value_name = "FILE")]
    dockerfile: Option<PathBuf>,
    /// The stage that was built, by name or number; the last unless given.
    #[arg(long, value_name = "STAGE", requires = "dockerfile")]
    stage: Option<String>,
    /// The base: an image, or how many of the layers are its.
    #[arg(long, value_name = "TARGET|N")]
    base: Option<String>,
    /// Fail if more is wasted: bytes such as `20MB`, or a part of the files above the base such as `5%`.
    #[arg(long, value_name = "BYTES|PERCENT")]
    max_waste: Option<Budget>,
    /// Fail as dive would by these thresholds, such as `.dive-ci`; on dive's figures.
    #[arg(long, value_name = "FILE")]
    dive_ci: Option<PathBuf>,
    /// Write the safe edits into the Dockerfile.
    #[arg(long, requires = "dockerfile")]
    fix: bool,
    /// Show the safe edits as a unified diff and nothing else.
    #[arg(long, requires = "dockerfile", conflicts_with = "fix")]
    diff: bool,
    /// `terminal`, `json` or `html` (one page that needs nothing else), to stdout or to a file; may be repeated.
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]")]
    output: Vec<Output<Format>>,
    /// The same as `-o json`.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Terminal,
    Json,
    Html,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "terminal" => Ok(Self::Terminal),
            "json" => Ok(Self::Json),
            "html" => Ok(Self::Html),
            other => Err(format!("`{other}` is not `terminal`, `json` or `html`")),
        }
    }
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let outputs = chosen(&args.output, args.json.then_some(Format::Json), Format::Terminal)?;
    // Told before anything is read.
    if args.other.is_some() && outputs.iter().any(|output| matches!(output.format, Format::Html)) {
        return Err(Failure::NoPage);
    }
    let policy = common.policy(surroundings)?;
    let budget = args.max_waste.or(policy.max_waste);
    let dive_rules = args.dive_ci.as_deref().map(dive_rules).transpose()?;
    let cache = common.cache(surroundings, printer);
    let question = Question {
        target: &args.target,
        dockerfile: args.dockerfile.as_deref(),
        stage: args.stage.as_deref(),
        base: args.base.as_deref(),
        policy: &policy,
        today: surroundings.today(),
        budget,
        dive_rules,
    };
    let asked = Asked { watched: printer.is_watched(), ..Asked::default() };
    let anatomy = layers(&question, &common.access(surroundings), cache.as_ref(), asked)?;
    if let Some(other) = &args.other {
        let question = Question { target: other, ..question };
        let after = layers(&question, &common.access(surroundings), cache.as_ref(), asked)?;
        return compared(&compare(anatomy, after), &outputs, common, printer);
    }
    let misfit = anatomy.lines.misfit.as_ref().filter(|_| args.diff || args.fix);
    if let Some(why) = misfit {
        let note = Tone::Warn.set("note:");
        printer.warn(&format!("{note} the Dockerfile does not fit, so nothing in it is mended: {}", escaped(why)));
    }
    if args.diff {
        let diff = anatomy.source.as_ref().map(|s| layers_text::diff(&s.name, &s.before, &s.after)).unwrap_or_default();
        printer.data(diff.as_bytes())?;
    } else {
        for output in outputs {
            let bytes = match output.format {
                Format::Terminal => layers_text::write(&anatomy, common.verbose).into_bytes(),
                Format::Json => layers_v1::write(&anatomy),
                Format::Html => layers_html::write(&anatomy).into_bytes(),
            };
            deliver(&bytes, output.file.as_deref(), printer)?;
        }
    }
    if args.fix {
        fix(&anatomy, printer)?;
    }
    let verdict = anatomy.verdict();
    Ok(if misfit.is_some() { verdict.max(Verdict::Inconclusive) } else { verdict }.exit_code())
}

fn compared(comparison: &Comparison, outputs: &[Output<Format>], common: &Common, printer: &mut Printer) -> Outcome {
    for output in outputs {
        let bytes = match output.format {
            Format::Terminal => compare_text::write(comparison, common.verbose).into_bytes(),
            Format::Json => compare_v1::write(comparison),
            Format::Html => continue,
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    Ok(comparison.verdict().exit_code())
}

fn fix(anatomy: &Anatomy, printer: &mut Printer) -> Result<(), Failure> {
    let Some(source) = &anatomy.source else { return Ok(()) };
    if source.mended.is_empty() {
        printer.say(&format!("{} nothing in it can surely be mended", Tone::Strong.set(&source.name)));
        return Ok(());
    }
    source.write()?;
    let saved = source.mended.iter().filter_map(|number| anatomy.advice.get(*number)).map(|a| a.saves).sum();
    let text = layers_text::fixed(source.mended.len(), saved);
    printer.say(&format!("{} {text}", Tone::Good.set(&format!("{}:", model::escaped(&source.name)))));
    Ok(())
}
