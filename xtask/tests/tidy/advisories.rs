//! No dependency has a hole that is known: `Cargo.lock` against RustSec's advisories, as of `testdata/rustsec`.

use semver::Version;

use crate::{none, read, root};

/// Advisories that do not touch us, each with the reason. An entry that matches nothing fails, too.
const ACCEPTED: [(&str, &str); 0] = [];

/// One advisory on one crate.
struct Advisory<'a> {
    id: &'a str,
    name: &'a str,
    kind: &'a str,
    spans: &'a str,
}

fn advisories(table: &str) -> Vec<Advisory<'_>> {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
        [id, name, kind, spans, _licence] => Advisory { id, name, kind, spans },
        _ => panic!("not five columns: {line}"),
    })
    .collect()
}

/// Whether a version lies in `introduced..fixed` spans; an open end has no fix yet.
fn affected(version: &Version, spans: &str) -> bool {
    spans.split(' ').any(|span| {
        let (from, to) = span.split_once("..").expect("introduced..fixed");
        let before_fix = to.is_empty() || *version < version_of(to);
        before_fix && (from == "0" || version_of(from) <= *version)
    })
}

fn version_of(text: &str) -> Version {
    Version::parse(text).unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

fn locked() -> Vec<(String, Version)> {
    let lock: toml::Table = read(&root().join("Cargo.lock")).parse().expect("TOML");
    let packages = lock["package"].as_array().expect("packages").iter();
    let text = |package: &toml::Value, key: &str| package[key].as_str().expect("a text").to_owned();
    let foreign = packages.filter(|package| package.get("source").is_some());
    foreign.map(|package| (text(package, "name"), version_of(&text(package, "version")))).collect()
}

#[test]
fn no_dependency_has_a_known_hole() {
    let table = read(&root().join("testdata/rustsec/crates-io.tsv"));
    let advisories = advisories(&table);
    assert!(advisories.len() > 1000, "the table is there");
    let mut wrong = Vec::new();
    let mut used = Vec::new();
    for (name, version) in locked() {
        for advisory in advisories.iter().filter(|a| a.name == name && affected(&version, a.spans)) {
            if ACCEPTED.iter().any(|(id, _)| *id == advisory.id) {
                used.push(advisory.id);
            } else {
                wrong.push(format!("{name} {version}: {} ({}): {}", advisory.id, advisory.kind, advisory.spans));
            }
        }
    }
    none(&wrong);
    for (id, reason) in ACCEPTED {
        assert!(used.contains(&id), "{id} is accepted ({reason}) but matches nothing");
    }
}

#[test]
fn spans() {
    let check = |version: &str, spans: &str, expected: bool| {
        assert_eq!(affected(&version_of(version), spans), expected, "{version} in {spans}");
    };
    check("1.2.3", "0.0.0-0..1.2.4", true);
    check("1.2.4", "0.0.0-0..1.2.4", false);
    check("1.2.4-rc.1", "0.0.0-0..1.2.4", true);
    check("9.0.0", "1.0.0..2.0.0 3.0.0..", true);
    check("2.5.0", "1.0.0..2.0.0 3.0.0..", false);
    check("0.0.1", "0..", true);
}
