//! Two images' layers side by side, for people.

use crate::failure::Bytes;
use crate::ops::{Anatomy, Comparison, Difference, How, Sums};
use crate::printer::Tone;
use model::escaped;
use std::fmt::Write;

/// Differing files that are shown unless more is asked for.
const SHOWN: usize = 10;

/// What differs.
pub(crate) fn write(comparison: &Comparison, verbose: bool) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = whole(&mut out, comparison, verbose);
    out
}

fn whole(out: &mut String, comparison: &Comparison, verbose: bool) -> std::fmt::Result {
    let (before, after) = (&comparison.before, &comparison.after);
    let names = [before, after].map(|anatomy| escaped(&anatomy.reading.image.target).into_owned());
    writeln!(out, "{}", Tone::Strong.set(&format!("{} -> {}", names[0], names[1])))?;
    let count = |anatomy: &Anatomy| anatomy.reading.facts.layers.len();
    let shared = format!("{} shared", comparison.shared);
    writeln!(out, "  {:<18} {:>10} {:>10}  {shared}", "layers", count(before), count(after))?;
    let stored = |anatomy: &Anatomy| anatomy.reading.image.layers.iter().map(|l| Some(l.blob.as_ref()?.size)).sum();
    if let (Some(old), Some(new)) = (stored(before), stored(after)) {
        figures(out, "stored", old, new)?;
    }
    let files = |anatomy: &Anatomy| anatomy.reading.facts.layers.iter().map(|layer| layer.file_bytes).sum();
    // Of an image with an unread layer there is no such sum.
    if before.reading.unread.is_empty() && after.reading.unread.is_empty() {
        figures(out, "files in layers", files(before), files(after))?;
        figures(out, "files seen", before.reading.facts.visible_bytes, after.reading.facts.visible_bytes)?;
    }
    figures(out, "wasted", before.totals.wasted, after.totals.wasted)?;
    for (cause, (old, new)) in &comparison.waste {
        if old != new || verbose {
            figures(out, &format!("  {}", cause.word()), *old, *new)?;
        }
    }
    differing(out, &comparison.sums, &comparison.files, verbose)?;
    let unknowns =
        [before, after].map(|anatomy| anatomy.reading.facts.unknowns.iter().chain(&anatomy.reading.unknowns));
    for unknown in unknowns.into_iter().flatten().filter(|unknown| unknown.kind.blocks()) {
        writeln!(out, "{} {unknown}", Tone::Warn.set("unknown:"))?;
    }
    match after.budget {
        Some(budget) if after.exceeds() => {
            writeln!(out, "\n{} more is wasted in the second than {budget}", Tone::Bad.set("fail:"))
        }
        _ => Ok(()),
    }
}

fn figures(out: &mut String, what: &str, old: u64, new: u64) -> std::fmt::Result {
    let change = match new.cmp(&old) {
        std::cmp::Ordering::Less => format!("-{}", Bytes(old - new)),
        std::cmp::Ordering::Equal => "same".to_owned(),
        std::cmp::Ordering::Greater => format!("+{}", Bytes(new - old)),
    };
    writeln!(out, "  {what:<18} {:>10} {:>10}  {change}", Bytes(old), Bytes(new))
}

/// How many files differ, and the largest.
pub(super) fn differing(out: &mut String, sums: &Sums, files: &[Difference], verbose: bool) -> std::fmt::Result {
    let said = [
        ("added", sums.added),
        ("removed", sums.removed),
        ("changed", sums.changed),
        ("other mode or owner", sums.metadata),
    ];
    let said: Vec<String> = said
        .iter()
        .filter(|(_, (files, _))| *files > 0)
        .map(|(what, (files, bytes))| format!("{files} {what} ({})", Bytes(*bytes)))
        .collect();
    let text = if said.is_empty() { "the same files are seen".to_owned() } else { said.join(", ") };
    writeln!(out, "\n{} {text}", Tone::Strong.set("files:"))?;
    let shown = if verbose { files.len() } else { SHOWN };
    files.iter().take(shown).try_for_each(|difference| row(out, difference))?;
    let all = sums.added.0 + sums.removed.0 + sums.changed.0 + sums.metadata.0;
    let left = all.saturating_sub(shown.min(files.len()) as u64);
    if left > 0 {
        let hint = if verbose { "" } else { " (-v shows more)" };
        writeln!(out, "  {}", Tone::Faint.set(&format!("{left} more{hint}")))?;
    }
    Ok(())
}

fn row(out: &mut String, difference: &Difference) -> std::fmt::Result {
    let size = |bytes: Option<u64>| bytes.map_or_else(String::new, |bytes| Bytes(bytes).to_string());
    let (sign, bytes) = match difference.how {
        How::Added => (Tone::Good.set("+"), size(difference.after)),
        How::Removed => (Tone::Bad.set("-"), size(difference.before)),
        How::Changed => (Tone::Warn.set("~"), format!("{} -> {}", size(difference.before), size(difference.after))),
        How::Metadata => (Tone::Warn.set("="), size(difference.after)),
    };
    writeln!(out, "  {sign} {bytes:>20}  {}", difference.path)
}
