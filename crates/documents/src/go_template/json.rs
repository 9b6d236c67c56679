//! JSON as Go's encoder writes it without HTML escapes: fields in the order of the type, keys sorted.

use super::value::Text;
use super::{Field, Value};
use std::fmt::Write as _;

/// The value as JSON on one line.
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Missing | Value::Elsewhere(_) | Value::Nil | Value::NullPointer(_) => out.push_str("null"),
        Value::List(_, None) | Value::Map(_, _, None) => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Int(_, number) => {
            let _ = write!(out, "{number}");
        }
        Value::Float(number) => out.push_str(&float(*number)),
        Value::Text(Text::Number, number) => out.push_str(number),
        Value::Text(_, text) => quote(text, out),
        Value::List(_, Some(items)) => {
            let mut before = '[';
            for item in items.iter() {
                out.push(before);
                write(item, out);
                before = ',';
            }
            out.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        Value::Map(_, _, Some(entries)) => {
            let entries = entries.iter().filter(|(_, value)| !matches!(value, Value::Elsewhere(_)));
            object(entries.map(|(key, value)| (key.as_str(), value)), out);
        }
        Value::Struct(of) => {
            let shown = of.fields.iter().filter(|field| is_written(field));
            object(shown.map(|field| (field.json, &field.value)), out);
        }
    }
}

/// Of the very small and the very large an exponent, in its shortest form.
fn float(number: f64) -> String {
    if number == 0.0 || (1e-6..1e21).contains(&number.abs()) {
        return number.to_string();
    }
    super::print::exponent(&format!("{number:e}"), 'e').replace("e-0", "e-")
}

fn is_written(field: &Field) -> bool {
    (!field.omit_empty || field.value.is_true()) && !matches!(field.value, Value::Elsewhere(_))
}

fn object<'a>(entries: impl Iterator<Item = (&'a str, &'a Value)>, out: &mut String) {
    let mut before = "{";
    for (key, value) in entries {
        out.push_str(before);
        quote(key, out);
        out.push(':');
        write(value, out);
        before = ",";
    }
    out.push_str(if before == "{" { "{}" } else { "}" });
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // The last two end a line for JavaScript.
            '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}
