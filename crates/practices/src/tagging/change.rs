//! What changed when a tag moved, in words, as far as it is known.

use crate::past::{Contents, Span};
use crate::words::{clipped, count, listed};
use model::Digest;
use std::collections::{BTreeMap, BTreeSet};

/// ``named `sha256:a…` until T, `sha256:b…` since T; what changed``.
pub(super) fn told(before: &Span, after: &Span) -> String {
    let digest = |span: &Span| span.digest.map(|d| d.to_string()).unwrap_or_default();
    let how = if after.proved { "" } else { " (claimed, not proved)" };
    format!(
        "it named `{}` until {}, and `{}`{how} since {}; {}",
        digest(before),
        before.to,
        digest(after),
        after.from,
        changed(&before.contents, &after.contents)
    )
}

/// What differs between two contents; what is not known is said.
fn changed(a: &Contents, b: &Contents) -> String {
    let mut said = Vec::new();
    let mut unknown = Vec::new();
    match (&a.platforms, &b.platforms) {
        (Some(a), Some(b)) => said.push(platforms(a, b)),
        (None, None) => {}
        (Some(_), None) => said.push("an index became a single image".to_owned()),
        (None, Some(_)) => said.push("a single image became an index".to_owned()),
    }
    match (&a.layers, &b.layers) {
        (Some(a), Some(b)) => said.push(layers(a, b)),
        _ => unknown.push("layers"),
    }
    match (&a.labels, &b.labels) {
        (Some(a), Some(b)) => said.push(differences("label", a, b)),
        _ => unknown.push("labels"),
    }
    match (&a.packages, &b.packages) {
        (Some(a), Some(b)) => said.push(differences("package", a, b)),
        _ => unknown.push("packages"),
    }
    if !unknown.is_empty() {
        said.push(format!("{}: not known", unknown.join(", ")));
    }
    said.join("; ")
}

fn platforms(a: &BTreeMap<String, Digest>, b: &BTreeMap<String, Digest>) -> String {
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let (same, other): (Vec<&String>, Vec<&String>) = names.into_iter().partition(|name| a.get(*name) == b.get(*name));
    let list = |names: &[&String]| listed(names.iter().map(|name| clipped(name)));
    match (other.is_empty(), same.is_empty()) {
        (true, _) => "every platform has the same image".to_owned(),
        (false, true) => format!("other images for {}", list(&other)),
        (false, false) => format!("other images for {}, the same for {}", list(&other), list(&same)),
    }
}

fn layers(a: &[Digest], b: &[Digest]) -> String {
    let kept = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    match b.len() - kept {
        0 if a.len() == b.len() => "the same layers".to_owned(),
        0 => format!("{} fewer on top of the same", count((a.len() - kept) as u64, "layer")),
        new => format!("{} of {} new, the lowest {kept} kept", count(new as u64, "layer"), b.len()),
    }
}

fn differences(noun: &str, a: &BTreeMap<String, String>, b: &BTreeMap<String, String>) -> String {
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let one = |name: &String| match (a.get(name), b.get(name)) {
        (Some(old), Some(new)) if old != new => Some(format!("{} {} → {}", clipped(name), clipped(old), clipped(new))),
        (Some(old), None) => Some(format!("{} {} is gone", clipped(name), clipped(old))),
        (None, Some(new)) => Some(format!("{} {} is new", clipped(name), clipped(new))),
        _ => None,
    };
    let differing: Vec<String> = names.into_iter().filter_map(one).collect();
    if differing.is_empty() { format!("the same {noun}s") } else { format!("{noun}s: {}", listed(differing.iter())) }
}
