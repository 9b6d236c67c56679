//! Values as `fmt.Print` shows them.

use super::Value;
use super::value::Text;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Write as _;

/// What an action writes of its value.
pub(super) fn printed(value: &Value) -> String {
    match value {
        Value::Missing | Value::Elsewhere(_) => "<no value>".to_owned(),
        other => plain(other),
    }
}

/// `%v`, or with `names` `%+v`; a pointer is written with `&` where it stands alone.
pub(super) fn verb(value: &Value, names: bool) -> String {
    let mut out = String::new();
    if matches!(value, Value::Struct(of) if of.by_pointer) {
        out.push('&');
    }
    write(value, names, &mut out);
    out
}

fn plain(value: &Value) -> String {
    let mut out = String::new();
    write(value, false, &mut out);
    out
}

fn write(value: &Value, names: bool, out: &mut String) {
    match value {
        Value::Missing | Value::Elsewhere(_) | Value::Nil | Value::NullPointer(_) => out.push_str("<nil>"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Int("time.Duration", nanoseconds) => out.push_str(&duration(*nanoseconds)),
        Value::Int(_, number) => {
            let _ = write!(out, "{number}");
        }
        Value::Float(number) => out.push_str(&float(*number)),
        Value::Text(Text::Time, text) => out.push_str(&moment(text)),
        Value::Text(_, text) => out.push_str(text),
        Value::List(_, items) => {
            out.push('[');
            for (number, item) in items.iter().flat_map(|items| items.iter()).enumerate() {
                out.push_str(if number > 0 { " " } else { "" });
                write(item, names, out);
            }
            out.push(']');
        }
        Value::Map(_, _, entries) => {
            out.push_str("map[");
            for (number, (key, item)) in entries.iter().flat_map(|entries| entries.iter()).enumerate() {
                out.push_str(if number > 0 { " " } else { "" });
                let _ = write!(out, "{key}:");
                write(item, names, out);
            }
            out.push(']');
        }
        Value::Struct(of) => {
            out.push('{');
            for (number, field) in of.fields.iter().enumerate() {
                out.push_str(if number > 0 { " " } else { "" });
                if names {
                    let _ = write!(out, "{}:", field.name);
                }
                // Go prints the address of what is behind a pointer; its content is of more use.
                write(&field.value, names, out);
            }
            out.push('}');
        }
    }
}

/// `fmt.Sprint`: a space between two that are no texts.
pub(super) fn joined(values: &[Value]) -> String {
    let mut out = String::new();
    let is_text = |value: &Value| matches!(value, Value::Text(of, _) if *of != Text::Time);
    for (number, value) in values.iter().enumerate() {
        if number > 0 && !is_text(value) && !is_text(&values[number - 1]) {
            out.push(' ');
        }
        out.push_str(&verb(value, false));
    }
    out
}

/// `fmt.Sprintln`.
pub(super) fn line(values: &[Value]) -> String {
    let shown: Vec<String> = values.iter().map(|value| verb(value, false)).collect();
    shown.join(" ") + "\n"
}

/// What `html` and its like take of their arguments: pointers followed, as an action would.
pub(super) fn shown(values: &[Value]) -> String {
    let followed = |value: &Value| match value {
        Value::Nil => Value::text("<no value>"),
        value if value.is_missing() => Value::text("<no value>"),
        value => value.clone(),
    };
    match values {
        [only] => plain(&followed(only)),
        many => joined(&many.iter().map(followed).collect::<Vec<_>>()),
    }
}

/// `%v` of a float: the fewest digits that tell it, with an exponent below 1e-4 and from 1e6 on.
pub(super) fn float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    if number != 0.0 && !(1e-4..1e6).contains(&number.abs()) {
        return exponent(&format!("{number:e}"), 'e');
    }
    number.to_string()
}

/// Rust's `1.5e9` as Go's `1.5e+09`.
pub(super) fn exponent(rust: &str, letter: char) -> String {
    let (digits, power) = rust.split_once(['e', 'E']).unwrap_or((rust, "0"));
    let (sign, power) = power.strip_prefix('-').map_or(('+', power), |power| ('-', power));
    format!("{digits}{letter}{sign}{power:0>2}")
}

/// `1h2m3.5s`, as `time.Duration` prints itself.
pub(super) fn duration(nanoseconds: i64) -> String {
    let magnitude = nanoseconds.unsigned_abs();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let small = |unit: u64, name: &str| format!("{sign}{}{name}", fraction(magnitude, unit));
    match magnitude {
        0 => return "0s".to_owned(),
        1..1_000 => return format!("{sign}{magnitude}ns"),
        1_000..1_000_000 => return small(1_000, "µs"),
        1_000_000..1_000_000_000 => return small(1_000_000, "ms"),
        _ => {}
    }
    let (whole, rest) = (magnitude / 1_000_000_000, magnitude % 1_000_000_000);
    let seconds = fraction(whole % 60 * 1_000_000_000 + rest, 1_000_000_000);
    match (whole / 3600, whole / 60 % 60) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
        (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
    }
}

fn fraction(count: u64, unit: u64) -> String {
    let (whole, rest) = (count / unit, count % unit);
    let width = unit.ilog10() as usize;
    let digits = format!("{rest:0width$}");
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() { whole.to_string() } else { format!("{whole}.{digits}") }
}

/// An RFC 3339 moment as `time.Time` prints itself: `2024-05-01 10:00:00.5 +0000 UTC`.
pub(super) fn moment(text: &str) -> String {
    let Ok(moment) = text.parse::<Timestamp>() else { return text.to_owned() };
    let seconds = text.rfind(['+', '-']).filter(|at| *at > 10).and_then(|at| offset(&text[at..])).unwrap_or(0);
    let zone = jiff::tz::Offset::from_seconds(seconds).map_or(TimeZone::UTC, TimeZone::fixed);
    let civil = moment.to_zoned(zone).datetime();
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    let numbers = format!("{sign}{:02}{:02}", minutes / 60, minutes % 60);
    let name = if seconds == 0 { "UTC" } else { &numbers };
    format!("{} {} {numbers} {name}", civil.date(), civil.time())
}

/// `+02:00` in seconds.
fn offset(text: &str) -> Option<i32> {
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    Some(if text.starts_with('-') { -seconds } else { seconds })
}
