//! What became of each decision: for people, and as rows of every JSON document that applies them.

use crate::failure::count;
use crate::ops::states;
use crate::printer::Tone;
use model::escaped;
use practices::decisions::{Decided, Decision, Decisions, State};
use serde::Serialize;
use std::fmt::Write;

/// All decisions of a file, and what became of each over all targets.
pub(crate) struct Log<'d> {
    decisions: &'d Decisions,
    states: Vec<State>,
}

/// One decision.
#[derive(Serialize)]
pub(super) struct Row<'d> {
    state: &'static str,
    file: &'d str,
    line: u32,
    vulnerabilities: &'d [String],
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'static str>,
    reason: &'d str,
    owner: &'d str,
    date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(rename = "fixedIn", skip_serializing_if = "Option::is_none")]
    fixed_in: Option<&'d str>,
}

impl<'d> Log<'d> {
    pub(crate) fn new<'a>(decisions: &'d Decisions, decided: impl Iterator<Item = &'a Decided>) -> Self {
        Self { decisions, states: states(decisions, decided) }
    }

    pub(super) fn rows(&self) -> Vec<Row<'d>> {
        self.all().map(|(decision, state)| row(&self.decisions.file, decision, state)).collect()
    }

    fn all(&self) -> impl Iterator<Item = (&'d Decision, State)> {
        self.decisions.all.iter().zip(self.states.iter().copied())
    }
}

fn row<'d>(file: &'d str, decision: &'d Decision, state: State) -> Row<'d> {
    Row {
        state: state.word(),
        file,
        line: decision.line,
        vulnerabilities: &decision.selector.vulnerabilities,
        status: decision.status.word(),
        justification: decision.justification,
        reason: &decision.reason,
        owner: &decision.owner,
        date: decision.date.to_string(),
        until: decision.until.map(|day| day.to_string()),
        fixed_in: decision.fixed_in.as_deref(),
    }
}

/// What somebody should look at: decisions that do nothing, or nothing any more. With `verbose` all of them.
pub(crate) fn write(log: Option<&Log<'_>>, verbose: bool) -> String {
    let mut out = String::new();
    let Some(log) = log else { return out };
    let quiet = |state: State| matches!(state, State::Used | State::Elsewhere);
    let shown: Vec<_> = log.all().filter(|(_, state)| verbose || !quiet(*state)).collect();
    if shown.is_empty() {
        return out;
    }
    let _ = writeln!(out, "\n{}", Tone::Faint.set(&format!("{}:", count(shown.len(), "decision"))));
    for (decision, state) in shown {
        let tone = if state == State::Expired { Tone::Bad } else { Tone::Warn };
        let word = if quiet(state) { state.word().to_owned() } else { tone.set(state.word()) };
        let (file, line) = (escaped(&log.decisions.file), decision.line);
        let about = decision.selector.vulnerabilities.join(", ");
        let (about, ends, owner) = (escaped(&about), decision.ends(), escaped(&decision.owner));
        let _ = writeln!(out, "  {file}:{line}: {word}: {about}, {ends}, by {owner}: {}", state.meaning());
    }
    out
}
