//! The functions: Go's own, and those that Docker's command line adds.

use super::compare::Comparison;
use super::execute::OUTPUT;
use super::value::Text;
use super::{Value, escape, json, print, printf};
use std::fmt::{self, Display, Formatter};

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parameter {
    /// Anything, and no value as such.
    Raw,
    /// Anything; no value is nil.
    Any,
    /// A `string`, of no other name.
    Text,
    /// An `int`.
    Int,
    /// A `[]string`.
    Texts,
}

impl Display for Parameter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raw => "reflect.Value",
            Self::Any => "interface {}",
            Self::Text => "string",
            Self::Int => "int",
            Self::Texts => "[]string",
        })
    }
}

/// How a function does its work.
pub(super) enum Call {
    Of(fn(&[Value]) -> Result<Value, String>),
    Compared(Comparison),
    /// Stops at the first argument of this truth.
    Lazy(bool),
    /// `call`: no document holds a function.
    Function,
}

/// A function, and what it takes.
pub(super) struct Signature {
    name: &'static str,
    pub(super) fixed: &'static [Parameter],
    pub(super) rest: Option<Parameter>,
    pub(super) call: Call,
}

use Parameter::{Any, Int, Raw, Text as Str, Texts};

#[rustfmt::skip]
const FUNCTIONS: [Signature; 27] = [
    Signature { name: "and", fixed: &[Raw], rest: Some(Raw), call: Call::Lazy(false) },
    Signature { name: "or", fixed: &[Raw], rest: Some(Raw), call: Call::Lazy(true) },
    Signature { name: "not", fixed: &[Raw], rest: None, call: Call::Of(|a| Ok(Value::Bool(!a[0].is_true()))) },
    Signature { name: "len", fixed: &[Raw], rest: None, call: Call::Of(len) },
    Signature { name: "index", fixed: &[Raw], rest: Some(Raw), call: Call::Of(index) },
    Signature { name: "slice", fixed: &[Raw], rest: Some(Raw), call: Call::Of(slice) },
    Signature { name: "print", fixed: &[], rest: Some(Any), call: Call::Of(|a| text(print::joined(a))) },
    Signature { name: "println", fixed: &[], rest: Some(Any), call: Call::Of(|a| text(print::line(a))) },
    Signature { name: "printf", fixed: &[Str], rest: Some(Any), call: Call::Of(|a| printf::printf(as_text(a, 0), &a[1..]).and_then(text)) },
    Signature { name: "html", fixed: &[], rest: Some(Any), call: Call::Of(|a| text(escape::html(&print::shown(a)))) },
    Signature { name: "js", fixed: &[], rest: Some(Any), call: Call::Of(|a| text(escape::js(&print::shown(a)))) },
    Signature { name: "urlquery", fixed: &[], rest: Some(Any), call: Call::Of(|a| text(escape::query(&print::shown(a)))) },
    Signature { name: "call", fixed: &[Raw], rest: Some(Raw), call: Call::Function },
    Signature { name: "eq", fixed: &[Raw], rest: Some(Raw), call: Call::Compared(Comparison::Equal) },
    Signature { name: "ne", fixed: &[Raw, Raw], rest: None, call: Call::Compared(Comparison::NotEqual) },
    Signature { name: "lt", fixed: &[Raw, Raw], rest: None, call: Call::Compared(Comparison::Less) },
    Signature { name: "le", fixed: &[Raw, Raw], rest: None, call: Call::Compared(Comparison::LessOrEqual) },
    Signature { name: "gt", fixed: &[Raw, Raw], rest: None, call: Call::Compared(Comparison::Greater) },
    Signature { name: "ge", fixed: &[Raw, Raw], rest: None, call: Call::Compared(Comparison::GreaterOrEqual) },
    // https://docs.docker.com/engine/cli/formatting/
    Signature { name: "json", fixed: &[Any], rest: None, call: Call::Of(|a| text(json::text(&a[0]))) },
    Signature { name: "split", fixed: &[Str, Str], rest: None, call: Call::Of(split) },
    Signature { name: "join", fixed: &[Texts, Str], rest: None, call: Call::Of(join) },
    Signature { name: "title", fixed: &[Str], rest: None, call: Call::Of(title) },
    Signature { name: "lower", fixed: &[Str], rest: None, call: Call::Of(|a| text(as_text(a, 0).to_lowercase())) },
    Signature { name: "upper", fixed: &[Str], rest: None, call: Call::Of(|a| text(as_text(a, 0).to_uppercase())) },
    Signature { name: "pad", fixed: &[Str, Int, Int], rest: None, call: Call::Of(pad) },
    Signature { name: "truncate", fixed: &[Str, Int], rest: None, call: Call::Of(truncate) },
];

