//! `plimsoll copy`: what it says, what it writes, what it leaves behind.

use crate::fixture::{Packing, Run, Sandbox, good, parsed};
use crate::formats::described;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::process::Stdio;
use std::sync::mpsc::channel;
use testkit::{Fault, Features, Registry};

/// A sandbox with the layout `good`, and an empty registry that is called `R` in what is shown.
fn stage(features: Features) -> (Sandbox, Registry) {
    let mut sandbox = Sandbox::new();
    sandbox.folder("good", &good().layout(Packing::Gzip));
    let registry = Registry::new(features);
    sandbox.filter(&registry.host(), "R");
    (sandbox, registry)
}

/// Holds the program to an exit code and to these words, in order, in what it says.
fn says(run: &Run, code: i32, words: &[&str]) {
    let mut rest = format!("{}{}", run.stdout, run.stderr);
    for word in words {
        let at = rest.find(word).unwrap_or_else(|| panic!("`{word}` is not said (any more): {run}"));
        rest = rest.split_off(at + word.len());
    }
    assert_eq!(run.code, code, "{run}");
}

#[test]
fn the_digest_that_goes_in_comes_out() {
    let (sandbox, registry) = stage(Features::classic());
    let host = registry.host();
    let run = sandbox.run(&format!("copy oci:good {host}/app:1.4"));
    let digest = registry.tags("app")[0].1.to_string();
    let line = format!("digest     {digest}, in and out\n");
    says(
        &run,
        0,
        &["copied oci:good to R/app:1.4\n", &line, "names      R/app:1.4\n", "blobs      4 (", "): 4 written ("],
    );
    // On to a neighbour, under the same tag.
    let run = sandbox.run(&format!("copy {host}/app:1.4 {host}/team/app"));
    says(&run, 0, &[&line, "names      R/team/app:1.4\n", "): 4 mounted ("]);
    assert_eq!(registry.tags("app"), registry.tags("team/app"));
    let run = sandbox.run(&format!("copy {host}/team/app:1.4 oci:out:v1 --verbose"));
    says(&run, 0, &[&line, "names      oci:out:v1\n", "written  sha256:"]);
    assert_eq!(parsed(&sandbox.run("inspect oci:out:v1 --json").data(0))["manifest"], digest);
    assert_eq!(registry.unfinished(), 0);
}

#[test]
fn what_the_format_cannot_keep_is_said() {
    let (sandbox, _) = stage(Features::default());
    sandbox.archive("saved.tar", &good().stored(Packing::Plain).docker_save("my-api:1.4.2"));
    let run = sandbox.run("copy saved.tar oci:made:1");
    let why = " out: the source keeps no manifest, so one was made for the same config and layers\n";
    says(&run, 0, &["digest     none in\n             sha256:", why, "names      oci:made:1\n"]);
}

#[test]
fn the_document() {
    let (sandbox, registry) = stage(Features::default());
    let document = parsed(&sandbox.run(&format!("copy oci:good {}/app:1 --json", registry.host())).data(0));
    described("copy-v1", &document);
    assert_eq!((&document["kept"], &document["digest"]), (&"same".into(), &document["result"]));
    let written: u64 = document["blobs"].as_array().unwrap().iter().map(|b| b["size"].as_u64().unwrap()).sum();
    assert_eq!(document["bytes"]["written"].as_u64(), Some(written));
    sandbox.archive("saved.tar", &good().stored(Packing::Plain).docker_save("my-api:1.4.2"));
    let document = parsed(&sandbox.run("copy saved.tar oci:made --json").data(0));
    described("copy-v1", &document);
    assert_eq!(document["kept"], "made");
}

#[test]
fn what_cannot_be_copied() {
    let (sandbox, registry) = stage(Features::default());
    std::fs::create_dir(sandbox.path("root")).unwrap();
    let nothing = ["error: `dir:root` is nothing that can be copied from or to\n", "hint: name an image"];
    says(&sandbox.run("copy dir:root oci:out"), 2, &nothing);
    says(&sandbox.run("copy oci:good dir:root"), 2, &nothing);
    let offline = sandbox.run(&format!("copy oci:good {}/app:1 --offline", registry.host()));
    says(&offline, 2, &["error: `R/app:1` is in a registry, and `--offline` was asked for"]);
    says(&sandbox.run("copy oci:nothing oci:out"), 2, &["error: cannot read `nothing`"]);
    assert_eq!(registry.lines(), [] as [String; 0]);
}

#[test]
fn an_interrupt_cancels_the_upload() {
    let (sandbox, registry) = stage(Features::default());
    let (held, is_held) = channel();
    registry.misbehave(move |seen| {
        let is_upload = seen.method == "PUT" && seen.path.contains("/blobs/uploads/");
        is_upload.then(|| {
            // The test may be over when the second upload comes.
            let _ = held.send(());
            Fault::HoldAt(10)
        })
    });
    let words = format!("copy oci:good {}/app:1 --jobs 2", registry.host());
    let mut child = sandbox.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    is_held.recv().unwrap();
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!((registry.unfinished(), registry.tags("app")), (0, Vec::new()));
    assert!(registry.lines().iter().any(|line| line.starts_with("DELETE /v2/app/blobs/uploads/")));
}
