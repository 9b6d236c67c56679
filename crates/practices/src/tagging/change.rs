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
    let platforms = match (&a.platforms, &b.platforms) {
        (Some(a), Some(b)) => Some(platforms(a, b)),
        (None, None) => None,
        (Some(_), None) => Some("an index became a single image".to_owned()),
        (None, Some(_)) => Some("a single image became an index".to_owned()),
    };
    platforms.into_iter().chain([inside(a, b)]).collect::<Vec<_>>().join("; ")
}

/// What differs inside of the images that are compared.
fn inside(a: &Contents, b: &Contents) -> String {
    // The images of two platforms differ whatever was pushed.
    let same_platform = a.of.is_none() || b.of.is_none() || a.of == b.of;
    let mut said = Vec::new();
    let mut unknown = Vec::new();
    match (&a.layers, &b.layers) {
        (Some(a), Some(b)) if same_platform => said.push(layers(a, b)),
        _ => unknown.push("layers"),
    }
    match (&a.labels, &b.labels) {
        (Some(a), Some(b)) if same_platform => said.push(differences("label", a, b)),
        _ => unknown.push("labels"),
    }
    match (&a.packages, &b.packages) {
        (Some(a), Some(b)) if same_platform => said.push(differences("package", a, b)),
        _ => unknown.push("packages"),
    }
    if let (Some(first), Some(platform)) = (said.first_mut(), b.of.as_ref().or(a.of.as_ref())) {
        *first = format!("that for {}: {first}", clipped(platform));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_of_an_index_are_compared_by_platform() {
        let index = |platform: &str, label: &str| Contents {
            platforms: Some([(platform.to_owned(), Digest::of(label.as_bytes()))].into()),
            of: Some(platform.to_owned()),
            layers: Some(vec![Digest::of(label.as_bytes())]),
            labels: Some([("version".to_owned(), label.to_owned())].into()),
            packages: None,
        };
        assert_eq!(
            changed(&index("linux/amd64", "1"), &index("linux/amd64", "2")),
            "other images for linux/amd64; that for linux/amd64: 1 layer of 1 new, the lowest 0 kept; \
             labels: version 1 → 2; packages: not known"
        );
        assert_eq!(
            changed(&index("linux/amd64", "1"), &index("linux/arm64", "2")),
            "other images for linux/amd64, linux/arm64; layers, labels, packages: not known"
        );
        let bare = Contents { of: None, platforms: None, ..index("linux/amd64", "2") };
        assert!(
            changed(&index("linux/amd64", "1"), &bare)
                .starts_with("an index became a single image; that for linux/amd64: 1 layer")
        );
    }
}
