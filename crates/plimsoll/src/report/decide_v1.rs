//! `plimsoll.decide-review/1`: decisions that are to be looked at again (docs/formats/decide-review-v1.schema.json).

use super::json::text;
use jiff::civil::Date;
use practices::decisions::{Decision, Decisions, Due};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    file: &'a str,
    today: String,
    within: u16,
    decisions: usize,
    due: Vec<Row<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    line: u32,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<i32>,
    vulnerabilities: &'a [String],
    status: &'static str,
    reason: &'a str,
    owner: &'a str,
    date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_in: Option<&'a str>,
}

/// The document.
pub(crate) fn write(decisions: &Decisions, due: &[(&Decision, Due)], within: u16, today: Date) -> Vec<u8> {
    text(&Document {
        schema: "plimsoll.decide-review/1",
        file: &decisions.file,
        today: today.to_string(),
        within,
        decisions: decisions.all.len(),
        due: due.iter().map(|(decision, due)| row(decision, *due)).collect(),
    })
}

fn row(decision: &Decision, due: Due) -> Row<'_> {
    Row {
        line: decision.line,
        state: due.word(),
        days: due.days(),
        vulnerabilities: &decision.selector.vulnerabilities,
        status: decision.status.word(),
        reason: &decision.reason,
        owner: &decision.owner,
        date: decision.date.to_string(),
        until: decision.until.map(|day| day.to_string()),
        fixed_in: decision.fixed_in.as_deref(),
    }
}
