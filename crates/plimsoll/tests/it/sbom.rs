//! Practice 5, from outside: the bill of materials, and what keeps it from being whole.

use crate::fixture::{Image, Layer, Packing, Sandbox, codes, good, list, packages, parsed};
use insta::assert_snapshot;

/// The good image with packages of a second package manager.
fn mixed() -> Image {
    let installed = "P:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\no:musl\n\n";
    good().layer(Layer::new("RUN /bin/sh -c apk add musl # buildkit").file("lib/apk/db/installed", installed))
}

fn sandbox_with(image: &Image) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &image.layout(Packing::Plain));
    sandbox
}

fn check(image: &Image, expected: &[&str]) {
    let sandbox = sandbox_with(image);
    assert_eq!(codes(&parsed(&sandbox.run("check oci:app --json").data(0)), true), expected);
}

#[test]
fn what_keeps_it_from_being_whole() {
    check(&good(), &[]);
    let elf = [b"\x7fELF\x02\x01\x01".as_slice(), &[0; 9], &[2, 0, 62, 0, 1], &[0; 43]].concat();
    let tool = Layer::new("COPY tool /usr/local/bin # buildkit").with_mode("usr/local/bin/tool", elf, 0o755);
    check(&good().layer(tool), &["PL501"]);
    let mut bare = good();
    for layer in &mut bare.layers {
        layer.entries.retain(|e| e.path != "var/lib/dpkg/status");
    }
    check(&bare, &["PL502"]);
}

