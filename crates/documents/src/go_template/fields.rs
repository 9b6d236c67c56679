//! `.Name` of a value: a field, an entry, or one of the few methods that values of documents have.

use super::printf::quoted;
use super::value::Text;
use super::{MissingKey, Value};

/// What `name` is of `value`. `given` says that arguments follow it; `boxed` that the value was found in something that
/// holds values of any type, whose type Go then gives as that of an interface.
pub(super) fn field(value: &Value, name: &str, given: bool, boxed: bool, missing: MissingKey) -> Result<Value, String> {
    if let Some(result) = method(value, name) {
        return if given { Err(format!("wrong number of args for {name}: want 0 got 1")) } else { result };
    }
    let of = || if boxed { "interface {}".to_owned() } else { value.type_name() };
    let cannot = || Err(format!("can't evaluate field {name} in type {}", of()));
    match value {
        Value::Missing | Value::Elsewhere(_) if missing == MissingKey::Error => {
            Err(format!("nil data; no entry for key {}", quoted(name)))
        }
        Value::Missing => Ok(Value::Missing),
        Value::Elsewhere(which) => Ok(Value::Elsewhere(which)),
        Value::Nil | Value::NullPointer(_) => Err(format!("nil pointer evaluating {}.{name}", of())),
        Value::Struct(of) => match of.fields.iter().find(|field| field.name == name) {
            Some(_) if given => Err(format!("{name} has arguments but cannot be invoked as function")),
            Some(field) => Ok(field.value.clone()),
            None => cannot(),
        },
        Value::Map(of, _, _) if *of == "nat.PortSet" => cannot(),
        Value::Map(_, _, entries) => {
            if given {
                return Err(format!("{name} is not a method but has arguments"));
            }
            match entries.as_ref().and_then(|entries| entries.get(name)) {
                Some(entry) => Ok(entry.clone()),
                None if missing == MissingKey::Error => Err(format!("map has no entry for key {}", quoted(name))),
                None => Ok(Value::Missing),
            }
        }
        _ => cannot(),
    }
}

/// The methods of Go's types that are at hand in a document.
fn method(value: &Value, name: &str) -> Option<Result<Value, String>> {
    match value {
        Value::Text(Text::Port, text) => {
            let (port, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
            match name {
                "Port" => Some(Ok(Value::text(port))),
                "Proto" => Some(Ok(Value::text(protocol))),
                "Int" => Some(Ok(Value::Int("int", port.parse().unwrap_or(0)))),
                _ => None,
            }
        }
        Value::Text(Text::Number, text) => {
            match name {
                "String" => Some(Ok(Value::text(text))),
                "Int64" => {
                    let whole = text.parse().map(|whole| Value::Int("int64", whole));
                    Some(whole.map_err(|_| {
                        called(name, &format!("strconv.ParseInt: parsing {}: invalid syntax", quoted(text)))
                    }))
                }
                "Float64" => Some(text.parse().map(Value::Float).map_err(|_| called(name, "invalid syntax"))),
                _ => None,
            }
        }
        Value::Text(Text::Time, text) => {
            let moment: jiff::Timestamp = text.parse().ok()?;
            match name {
                "Unix" => Some(Ok(Value::Int("int64", moment.as_second()))),
                "String" => Some(Ok(Value::text(&super::print::moment(text)))),
                _ => None,
            }
        }
        Value::Int("time.Duration", nanoseconds) => {
            let seconds = *nanoseconds as f64 / 1e9;
            match name {
                "String" => Some(Ok(Value::text(&super::print::duration(*nanoseconds)))),
                "Nanoseconds" => Some(Ok(Value::Int("int64", *nanoseconds))),
                "Milliseconds" => Some(Ok(Value::Int("int64", nanoseconds / 1_000_000))),
                "Seconds" => Some(Ok(Value::Float(seconds))),
                "Minutes" => Some(Ok(Value::Float(seconds / 60.0))),
                "Hours" => Some(Ok(Value::Float(seconds / 3600.0))),
                _ => None,
            }
        }
        _ => None,
    }
}

fn called(name: &str, why: &str) -> String {
    format!("error calling {name}: {why}")
}
