//! `plimsoll ls` and `plimsoll cat`: into an image without unpacking it.

use crate::fixture::{Image, Layer, Packing, Registry, Sandbox, parsed};
use crate::formats::fits;
use insta::assert_snapshot;

/// Two layers: a file that the second replaces, one that it takes away, and links.
fn image() -> Image {
    let below = Layer::new("COPY a /").file("etc/app.conf", "old\n").file("etc/gone", "gone\n").with_mode(
        "usr/bin/tool",
        "#!/bin/sh\n",
        0o4755,
    );
    let above =
        Layer::new("COPY b /").file("etc/app.conf", "new\n").without("etc/gone").file("data.bin", [0, 27, 255, 10]);
    Image::of(vec![below, above])
}

#[test]
fn what_stands_in_a_folder() {
    let sandbox = Sandbox::new();
    sandbox.folder("image", &image().layout(Packing::Gzip));
    assert_snapshot!(sandbox.run("ls oci:image /etc"), @r"
    exit: 0
    ----- stdout -----
    -rw-r--r--         0:0            4 1970-01-01    2  /etc/app.conf
    ----- stderr -----
    ");
    let deep = sandbox.run("ls -R oci:image").data(0);
    let paths: Vec<&str> = deep.lines().map(|line| line.rsplit("  ").next().unwrap()).collect();
    assert_eq!(paths, ["/data.bin", "/etc/app.conf", "/usr/bin/tool"]);
    assert!(deep.contains("-rwsr-xr-x"), "{deep}");
    let document = parsed(&sandbox.run("ls oci:image usr/bin/tool -o json").data(0));
    fits(include_str!("../../../../docs/formats/ls-v1.schema.json"), &document);
    let entry = &document["entries"][0];
    assert_eq!((&entry["mode"], &entry["layer"], &document["complete"]), (&"4755".into(), &1.into(), &true.into()));
}

#[test]
fn the_content_of_a_file_is_written_byte_for_byte() {
    for packing in [Packing::Plain, Packing::Gzip, Packing::Zstd] {
        let sandbox = Sandbox::new();
        sandbox.folder("image", &image().layout(packing));
        assert_eq!(sandbox.run("cat oci:image /etc/app.conf").data(0), "new\n");
        let output = sandbox.command("cat oci:image data.bin").output().unwrap();
        assert_eq!((output.stdout, output.status.code()), (vec![0, 27, 255, 10], Some(0)));
    }
}

#[test]
fn only_the_layer_that_brought_the_file_is_fetched_where_the_facts_are_known() {
    let (registry, sandbox) = (Registry::new(), Sandbox::new());
    registry.push("app", "1", image().stored(Packing::Gzip));
    let app = format!("{}/app:1", registry.host());
    sandbox.run(&format!("ls {app}")).data(0);
    let blobs = || registry.asked().iter().filter(|path| path.contains("/blobs/")).count();
    assert_eq!(blobs(), 3, "a config and two layers");
    sandbox.run(&format!("ls -R {app}")).data(0);
    assert_eq!(blobs(), 1, "the config");
    assert_eq!(sandbox.run(&format!("cat {app} /usr/bin/tool")).data(0), "#!/bin/sh\n");
    assert_eq!(blobs(), 2, "the config and the lower layer");
}

#[test]
fn what_is_no_file_is_said() {
    let sandbox = Sandbox::new();
    sandbox.folder("image", &image().layout(Packing::Plain));
    for (words, said) in [
        ("cat oci:image /etc/gone", "has no file `/etc/gone`: there is nothing"),
        ("cat oci:image /etc", "has no file `/etc`: there is a directory"),
        ("ls oci:image /nowhere", "has no file `/nowhere`: there is nothing"),
        ("cat oci:image ../../etc/gone", "there is nothing"),
    ] {
        let run = sandbox.run(words);
        assert!(run.code == 2 && run.stdout.is_empty() && run.stderr.contains(said), "{words}: {run}");
    }
}

#[test]
fn a_layer_that_cannot_be_read_makes_the_listing_incomplete() {
    let (registry, sandbox) = (Registry::new(), Sandbox::new());
    let mut stored = image().stored(Packing::Plain);
    let manifest = stored.manifest();
    let parsed_manifest = parsed(
        &String::from_utf8(stored.blobs[&manifest["digest"].as_str().unwrap().parse().unwrap()].clone()).unwrap(),
    );
    registry.push_document("app", "1", &stored, &manifest);
    let lower = parsed_manifest["layers"][0]["digest"].as_str().unwrap().to_owned();
    registry.forge("app", &lower, b"something else".to_vec());
    let app = format!("{}/app:1", registry.host());
    let run = sandbox.run(&format!("ls {app} /etc"));
    assert!(run.code == 3 && run.stdout.contains("/etc/app.conf"), "{run}");
    let run = sandbox.run(&format!("cat {app} /usr/bin/tool"));
    assert!(run.code == 2 && run.stderr.contains("as far as its layers could be read"), "{run}");
}