#[test]
fn spdx() {
    let sandbox = sandbox_with(&mixed());
    let mut command = sandbox.command("sbom oci:app -o spdx-json");
    let document = parsed(&sandbox.run_command(command.env("SOURCE_DATE_EPOCH", "1717243200")).data(0));
    assert_eq!(document["spdxVersion"], "SPDX-2.3");
    assert_eq!(document["creationInfo"]["created"], "2024-06-01T12:00:00Z");
    let rows: Vec<String> = list(&document, "packages")
        .iter()
        .map(|p| {
            format!(
                "{}: {}\n  {}",
                p["name"].as_str().unwrap(),
                p["externalRefs"][0]["referenceLocator"],
                p["sourceInfo"].as_str().unwrap()
            )
        })
        .collect();
    assert_snapshot!(rows.join("\n"), @r#"
    oci:app: null
      identified by its manifest digest sha256:377838adb52873fa8b74ca8639675ce8386fdd34d2bc1ff90fc8cdcae2acd2b2
    kali: null
      stated by /etc/os-release in layer 1 sha256:82a0f44d3f32c9a1b622f479069245aa64f9e1c75b7f8a2cd80c779a8671a7bf, made by: ADD file:b0 in /
    ca-certificates: "pkg:deb/kali/ca-certificates@20240203?arch=amd64&distro=kali-2026.3"
      dpkg installed, architecture amd64; by /var/lib/dpkg/status (sha256:f2c132442dfd4862d35b8f8a6f17760498dc4ea0c1337b8c59a33d0ed0811bbe) in layer 2 sha256:c9affa44806fc720e7b5f3f64de2d6521fc57573f0a55ef4b8908f0895f14fbf, made by: RUN apt-get update && apt-get install -y curl ca-certificates && rm -rf /var/lib/apt/lists/*
    curl: "pkg:deb/kali/curl@8.11.0-1?arch=amd64&distro=kali-2026.3"
      dpkg installed, architecture amd64; by /var/lib/dpkg/status (sha256:f2c132442dfd4862d35b8f8a6f17760498dc4ea0c1337b8c59a33d0ed0811bbe) in layer 2 sha256:c9affa44806fc720e7b5f3f64de2d6521fc57573f0a55ef4b8908f0895f14fbf, made by: RUN apt-get update && apt-get install -y curl ca-certificates && rm -rf /var/lib/apt/lists/*
    libc6: "pkg:deb/kali/libc6@2.40-3?arch=amd64&distro=kali-2026.3"
      dpkg installed, architecture amd64; by /var/lib/dpkg/status (sha256:f2c132442dfd4862d35b8f8a6f17760498dc4ea0c1337b8c59a33d0ed0811bbe) in layer 2 sha256:c9affa44806fc720e7b5f3f64de2d6521fc57573f0a55ef4b8908f0895f14fbf, made by: RUN apt-get update && apt-get install -y curl ca-certificates && rm -rf /var/lib/apt/lists/*
    musl: "pkg:apk/kali/musl@1.2.5-r0?arch=x86_64&distro=kali-2026.3"
      apk installed, architecture x86_64; by /lib/apk/db/installed (sha256:3e41b3557795f2056636d3e68f97c3b75a240e4e152ed1f5aef131f8277aece8) in layer 4 sha256:1a2598bf86263e78b9a5fd15f7da513bcf200500ac4dc7816769003822fe2d2e, made by: RUN apk add musl
    "#);
}

#[test]
fn cyclonedx() {
    let sandbox = sandbox_with(&good());
    let document = parsed(&sandbox.run("sbom oci:app -o cyclonedx-json").data(0));
    assert_eq!((&document["bomFormat"], &document["specVersion"]), (&"CycloneDX".into(), &"1.6".into()));
    let newer = parsed(&sandbox.run("sbom oci:app -o cyclonedx-json@1.7").data(0));
    assert_eq!(newer["specVersion"], "1.7");
    let purls: Vec<&str> = list(&document, "components").iter().filter_map(|c| c["purl"].as_str()).collect();
    assert_snapshot!(purls.join("\n"), @"
    pkg:deb/kali/ca-certificates@20240203?arch=amd64&distro=kali-2026.3
    pkg:deb/kali/curl@8.11.0-1?arch=amd64&distro=kali-2026.3
    pkg:deb/kali/libc6@2.40-3?arch=amd64&distro=kali-2026.3
    ");
}

#[test]
fn both_at_once_into_files_and_twice_the_same() {
    let sandbox = sandbox_with(&mixed());
    let run = sandbox.run("sbom oci:app -o spdx-json=a.spdx.json -o cyclonedx-json=a.cdx.json");
    assert_snapshot!(run, @"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wrote a.spdx.json
    wrote a.cdx.json
    4 packages in 4 layers, 649 B of files
    ");
    sandbox.run("--no-cache sbom oci:app -o spdx-json=b.spdx.json -o cyclonedx-json=b.cdx.json").data(0);
    assert_eq!(sandbox.read("a.spdx.json"), sandbox.read("b.spdx.json"));
    assert_eq!(sandbox.read("a.cdx.json"), sandbox.read("b.cdx.json"));
    assert_eq!(sandbox.names(), ["a.cdx.json", "a.spdx.json", "app", "b.cdx.json", "b.spdx.json"]);
    assert_eq!(sandbox.run("sbom oci:app -o spdx-json -q").data(0), sandbox.read("a.spdx.json"));
}

#[test]
fn the_same_image_however_it_is_kept() {
    let sandbox = Sandbox::new();
    let image = mixed();
    sandbox.folder("plain", &image.layout(Packing::Plain));
    sandbox.folder("gzip", &image.layout(Packing::Gzip));
    sandbox.folder("zstd", &image.layout(Packing::Zstd));
    sandbox.archive("layout.tar", &image.layout(Packing::Gzip));
    sandbox.archive("saved.tar", &image.stored(Packing::Plain).docker_save("my-api:1.4.2"));
    image.rootfs(&sandbox.path("root"));
    let named = |target: &str| packages(&sandbox.run(&format!("--no-cache sbom {target} -o spdx-json")).data(0));
    let expected = named("oci:plain");
    assert_snapshot!(expected.join("\n"), @"
    ca-certificates 20240203
    curl 8.11.0-1
    libc6 2.40-3
    musl 1.2.5-r0
    ");
    for target in [
        "oci:gzip",
        "oci:zstd",
        "./zstd",
        "oci-archive:layout.tar",
        "layout.tar",
        "docker-archive:saved.tar",
        "docker-archive:saved.tar:my-api:1.4.2",
        "saved.tar",
        "dir:root",
        "./root",
    ] {
        assert_eq!(named(target), expected, "{target}");
    }
}

#[test]
fn bsi_adds_and_takes_nothing_away() {
    let sandbox = sandbox_with(&mixed());
    let plain = sandbox.run("sbom oci:app -o cyclonedx-json").data(0);
    let bsi =
        sandbox.run("sbom oci:app -o cyclonedx-json --bsi --creator Example --creator-email a@example.org").data(0);
    let names = |text: &str| -> Vec<String> {
        list(&parsed(text), "components").iter().map(|c| c["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&bsi), names(&plain));
    assert!(bsi.contains("a@example.org") && !plain.contains("a@example.org"), "{bsi}");
}

/// An archive of one empty folder.
fn jar() -> Vec<u8> {
    let name = b"META-INF/";
    let common = [&[10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..], &[0; 12], &[name.len() as u8, 0, 0, 0]].concat();
    let local = [b"PK\x03\x04", &common[..], name].concat();
    let central = [b"PK\x01\x02\x0a\0", &common[..], &[0; 14], name].concat();
    let sizes = [central.len() as u32, local.len() as u32].map(u32::to_le_bytes).concat();
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &sizes[..], &[0, 0]].concat();
    [local, central, end].concat()
}

#[test]
fn bsi_hashes_a_component_that_is_one_file_once_more() {
    let image = good().layer(Layer::new("COPY app /opt").file("opt/commons-lang3-3.12.0.jar", jar()));
    let sandbox = sandbox_with(&image);
    let mut hasher = model::Hasher::new(model::Algorithm::Sha512);
    hasher.update(&jar());
    let expected = hasher.finish().hex();
    // The facts of one run must not stand for those of another that asks for more, or for less.
    for (options, known) in [("", false), (" --bsi", true), ("", false), (" --bsi", true), (" --bsi --no-cache", true)]
    {
        let words = format!("sbom oci:app -o cyclonedx-json{options}");
        let document = parsed(&sandbox.run(&words).data(0));
        let component = list(&document, "components").iter().find(|c| c["name"] == "commons-lang3").unwrap();
        let algorithms: Vec<_> = list(component, "hashes").iter().map(|h| h["alg"].as_str().unwrap()).collect();
        assert_eq!(algorithms, if known { &["SHA-256", "SHA-512"][..] } else { &["SHA-256"] }, "{words}");
        assert_eq!(component.to_string().contains(&expected), known, "{words}");
        let spdx = sandbox.run(&format!("sbom oci:app -o spdx-json{options}")).data(0);
        assert_eq!(spdx.contains(&expected), known, "{words}");
    }
}

#[test]
fn a_format_must_be_named() {
    let sandbox = sandbox_with(&good());
    assert_snapshot!(sandbox.run("sbom oci:app"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the following required arguments were not provided:
      --output <FORMAT[=FILE]>

    Usage: plimsoll sbom --output <FORMAT[=FILE]> <TARGET>

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.run("sbom oci:app -o spdx"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value 'spdx' for '--output <FORMAT[=FILE]>': `spdx` is not `spdx-json`, `cyclonedx-json` or `cyclonedx-json@1.7`

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.run("sbom oci:app -o spdx-json="), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value 'spdx-json=' for '--output <FORMAT[=FILE]>': a file name must follow the `=`

    For more information, try '--help'.
    ");
}

#[test]
fn an_image_without_files_is_no_list() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &Image::of(Vec::new()).layout(Packing::Plain));
    let done = sandbox.run("sbom oci:app -o spdx-json=app.json");
    assert_eq!(done.code, 3);
    assert!(done.stderr.contains("the image holds not one file, so there is nothing to list"), "{}", done.stderr);
    sandbox.run("check oci:app --json").data(3);
}
