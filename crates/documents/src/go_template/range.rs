//! `range`: over lists, maps in the order of their keys, and numbers.

use super::Value;
use super::execute::{Flow, State};
use super::nodes::{Branch, Spot};
use super::print::printed;
use super::value::Text;

/// The most rounds of a loop over a number.
const ROUNDS: i64 = 1_000_000;

/// Walks the list of `branch` once for each item.
pub(super) fn walk<'a>(state: &mut State<'a>, dot: &Value, branch: &'a Branch) -> Result<Flow, String> {
    let mark = state.variables.len();
    let over = state.pipe(dot, &branch.pipe)?;
    let mut ran = false;
    let mut round = |state: &mut State<'a>, key: Value, item: Value| -> Result<bool, String> {
        ran = true;
        state.step()?;
        let inner = state.variables.len();
        bind(state, branch, key, &item)?;
        let flow = state.list(&item, &branch.list)?;
        state.variables.truncate(inner);
        Ok(flow != Flow::Break)
    };
    match &over {
        Value::Missing | Value::Elsewhere(_) | Value::List(_, None) | Value::Map(_, _, None) => {}
        Value::List(_, Some(items)) => {
            for (number, item) in items.iter().enumerate() {
                if !round(state, Value::Int("int", number as i64), item.clone())? {
                    break;
                }
            }
        }
        Value::Map(of, _, Some(entries)) => {
            let kind = if *of == "nat.PortSet" { Text::Port } else { Text::Plain };
            for (key, item) in entries.iter() {
                if !round(state, Value::Text(kind, key.as_str().into()), item.clone())? {
                    break;
                }
            }
        }
        Value::Int(of, count) => {
            if branch.pipe.variables.len() > 1 {
                return Err(format!("can't use {count} to iterate over more than one variable"));
            }
            for number in 0..(*count).min(ROUNDS) {
                if !round(state, Value::Missing, Value::Int(of, number))? {
                    break;
                }
            }
        }
        other => {
            state.look_at(Spot::Pipe(&branch.pipe));
            return Err(format!("range can't iterate over {}", printed(other)));
        }
    }
    // What the pipeline declared is there in `else`, too.
    let flow = match &branch.otherwise {
        Some(otherwise) if !ran => state.list(dot, otherwise)?,
        _ => Flow::On,
    };
    state.variables.truncate(mark);
    Ok(flow)
}

/// Gives this round's key and item to the variables of the loop.
fn bind(state: &mut State<'_>, branch: &Branch, key: Value, item: &Value) -> Result<(), String> {
    let names = &branch.pipe.variables;
    let pairs: Vec<(&String, Value)> = match names.as_slice() {
        [] => Vec::new(),
        [only] => vec![(only, item.clone())],
        [first, second, ..] => vec![(first, key), (second, item.clone())],
    };
    for (name, value) in pairs {
        state.assign(name, &value)?;
    }
    Ok(())
}
