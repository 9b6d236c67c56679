//! What `docker inspect` says of an image, as of the engine's API 1.41
//! (<https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageInspect>), from an engine's
//! own answer or from an image that no engine holds.
//!
//! An image's config says most of it. What only an engine can know (the size on its disk, its storage, when it tagged
//! the image, the image it was built upon) is not made up: it is left out of the document, and a template that asks
//! for it gets `<no value>`, and is told so.

mod compose;
mod indent;
mod shape;

#[cfg(test)]
mod tests;

pub use compose::Named;

use crate::go_template::{MissingKey, Template, TemplateError, Value, Written, json_text};
use model::oci::ImageConfig;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Fields that only the engine which holds the image knows.
const LOCAL: [&str; 5] = ["Parent", "Size", "VirtualSize", "GraphDriver", "Metadata"];

/// Docker's document about one image.
#[derive(Debug)]
pub struct Document {
    /// With the types of a Docker client, whose fields have other names than the document's in places: `.ID`.
    typed: Value,
    /// As any JSON.
    plain: Value,
    text: String,
    local: bool,
}

impl Document {
    /// An engine's answer, which is kept as it is.
    ///
    /// # Errors
    /// The answer is no JSON object.
    pub fn of_engine(answer: &[u8]) -> Result<Self, serde_json::Error> {
        let fields: serde_json::Map<String, Json> = serde_json::from_slice(answer)?;
        let text = String::from_utf8_lossy(answer).trim().to_owned();
        Ok(Self { typed: shape::image(&fields, true), plain: plain(&Json::Object(fields)), text, local: true })
    }

    /// The document of an image that no engine was asked about, from its config and the names it was found by.
    pub fn of_image(config: &ImageConfig, named: &Named) -> Self {
        let fields = compose::fields(config, named);
        let typed = shape::image(&fields, false);
        let text = json_text(&typed);
        // Read again from what is shown, so that a template sees what a reader sees.
        let shown: Json = serde_json::from_str(&text).unwrap_or_default();
        Self { typed, plain: with_local(plain(&shown)), text, local: false }
    }

    /// The fields that are missing because only an engine knows them.
    pub fn left_out(&self) -> &'static [&'static str] {
        if self.local { &[] } else { &LOCAL }
    }

    /// Several documents as Docker prints them: a list, indented by four.
    pub fn list(documents: &[Self]) -> String {
        let texts: Vec<&str> = documents.iter().map(|document| document.text.as_str()).collect();
        indent::indented(&format!("[{}]", texts.join(","))) + "\n"
    }

    /// What `template` writes. As Docker's command line does, the types of its client come first, and if the template
    /// does not fit them, the plain document, in which an absent key is an error.
    ///
    /// # Errors
    /// What Go says of the template over the plain document.
    pub fn format(&self, template: &Template) -> Result<Written, TemplateError> {
        let typed = template.execute(&self.typed, MissingKey::NoValue);
        typed.or_else(|_| template.execute(&self.plain, MissingKey::Error))
    }
}

/// JSON with the types that Go gives to any JSON.
fn plain(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => Value::Text(crate::go_template::Text::Number, number.to_string().into()),
        Json::String(text) => Value::text(text),
        Json::Array(items) => Value::List("[]interface {}", Some(items.iter().map(plain).collect())),
        Json::Object(fields) => {
            let entries: BTreeMap<String, Value> =
                fields.iter().map(|(key, json)| (key.clone(), plain(json))).collect();
            Value::Map("map[string]interface {}", Value::Nil.into(), Some(entries.into()))
        }
    }
}

fn with_local(document: Value) -> Value {
    let Value::Map(of, absent, Some(entries)) = document else { return document };
    let mut entries = (*entries).clone();
    entries.extend(LOCAL.map(|name| (name.to_owned(), Value::Elsewhere(name))));
    Value::Map(of, absent, Some(entries.into()))
}
