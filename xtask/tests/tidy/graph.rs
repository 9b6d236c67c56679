//! The crate graph is a list, so that a short cut between rooms is a decision and not an accident.

use crate::{entries, name, none, read, root};

/// Who may use whom. Everything may use `model`, which uses nothing; the program may use everything.
const EDGES: [(&str, &[&str]); 10] = [
    ("model", &[]),
    ("transport", &[]),
    ("testkit", &[]),
    ("facts", &[]),
    ("rewrite", &["facts"]),
    ("documents", &["facts"]),
    ("signing", &[]),
    ("sources", &[]),
    ("advisories", &["documents"]),
    ("ledger", &["facts", "documents"]),
];
const PRACTICES: &[&str] = &["facts", "sources", "advisories"];

fn allowed(from: &str, to: &str) -> bool {
    match from {
        // Tests name it in `dev-dependencies`, which are free.
        _ if to == "testkit" => false,
        "plimsoll" => true,
        "model" => false,
        _ if to == "model" => true,
        "practices" => PRACTICES.contains(&to),
        _ => EDGES.iter().any(|(room, uses)| *room == from && uses.contains(&to)),
    }
}

#[test]
fn crates_use_only_those_they_may() {
    let crates = entries(&root().join("crates"));
    let names: Vec<String> = crates.iter().map(|path| name(path)).collect();
    let mut wrong = Vec::new();
    for path in &crates {
        let manifest: toml::Table = read(&path.join("Cargo.toml")).parse().expect("TOML");
        let used = manifest.get("dependencies").and_then(toml::Value::as_table).into_iter().flatten();
        for (to, _) in used.filter(|(to, _)| names.contains(to)) {
            if !allowed(&name(path), to) {
                wrong.push(format!("{} may not use {to}", name(path)));
            }
        }
        let known =
            ["plimsoll", "practices"].contains(&&*name(path)) || EDGES.iter().any(|(room, _)| *room == name(path));
        if !known {
            wrong.push(format!("{} is not a room of the house", name(path)));
        }
    }
    none(&wrong);
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let mut wrong = Vec::new();
    for path in entries(&root().join("crates")).into_iter().chain([root().join("xtask")]) {
        let manifest: toml::Table = read(&path.join("Cargo.toml")).parse().expect("TOML");
        let own = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        if own != Some(true) {
            wrong.push(format!("{} lacks `[lints] workspace = true`", name(&path)));
        }
    }
    none(&wrong);
}

#[test]
fn every_room_is_told_of() {
    let (house, work) = (read(&root().join("ARCHITECTURE.md")), read(&root().join("CONTRIBUTING.md")));
    let mut wrong = Vec::new();
    for room in entries(&root().join("crates")).iter().map(|path| name(path)) {
        if !house.contains(&format!("\n  {room}/ ")) {
            wrong.push(format!("ARCHITECTURE.md does not say what `{room}` holds"));
        }
        if !work.contains(&format!("\n| `crates/{room}` |")) {
            wrong.push(format!("CONTRIBUTING.md does not say what `{room}` holds"));
        }
    }
    none(&wrong);
}
