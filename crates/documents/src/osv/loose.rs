//! Fields that databases fill in as they like: `null` for nothing, a number for a text, a list for a map.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// Texts that are kept of what a database adds of its own; longer ones are prose.
const LONGEST_WORD: usize = 200;

/// A text, or nothing for anything else.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    Ok(Text::deserialize(deserializer)?.0.unwrap_or_default())
}

/// A list of texts; `null` is the empty list, and what is no text is left out.
pub(super) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Cow<'de, str>>, D::Error> {
    let texts: Vec<Text<'de>> = items(deserializer)?;
    Ok(texts.into_iter().filter_map(|t| t.0).collect())
}

/// A list; `null` is the empty one.
pub(super) fn items<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

/// A text, if it is one.
struct Text<'a>(Option<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Loose(PhantomData))
    }
}

/// The texts of a map by key; what is neither a map nor a text is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl Words<'_> {
    /// The text under this key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_ref())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Words<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words: Words<'de> = deserializer.deserialize_any(Loose(PhantomData))?;
        Ok(words)
    }
}

/// Reads anything; see [`Taken`] for what becomes of it.
struct Loose<T>(PhantomData<T>);

/// What is made of a value of any type.
trait Taken<'de>: Sized {
    fn nothing() -> Self;
    fn from_text(text: Cow<'de, str>) -> Self;
    fn from_map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error>;
}

impl<'de> Taken<'de> for Text<'de> {
    fn nothing() -> Self {
        Self(None)
    }

    fn from_text(text: Cow<'de, str>) -> Self {
        Self(Some(text))
    }

    fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self(None))
    }
}

impl<'de> Taken<'de> for Words<'de> {
    fn nothing() -> Self {
        Self::default()
    }

    fn from_text(_: Cow<'de, str>) -> Self {
        Self::default()
    }

    fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut words = Vec::new();
        while let Some((Text(key), Text(value))) = map.next_entry::<Text<'de>, Text<'de>>()? {
            if let (Some(key), Some(value)) = (key, value.filter(|v| v.len() <= LONGEST_WORD)) {
                words.push((key, value));
            }
        }
        Ok(Self(words))
    }
}

impl<'de, T: Taken<'de>> Visitor<'de> for Loose<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::from_text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::from_text(Cow::Owned(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::from_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(T::nothing())
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::nothing())
    }

    fn visit_none<E>(self) -> Result<T, E> {
        Ok(T::nothing())
    }

    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::nothing())
    }

    fn visit_i64<E>(self, _: i64) -> Result<T, E> {
        Ok(T::nothing())
    }

    fn visit_u64<E>(self, _: u64) -> Result<T, E> {
        Ok(T::nothing())
    }

    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(T::nothing())
    }
}
