//! One `package.json` (<https://docs.npmjs.com/cli/configuring-npm/package-json>).

use super::super::json::{Fields, NotJson};
use super::super::stated;
use crate::view::File;
use model::{Licence, Unknown, UnknownKind};
use serde_json::Value;

/// What we use of a manifest.
pub(super) struct Manifest {
    /// `name` or `@scope/name`.
    pub(super) name: String,
    /// As written; empty where what is written is none.
    pub(super) version: String,
    /// Says that it was never meant to be published.
    pub(super) private: bool,
    /// Any one of the licences stated.
    pub(super) licence: Licence,
    /// The author, or else the first maintainer.
    pub(super) supplier: Option<String>,
    /// A link.
    pub(super) homepage: Option<String>,
    /// One line.
    pub(super) summary: Option<String>,
    /// Names needed at run time, optional and peer ones among them.
    pub(super) needs: Vec<String>,
    /// Names of the dependencies that are shipped inside.
    pub(super) bundles: Vec<String>,
}

/// Why a manifest makes no package.
pub(super) enum Bad {
    /// It is no JSON object.
    NotJson(NotJson),
    /// It has neither a name nor a version: a marker.
    Marker,
    /// One of name and version is missing or cannot be one.
    Nameless(&'static str),
}

const WANTED: &[&str] = &[
    "name",
    "version",
    "private",
    "license",
    "licenses",
    "author",
    "maintainers",
    "homepage",
    "description",
    "dependencies",
    "optionalDependencies",
    "peerDependencies",
    "bundleDependencies",
    "bundledDependencies",
];

impl Manifest {
    /// Reads a manifest.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Bad> {
        let fields = Fields::read(bytes, WANTED).map_err(Bad::NotJson)?;
        let (name, version) = (fields.text("name"), fields.text("version").map(str::trim));
        if name.is_none() && version.is_none() {
            return Err(Bad::Marker);
        }
        let name = name.filter(|name| is_name(name)).ok_or(Bad::Nameless("no valid `name`"))?;
        if fields.get("version").is_none() {
            return Err(Bad::Nameless("no valid `version`"));
        }
        let version = version.filter(|version| stated::is_word(version)).unwrap_or_default();
        let needs = ["dependencies", "optionalDependencies", "peerDependencies"];
        Ok(Self {
            name: name.to_owned(),
            version: version.to_owned(),
            private: fields.get("private").is_some_and(|value| *value == Value::Bool(true)),
            licence: licence(&fields),
            supplier: supplier(&fields),
            homepage: fields.text("homepage").and_then(stated::link),
            summary: fields.text("description").and_then(stated::line),
            needs: needs.iter().flat_map(|field| fields.keys(field)).map(str::to_owned).collect(),
            bundles: bundles(&fields),
        })
    }
}

/// `name` or `@scope/name`, with nothing in it that could be a path
/// (<https://github.com/npm/validate-npm-package-name>, with its leniency for old names).
fn is_name(name: &str) -> bool {
    let bare = match name.strip_prefix('@') {
        Some(scoped) => match scoped.split_once('/') {
            Some((scope, bare)) if !scope.is_empty() => bare,
            _ => return false,
        },
        None => name,
    };
    stated::is_word(name) && !bare.is_empty() && !bare.starts_with('.') && !bare.contains(['/', '\\', '@', '%'])
}

/// `license`: an expression, or the older `{type, url}`; and the older still list `licenses`.
fn licence(fields: &Fields) -> Licence {
    let mut words: Vec<&str> = Vec::new();
    for field in ["license", "licenses"] {
        match fields.get(field) {
            Some(Value::Array(many)) => words.extend(many.iter().filter_map(licence_word)),
            Some(one) => words.extend(licence_word(one)),
            None => {}
        }
    }
    stated::any_licence(words)
}

fn licence_word(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("type")?.as_str()).or_else(|| value.get("name")?.as_str())
}

fn supplier(fields: &Fields) -> Option<String> {
    let first = |value: &Value| match value {
        Value::Array(many) => many.iter().find_map(someone),
        one => someone(one),
    };
    fields.get("author").and_then(first).or_else(|| fields.get("maintainers").and_then(first))
}

/// A person as `Name <mail> (link)` or as an object of these.
fn someone(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => stated::line(text.split(" (").next().unwrap_or(text)),
        Value::Object(parts) => {
            let part = |name: &str| parts.get(name).and_then(Value::as_str);
            stated::person(part("name"), part("email"))
        }
        _ => None,
    }
}

/// The names listed, or all dependencies if the list is just `true`.
fn bundles(fields: &Fields) -> Vec<String> {
    let field = if fields.get("bundleDependencies").is_some() { "bundleDependencies" } else { "bundledDependencies" };
    match fields.get(field) {
        Some(Value::Bool(true)) => fields.keys("dependencies").map(str::to_owned).collect(),
        _ => fields.texts(field).into_iter().map(str::to_owned).collect(),
    }
}

impl Bad {
    /// Whether the file itself makes no sense.
    pub(super) fn is_no_json(&self) -> bool {
        matches!(self, Self::NotJson(_))
    }

    /// The gap it leaves, if it leaves one.
    pub(super) fn unknown(self, file: File<'_>) -> Option<Unknown> {
        let unknown = match self {
            Self::Marker => return None,
            Self::NotJson(error) => {
                Unknown::new(UnknownKind::BadRecord, format!("no JSON: {}", error.why)).byte(error.offset)
            }
            Self::Nameless(why) => Unknown::new(UnknownKind::BadRecord, format!("a package with {why}")),
        };
        Some(unknown.at(file.path))
    }
}
