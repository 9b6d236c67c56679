//! `plimsoll inspect`.

use super::Outcome;
use super::common::Common;
use super::output::{Shape, Shown, deliver};
use crate::failure::Failure;
use crate::ops::describe;
use crate::printer::Printer;
use crate::report::{inspect_v1, terminal};
use crate::surroundings::Surroundings;
use documents::docker_inspect::Document;
use documents::go_template::Template;

/// Show what an image is: digests, platform, sizes, layers with their instructions, labels.
///
/// Nothing is judged. Exit code 3 says that a part of the image could not be read.
///
/// `--docker` and `--format` show Docker's document instead (API 1.41), of an image in any place: scripts written for
/// `docker inspect` work without an engine, and without a layer being fetched. What only an engine knows, such as
/// `.Size`, is `<no value>` there. Templates are Go's, with Docker's functions; errors are in Docker's words.
///
/// Examples:
///   plimsoll inspect debian:12-slim
///   plimsoll inspect registry.example/app:1.4 --platform linux/arm64
///   plimsoll inspect oci:build/image --json
///   plimsoll inspect app:1.4 --format '{{index .Config.Labels "org.opencontainers.image.revision"}}'
///   plimsoll inspect docker:app:1.4 -f '{{range .Config.Env}}{{println .}}{{end}}'
#[derive(clap::Args)]
#[command(verbatim_doc_comment, after_help = super::TARGETS)]
pub(crate) struct Args {
    /// The image; several with `--docker` or `--format`.
    #[arg(value_name = "TARGET", required = true)]
    targets: Vec<String>,
    /// Docker's document, as `docker inspect` prints it.
    #[arg(long, conflicts_with = "output", conflicts_with = "json")]
    docker: bool,
    /// What this Go template makes of Docker's document; `json` is the document itself.
    #[arg(short, long, value_name = "TEMPLATE", conflicts_with = "output", conflicts_with = "json")]
    format: Option<String>,
    #[command(flatten)]
    shown: Shown,
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    match args.format.as_deref() {
        None | Some("" | "json") if args.docker || args.format.is_some() => {
            documents(args, None, common, surroundings, printer)
        }
        Some(template) => documents(args, Some(&Template::parse(template)?), common, surroundings, printer),
        None => facts(args, common, surroundings, printer),
    }
}

/// Our own account of one image.
fn facts(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let [target] = args.targets.as_slice() else { return Err(Failure::OneTarget) };
    let outputs = args.shown.outputs()?;
    let cache = common.cache(surroundings, printer);
    let reading = common.read(target, surroundings, cache.as_ref(), printer)?;
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => terminal::inspect(&reading, common.verbose).into_bytes(),
            Shape::Json => inspect_v1::write(&reading),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    let blocked = reading.facts.is_blocked() || reading.unknowns.iter().any(|u| u.kind.blocks());
    Ok(if blocked { 3 } else { 0 })
}

/// Docker's document, or what a template makes of it. As Docker does: what can be shown is shown, and then what could
/// not be is told.
fn documents(
    args: &Args,
    template: Option<&Template>,
    common: &Common,
    surroundings: &Surroundings,
    printer: &mut Printer,
) -> Outcome {
    let access = common.access(surroundings);
    let (mut found, mut failures, mut text) = (Vec::new(), Vec::new(), String::new());
    for target in &args.targets {
        let shown = describe(target, &access).and_then(|document| {
            if let Some(template) = template {
                let written = document.format(template)?;
                text.push_str(&written.text);
                text.push('\n');
                tell_elsewhere(written.elsewhere.into_iter().collect(), printer);
            }
            found.push(document);
            Ok(())
        });
        failures.extend(shown.err());
    }
    if template.is_none() {
        text = Document::list(&found);
        tell_elsewhere(
            found.iter().find_map(|d| Some(d.left_out().to_vec()).filter(|l| !l.is_empty())).unwrap_or_default(),
            printer,
        );
    } else if text.is_empty() {
        // Docker writes an empty line where it has nothing to say.
        text.push('\n');
    }
    printer.data(text.as_bytes())?;
    failures.iter().for_each(|failure| failure.tell(printer));
    Ok(if failures.is_empty() { 0 } else { 2 })
}

fn tell_elsewhere(fields: Vec<&str>, printer: &mut Printer) {
    if !fields.is_empty() {
        printer.say(&format!(
            "{}: only an engine that holds the image knows; `docker:IMAGE` asks it",
            fields.iter().map(|field| format!("`.{field}`")).collect::<Vec<_>>().join(", ")
        ));
    }
}
