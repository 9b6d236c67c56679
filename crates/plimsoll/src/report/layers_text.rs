//! An image's layers for people: what each brings, then what is in vain by the instruction that brought it.

use super::diff;
use crate::failure::{Bytes, count};
use crate::ops::Anatomy;
use crate::printer::Tone;
use facts::image::WasteGroup;
use model::escaped;
use practices::waste::{Advice, Known, culprit};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Characters of an instruction that are shown.
const INSTRUCTION: usize = 72;
/// Instructions that are shown with their waste unless more is asked for.
const SHOWN: usize = 12;
/// Less than this is summed up unless more is asked for.
const LITTLE: u64 = 10_000;

/// Everything about one image.
pub(crate) fn write(anatomy: &Anatomy, verbose: bool) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = whole(&mut out, anatomy, verbose);
    out
}

/// The edits as a diff.
pub(crate) fn diff(name: &str, before: &str, after: &str) -> String {
    diff::unified(name, before, after)
}

/// What was written into the Dockerfile.
pub(crate) fn fixed(edits: usize, saved: u64) -> String {
    format!("{} written; the next build saves {}", count(edits, "edit"), Bytes(saved))
}

fn whole(out: &mut String, anatomy: &Anatomy, verbose: bool) -> std::fmt::Result {
    headline(out, anatomy)?;
    table(out, anatomy, verbose)?;
    secrets(out, anatomy)?;
    waste(out, anatomy, verbose)?;
    rest(out, anatomy, verbose)
}

fn headline(out: &mut String, anatomy: &Anatomy) -> std::fmt::Result {
    let (image, facts) = (&anatomy.reading.image, &anatomy.reading.facts);
    writeln!(out, "{}", Tone::Strong.set(&escaped(&image.target)))?;
    if let Some(subject) = image.subject {
        writeln!(out, "  {subject}")?;
    }
    let base = match &anatomy.base.known_by {
        Some(who) => format!("{} of them the base's (by {})", anatomy.base.layers, escaped(who)),
        None => format!("base not known ({})", apart(anatomy)),
    };
    let seen = anatomy.reading.of_all(format!("{} of files seen", Bytes(facts.visible_bytes)));
    let seen = seen.unwrap_or_else(|| format!("{} of them could not be read", anatomy.reading.unread.len()));
    writeln!(out, "  {}, {base}, {seen}", count(facts.layers.len(), "layer"))?;
    if let Some(why) = &anatomy.note {
        writeln!(out, "  {} the image's provenance is not used: {why}", Tone::Warn.set("note:"))?;
    }
    if let Some(why) = &anatomy.lines.misfit {
        writeln!(out, "  {} the Dockerfile does not fit: {}", Tone::Warn.set("note:"), escaped(why))?;
    }
    Ok(())
}

/// How the base's layers can be set apart: by what the image says of itself, which is a claim until it is held against
/// that image's layers.
fn apart(anatomy: &Anatomy) -> String {
    const NAME: &str = "org.opencontainers.image.base.name";
    const DIGEST: &str = "org.opencontainers.image.base.digest";
    let image = &anatomy.reading.image;
    let stated = |key: &str| {
        let label = image.config.as_ref().and_then(|config| config.config.labels.get(key));
        label.or_else(|| image.manifest.as_ref()?.annotations.get(key)).filter(|text| !text.is_empty())
    };
    match (stated(NAME), stated(DIGEST)) {
        (Some(name), Some(digest)) if !name.contains('@') => {
            format!("the image names its own: `--base {}` sets it apart", escaped(&format!("{name}@{digest}")))
        }
        (Some(name), _) => format!("the image names its own: `--base {}` sets it apart", escaped(name)),
        _ => "`--base` or `--dockerfile` sets it apart".to_owned(),
    }
}

fn table(out: &mut String, anatomy: &Anatomy, verbose: bool) -> std::fmt::Result {
    let heading = " layer    stored     plain    added  changed  removed      dead     spare  instruction";
    writeln!(out, "\n{}", Tone::Strong.set(heading))?;
    let (dead, spare) = sums(anatomy);
    for (number, summary) in anatomy.reading.facts.layers.iter().enumerate() {
        let stored = anatomy.reading.image.layers.get(number).and_then(|l| l.blob.as_ref());
        let stored = stored.map_or_else(|| "-".to_owned(), |blob| Bytes(blob.size).to_string());
        let base = if number < anatomy.base.layers { "base: " } else { "" };
        let text =
            format!("{base}{}", instruction(anatomy, number as u32, if verbose { usize::MAX } else { INSTRUCTION }));
        let changes = summary.changes;
        if !anatomy.reading.is_read(number) {
            let [none, number] = ["?".to_owned(), (number + 1).to_string()];
            let figures = format!("{none:>9} {none:>8} {none:>8} {none:>8} {none:>9} {none:>9}");
            writeln!(out, "{number:>6} {stored:>9} {figures}  {text}")?;
            continue;
        }
        writeln!(
            out,
            "{:>6} {stored:>9} {:>9} {:>8} {:>8} {:>8} {:>9} {:>9}  {text}",
            number + 1,
            Bytes(summary.plain_size),
            some(changes.added),
            some(changes.changed),
            some(changes.removed),
            bytes(dead[number]),
            bytes(spare[number]),
        )?;
    }
    Ok(())
}

