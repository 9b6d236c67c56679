//! Each kind of text, pinned byte for byte. In what is expected, `D` stands for the digest.

mod actions;
mod bake;
mod compose;
mod devcontainer;
mod dockerfile;
mod gitlab;
mod helm;
mod hostile;
mod kubernetes;
mod kustomize;
mod pattern;
mod properties;
mod terraform;

use model::Digest;
use sources::{Edit, Grammar, Kind};

/// The digest of every image.
fn digest() -> Digest {
    Digest::of(b"the image")
}

/// What `grammar` makes of a text whose every image that can be pinned is pinned.
fn pinned(grammar: &Grammar, text: &str) -> String {
    let mentions = grammar.find(text).unwrap_or_else(|e| panic!("{text}\n{e}"));
    let edits: Vec<Edit> =
        mentions.iter().filter(|m| m.reference().is_some()).filter_map(|m| m.pin(&digest())).collect();
    grammar.edit(text, &edits).unwrap_or_else(|e| panic!("{text}\n{e}"))
}

/// Pins a text; pins it again, which must change nothing.
fn check(kind: Kind, text: &str, expected: &str) {
    let grammar = Grammar::Kind(kind);
    let once = pinned(&grammar, text);
    assert_eq!(once.replace(&digest().to_string(), "D"), expected);
    assert_eq!(pinned(&grammar, &once), once, "a second time");
}

/// The same with every line's end as Windows has it, with a byte order mark, and without the last line's end.
fn check_everywhere(kind: Kind, text: &str, expected: &str) {
    check(kind, text, expected);
    let windows = |t: &str| t.replace('\n', "\r\n");
    check(kind, &windows(text), &windows(expected));
    check(kind, &format!("\u{feff}{text}"), &format!("\u{feff}{expected}"));
    let cut = |t: &str| t.strip_suffix('\n').unwrap_or(t).to_owned();
    check(kind, &cut(text), &cut(expected));
}

/// What is left alone, and why; everything else of the text is pinned.
fn left(kind: Kind, text: &str, expected: &[&str]) {
    let mentions = sources::find(kind, text).unwrap_or_else(|e| panic!("{text}\n{e}"));
    let shown = mentions.iter().filter_map(|m| Some(format!("{}: {}", m.written, m.obstacle.as_ref()?)));
    assert_eq!(shown.collect::<Vec<_>>(), expected, "{text}");
}

/// What is found, by role.
fn roles(kind: Kind, text: &str, expected: &[&str]) {
    let mentions = sources::find(kind, text).unwrap_or_else(|e| panic!("{text}\n{e}"));
    let shown = mentions.iter().map(|m| {
        let platform = m.platform.as_ref().map(|p| format!(" for {p}")).unwrap_or_default();
        format!("{} {}{platform}", m.role.word(), m.written)
    });
    assert_eq!(shown.collect::<Vec<_>>(), expected, "{text}");
}
