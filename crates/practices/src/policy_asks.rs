//! `[base]` and `[provenance]`: what a policy asks of Dockerfiles beyond levels.

use super::{Fault, PolicyProblem, Read, Value, array, boolean, glob, string, table, unknown};
use crate::asks::{Asks, Shape};
use globset::GlobMatcher;
use std::collections::BTreeMap;

pub(super) fn trusted(value: &Value<'_>) -> Read<Vec<GlobMatcher>> {
    let mut hosts = Vec::new();
    for (key, value) in table(value)? {
        match key.get_ref().as_ref() {
            "trusted-registries" => {
                hosts = array(value)?.iter().map(glob).collect::<Read<_>>()?;
                // An empty list would trust all of them without a word.
                if hosts.is_empty() {
                    let hint = Some("leave the key out to trust every registry".to_owned());
                    return Err(Fault { at: value.span(), problem: PolicyProblem::Empty("trusted-registries"), hint });
                }
            }
            other => return Err(unknown(key.span(), other, PolicyProblem::Key, &["trusted-registries"])),
        }
    }
    Ok(hosts)
}

pub(super) fn labels(value: &Value<'_>, asks: &mut Asks) -> Read<()> {
    for (key, value) in table(value)? {
        match key.get_ref().as_ref() {
            "labels" => asks.labels = schema(value)?,
            "strict-labels" => asks.strict_labels = boolean(value)?,
            other => return Err(unknown(key.span(), other, PolicyProblem::Key, &["labels", "strict-labels"])),
        }
    }
    Ok(())
}

fn schema(value: &Value<'_>) -> Read<BTreeMap<String, Shape>> {
    let mut schema = BTreeMap::new();
    for (key, value) in table(value)? {
        let word = string(value)?;
        let shape = Shape::ALL.into_iter().find(|shape| shape.word() == word);
        let words = Shape::ALL.map(Shape::word);
        let shape = shape.ok_or_else(|| unknown(value.span(), word, PolicyProblem::Shape, &words))?;
        schema.insert(key.get_ref().as_ref().to_owned(), shape);
    }
    Ok(schema)
}

#[cfg(test)]
mod tests {
    use crate::Policy;

    #[test]
    fn what_is_asked_is_read_strictly() {
        let text =
            "[base]\ntrusted-registries = [\"*.corp\"]\n[provenance]\nstrict-labels = true\nlabels = { a = \"url\" }";
        let asks = Policy::parse(text).unwrap().asks;
        assert!(asks.trusted_registries[0].is_match("r.corp") && asks.strict_labels && asks.labels.len() == 1);
        for (text, expected) in [
            ("[base]\ntrusted-registries = []", "line 2, column 22: `trusted-registries` is empty"),
            ("[provenance]\nlabels = { a = \"link\" }", "line 2, column 16: unknown shape `link`"),
            ("[base]\ntrusted = []", "line 2, column 1: unknown key `trusted`"),
        ] {
            assert_eq!(Policy::parse(text).unwrap_err().to_string(), expected);
        }
    }
}
