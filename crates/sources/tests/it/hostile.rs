//! Texts that were written to break a reader: errors, in time and in memory.

use sources::{Edit, Grammar, Kind, Span, find};

const KINDS: [Kind; 12] = [
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

#[test]
fn no_kind_panics() {
    let deep = ["[".repeat(20_000), "{a: ".repeat(5_000), "a {".repeat(5_000), "- ".repeat(5_000)];
    let odd = [
        "\0",
        "\u{feff}",
        "\u{feff}\u{feff}",
        "&a *a",
        "*a",
        "? ",
        "!!x",
        "%YAML 9\n---\n",
        "a: |99\n x",
        "\t- a",
        "---\n...\n---",
    ];
    for text in deep.iter().map(String::as_str).chain(odd) {
        for kind in KINDS {
            if let Err(error) = find(kind, text) {
                assert!(!error.to_string().contains(char::is_control), "{error}");
            }
        }
    }
}

#[test]
fn a_bomb_of_merges_is_an_error() {
    let mut text = "x0: &x0 {a: b}\n".to_owned();
    for n in 1..40 {
        text.push_str(&format!("x{n}: &x{n} {{<<: [*x{p}, *x{p}, *x{p}, *x{p}]}}\n", p = n - 1));
    }
    text.push_str("services:\n");
    for n in 0..50 {
        text.push_str(&format!("  s{n}: *x39\n"));
    }
    let error = find(Kind::Compose, &text).unwrap_err().to_string();
    assert!(error.contains("aliases"), "{error}");
}

#[test]
fn an_edit_that_says_something_else_is_refused() {
    let grammar = Grammar::Kind(Kind::Compose);
    let text = "services:\n  a:\n    image: x:1\n";
    let at = text.find("x:1").unwrap();
    let refused = |edit: Edit| grammar.edit(text, &[edit]).unwrap_err().to_string();
    // The value would be cut by a comment, open a map, or end the map it is in.
    for broken in ["y #1", "y: z", "[x", "\n    image2: z"] {
        let said = refused(Edit::new(Span::new(at, at + 3), broken));
        assert!(said.contains("nothing was changed") || said.contains("not valid YAML"), "{broken}: {said}");
    }
    assert!(grammar.edit(text, &[Edit::new(Span::new(at + 2, at + 3), "2")]).is_ok());
}

#[test]
fn an_edit_outside_of_every_value_is_refused() {
    let text = "services:\n  a:\n    image: x:1\n";
    let edit = Edit::new(Span::at(text.len()), "  b: {image: y}\n");
    assert!(Grammar::Kind(Kind::Compose).edit(text, &[edit]).is_err());
    let harmless = Edit::new(Span::at(text.len()), "# a comment\n");
    assert!(Grammar::Kind(Kind::Compose).edit(text, &[harmless]).is_ok());
}
