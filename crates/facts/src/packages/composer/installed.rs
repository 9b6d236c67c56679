//! `installed.json`, read package by package.

use super::super::json::{Fields, NotJson};
use super::super::stated;
use model::Licence;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// What a database says.
#[derive(Default)]
pub(super) struct Installed {
    /// The packages.
    pub(super) records: Vec<Record>,
    /// Why a record is no package, for each that is none.
    pub(super) bad: Vec<String>,
    /// More packages than are read.
    pub(super) is_cut: bool,
}

/// One package.
pub(super) struct Record {
    /// `vendor/name`.
    pub(super) name: String,
    /// As tagged: `v1.2.3`, `dev-main`…
    pub(super) version: String,
    /// Any one of the licences listed.
    pub(super) licence: Licence,
    /// The first author.
    pub(super) supplier: Option<String>,
    /// A link.
    pub(super) homepage: Option<String>,
    /// One line.
    pub(super) summary: Option<String>,
    /// Names of packages it needs.
    pub(super) requires: Vec<String>,
    /// Names that it provides or replaces.
    pub(super) stands_for: Vec<String>,
    /// Its folder, relative to the database's; `None` for a package without files.
    pub(super) folder: Option<String>,
}

const WANTED: &[&str] = &[
    "name",
    "version",
    "type",
    "license",
    "authors",
    "homepage",
    "description",
    "require",
    "provide",
    "replace",
    "install-path",
];

/// Packages of one database.
pub(super) const RECORDS: usize = 50_000;
/// Bad records told one by one.
const TOLD: usize = 100;

impl Installed {
    /// Reads a database of either shape.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, NotJson> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut from = serde_json::Deserializer::from_slice(text);
        let read = from.deserialize_any(Database).and_then(|all| from.end().map(|()| all));
        read.map_err(|error| NotJson::of(&error, text, bytes.len() - text.len()))
    }

    fn add(&mut self, fields: &Fields) {
        match Record::of(fields) {
            Ok(record) if self.records.len() < RECORDS => self.records.push(record),
            Ok(_) => self.is_cut = true,
            Err(why) if self.bad.len() < TOLD => self.bad.push(why),
            Err(_) => {}
        }
    }
}

/// Composer 1 has a list, Composer 2 an object with `packages`.
struct Database;

impl<'de> Visitor<'de> for Database {
    type Value = Installed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of packages or an object with one")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Installed, A::Error> {
        let mut all = Installed::default();
        while let Some(one) = list.next_element_seed(One)? {
            match one {
                Some(fields) => all.add(&fields),
                None => all.bad.push("a package that is no object".into()),
            }
            all.bad.truncate(TOLD);
        }
        Ok(all)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Installed, A::Error> {
        let mut all = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == "packages" {
                all = Some(map.next_value_seed(List)?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        all.ok_or_else(|| serde::de::Error::custom("missing `packages`"))
    }
}

struct List;

impl<'de> DeserializeSeed<'de> for List {
    type Value = Installed;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Installed, D::Error> {
        from.deserialize_seq(Database)
    }
}

/// One element of the list, `None` if it is no object.
struct One;

impl<'de> DeserializeSeed<'de> for One {
    type Value = Option<Fields>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<Fields>, D::Error> {
        Fields::lenient(from, WANTED)
    }
}

impl Record {
    fn of(fields: &Fields) -> Result<Self, String> {
        let name = fields.text("name").filter(|name| is_name(name)).ok_or("a package with no valid `name`")?;
        let version = fields.text("version").filter(|version| stated::is_word(version));
        let version = version.ok_or_else(|| format!("`{name}` with no valid `version`"))?;
        let stands_for = fields.keys("provide").chain(fields.keys("replace"));
        let author = fields.get("authors").and_then(|authors| authors.get(0));
        let part = |name: &str| author.and_then(|author| author.get(name)).and_then(Value::as_str);
        Ok(Self {
            name: name.to_owned(),
            version: version.to_owned(),
            licence: stated::any_licence(fields.texts("license")),
            supplier: stated::person(part("name"), part("email")),
            homepage: fields.text("homepage").and_then(stated::link),
            summary: fields.text("description").and_then(stated::line),
            requires: fields.keys("require").map(str::to_ascii_lowercase).collect(),
            stands_for: stands_for.map(str::to_ascii_lowercase).collect(),
            folder: folder(fields, name),
        })
    }
}

/// `vendor/name` (<https://getcomposer.org/doc/04-schema.md#name>); capitals are from before they were refused.
fn is_name(name: &str) -> bool {
    let part = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    let good = |text: &str| !text.is_empty() && !text.starts_with('.') && part(text);
    stated::is_word(name) && name.split_once('/').is_some_and(|(vendor, rest)| good(vendor) && good(rest))
}

/// Composer 2 says where a package lies; Composer 1 put it below the vendor folder by its name.
fn folder(fields: &Fields, name: &str) -> Option<String> {
    match fields.get("install-path") {
        Some(Value::String(path)) => Some(path.clone()),
        Some(_) => None,
        None if fields.text("type") == Some("metapackage") => None,
        None => Some(format!("../{name}")),
    }
}