/// Whether there is a function of that name.
pub(super) fn exists(name: &str) -> bool {
    find(name).is_some()
}

/// The function of that name.
pub(super) fn find(name: &str) -> Option<&'static Signature> {
    // A `static` would ask its functions to be `Sync`, which they are; a `const` is enough.
    static TABLE: &[Signature] = &FUNCTIONS;
    TABLE.iter().find(|function| function.name == name)
}

#[expect(clippy::unnecessary_wraps, reason = "every function of the table may fail")]
fn text(text: String) -> Result<Value, String> {
    Ok(Value::text(&text))
}

/// The text at `at`, which the parameters promise.
fn as_text(arguments: &[Value], at: usize) -> &str {
    arguments.get(at).and_then(Value::as_string).map_or("", |text| text)
}

fn as_int(arguments: &[Value], at: usize) -> i64 {
    match arguments.get(at) {
        Some(Value::Int(_, number)) => *number,
        _ => 0,
    }
}

fn no_value<T>() -> Result<T, String> {
    Err("reflect: call of reflect.Value.Type on zero Value".to_owned())
}

fn len(arguments: &[Value]) -> Result<Value, String> {
    let length = match &arguments[0] {
        Value::Missing | Value::Elsewhere(_) => return no_value(),
        Value::Nil | Value::NullPointer(_) => return Err("len of nil pointer".to_owned()),
        Value::List(_, items) => items.as_ref().map_or(0, |items| items.len()),
        Value::Map(_, _, entries) => entries.as_ref().map_or(0, |entries| entries.len()),
        other => match other.as_string() {
            Some(text) => text.len(),
            None => return Err(format!("len of type {}", pointed(other))),
        },
    };
    Ok(Value::Int("int", length as i64))
}

/// The type that a pointer points to.
fn pointed(value: &Value) -> String {
    value.type_name().trim_start_matches('*').to_owned()
}

/// A place in something of `length` items; the last may be one past them.
fn place(index: &Value, length: usize) -> Result<usize, String> {
    match index {
        Value::Int(_, number) => match usize::try_from(*number) {
            Ok(at) if at <= length => Ok(at),
            _ => Err(format!("index out of range: {number}")),
        },
        Value::Missing | Value::Elsewhere(_) | Value::Nil => Err("cannot index slice/array with nil".to_owned()),
        other => Err(format!("cannot index slice/array with type {}", other.type_name())),
    }
}

fn index(arguments: &[Value]) -> Result<Value, String> {
    let mut item = arguments[0].clone();
    if item.is_missing() || matches!(item, Value::Nil) {
        return Err("index of untyped nil".to_owned());
    }
    for at in &arguments[1..] {
        item = match &item {
            Value::Missing | Value::Elsewhere(_) | Value::Nil | Value::NullPointer(_) => {
                return Err("index of nil pointer".to_owned());
            }
            Value::List(_, items) => {
                let items = items.as_deref().unwrap_or_default();
                let found = items.get(place(at, items.len())?);
                found.cloned().ok_or("reflect: slice index out of range")?
            }
            Value::Map(_, absent, entries) => {
                let key = match at {
                    Value::Text(Text::Plain, key) => key,
                    Value::Missing | Value::Elsewhere(_) | Value::Nil => {
                        return Err("value is nil; should be of type string".to_owned());
                    }
                    other => return Err(format!("value has type {}; should be string", other.type_name())),
                };
                entries.as_ref().and_then(|entries| entries.get(&**key)).unwrap_or(absent).clone()
            }
            other => match other.as_string() {
                Some(text) => {
                    let byte = text.as_bytes().get(place(at, text.len())?);
                    Value::Int("uint8", i64::from(*byte.ok_or("reflect: string index out of range")?))
                }
                None => return Err(format!("can't index item of type {}", pointed(other))),
            },
        };
    }
    Ok(item)
}

