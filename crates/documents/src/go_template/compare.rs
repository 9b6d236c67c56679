//! `eq`, `ne`, `lt`, `le`, `gt`, `ge`.

use super::Value;
use super::print::printed;
use std::cmp::Ordering;

/// Which comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Int,
    Float,
    Text,
    Other,
}

/// Compares the first argument with the others; `eq` with any of them.
pub(super) fn compare(how: Comparison, arguments: &[Value]) -> Result<Value, String> {
    let first = arguments[0].clone().unwrapped();
    let others: Vec<Value> = arguments[1..].iter().map(|other| other.clone().unwrapped()).collect();
    let Some(second) = others.first() else { return Err("missing argument for comparison".to_owned()) };
    let truth = match how {
        Comparison::Equal => {
            let mut equal = false;
            for other in &others {
                equal = equals(&first, other)?;
                if equal {
                    break;
                }
            }
            equal
        }
        Comparison::NotEqual => !equals(&first, second)?,
        Comparison::Less => less(&first, second)?,
        Comparison::LessOrEqual => less(&first, second)? || equals(&first, second)?,
        Comparison::Greater => !(less(&first, second)? || equals(&first, second)?),
        Comparison::GreaterOrEqual => !less(&first, second)?,
    };
    Ok(Value::Bool(truth))
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::Bool(_) => Kind::Bool,
        Value::Int(..) => Kind::Int,
        Value::Float(_) => Kind::Float,
        other if other.as_string().is_some() => Kind::Text,
        _ => Kind::Other,
    }
}

fn is_nil(value: &Value) -> bool {
    match value {
        Value::Missing | Value::Elsewhere(_) | Value::Nil | Value::NullPointer(_) => true,
        Value::List(_, items) => items.is_none(),
        Value::Map(_, _, entries) => entries.is_none(),
        _ => false,
    }
}

fn incompatible<T>(one: &Value, other: &Value) -> Result<T, String> {
    Err(format!("incompatible types for comparison: {} and {}", one.type_name(), other.type_name()))
}

fn equals(one: &Value, other: &Value) -> Result<bool, String> {
    match (kind(one), kind(other)) {
        (Kind::Other, Kind::Other) => {}
        (a, b) if a == b => return Ok(order(one, other) == Some(Ordering::Equal)),
        _ if one.is_missing() || other.is_missing() => return Ok(false),
        _ => return incompatible(one, other),
    }
    let same_shape = std::mem::discriminant(one) == std::mem::discriminant(other);
    if !same_shape && !one.is_missing() && !other.is_missing() {
        let (a, b) = (printed(one), printed(other));
        return Err(format!("non-comparable types {a}: {}, {}: {b}", one.type_name(), other.type_name()));
    }
    if is_nil(one) || is_nil(other) {
        return Ok(is_nil(one) == is_nil(other));
    }
    match (one, other) {
        (Value::Struct(a), Value::Struct(b)) if a.by_pointer => Ok(std::rc::Rc::ptr_eq(a, b)),
        _ => Err(format!("non-comparable type {}: {}", printed(other), other.type_name())),
    }
}

fn less(one: &Value, other: &Value) -> Result<bool, String> {
    let bad = || Err("invalid type for comparison".to_owned());
    match (kind(one), kind(other)) {
        (Kind::Other, _) | (_, Kind::Other) => bad(),
        (a, b) if a != b => incompatible(one, other),
        (Kind::Bool, _) => bad(),
        _ => Ok(order(one, other) == Some(Ordering::Less)),
    }
}

/// The order of two values of one basic kind.
fn order(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Int(_, a), Value::Int(_, b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        _ => Some(one.as_string()?.as_bytes().cmp(other.as_string()?.as_bytes())),
    }
}
