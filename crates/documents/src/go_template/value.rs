//! What a template sees: values with the Go types that a Docker client would have, as far as those show.

use std::collections::BTreeMap;
use std::rc::Rc;

/// One value of a document.
#[derive(Clone, Debug)]
pub enum Value {
    /// No value at all: Go's invalid `reflect.Value`, printed `<no value>`.
    Missing,
    /// A field that only the engine which holds the image knows; otherwise as [`Value::Missing`].
    Elsewhere(&'static str),
    /// An interface that holds nothing: JSON's `null`.
    Nil,
    /// A pointer to nothing, of that type.
    NullPointer(&'static str),
    /// A truth.
    Bool(bool),
    /// A whole number: `int`, `int64`, `int32`, `time.Duration`.
    Int(&'static str, i64),
    /// A number with a fraction.
    Float(f64),
    /// A text.
    Text(Text, Rc<str>),
    /// A slice: its type, and its items if it is not nil.
    List(&'static str, Option<Rc<[Value]>>),
    /// A map: its type, the value of an absent key, and its entries if it is not nil.
    Map(&'static str, Rc<Value>, Option<Rc<BTreeMap<String, Value>>>),
    /// A struct.
    Struct(Rc<Struct>),
}

/// Which kind of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// A `string`.
    Plain,
    /// A number as the document spells it: `json.Number`.
    Number,
    /// `80/tcp`: `nat.Port`.
    Port,
    /// A moment, as RFC 3339: `time.Time`.
    Time,
}

/// A struct, with its fields in the order of the type.
#[derive(Debug)]
pub struct Struct {
    /// Go's name of the type.
    pub of: &'static str,
    /// Whether the document holds it by pointer.
    pub by_pointer: bool,
    /// The fields.
    pub fields: Vec<Field>,
}

/// A field of a struct.
#[derive(Debug)]
pub struct Field {
    /// Its name in Go.
    pub name: &'static str,
    /// Its name in JSON.
    pub json: &'static str,
    /// Whether JSON leaves it out when it is empty.
    pub omit_empty: bool,
    /// What it holds.
    pub value: Value,
}

impl Text {
    /// Go's name of the type.
    fn of(self) -> &'static str {
        match self {
            Self::Plain => "string",
            Self::Number => "json.Number",
            Self::Port => "nat.Port",
            Self::Time => "time.Time",
        }
    }
}

impl Value {
    /// A plain text.
    pub fn text(text: &str) -> Self {
        Self::Text(Text::Plain, text.into())
    }

    /// Go's name of its type.
    pub(super) fn type_name(&self) -> String {
        match self {
            Self::Missing | Self::Elsewhere(_) => "<nil>".to_owned(),
            Self::Nil => "interface {}".to_owned(),
            Self::NullPointer(of) => format!("*{of}"),
            Self::Bool(_) => "bool".to_owned(),
            Self::Int(of, _) | Self::List(of, _) | Self::Map(of, ..) => (*of).to_owned(),
            Self::Float(_) => "float64".to_owned(),
            Self::Text(of, _) => of.of().to_owned(),
            Self::Struct(s) if s.by_pointer => format!("*{}", s.of),
            Self::Struct(s) => s.of.to_owned(),
        }
    }

    /// Whether it is one of the two kinds of no value.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing | Self::Elsewhere(_))
    }

    /// What an interface holds; nothing, if it holds nothing.
    pub(super) fn unwrapped(self) -> Self {
        if matches!(self, Self::Nil) { Self::Missing } else { self }
    }

    /// Whether `if` takes it for true: anything but the zero of its type.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Missing | Self::Elsewhere(_) | Self::Nil | Self::NullPointer(_) => false,
            Self::Bool(truth) => *truth,
            Self::Int(_, number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            // A moment is a struct, and structs are true.
            Self::Text(of, text) => *of == Text::Time || !text.is_empty(),
            Self::List(_, items) => items.as_ref().is_some_and(|items| !items.is_empty()),
            Self::Map(_, _, entries) => entries.as_ref().is_some_and(|entries| !entries.is_empty()),
            Self::Struct(_) => true,
        }
    }

    /// Whether it is a kind of text to Go.
    pub(super) fn as_string(&self) -> Option<&Rc<str>> {
        match self {
            Self::Text(of, text) if *of != Text::Time => Some(text),
            _ => None,
        }
    }
}
