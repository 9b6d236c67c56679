//! Where an image states its provenance: labels in its config, annotations on its manifest or index.

use crate::evidence::{Evidence, Missing};
use crate::rule::{Checked, Hit};
use crate::words::quoted;
use std::collections::BTreeMap;
use std::fmt;

/// What all of OCI's keys begin with.
pub(super) const PREFIX: &str = "org.opencontainers.image.";

/// One statement: a key of OCI's and its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stated<'a> {
    /// The key without [`PREFIX`].
    pub(super) key: &'a str,
    pub(super) value: &'a str,
    place: &'static str,
}

impl fmt::Display for Stated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} {PREFIX}{} is {}", self.place, model::escaped(self.key), quoted(self.value))
    }
}

/// Every statement under OCI's keys: labels first, then the manifest's and the index's annotations.
pub(super) fn all<'a>(evidence: &Evidence<'a>) -> Result<Vec<Stated<'a>>, Missing> {
    let labels = &evidence.needs_config()?.config.labels;
    let manifest = evidence.manifest.map(|m| ("manifest annotation", &m.annotations));
    let index = evidence.index.map(|i| ("index annotation", &i.annotations));
    let places = [Some(("label", labels)), manifest, index].into_iter().flatten();
    Ok(places.flat_map(|(place, map)| ours(place, map)).collect())
}

fn ours<'a>(place: &'static str, map: &'a BTreeMap<String, String>) -> impl Iterator<Item = Stated<'a>> {
    let stated = move |(key, value): (&'a String, &'a String)| {
        key.strip_prefix(PREFIX).map(|key| Stated { key, value: value.trim(), place })
    };
    map.iter().filter_map(stated)
}

/// The statements under one of these keys that say something.
pub(super) fn of<'a>(evidence: &Evidence<'a>, keys: &[&str]) -> Result<Vec<Stated<'a>>, Missing> {
    let mut found = all(evidence)?;
    found.retain(|s| keys.contains(&s.key) && !s.value.is_empty());
    Ok(found)
}

/// A hit if nothing states `key`, not even emptily. `old` is label-schema.org's key for the same.
pub(super) fn missing(evidence: &Evidence<'_>, key: &str, old: &str, example: &str) -> Checked {
    if all(evidence)?.iter().any(|s| s.key == key) {
        return Ok(Vec::new());
    }
    let config = evidence.needs_config()?;
    let old = config.config.labels.get(&format!("org.label-schema.{old}")).map(|value| (old, value));
    let mut proof = format!("neither a label nor an annotation has the key {PREFIX}{key}");
    if let Some((old, value)) = old {
        proof.push_str(&format!("; the outdated org.label-schema.{old} is {}", quoted(value)));
    }
    let remedy = format!("add `--label {PREFIX}{key}={example}` to the build");
    let what = match key {
        "revision" => "from which source revision it was built",
        "created" => "when it was built",
        "source" => "where its source is",
        _ => "its version",
    };
    Ok(vec![Hit::new(format!("the image does not state {what}"), proof, remedy)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    fn stated(bench: &Bench) -> Vec<String> {
        of(&bench.evidence(), &["revision"]).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn annotations_count_and_say_what_they_are() {
        let mut bench = Bench::good();
        bench.label("revision", None);
        bench.annotate_manifest(r#"{"org.opencontainers.image.revision": "a1b2c3d4"}"#);
        bench.annotate_index(r#"{"org.opencontainers.image.revision": "main", "other": "x"}"#);
        insta::assert_snapshot!(stated(&bench).join("\n"), @"
        the manifest annotation org.opencontainers.image.revision is `a1b2c3d4`
        the index annotation org.opencontainers.image.revision is `main`
        ");
        assert_eq!(missing(&bench.evidence(), "revision", "vcs-ref", "x"), Ok(Vec::new()));
    }

    #[test]
    fn an_outdated_label_is_quoted() {
        let mut bench = Bench::good();
        bench.label("revision", None);
        bench.config().config.labels.insert("org.label-schema.vcs-ref".to_owned(), "a1b2c3d".to_owned());
        let hits = missing(&bench.evidence(), "revision", "vcs-ref", "x").unwrap();
        assert!(hits[0].proof.ends_with("the outdated org.label-schema.vcs-ref is `a1b2c3d`"));
    }
}