/// Dead and spare bytes by layer.
pub(super) fn sums(anatomy: &Anatomy) -> (Vec<u64>, Vec<u64>) {
    let count = anatomy.reading.facts.layers.len();
    let (mut dead, mut spare) = (vec![0; count], vec![0; count]);
    for group in &anatomy.reading.facts.waste {
        let sums = if group.hidden_by.is_some() { &mut dead } else { &mut spare };
        if let Some(sum) = sums.get_mut(group.layer as usize) {
            *sum += group.bytes;
        }
    }
    (dead, spare)
}

fn some(number: u64) -> String {
    if number == 0 { "-".to_owned() } else { number.to_string() }
}

fn bytes(number: u64) -> String {
    if number == 0 { "-".to_owned() } else { Bytes(number).to_string() }
}

/// `Dockerfile:4 RUN make`, as far as it is known.
fn instruction(anatomy: &Anatomy, layer: u32, most: usize) -> String {
    let Some(blame) = anatomy.lines.layers.get(layer as usize) else { return String::new() };
    let text = blame.text.as_deref().unwrap_or("(not stated)");
    let text: String = match text.chars().count() > most {
        true => text.chars().take(most - 1).chain(['…']).collect(),
        false => text.to_owned(),
    };
    match &blame.place {
        Some(place) => format!("{}:{} {text}", escaped(&place.path), place.line),
        None => text,
    }
}

/// A layer in a few words: its line if there is one.
fn short(anatomy: &Anatomy, layer: u32) -> String {
    match anatomy.lines.layers.get(layer as usize).and_then(|blame| blame.place.as_ref()) {
        Some(place) => format!("line {}", place.line),
        None => format!("layer {}", layer + 1),
    }
}

/// No matter of bytes, so before everything else.
fn secrets(out: &mut String, anatomy: &Anatomy) -> std::fmt::Result {
    for found in &anatomy.secrets {
        writeln!(out, "\n{} {}", Tone::Bad.set("secret:"), found.message)?;
        writeln!(out, "        {}", Tone::Faint.set(&found.proof))?;
        writeln!(out, "        {} {}", Tone::Faint.set("->"), found.remedy)?;
    }
    Ok(())
}

fn waste(out: &mut String, anatomy: &Anatomy, verbose: bool) -> std::fmt::Result {
    let totals = &anatomy.totals;
    let above = if anatomy.base.known_by.is_some() { " above the base" } else { "" };
    let of = anatomy.reading.of_all(format!("of {} of files{above} ({:.1} %)", Bytes(totals.files), totals.percent()));
    let of = of.unwrap_or_else(|| format!("in what was read of the layers{above}"));
    writeln!(out, "\n{} {} {of}", Tone::Strong.set("wasted:"), Bytes(totals.wasted))?;
    let mut by_layer: BTreeMap<u32, Vec<(usize, &Advice, &WasteGroup)>> = BTreeMap::new();
    for (number, advice) in anatomy.advice.iter().enumerate() {
        if let Some(group) = anatomy.reading.facts.waste.get(advice.group) {
            by_layer.entry(culprit(group, anatomy.base.layers)).or_default().push((number, advice, group));
        }
    }
    let sum = |rows: &Vec<(usize, &Advice, &WasteGroup)>| rows.iter().map(|(_, advice, _)| advice.saves).sum::<u64>();
    let mut layers: Vec<_> = by_layer.into_iter().collect();
    layers.sort_by_key(|(layer, rows)| (std::cmp::Reverse(sum(rows)), *layer));
    let (mut left, mut left_bytes) = (0, 0);
    for (at, (layer, rows)) in layers.iter().enumerate() {
        let little = sum(rows) < LITTLE && !rows.iter().any(|(_, _, group)| matters_anyway(group));
        if !verbose && (at >= SHOWN || little) {
            left += rows.len();
            left_bytes += sum(rows);
            continue;
        }
        writeln!(out, "\n  {}", Tone::Strong.set(&instruction(anatomy, *layer, INSTRUCTION * 2)))?;
        for (number, advice, group) in rows {
            if verbose || advice.saves >= LITTLE || matters_anyway(group) {
                row(out, anatomy, *number, advice, group, verbose)?;
            } else {
                left += 1;
                left_bytes += advice.saves;
            }
        }
    }
    if left > 0 {
        let more = format!("{} for {} more (-v shows them)", Bytes(left_bytes), count(left, "reason"));
        writeln!(out, "\n  {}", Tone::Faint.set(&more))?;
    }
    Ok(())
}

