//! Go's `text/template` (<https://pkg.go.dev/text/template>) with the functions of Docker's command line, over
//! documents: what `docker inspect --format` runs.
//!
//! The whole language is here: actions, pipelines, variables, `range` with `break` and `continue`, `define` and
//! `block`, trimmed spaces, comments, `printf`. Templates are people's scripts, so the words of an error are Go's too.
//! Complex constants are refused, since no document holds a complex number. A template is bounded: its depth, its
//! steps and its output have limits, so that one that calls itself ends.

mod arguments;
mod builtins;
mod compare;
mod display;
mod escape;
mod execute;
mod fields;
mod json;
mod lex;
mod nodes;
mod number;
mod parse;
mod print;
mod printf;
mod range;
mod value;

#[cfg(test)]
mod tests;

pub use json::text as json_text;
pub use value::{Field, Struct, Text, Value};

use nodes::Node;
use std::collections::{BTreeMap, BTreeSet};

/// Why a template was not read or not run; the words are Go's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(pub(crate) String);

/// What happens where a map has no entry of the name that a template asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingKey {
    /// There is no value: `<no value>`.
    NoValue,
    /// The template fails.
    Error,
}

/// A template, read.
#[derive(Debug)]
pub struct Template {
    /// By name; the main one has none.
    parts: BTreeMap<String, Vec<Node>>,
    text: String,
}

/// What a template wrote.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The text, as Go would have written it.
    pub text: String,
    /// Fields it asked for that only an engine knows ([`Value::Elsewhere`]).
    pub elsewhere: BTreeSet<&'static str>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Whatever Go's parser says of it, in its words: `template: :1: unexpected "}" in operand`.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let parts = parse::parse(text).map_err(TemplateError)?;
        Ok(Self { parts, text: text.to_owned() })
    }

    /// Runs it with `data` as its dot.
    ///
    /// # Errors
    /// Whatever Go says when it runs it, in its words, and the limits of this module.
    pub fn execute(&self, data: &Value, missing: MissingKey) -> Result<Written, TemplateError> {
        execute::run(self, data, missing).map_err(TemplateError)
    }
}
