//! BuildKit's provenance as far as it says which line of a Dockerfile made which layer
//! (<https://github.com/moby/buildkit/blob/v0.30.0/docs/attestations/slsa-definitions.md>).
//!
//! Read from in-toto statements with SLSA provenance 0.2 or 1, made with `mode=max`: `source` maps steps of the build to
//! ranges of lines and holds the Dockerfile itself, `layers` maps outputs of steps to chains of layers. The last layer of
//! a chain is what its step added, if the step added something. It is a claim of the builder; who holds it to be true
//! checks a signature elsewhere.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::Digest;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The longest statement that is read.
pub const LONGEST_STATEMENT: usize = 32 << 20;
/// The beginning of the predicate types that are read.
pub const PROVENANCE: &str = "https://slsa.dev/provenance/";

/// Which lines of a file made which layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineMap {
    /// The file's name, as the builder was given it.
    pub name: String,
    /// The file.
    pub text: Vec<u8>,
    /// First and last line, from 1, by the digest of the stored layer.
    pub lines: BTreeMap<Digest, (u32, u32)>,
}

/// Why a statement could not be read.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// Longer than any real one.
    #[error("the provenance is {0} bytes long: at most {LONGEST_STATEMENT} are read")]
    TooLong(usize),
    /// No JSON of this shape.
    #[error("the provenance is not valid: {0}")]
    Json(#[from] serde_json::Error),
    /// The copy of the file is no base64.
    #[error("the provenance's copy of `{0}` is not valid base64")]
    Base64(String),
}

#[derive(Deserialize)]
struct Statement {
    predicate: Predicate,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    /// SLSA 0.2.
    metadata: Option<Metadata>,
    /// SLSA 1.
    run_details: Option<RunDetails>,
}

#[derive(Deserialize)]
struct RunDetails {
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(alias = "https://mobyproject.org/buildkit@v1#metadata")]
    buildkit_metadata: Option<BuildKit>,
}

#[derive(Deserialize)]
struct BuildKit {
    source: Option<Source>,
    #[serde(default)]
    layers: BTreeMap<String, Vec<Vec<Layer>>>,
}

