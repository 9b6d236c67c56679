//! What runs, for people: one block a container, the verdict first.

use crate::failure::count;
use crate::ops::{Anew, Census, Running, Verdict};
use crate::printer::Tone;
use model::escaped;
use std::fmt::Write;

/// All containers, and how many of each verdict there are.
pub(crate) fn write(census: &Census, verbose: bool) -> String {
    let mut out = String::new();
    for one in &census.containers {
        // Writing to a String cannot fail.
        let _ = block(&mut out, one, verbose);
    }
    let _ = writeln!(out, "{}", summary(census));
    out
}

fn block(out: &mut String, one: &Running, verbose: bool) -> std::fmt::Result {
    let container = &one.container;
    let service = container.service.as_ref().map(|(project, service)| format!(", {project}/{service} of Compose"));
    let state = if container.state == "running" { String::new() } else { format!(", {}", container.state) };
    let about = format!("{}{state}", service.unwrap_or_default());
    let name = Tone::Strong.set(&escaped(&container.name));
    writeln!(out, "{name}{}", Tone::Faint.set(&escaped(&about)))?;
    let verdict = tone(one.verdict).set(&format!("{:<13}", one.verdict.word()));
    writeln!(out, "  {verdict} {}", escaped(&container.asked))?;
    if verbose || one.verdict != Verdict::Exact {
        for sentence in &one.proof {
            writeln!(out, "  {:<13} {}", "", Tone::Faint.set(&escaped(sentence)))?;
        }
    }
    writeln!(out, "  {:<13} {}", "image", container.image)?;
    match &one.anew {
        Anew::Same => {}
        Anew::Other(image) => writeln!(out, "  {:<13} would be {image}, another image", "made anew")?,
        Anew::Pulled => writeln!(out, "  {:<13} would be pulled: the engine has nothing of that name", "made anew")?,
    }
    if let Some(pin) = &one.pin {
        writeln!(out, "  {:<13} {}", "pin", escaped(pin))?;
    }
    out.push('\n');
    Ok(())
}

fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Exact | Verdict::SameContent => Tone::Good,
        Verdict::Local | Verdict::Unknown => Tone::Warn,
        Verdict::Drifted | Verdict::Orphaned => Tone::Bad,
    }
}

fn summary(census: &Census) -> String {
    const ALL: [Verdict; 6] =
        [Verdict::Exact, Verdict::SameContent, Verdict::Drifted, Verdict::Orphaned, Verdict::Local, Verdict::Unknown];
    let number = |verdict: Verdict| census.containers.iter().filter(|one| one.verdict == verdict).count();
    let counted = ALL.map(|verdict| (number(verdict), verdict));
    let parts: Vec<String> =
        counted.iter().filter(|(n, _)| *n > 0).map(|(n, verdict)| format!("{n} {}", verdict.word())).collect();
    match parts.is_empty() {
        true => "no container".to_owned(),
        false => format!("{}: {}", count(census.containers.len(), "container"), parts.join(", ")),
    }
}
