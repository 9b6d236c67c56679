//! Texts of every kind that images are found in: spans lie in the text, and a pinned text is the text with digests in it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Digest;
use sources::{Edit, Grammar, Kind};

const KINDS: [Kind; 13] = [
    Kind::Dockerfile,
    Kind::Compose,
    Kind::Kubernetes,
    Kind::Kustomize,
    Kind::HelmValues,
    Kind::HelmTemplate,
    Kind::Workflow,
    Kind::Action,
    Kind::GitlabCi,
    Kind::BakeHcl,
    Kind::BakeJson,
    Kind::Devcontainer,
    Kind::Terraform,
];

fuzz_target!(|data: &[u8]| {
    let Some((&choice, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let grammar = Grammar::Kind(KINDS[usize::from(choice) % KINDS.len()]);
    let mentions = match grammar.find(text) {
        Ok(mentions) => mentions,
        Err(error) => {
            assert!(!error.to_string().contains(char::is_control), "{error:?}");
            return;
        }
    };
    let digest = Digest::of(b"fuzz");
    let mut edits = Vec::new();
    for mention in &mentions {
        assert!(text.get(mention.span.range()).is_some(), "{mention:?}");
        edits.extend(mention.pin(&digest));
    }
    edits.sort();
    edits.dedup();
    let Ok(after) = grammar.edit(text, &edits) else { return };
    assert_eq!(after, taken_in(text, &edits));
    // What is pinned is pinned, and nothing else came to be named.
    assert_eq!(grammar.find(&after).map(|m| m.len()), Ok(mentions.len()));
});

/// The edits made by hand, one after the other.
fn taken_in(text: &str, edits: &[Edit]) -> String {
    let mut out = text.to_owned();
    for edit in edits.iter().rev() {
        out.replace_range(edit.span.range(), &edit.replacement);
    }
    out
}
