//! What runs, on the real engine: a tag that moved, an image that came by an archive, one that was made here.

use crate::parts;
use crate::program::{Plimsoll, array, parse, text};
use std::collections::BTreeMap;

/// Containers of this test, removed at its end.
struct Containers(Vec<String>);

impl Containers {
    /// One that does nothing for a while.
    fn start(&mut self, name: &str, image: &str) {
        let words = ["run", "--detach", "--network=none", "--name", name, image, "/bin/sleep", "600"];
        parts::docker(&words);
        self.0.push(name.to_owned());
    }
}

impl Drop for Containers {
    fn drop(&mut self) {
        for name in &self.0 {
            let _ = std::process::Command::new("docker").args(["rm", "--force", name]).output();
        }
    }
}

/// The e2e image with a label of its own, as `reference` in the engine.
fn build(reference: &str, label: &str) {
    let folder = parts::folder("running-build");
    std::fs::write(folder.join("Dockerfile"), format!("FROM e2e/running-base:1\nLABEL is={label}\n")).expect("a file");
    parts::docker(&["build", "--quiet", "--tag", reference, &folder.display().to_string()]);
}

#[test]
fn every_container_gets_the_verdict_that_is_true_of_it() {
    let layout = format!("oci:{}:latest", parts::image().join("layout").display());
    parts::skopeo(&[
        "copy",
        "--quiet",
        "--dest-daemon-host",
        &parts::engine(),
        &layout,
        "docker-daemon:e2e/running-base:1",
    ]);
    let name = |tag: &str| format!("{}/e2e/running:{tag}", parts::registry());
    let mut containers = Containers(Vec::new());

    build(&name("moved"), "old");
    parts::docker(&["push", "--quiet", &name("moved")]);
    containers.start("e2e-moved", &name("moved"));
    build(&name("moved"), "new");
    parts::docker(&["push", "--quiet", &name("moved")]);

    build(&name("kept"), "kept");
    parts::docker(&["push", "--quiet", &name("kept")]);
    containers.start("e2e-kept", &name("kept"));

    build(&name("here"), "here");
    containers.start("e2e-here", &name("here"));

    // An archive carries no digest of a manifest: only the content tells that it is what the registry has.
    build(&name("loaded"), "loaded");
    parts::docker(&["push", "--quiet", &name("loaded")]);
    let archive = parts::folder("running-archive").join("loaded.tar").display().to_string();
    parts::docker(&["save", "--output", &archive, &name("loaded")]);
    parts::docker(&["rmi", &name("loaded")]);
    parts::docker(&["load", "--quiet", "--input", &archive]);
    containers.start("e2e-loaded", &name("loaded"));

    let plimsoll = Plimsoll::cold(&parts::folder("running"));
    let names = ["e2e-moved", "e2e-kept", "e2e-here", "e2e-loaded"];
    let answer = plimsoll.ask(&[&["running", "-o", "json"][..], &names].concat());
    assert_eq!(answer.code, 1, "something drifted: {}", answer.talk);
    let document = parse(&answer.out);
    let found: BTreeMap<&str, (&str, &str, &str)> = array(&document["containers"])
        .iter()
        .map(|one| (text(&one["name"]), (text(&one["verdict"]), text(&one["anew"]["how"]), text(&one["asked"]))))
        .collect();
    let (moved, kept, here, loaded) = (name("moved"), name("kept"), name("here"), name("loaded"));
    let expected = BTreeMap::from([
        ("e2e-moved", ("drifted", "other", moved.as_str())),
        ("e2e-kept", ("exact", "same", kept.as_str())),
        ("e2e-here", ("local", "same", here.as_str())),
        ("e2e-loaded", ("exact", "same", loaded.as_str())),
    ]);
    assert_eq!(found, expected);

    let alone = plimsoll.ask(&["running", "e2e-kept"]);
    assert_eq!(alone.code, 0, "{}", alone.talk);
}
