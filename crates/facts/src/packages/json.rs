//! JSON manifests read sparingly: only the fields asked for, whatever their types.
//!
//! A manifest in an image is a stranger's text. A derived struct would refuse a whole package for one field of an
//! odd type or a field written twice; the tools that install packages take the last one and go on, so do we.
//! Refuses nothing but text that is not JSON, or JSON nested deeper than `serde_json`'s own limit of 128.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// The wanted fields of one object, in the order in which they were asked for.
pub(crate) struct Fields {
    values: Vec<(&'static str, Value)>,
}

/// Why a text is not the object that was expected, and at which byte.
pub(crate) struct NotJson {
    /// The reason in `serde_json`'s words, without its position.
    pub(crate) why: String,
    /// Bytes from the start of the text.
    pub(crate) offset: u64,
}

impl Fields {
    /// Reads an object; of a field that is there twice, the last one counts.
    pub(crate) fn read(bytes: &[u8], wanted: &'static [&'static str]) -> Result<Self, NotJson> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut from = serde_json::Deserializer::from_slice(text);
        let read = from.deserialize_map(Keep { wanted }).and_then(|fields| from.end().map(|()| fields));
        read.map_err(|error| NotJson::of(&error, text, bytes.len() - text.len()))
    }

    /// The fields of the next value of a longer text; `None` if it is no object.
    pub(crate) fn lenient<'de, D: Deserializer<'de>>(
        from: D,
        wanted: &'static [&'static str],
    ) -> Result<Option<Self>, D::Error> {
        from.deserialize_any(Lenient { wanted })
    }

    /// The field, if it is there.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The field, if it is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The keys of the field, if it is an object.
    pub(crate) fn keys(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name).and_then(Value::as_object).into_iter().flat_map(|map| map.keys().map(String::as_str))
    }

    /// The texts of the field: those of a list, or the one that it is.
    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        match self.get(name) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

impl NotJson {
    /// From an error over `text`, which lies `skipped` bytes into the file.
    pub(crate) fn of(error: &serde_json::Error, text: &[u8], skipped: usize) -> Self {
        let line = error.line().saturating_sub(1);
        let start = if line == 0 { 0 } else { memchr::memchr_iter(b'\n', text).nth(line - 1).map_or(0, |at| at + 1) };
        let offset = (start + error.column().saturating_sub(1)).min(text.len()) + skipped;
        let why = error.to_string();
        let why = why.rfind(" at line ").map_or(why.as_str(), |at| &why[..at]);
        Self { why: model::escaped(why).chars().take(200).collect(), offset: offset as u64 }
    }
}

struct Keep {
    wanted: &'static [&'static str],
}

impl<'de> Visitor<'de> for Keep {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut values: Vec<(&'static str, Value)> = Vec::new();
        while let Some(key) = map.next_key::<Key>()? {
            let Some(name) = self.wanted.iter().find(|name| **name == key.0) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = map.next_value()?;
            values.retain(|(key, _)| key != name);
            values.push((name, value));
        }
        Ok(Fields { values })
    }
}

struct Lenient {
    wanted: &'static [&'static str],
}

impl<'de> Visitor<'de> for Lenient {
    type Value = Option<Fields>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Keep { wanted: self.wanted }.visit_map(map).map(Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// A key; owned, since one with escapes cannot be borrowed.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &[u8]) -> String {
        match Fields::read(text, &["name", "licenses"]) {
            Ok(fields) => fields.text("name").unwrap_or("-").to_owned(),
            Err(error) => format!("{} at {}", error.why, error.offset),
        }
    }

    #[test]
    fn odd_objects() {
        assert_eq!(name(br#"{"name":"a","x":[{"name":"b"}],"name":"c"}"#), "c");
        assert_eq!(name(b"\xef\xbb\xbf{\"name\":\"a\"}"), "a");
        assert_eq!(name(br#"{"name":7}"#), "-");
        assert_eq!(name(br#"[]"#), "invalid type: sequence, expected an object at 0");
        assert_eq!(name(b"{\"name\":\n\"a\" \"b\"}"), "expected `,` or `}` at 13");
        assert_eq!(name(b"{\"name\":\"\xff\"}"), "invalid unicode code point at 9");
        assert_eq!(name(b""), "EOF while parsing a value at 0");
        let deep = [b"{\"name\":".as_slice(), &b"[".repeat(100_000)].concat();
        assert_eq!(name(&deep), "recursion limit exceeded at 134");
    }

    #[test]
    fn one_text_or_many() {
        let read = |text: &[u8]| {
            let fields = Fields::read(text, &["name", "licenses"]);
            fields.map(|f| f.texts("licenses").join("|")).unwrap_or_default()
        };
        assert_eq!(read(br#"{"licenses":"MIT"}"#), "MIT");
        assert_eq!(read(br#"{"licenses":["MIT",7,"ISC"]}"#), "MIT|ISC");
        assert_eq!(read(br#"{"licenses":{"MIT":1}}"#), "");
    }
}