fn slice(arguments: &[Value]) -> Result<Value, String> {
    let (item, at) = (&arguments[0], &arguments[1..]);
    if item.is_missing() || matches!(item, Value::Nil) {
        return Err("slice of untyped nil".to_owned());
    }
    if matches!(item, Value::NullPointer(_)) {
        return Err("slice of nil pointer".to_owned());
    }
    if at.len() > 3 {
        return Err(format!("too many slice indexes: {}", at.len()));
    }
    let length = match (item, item.as_string()) {
        (_, Some(_)) if at.len() == 3 => return Err("cannot 3-index slice a string".to_owned()),
        (_, Some(text)) => text.len(),
        (Value::List(_, items), _) => items.as_ref().map_or(0, |items| items.len()),
        _ => return Err(format!("can't slice item of type {}", pointed(item))),
    };
    let mut bounds = [0, length, length];
    for (bound, index) in bounds.iter_mut().zip(at) {
        *bound = place(index, length)?;
    }
    let [from, to, capacity] = bounds;
    if from > to {
        return Err(format!("invalid slice index: {from} > {to}"));
    }
    if at.len() == 3 && to > capacity {
        return Err(format!("invalid slice index: {to} > {capacity}"));
    }
    Ok(match item {
        Value::List(of, Some(items)) => Value::List(of, Some(items[from..to].into())),
        // Go cuts bytes, and what is left of a letter prints as what cannot be read.
        Value::Text(of, text) => Value::Text(*of, String::from_utf8_lossy(&text.as_bytes()[from..to]).into()),
        other => other.clone(),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "every function of the table may fail")]
fn split(arguments: &[Value]) -> Result<Value, String> {
    let (text, by) = (as_text(arguments, 0), as_text(arguments, 1));
    let parts: Vec<Value> = if by.is_empty() {
        text.chars().map(|c| Value::text(c.encode_utf8(&mut [0; 4]))).collect()
    } else {
        text.split(by).map(Value::text).collect()
    };
    Ok(Value::List("[]string", Some(parts.into())))
}

fn join(arguments: &[Value]) -> Result<Value, String> {
    let Value::List(_, items) = &arguments[0] else { return no_value() };
    let texts: Vec<&str> =
        items.iter().flat_map(|items| items.iter()).filter_map(Value::as_string).map(|t| &**t).collect();
    let by = as_text(arguments, 1);
    within(texts.iter().map(|t| t.len()).sum::<usize>().saturating_add(by.len().saturating_mul(texts.len())))?;
    text(texts.join(by))
}

/// The first letter of each word large, as `strings.Title` does.
fn title(arguments: &[Value]) -> Result<Value, String> {
    let mut start = true;
    let mut out = String::new();
    for c in as_text(arguments, 0).chars() {
        if start {
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
        let in_word = c == '_' || c.is_alphanumeric() || (c > '\u{7f}' && !c.is_whitespace());
        start = !in_word;
    }
    text(out)
}

fn pad(arguments: &[Value]) -> Result<Value, String> {
    let source = as_text(arguments, 0);
    if source.is_empty() {
        return text(String::new());
    }
    let spaces = |at: usize| -> Result<String, String> {
        let count = usize::try_from(as_int(arguments, at)).map_err(|_| "strings: negative Repeat count")?;
        within(count)?;
        Ok(" ".repeat(count))
    };
    text(format!("{}{source}{}", spaces(1)?, spaces(2)?))
}

fn truncate(arguments: &[Value]) -> Result<Value, String> {
    let (source, length) = (as_text(arguments, 0), as_int(arguments, 1));
    match usize::try_from(length) {
        Ok(length) if source.len() <= length => text(source.to_owned()),
        Ok(length) => text(String::from_utf8_lossy(&source.as_bytes()[..length]).into_owned()),
        Err(_) => Err(format!("runtime error: slice bounds out of range [:{length}]")),
    }
}

fn within(size: usize) -> Result<(), String> {
    if size > OUTPUT { Err(format!("more than {OUTPUT} bytes")) } else { Ok(()) }
}
