//! Calling a function: its arguments are counted, evaluated and held against its parameters, as Go does.

use super::builtins::{self, Call, Parameter, Signature};
use super::execute::State;
use super::nodes::{Spot, Word, WordKind};
use super::number::Number;
use super::{Value, compare};

impl Number {
    /// The constant where nothing says what type it should be.
    pub(super) fn constant(&self) -> Result<Value, String> {
        let text = &self.text;
        let is_hex = text.len() > 2 && text.to_ascii_lowercase().starts_with("0x");
        let looks_whole = is_hex || text.starts_with('\'') || !text.contains(['.', 'e', 'E', 'p', 'P']);
        match (self.whole, self.fraction) {
            (_, Some(fraction)) if !looks_whole => Ok(Value::Float(fraction)),
            (Some(whole), _) => Ok(Value::Int("int", whole)),
            _ => Err(format!("{text} overflows int")),
        }
    }
}

impl<'a> State<'a> {
    /// Calls `name` with `words`, and with `last`, which came through a pipe, after them.
    pub(super) fn function(
        &mut self,
        dot: &Value,
        name: &str,
        spot: Spot<'a>,
        words: &'a [Word],
        last: Option<Value>,
    ) -> Result<Value, String> {
        let Some(Signature { fixed, rest, call, .. }) = builtins::find(name) else {
            return Err(format!("\"{name}\" is not a defined function"));
        };
        let count = words.len() + usize::from(last.is_some());
        if rest.is_some() && count < fixed.len() {
            return Err(format!("wrong number of args for {name}: want at least {} got {}", fixed.len(), words.len()));
        }
        if rest.is_none() && count != fixed.len() {
            return Err(format!("wrong number of args for {name}: want {} got {count}", fixed.len()));
        }
        let parameter = |at: usize| fixed.get(at).copied().or(*rest).unwrap_or(Parameter::Any);
        if let Call::Lazy(decides) = call {
            return self.lazily(dot, words, last, *decides);
        }
        let mut arguments = Vec::with_capacity(count);
        for (at, word) in words.iter().enumerate() {
            arguments.push(self.argument(dot, word, parameter(at))?);
        }
        if let Some(last) = last {
            arguments.push(fit(last, parameter(arguments.len()))?);
        }
        let called = match call {
            Call::Of(function) => function(&arguments),
            Call::Compared(comparison) => compare::compare(*comparison, &arguments),
            Call::Function => Err(not_a_function(&arguments, words.first())),
            Call::Lazy(_) => Ok(Value::Missing),
        };
        called.map_err(|why| {
            self.look_at(spot);
            format!("error calling {name}: {why}")
        })
    }

    /// `and`, `or`: the first argument that decides it, and what follows is not looked at.
    fn lazily(&mut self, dot: &Value, words: &'a [Word], last: Option<Value>, decides: bool) -> Result<Value, String> {
        let mut value = Value::Missing;
        for word in words {
            value = self.argument(dot, word, Parameter::Raw)?;
            if value.is_true() == decides {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    fn argument(&mut self, dot: &Value, word: &'a Word, parameter: Parameter) -> Result<Value, String> {
        self.look_at(Spot::Word(word));
        let literal = matches!(word.kind, WordKind::Bool(_) | WordKind::Number(_) | WordKind::Text(..));
        match (parameter, &word.kind) {
            (Parameter::Text | Parameter::Int, WordKind::Nil) => Err(format!("cannot assign nil to {parameter}")),
            (_, WordKind::Nil) => Ok(match parameter {
                Parameter::Any => Value::Nil,
                Parameter::Texts => Value::List("[]string", None),
                _ => Value::Missing,
            }),
            (Parameter::Text, WordKind::Text(_, said)) => Ok(Value::text(said)),
            (Parameter::Text, _) if literal => Err(format!("expected string; found {word}")),
            (Parameter::Int, WordKind::Number(Number { whole: Some(whole), .. })) => Ok(Value::Int("int", *whole)),
            (Parameter::Int, _) if literal => Err(format!("expected integer; found {word}")),
            (Parameter::Texts, _) if literal => Err(format!("can't handle {word} for arg of type {parameter}")),
            _ => {
                let value = self.word(dot, word)?;
                fit(value, parameter)
            }
        }
    }
}

/// The value, if it may stand for that parameter.
fn fit(value: Value, parameter: Parameter) -> Result<Value, String> {
    let fits = match (parameter, &value) {
        (Parameter::Raw, _) => true,
        (Parameter::Any, _) if value.is_missing() => return Ok(Value::Nil),
        (Parameter::Any, _) => true,
        (Parameter::Texts, _) if value.is_missing() => return Ok(Value::List("[]string", None)),
        (Parameter::Text | Parameter::Int, _) if value.is_missing() => {
            return Err(format!("invalid value; expected {parameter}"));
        }
        (Parameter::Texts, Value::List(of, _)) => matches!(*of, "[]string" | "strslice.StrSlice"),
        (Parameter::Text, Value::Text(super::Text::Plain, _)) | (Parameter::Int, Value::Int("int", _)) => true,
        _ => false,
    };
    if fits {
        return Ok(value);
    }
    Err(format!("wrong type for value; expected {parameter}; got {}", value.type_name()))
}

fn not_a_function(arguments: &[Value], word: Option<&Word>) -> String {
    match arguments.first() {
        None | Some(Value::Missing | Value::Elsewhere(_) | Value::Nil) => "call of nil".to_owned(),
        Some(value) => {
            let name = word.map(ToString::to_string).unwrap_or_default();
            format!("non-function {name} of type {}", value.type_name())
        }
    }
}
