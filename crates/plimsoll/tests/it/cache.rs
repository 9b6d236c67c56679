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
    assert_eq!(counts[..4], [["layers", "3"], ["images", "1"], ["blobs", "0"], ["diff-ids", "3"]]);
    assert_eq!((counts[4][0], &counts[5][..]), ("places", &["in", "all"][..]));
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
    places          0        0 B
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
    // Where layers lay is noted only of files that have not changed just now, so those are seven or more.
    assert!(sandbox.run("cache verify").data(0).ends_with(" good, 0 damaged and removed\n"));
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
    assert!(again.run("cache verify").data(0).starts_with("0 good, "));
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
    note: going on without a ledger: there is no folder for the ledger: neither PLIMSOLL_HOME nor XDG_STATE_HOME nor HOME is set
    3 packages in 3 layers, 608 B of files
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

/// The blob of the topmost layer.
fn topmost_blob(sandbox: &Sandbox, folder: &str) -> PathBuf {
    let image = crate::fixture::parsed(&sandbox.run(&format!("inspect oci:{folder} --json")).data(0));
    let blob = image["layers"].as_array().unwrap().last().unwrap()["blob"].as_str().unwrap().to_owned();
    sandbox.path(folder).join("blobs").join(blob.replace(':', "/"))
}

#[test]
fn what_was_altered_since_is_not_vouched_for() {
    let sandbox = stage();
    let blob = topmost_blob(&sandbox, "app");
    let mut bytes = std::fs::read(&blob).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    std::fs::write(&blob, bytes).unwrap();
    for command in ["check oci:app", "inspect oci:app", "sbom oci:app -o spdx-json=/dev/null"] {
        let run = sandbox.run(command);
        assert_eq!(run.code, 3, "{command}: {run}");
    }
    assert!(sandbox.run("check oci:app").stdout.contains("could not be read"));
}

#[test]
fn what_is_gone_since_is_not_vouched_for() {
    let sandbox = stage();
    std::fs::remove_file(topmost_blob(&sandbox, "app")).unwrap();
    let run = sandbox.run("check oci:app");
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("cannot be opened"), "{run}");
}

#[test]
fn a_copy_elsewhere_is_hashed_and_not_read_again() {
    let sandbox = stage();
    sandbox.folder("copy", &good().layout(Packing::Gzip));
    let told =
        |folder: &str| sandbox.run(&format!("inspect oci:{folder}")).data(0).replace(&format!("oci:{folder}"), "-");
    assert_eq!(told("copy"), told("app"));
    let bytes = std::fs::read(topmost_blob(&sandbox, "copy")).unwrap();
    std::fs::write(topmost_blob(&sandbox, "copy"), &bytes[..bytes.len() - 1]).unwrap();
    assert_eq!((sandbox.run("check oci:copy").code, sandbox.run("check oci:app").code), (3, 0));
}

/// What is found out about a bad copy says nothing of the good one.
#[test]
fn a_copy_that_failed_does_not_spoil_the_good_one() {
    let sandbox = Sandbox::new();
    sandbox.folder("bad", &good().layout(Packing::Gzip));
    sandbox.folder("good", &good().layout(Packing::Gzip));
    let mut other = sandbox.command("inspect oci:good --json");
    let home = sandbox.path("elsewhere");
    let image = crate::fixture::parsed(&sandbox.run_command(other.env("PLIMSOLL_HOME", home)).data(0));
    let blob = image["layers"][2]["blob"].as_str().unwrap().replace(':', "/");
    std::fs::write(sandbox.path("bad").join("blobs").join(blob), "forged").unwrap();
    assert_eq!((sandbox.run("check oci:bad").code, sandbox.run("check oci:good").code), (3, 0));
}

#[test]
fn a_promised_size_is_kept_to_whether_cached_or_not() {
    for packing in [Packing::Plain, Packing::Gzip] {
        let sandbox = Sandbox::new();
        sandbox.folder("app", &good().layout(packing));
        let mut forged = good().stored(packing);
        let size = forged.layers[1]["size"].as_u64().unwrap();
        forged.layers[1]["size"] = (size + 1).into();
        sandbox.folder("forged", &forged.layout());
        sandbox.run("check oci:app").data(0);
        let warm = sandbox.run("check oci:forged");
        assert_eq!((warm.code, &warm.stdout), (3, &sandbox.run("--no-cache check oci:forged").stdout), "{warm}");
    }
}

#[test]
fn limits_as_people_write_them() {
    let sandbox = stage();
    sandbox.run("cache trim --cache-limit 1.5GiB").data(0);
    assert!(sandbox.run("cache").stdout.contains("layers          3"));
    assert_snapshot!(sandbox.run("cache --cache-limit 4gibi"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value '4gibi' for '--cache-limit <SIZE>': write bytes, or a number with a unit such as `500MB` or `4GiB`

    For more information, try '--help'.
    ");
}

#[test]
fn a_closed_layer_is_not_answered_from_the_cache() {
    let sandbox = stage();
    let mut image = good().stored(Packing::Gzip);
    image.layers[1]["mediaType"] = "application/vnd.oci.image.layer.v1.tar+gzip+encrypted".into();
    sandbox.folder("locked", &image.layout());
    let warm = sandbox.run("check oci:locked");
    assert!(warm.code == 3 && warm.stdout.contains("is encrypted"), "{warm}");
    assert_eq!(warm.stdout, sandbox.run("check oci:locked --no-cache").stdout);
}

#[test]
fn the_flag_against_a_ledger_holds_whatever_the_environment_says() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().layout(Packing::Gzip));
    for url in ["ledger.db", ""] {
        let mut command = sandbox.command("sbom oci:app -o spdx-json=app.json --no-ledger");
        let run = sandbox.run_command(command.env("PLIMSOLL_LEDGER", url));
        assert!(run.code == 0 && !sandbox.path("ledger.db").exists(), "{run}");
    }
    let mut command = sandbox.command("sbom oci:app -o spdx-json=app.json");
    let run = sandbox.run_command(command.env("PLIMSOLL_LEDGER", "ledger.db"));
    assert!(run.code == 0 && sandbox.path("ledger.db").exists(), "{run}");
    // Two flags that contradict each other are still an error.
    assert_eq!(sandbox.run("sbom oci:app -o spdx-json=app.json --no-ledger --ledger a.db").code, 2);
}