#[derive(Deserialize)]
struct Source {
    #[serde(default)]
    locations: BTreeMap<String, Locations>,
    #[serde(default)]
    infos: Vec<Info>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Locations {
    locations: Vec<Location>,
}

/// Protocol buffers leave out what is zero.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Location {
    source_index: usize,
    ranges: Vec<Range>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Position {
    line: u32,
}

#[derive(Deserialize)]
struct Info {
    #[serde(default)]
    filename: String,
    #[serde(default)]
    data: String,
}

#[derive(Deserialize)]
struct Layer {
    digest: Digest,
}

/// The map in a statement; `None` if the builder put none there (`mode=min`, or another builder).
///
/// # Errors
/// [`StatementError`]
pub fn line_map(statement: &[u8]) -> Result<Option<LineMap>, StatementError> {
    if statement.len() > LONGEST_STATEMENT {
        return Err(StatementError::TooLong(statement.len()));
    }
    let predicate = serde_json::from_slice::<Statement>(statement)?.predicate;
    let metadata = predicate.run_details.and_then(|run| run.metadata).or(predicate.metadata);
    let Some(built) = metadata.and_then(|metadata| metadata.buildkit_metadata) else { return Ok(None) };
    let Some(source) = built.source else { return Ok(None) };
    // The frontend's own file comes first; an included one would have a number of its own.
    let Some(info) = source.infos.first().filter(|info| !info.data.is_empty()) else { return Ok(None) };
    let text = STANDARD.decode(&info.data).map_err(|_| StatementError::Base64(info.filename.clone()))?;
    let mut lines = BTreeMap::new();
    for (layer, step) in added(&built.layers) {
        if let Some(range) = source.locations.get(step).and_then(lines_of) {
            lines.insert(layer, range);
        }
    }
    Ok(Some(LineMap { name: info.filename.clone(), text, lines }))
}

/// For each layer the step that added it: of all chains that end with it the one of the first step. A step that added
/// nothing ends with the layer of the step before, which is why the order of steps decides.
fn added(layers: &BTreeMap<String, Vec<Vec<Layer>>>) -> BTreeMap<Digest, &str> {
    let mut steps: Vec<(usize, &str, &Vec<Vec<Layer>>)> = layers
        .iter()
        .filter_map(|(output, chains)| {
            let step = output.split(':').next()?;
            Some((step.strip_prefix("step")?.parse().ok()?, step, chains))
        })
        .collect();
    steps.sort_by_key(|(number, ..)| *number);
    let mut found = BTreeMap::new();
    for (_, step, chains) in steps {
        for layer in chains.iter().filter_map(|chain| chain.last()) {
            found.entry(layer.digest).or_insert(step);
        }
    }
    found
}

/// The lines of a step's last place in the first file.
fn lines_of(locations: &Locations) -> Option<(u32, u32)> {
    let location = locations.locations.iter().find(|l| l.source_index == 0)?;
    let first = location.ranges.iter().map(|range| range.start.line).min()?;
    let last = location.ranges.iter().map(|range| range.end.line.max(range.start.line)).max()?;
    (first > 0).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(name: &str) -> Digest {
        Digest::of(name.as_bytes())
    }

    fn metadata() -> String {
        let layer = |name| format!(r#"{{"mediaType":"m","digest":"{}","size":1}}"#, digest(name));
        let (a, b, c) = (layer("a"), layer("b"), layer("c"));
        let range = |from, to| {
            format!(r#"{{"locations":[{{"ranges":[{{"start":{{"line":{from}}},"end":{{"line":{to}}}}}]}}]}}"#)
        };
        let data = STANDARD.encode("FROM x\nRUN a && \\\n b\nCOPY c /\n");
        format!(
            r#"{{"vcs":{{}},"source":{{"locations":{{"step0":{},"step1":{},"step2":{{}},"step10":{}}},
            "infos":[{{"filename":"Dockerfile","language":"Dockerfile","data":"{data}","llbDefinition":[]}}]}},
            "layers":{{"step0:0":[[{a}]],"step1:0":[[{a},{b}]],"step10:0":[[{a},{b},{c}]],"step2:0":[[]]}}}}"#,
            range(1, 1),
            range(2, 3),
            range(4, 4),
        )
    }

    #[test]
    fn both_versions_of_slsa() {
        let metadata = metadata();
        let old = format!(
            r#"{{"predicateType":"https://slsa.dev/provenance/v0.2","predicate":{{"metadata":{{"https://mobyproject.org/buildkit@v1#metadata":{metadata}}}}}}}"#
        );
        let new = format!(r#"{{"predicate":{{"runDetails":{{"metadata":{{"buildkit_metadata":{metadata}}}}}}}}}"#);
        let map = line_map(old.as_bytes()).unwrap().unwrap();
        assert_eq!(map.name, "Dockerfile");
        assert!(map.text.starts_with(b"FROM x\n"));
        let expected = [("a", (1, 1)), ("b", (2, 3)), ("c", (4, 4))].map(|(name, lines)| (digest(name), lines));
        assert_eq!(map.lines, BTreeMap::from(expected));
        assert_eq!(line_map(new.as_bytes()).unwrap().unwrap(), map);
    }

    /// What BuildKit itself wrote (testdata/buildkit/README.md).
    #[test]
    fn a_real_builds_lines() {
        const V02: &[u8] = include_bytes!("../../../testdata/buildkit/provenance-v0.2.json");
        const V1: &[u8] = include_bytes!("../../../testdata/buildkit/provenance-v1.json");
        const IMAGE: &str = include_str!("../../../testdata/buildkit/image.json");
        let image: serde_json::Value = serde_json::from_str(IMAGE).unwrap();
        for statement in [V02, V1] {
            let map = line_map(statement).unwrap().unwrap();
            assert_eq!(map.text, include_bytes!("../../../testdata/buildkit/Dockerfile"));
            let layers = image["layers"].as_array().unwrap().iter().map(|l| l.as_str().unwrap().parse().unwrap());
            let lines: Vec<u32> = layers.map(|layer: Digest| map.lines[&layer].0).collect();
            assert_eq!(lines, [4, 13, 16, 18, 20, 24, 29, 30, 34]);
        }
    }

    #[test]
    fn less_is_no_map_and_worse_an_error() {
        for none in [
            r#"{"predicate":{}}"#,
            r#"{"predicate":{"metadata":{}}}"#,
            r#"{"predicate":{"runDetails":{"metadata":{"buildkit_metadata":{"vcs":{}}}}}}"#,
        ] {
            assert!(line_map(none.as_bytes()).unwrap().is_none(), "{none}");
        }
        for bad in [
            "",
            "{}",
            "[]",
            r#"{"predicate":{"metadata":{"buildkit_metadata":{"layers":{"step0:0":[[{"digest":"x"}]]}}}}}"#,
        ] {
            assert!(line_map(bad.as_bytes()).is_err(), "{bad}");
        }
        let bad =
            r#"{"predicate":{"metadata":{"buildkit_metadata":{"source":{"infos":[{"filename":"D","data":"%"}]}}}}}"#;
        assert!(matches!(line_map(bad.as_bytes()), Err(StatementError::Base64(_))));
    }
}
