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

#[cfg(test)]
mod tests {
    use super::*;

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
