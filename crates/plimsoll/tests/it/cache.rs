//! `plimsoll cache`.

use crate::fixture::{Packing, Sandbox, good};
use insta::assert_snapshot;
use std::path::PathBuf;

/// Every file of the cache.
fn files(sandbox: &Sandbox) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![sandbox.path("../home")];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

fn stage() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().layout(Packing::Gzip));
    sandbox.run("check oci:app").data(0);
    sandbox
}

#[test]
fn usage_counts_what_a_check_has_left() {
    let sandbox = stage();
    let usage = sandbox.run("cache usage").data(0);
    let counts: Vec<Vec<&str>> = usage.lines().map(|l| l.split_whitespace().take(2).collect()).collect();
    assert_eq!(counts, [["layers", "3"], ["images", "1"], ["blobs", "0"], ["diff-ids", "3"], ["in", "all"]]);
    assert_eq!(sandbox.run("cache").data(0), usage);
}

#[test]
fn clear_empties_it() {
    let sandbox = stage();
    sandbox.run("cache clear").data(0);
    assert_snapshot!(sandbox.run("cache"), @"
    exit: 0
    ----- stdout -----
    layers          0        0 B
    images          0        0 B
    blobs           0        0 B
    diff-ids        0        0 B
    in all          0        0 B
    ----- stderr -----
    ");
}

#[test]
fn trim_keeps_to_the_limit() {
    let sandbox = stage();
    sandbox.run("cache trim").data(0);
    assert!(sandbox.run("cache").stdout.contains("layers          3"));
    sandbox.run("cache trim --cache-limit 0").data(0);
    assert!(sandbox.run("cache").stdout.contains("layers          0"));
}

#[test]
fn a_damaged_entry_is_found_and_never_used() {
    let sandbox = stage();
    let fresh = sandbox.run("--no-cache check oci:app --json").data(0);
    assert_snapshot!(sandbox.run("cache verify"), @"
    exit: 0
    ----- stdout -----
    7 good, 0 damaged and removed
    ----- stderr -----
    ");
    for path in files(&sandbox) {
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        if let Some(byte) = bytes.get_mut(middle) {
            *byte ^= 0x40;
            std::fs::write(&path, &bytes).unwrap();
        }
    }
    assert_eq!(sandbox.run("check oci:app --json").data(0), fresh);
    let again = stage();
    for path in files(&again) {
        std::fs::write(path, "not an entry").unwrap();
    }
    assert_snapshot!(again.run("cache verify"), @"
    exit: 0
    ----- stdout -----
    0 good, 7 damaged and removed
    ----- stderr -----
    ");
}

#[test]
fn without_a_home_everything_works() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().layout(Packing::Gzip));
    let mut command = sandbox.command("sbom oci:app -o cyclonedx-json=/dev/null");
    assert_snapshot!(sandbox.run_command(command.env_remove("PLIMSOLL_HOME")), @"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    note: going on without a cache: there is no folder for the cache: neither PLIMSOLL_HOME nor XDG_CACHE_HOME nor HOME is set
    wrote /dev/null
    3 packages in 3 layers, 579 B of files
    ");
    let mut command = sandbox.command("cache");
    assert_snapshot!(sandbox.run_command(command.env_remove("PLIMSOLL_HOME")), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no folder for the cache: neither PLIMSOLL_HOME nor XDG_CACHE_HOME nor HOME is set
    hint: set PLIMSOLL_HOME to a folder of your own
    ");
}

#[test]
fn a_cache_that_cannot_be_written_is_said_and_no_failure() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().layout(Packing::Gzip));
    sandbox.write("file", "in the way");
    let mut command = sandbox.command("check oci:app");
    let run = sandbox.run_command(command.env("PLIMSOLL_HOME", sandbox.path("file")));
    assert_eq!(run.code, 0, "{run}");
    assert_snapshot!(run.stderr, @"note: going on without a cache: the cache folder `[DIR]/work/file/cache` cannot be used: Not a directory (os error 20)");
}

#[test]
fn many_processes_share_it() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().layout(Packing::Gzip));
    let start = |_| sandbox.command("check oci:app --json").stdout(std::process::Stdio::piped()).spawn().unwrap();
    let running: Vec<_> = (0..6).map(start).collect();
    let outputs: Vec<_> = running.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    for output in &outputs {
        assert_eq!((output.status.code(), &output.stdout), (Some(0), &outputs[0].stdout));
    }
    assert!(sandbox.run("cache verify").stdout.ends_with(" good, 0 damaged and removed\n"));
}

#[test]
fn no_cache_leaves_none() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().layout(Packing::Gzip));
    sandbox.run("--no-cache check oci:app").data(0);
    assert!(!sandbox.path("../home").exists());
}