/// A secret is no matter of size.
fn matters_anyway(group: &WasteGroup) -> bool {
    group.cause == facts::image::Cause::Secret
}

fn row(
    out: &mut String,
    anatomy: &Anatomy,
    number: usize,
    advice: &Advice,
    group: &WasteGroup,
    verbose: bool,
) -> std::fmt::Result {
    let tool = group.tool.as_deref().map_or(String::new(), |tool| format!(" of {}", escaped(tool)));
    let hidden = group.hidden_by.map_or(String::new(), |by| format!(", hidden by {}", short(anatomy, by)));
    let shown = if verbose { group.largest.len() } else { 1 };
    let mut paths: Vec<String> = group.largest.iter().take(shown).map(|(path, _)| path.to_string()).collect();
    let more = group.files as usize - paths.len().min(group.files as usize);
    if more > 0 {
        paths.push(format!("{more} more"));
    }
    writeln!(out, "  {:>9}  {}{tool}{hidden}: {}", Bytes(advice.saves), group.cause.word(), paths.join(", "))?;
    let is_mended = anatomy.source.as_ref().is_some_and(|source| source.mended.contains(&number));
    let sure = if is_mended { Tone::Good.set(" (--fix writes it)") } else { String::new() };
    writeln!(out, "             {} {}{sure}", Tone::Faint.set("->"), advice.remedy)
}

fn rest(out: &mut String, anatomy: &Anatomy, verbose: bool) -> std::fmt::Result {
    let (totals, dive) = (&anatomy.totals, &anatomy.dive);
    writeln!(out)?;
    if totals.structural > 0 {
        writeln!(out, "  {:>9}  of it not counted: package databases written anew", Bytes(totals.structural))?;
    }
    if totals.base > 0 {
        writeln!(out, "  {:>9}  in vain in the base's layers", Bytes(totals.base))?;
    }
    if anatomy.reading.unread.is_empty() {
        writeln!(out, "  {}", Tone::Faint.set(&as_dive(dive)))?;
    }
    if anatomy.lines.known == Known::History {
        let hint = "give the Dockerfile (`--dockerfile FILE`) to see its lines and what can surely be mended";
        writeln!(out, "  {}", Tone::Faint.set(hint))?;
    }
    let reading = &anatomy.reading;
    for unknown in reading.facts.unknowns.iter().chain(&reading.unknowns).filter(|u| verbose || u.kind.blocks()) {
        writeln!(out, "{} {unknown}", Tone::Warn.set("unknown:"))?;
    }
    verdict(out, anatomy)
}

/// The figures of a tool that many budgets were written for.
fn as_dive(dive: &facts::dive::Dive) -> String {
    let percent = dive.user_wasted_percent();
    let percent = if percent.is_finite() { format!("{:.2} %", percent * 100.0) } else { "-".to_owned() };
    let (efficiency, wasted) = (dive.efficiency, Bytes(dive.wasted_bytes));
    format!("dive would say: efficiency {efficiency:.4}, {wasted} wasted, {percent} of the user's")
}

/// Against what was asked for; without a budget there is nothing to fail.
fn verdict(out: &mut String, anatomy: &Anatomy) -> std::fmt::Result {
    for outcome in &anatomy.outcomes {
        let word = if outcome.passed { Tone::Good.set("pass:") } else { Tone::Bad.set("fail:") };
        writeln!(out, "\n{word} {} {}", outcome.rule, outcome.figures)?;
    }
    match anatomy.budget {
        Some(budget) if anatomy.exceeds() => writeln!(out, "\n{} more is wasted than {budget}", Tone::Bad.set("fail:")),
        Some(budget) if !anatomy.is_blocked() => {
            writeln!(out, "\n{} no more is wasted than {budget}", Tone::Good.set("pass:"))
        }
        _ => Ok(()),
    }
}
