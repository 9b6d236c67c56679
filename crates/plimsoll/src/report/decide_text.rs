//! Decisions that are to be looked at again, for people.

use crate::failure::count;
use crate::printer::Tone;
use model::escaped;
use practices::decisions::{Decision, Decisions, Due};
use std::fmt::Write;

/// A few lines for each, in the file's order.
pub(crate) fn write(decisions: &Decisions, due: &[(&Decision, Due)], within: u16) -> String {
    let mut out = String::new();
    for (decision, due) in due {
        let tone = match due {
            Due::Ended(_) => Tone::Bad,
            Due::Ends(_) => Tone::Warn,
            Due::NoDay => Tone::Faint,
        };
        let place = format!("{}:{}", escaped(&decisions.file), decision.line);
        let names = decision.selector.vulnerabilities.join(", ");
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{} {}, {}", Tone::Strong.set(&place), escaped(&names), tone.set(&when(*due)));
        let (status, owner) = (decision.status.word(), escaped(&decision.owner));
        let _ = writeln!(out, "  {status} {}, by {owner}: {}", escaped(&decision.ends()), escaped(&decision.reason));
    }
    let total = count(decisions.all.len(), "decision");
    let at = |wanted: fn(&Due) -> bool| due.iter().filter(|(_, due)| wanted(due)).count();
    let (ended, ends) = (at(|due| matches!(due, Due::Ended(_))), at(|due| matches!(due, Due::Ends(_))));
    let open = at(|due| *due == Due::NoDay);
    let _ = writeln!(out, "{total}: {ended} ended, {ends} end within {within} days, {open} without a day");
    if ended + ends > 0 {
        let hint =
            "`plimsoll decide review --line N --until DAY` moves an end; what is settled is taken out of the file";
        let _ = writeln!(out, "{}", Tone::Faint.set(hint));
    }
    out
}

fn when(due: Due) -> String {
    match due {
        Due::Ended(days) => format!("ended {} ago", count(days.unsigned_abs() as usize, "day")),
        Due::Ends(0) => "holds today for the last time".to_owned(),
        Due::Ends(days) => format!("ends in {}", count(days.unsigned_abs() as usize, "day")),
        Due::NoDay => "ends with a version alone, which may never come".to_owned(),
    }
}
