//! `plimsoll tags`.

use super::Outcome;
use super::common::Common;
use super::output::{Shape, Shown, deliver};
use super::tags_watch;
use crate::failure::Failure;
use crate::ops::tags;
use crate::printer::Printer;
use crate::report::{tags_text, tags_v1};
use crate::surroundings::Surroundings;
use clap::Subcommand;
use ledger::Ledger;
use model::Reference;

const EXAMPLES: &str = "\
EXAMPLES
  plimsoll tags r.example/app                    what is there, and what the ledger knows of it
  plimsoll tags watch r.example/app --once       look at every tag now and record what changed (cron)
  plimsoll tags watch r.example/app --interval 5m --listen 127.0.0.1:8085
                                                 until SIGTERM; a registry's notifications make it look at once
  plimsoll tags history r.example/app:1.4.2      what a tag named, and when
  plimsoll tags audit                            version tags used again, roll-backs, lost tags

What was seen goes into the ledger: append-only, hash-chained, see `plimsoll ledger`.

EXIT CODES: 0 done; of `audit`: no finding at or above `fail-on`. 1 of `audit`: at
least one. 2 something could not be asked; of `watch --once` also where one tag of
several could not.";

/// See what tags name, what they named before, and which of them moved that must not.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// The repository, such as `r.example/app`.
    #[arg(value_name = "REPO", required = true)]
    repository: Option<Reference>,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Subcommand)]
enum What {
    /// Look at tags and record what they name: a HEAD each, and a GET where something changed.
    Watch(tags_watch::Args),
    /// What a tag was seen to name, from each vantage.
    History {
        /// The tag, such as `r.example/app:1.4.2`.
        #[arg(value_name = "REPO:TAG")]
        reference: Reference,
        #[command(flatten)]
        shown: Shown,
    },
    /// Judge what tags named over time: rules PL105 to PL108.
    Audit {
        /// These repositories, or tags of them; all that the ledger knows unless given.
        #[arg(value_name = "REPO[:TAG]")]
        repositories: Vec<Reference>,
        #[command(flatten)]
        shown: Shown,
    },
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    match (&args.what, &args.repository) {
        (Some(What::Watch(watch)), _) => tags_watch::run(watch, common, surroundings, printer),
        (Some(What::History { reference, shown }), _) => history(reference, shown, common, surroundings, printer),
        (Some(What::Audit { repositories, shown }), _) => audit(repositories, shown, common, surroundings, printer),
        (None, Some(repository)) => list(repository, &args.shown, common, surroundings, printer),
        (None, None) => Ok(2),
    }
}

fn list(
    repository: &Reference,
    shown: &Shown,
    common: &Common,
    surroundings: &Surroundings,
    printer: &mut Printer,
) -> Outcome {
    let outputs = shown.outputs()?;
    let registry = if common.is_offline() { None } else { Some(common.registry(surroundings)?) };
    let ledger = if common.is_offline() {
        Some(existing(common, surroundings)?)
    } else {
        common.ledger_if_there(surroundings, printer)
    };
    let table = tags::table(repository, registry.as_ref(), ledger.as_ref())?;
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => tags_text::table(&table).into_bytes(),
            Shape::Json => tags_v1::table(&table),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    if table.odd > 0 {
        printer.say(&format!("{} names in the registry's list are none that a tag can have", table.odd));
    }
    Ok(0)
}

fn history(
    reference: &Reference,
    shown: &Shown,
    common: &Common,
    surroundings: &Surroundings,
    printer: &mut Printer,
) -> Outcome {
    let outputs = shown.outputs()?;
    let ledger = existing(common, surroundings)?;
    let Some(tag) = reference.tag() else { return Err(no_tag(&ledger, reference)?) };
    let entries = ledger.history(&reference.name(), tag)?;
    if entries.is_empty() {
        return Err(Failure::NoHistory(format!("{}:{tag}", reference.name())));
    }
    let name = reference.name();
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => tags_text::history(&name, tag, &entries).into_bytes(),
            Shape::Json => tags_v1::history(&name, tag, &entries),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    Ok(0)
}

/// Nobody asked for `latest`: which tags there are is said instead.
fn no_tag(ledger: &Ledger, reference: &Reference) -> Result<Failure, Failure> {
    let repository = reference.name();
    let mut tags: Vec<String> = ledger.tags(&repository)?.into_iter().filter_map(|e| e.observation.tag).collect();
    tags.dedup();
    Ok(match tags.is_empty() {
        true => Failure::NoHistory(repository),
        false => Failure::NoTag { reference: reference.as_typed().to_owned(), repository, tags },
    })
}

fn audit(
    repositories: &[Reference],
    shown: &Shown,
    common: &Common,
    surroundings: &Surroundings,
    printer: &mut Printer,
) -> Outcome {
    let outputs = shown.outputs()?;
    let policy = common.policy(surroundings)?;
    let ledger = existing(common, surroundings)?;
    let cache = common.cache(surroundings, printer);
    let audit = tags::audit(&ledger, cache.as_ref(), repositories, &policy, surroundings.today())?;
    // To know nothing is not to find nothing.
    if audit.audited == 0 {
        let names: Vec<String> = repositories.iter().map(Reference::name).collect();
        return Err(Failure::NoHistory(if names.is_empty() { "any tag".to_owned() } else { names.join(", ") }));
    }
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => tags_text::audit(&audit).into_bytes(),
            Shape::Json => tags_v1::audit(&audit),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    Ok(audit.verdict.exit_code())
}

/// The ledger, which has to be there: to look at the past makes none.
fn existing(common: &Common, surroundings: &Surroundings) -> Result<Ledger, Failure> {
    let place = common.ledger_place(surroundings)?;
    Ledger::open_if_there(&place)?.ok_or_else(|| Failure::NoLedger(place.to_string()))
}
