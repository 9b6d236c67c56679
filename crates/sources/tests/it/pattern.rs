use crate::{digest, pinned};
use sources::{Grammar, Pattern};

fn check(expression: &str, text: &str, expected: &str) {
    let grammar = Grammar::Pattern(Pattern::parse(expression).expect("an expression"));
    let once = pinned(&grammar, text);
    assert_eq!(once.replace(&digest().to_string(), "D"), expected);
    assert_eq!(pinned(&grammar, &once), once);
}

const QUADLET: &str = r"^Image=(?<image>\S+)";
const MAKE: &str = r"^[A-Z_]*IMAGE\s*[:?]?=\s*(?<image>[^\s#]+)";

#[test]
fn quadlets() {
    check(QUADLET, "[Container]\nImage=docker.io/x:1\nExec=a\n", "[Container]\nImage=docker.io/x:1@D\nExec=a\n");
    check(QUADLET, "[Container]\r\nImage=x\r\n", "[Container]\r\nImage=x:latest@D\r\n");
    check(QUADLET, "\u{feff}#ä\nImage=x:1", "\u{feff}#ä\nImage=x:1@D");
    check(QUADLET, "# Image=x:1\n", "# Image=x:1\n");
}

#[test]
fn makefiles() {
    check(MAKE, "GO_IMAGE := golang:1.22 # c\nall:\n\techo\n", "GO_IMAGE := golang:1.22@D # c\nall:\n\techo\n");
    check(MAKE, "IMAGE ?= $(REG)/x:1\n", "IMAGE ?= $(REG)/x:1\n");
    check(MAKE, "IMAGE=a:1\nIMAGE=b:2\n", "IMAGE=a:1@D\nIMAGE=b:2@D\n");
}

#[test]
fn nomad() {
    let nomad = "^\\s*image\\s*=\\s*\"(?<image>[^\"]+)\"";
    check(nomad, "config {\n  image = \"redis:7\"\n}\n", "config {\n  image = \"redis:7@D\"\n}\n");
    check(nomad, "  image = \"redis:${v}\"\n", "  image = \"redis:${v}\"\n");
}

#[test]
fn pinned_already() {
    let old = model::Digest::of(b"old");
    check(QUADLET, &format!("Image=x:1@{old}\n"), "Image=x:1@D\n");
}

#[test]
fn an_expression_that_reads_the_result_otherwise_changes_nothing() {
    let grammar = Grammar::Pattern(Pattern::parse(r"^Image=(?<image>[a-z:0-9]+)$").unwrap());
    let text = "Image=x:1\n";
    let edit = grammar.find(text).unwrap()[0].pin(&digest()).unwrap();
    assert!(grammar.edit(text, &[edit]).unwrap_err().to_string().contains("0 images are named instead of 1"));
}
