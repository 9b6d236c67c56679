//! `plimsoll pin`.

use super::Outcome;
use super::common::Common;
use super::output::{Shape, Shown, deliver};
use crate::failure::{Failure, file};
use crate::ops::pin::{self, Allow, Digests, Job, Mode, Registries, is_commit, lines};
use crate::printer::{Printer, Tone};
use crate::report::{pin_text, pin_v1};
use crate::surroundings::Surroundings;
use model::Platform;
use sources::Action;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const AFTER: &str = "\
EXAMPLES
  plimsoll pin                          every reference below this folder
  plimsoll pin compose.yaml --diff      show what would change, and write nothing
  plimsoll pin --check                  for a pipeline: is everything pinned, there, and whole?
  plimsoll pin --check --offline        the same without asking a registry
  plimsoll pin --update                 what has a digest, to what its tag names now
  plimsoll pin --update --allow minor   to the newest version: 1.4.2-slim to 1.9.0-slim

WHAT IS READ: Dockerfiles, Compose, Kubernetes, Kustomize, Helm's values, GitHub
Actions, GitLab CI, Bake, devcontainer.json, Terraform, and what
`[[pin.patterns]]` of plimsoll.toml describes. Actions (`uses: owner/repo@v4`) are
pinned by the commit that the git server names. What git ignores is left out, and
so is what `.plimsollignore` names. Only the digest is put in: every other byte
stays, and a file that would say anything else afterwards is not written.

WHAT IS LEFT: names of what is built here (`[pin] own` names more), stages,
`scratch`, templates, variables without a value. Each is listed with its reason.

EXIT CODES: 0 done, 1 `--check` found something, 2 a file could not be read or a
registry not be asked (all else is done), or `--check` found no file to look at,
3 `--check` cannot tell: a name depends on a variable or template, or a tag names
something else than the digest beside it, and the ledger never saw it name that.";

/// Pin the images that files name to their digests: `name:tag@sha256:…`, the tag kept for people.
#[derive(clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Files, and folders to look through.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Change nothing; fail where something is not pinned, or pinned to what is not there.
    #[arg(long, conflicts_with_all = ["update", "diff"])]
    check: bool,
    /// Bring what is pinned to what its tag names now, if that changed for the platform in use.
    #[arg(long)]
    update: bool,
    /// With `--update`: go to a newer version of the same variant, at most this far.
    #[arg(long, value_name = "STEP", requires = "update")]
    allow: Option<Step>,
    /// Show a unified diff and write nothing.
    #[arg(long)]
    diff: bool,
    /// Lines of `name:tag@digest` that are believed instead of asking a registry.
    #[arg(long, value_name = "FILE")]
    digests: Option<PathBuf>,
    /// Lines of `owner/repository@ref COMMIT`, believed instead of asking the git server.
    #[arg(long, value_name = "FILE")]
    actions: Option<PathBuf>,
    /// The git server that actions are fetched from.
    #[arg(long, value_name = "URL", env = "GITHUB_SERVER_URL", default_value = "https://github.com")]
    git_server: String,
    #[command(flatten)]
    shown: Shown,
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let outputs = args.shown.outputs()?;
    let policy = common.policy(surroundings)?;
    let list = args.digests.as_deref().map(Digests::read).transpose()?.unwrap_or_default();
    let ledger = if common.offline { None } else { common.ledger(surroundings, printer) };
    let registries = Registries::new(&common.access(surroundings), &args.git_server, list, ledger.as_ref())?;
    let mode = match (args.check, args.update) {
        (true, _) => Mode::Check,
        (_, true) => Mode::Update(args.allow.map(Allow::from)),
        _ => Mode::Pin,
    };
    let dry = args.diff || args.check;
    let job = Job {
        mode,
        dry,
        platform: common.platform(),
        in_use: common.platform().unwrap_or_else(Platform::of_this_machine),
        offline: common.offline,
        oracle: &registries,
        commits: args.actions.as_deref().map(commits).transpose()?.unwrap_or_default(),
    };
    let texts = pin::gather(&args.paths, &surroundings.here, &policy.pin);
    // To have looked at nothing is no pass.
    if args.check && texts.texts.is_empty() && texts.unread.is_empty() {
        let paths: Vec<String> = args.paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Failure::NothingNamed(paths.join(" ")));
    }
    let report = pin::pin(texts, &job);
    if let Some(why) = registries.ledger_trouble() {
        printer.say(&format!("{} the ledger could not be used: {why}", Tone::Warn.set("note:")));
    }
    if args.diff {
        printer.data(pin_text::patch(&report).as_bytes())?;
    }
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => pin_text::write(&report, mode, dry, common.verbose).into_bytes(),
            Shape::Json => pin_v1::write(&report, mode, dry),
        };
        // The diff has stdout for itself.
        match (&output.file, args.diff, output.format) {
            (None, true, Shape::Terminal) => printer.say(String::from_utf8_lossy(&bytes).trim_end()),
            (file, ..) => deliver(&bytes, file.as_deref(), printer)?,
        }
    }
    Ok(report.exit_code())
}

/// How far `--allow` lets an update go.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Step {
    /// `1.4.2` to `1.4.9`.
    Patch,
    /// `1.4.2` to `1.9.0`.
    Minor,
    /// `1.4.2` to `2.0.0`.
    Major,
}

impl From<Step> for Allow {
    fn from(step: Step) -> Self {
        match step {
            Step::Patch => Self::Patch,
            Step::Minor => Self::Minor,
            Step::Major => Self::Major,
        }
    }
}

/// Reads a list of actions and their commits.
fn commits(path: &Path) -> Result<BTreeMap<Action, String>, Failure> {
    let text = std::fs::read_to_string(path).map_err(file("read", path))?;
    let mut all = BTreeMap::new();
    for (line, text) in lines(&text) {
        let mut words = text.split_whitespace();
        let action = words.next().and_then(|word| word.split_once('@'));
        let commit = words.next().filter(|commit| is_commit(commit));
        let (Some((repository, version)), Some(commit)) = (action, commit) else {
            let why = "expected `owner/repository@ref` and a commit of 40 hex characters".to_owned();
            return Err(Failure::List { path: path.to_owned(), line, why });
        };
        all.insert(Action { repository: repository.to_owned(), version: version.to_owned() }, commit.to_owned());
    }
    Ok(all)
}
