//! Flat settings of other tools in YAML: one map in a map, each value a word or a number.

use crate::SourceError;
use crate::span::{Lines, Position};
use crate::tree::yaml;

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its key.
    pub key: String,
    /// Its value, without quotes.
    pub value: String,
    /// Where the value stands.
    pub at: Position,
}

/// The settings in the map `section` of the first document; none if there is no such map.
///
/// # Errors
/// [`SourceError`] if the text is no YAML.
pub fn settings(text: &str, section: &str) -> Result<Vec<Setting>, SourceError> {
    let tree = yaml::parse(text)?;
    let lines = Lines::new(text);
    let inside = tree.roots.first().and_then(|root| tree.get(*root, section));
    let setting = |(key, value): (&str, usize)| {
        let scalar = tree.scalar(value)?;
        let at = lines.position(scalar.span.start, text);
        Some(Setting { key: key.to_owned(), value: scalar.value.clone(), at })
    };
    Ok(inside.map(|id| tree.entries(id)).unwrap_or_default().into_iter().filter_map(setting).collect())
}

/// All settings of the first document, with those of maps in maps as `outer.inner`; each item of a list is one of its key.
///
/// # Errors
/// [`SourceError`] if the text is no YAML.
pub fn all_settings(text: &str) -> Result<Vec<Setting>, SourceError> {
    let tree = yaml::parse(text)?;
    let lines = Lines::new(text);
    let mut found = Vec::new();
    let mut push = |key: &str, id: usize| {
        // What is no list has no items, and is one itself.
        let one = [id];
        for id in tree.items(id).iter().chain(one.iter().filter(|id| tree.scalar(**id).is_some())) {
            if let Some(scalar) = tree.scalar(*id) {
                let at = lines.position(scalar.span.start, text);
                found.push(Setting { key: key.to_owned(), value: scalar.value.clone(), at });
            }
        }
    };
    for (key, id) in tree.roots.first().map(|root| tree.entries(*root)).unwrap_or_default() {
        if tree.is_map(id) {
            tree.entries(id).into_iter().for_each(|(inner, id)| push(&format!("{key}.{inner}"), id));
        } else {
            push(key, id);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_maps_in_maps() {
        let text = "ignored:\n  - A\n  - B\noverride:\n  error: [C]\n  x: y\nstrict: true\nnone: []\n";
        let found: Vec<String> =
            all_settings(text).unwrap().iter().map(|s| format!("{}={} {}", s.key, s.value, s.at.line)).collect();
        assert_eq!(found, ["ignored=A 2", "ignored=B 3", "override.error=C 5", "override.x=y 6", "strict=true 7"]);
    }

    #[test]
    fn a_map_in_a_map() {
        let text = "# as dive writes it\nrules:\n  lowestEfficiency: 0.95\n  highestWastedBytes: \"20MB\"\nother: 1\n";
        let found: Vec<String> =
            settings(text, "rules").unwrap().iter().map(|s| format!("{}={} {}", s.key, s.value, s.at.line)).collect();
        assert_eq!(found, ["lowestEfficiency=0.95 3", "highestWastedBytes=20MB 4"]);
        assert_eq!(settings(text, "nothing"), Ok(Vec::new()));
        assert_eq!(settings("", "rules"), Ok(Vec::new()));
        assert!(settings("rules: [", "rules").is_err());
    }
}
