//! Tags that were moved, in words.

use crate::ops::{Mended, Promotion, StepFate};
use crate::printer::Tone;
use ledger::MoveEnd;
use model::{Digest, escaped};
use std::fmt::Write as _;

/// What each tag named and names.
pub(crate) fn write(promotion: &Promotion) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}\n  digest   {}", escaped(promotion.source.as_typed()), promotion.digest);
    for step in &promotion.steps {
        let name = escaped(step.reference.as_typed());
        let before = before(step.old);
        let _ = match step.fate {
            StepFate::Same => writeln!(out, "  same     {name} names it already"),
            StepFate::Planned => writeln!(out, "  would    {name}, {before}"),
            StepFate::Moved => writeln!(out, "  {} {name}, {before}", Tone::Good.set("tagged  ")),
            StepFate::Refused => {
                let names = step.old.map(|digest| digest.to_string()).unwrap_or_default();
                let why = "it is a version, and what it names must stay";
                writeln!(out, "  {} {name} names {names}: {why}", Tone::Bad.set("refused "))
            }
        };
    }
    if promotion.is_refused() {
        let how = "nothing was changed; `--force --reason TEXT` moves it all the same, and keeps the reason";
        let _ = writeln!(out, "{}: {how}", Tone::Bad.set("fail"));
    }
    out
}

fn before(old: Option<Digest>) -> String {
    old.map_or_else(|| "which was not there".to_owned(), |old| format!("which named {old}"))
}

/// How open moves ended.
pub(crate) fn mended(mended: &[Mended]) -> String {
    if mended.is_empty() {
        return "no move is open\n".to_owned();
    }
    let mut out = String::new();
    for one in mended {
        let name = escaped(&one.reference);
        let _ = match one.end {
            MoveEnd::Done => writeln!(out, "{} {name} names {}", Tone::Good.set("done  "), one.new),
            MoveEnd::Undone => match one.old {
                Some(old) => writeln!(out, "{} {name} names {old} as before", Tone::Good.set("undone")),
                None => writeln!(out, "{} {name} is gone as before", Tone::Good.set("undone")),
            },
            MoveEnd::Lost => {
                let found = one.found.map_or_else(|| "nothing".to_owned(), |found| found.to_string());
                writeln!(out, "{} {name} names {found}: somebody else moved it, and it stays", Tone::Bad.set("lost  "))
            }
        };
    }
    out
}
