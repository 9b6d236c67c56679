//! Text that an image brings is shown, never obeyed: no control, no forged line, no reordering, in any output.

use crate::fixture::{Image, Layer, Packing, Run, Sandbox, dpkg, good, os_release, parsed};
use regex::Regex;

/// Sets a title, clears the screen, forges a verdict, hides, reorders; the last but one is CSI as a single character.
const EVIL: &str = "x\u{1b}]0;title\u{7}\u{1b}[2J\npass: forged\r\u{8}\u{7f}\u{202e}\u{2066}\u{200b}\u{9b}45m\u{feff}";

fn evil() -> Image {
    let package = "evil\u{1b}[45m\u{202e}";
    let mut image = good();
    image.layers[0] = Layer::new(EVIL)
        .file("etc/os-release", os_release("deb\u{1b}[45mian\u{202e}", "1\u{9b}", "Evil\u{1b}[2J\u{202e}OS"))
        .file(
            "var/lib/dpkg/status",
            dpkg(&[("libc6", "2.40-3"), (package, "1\u{1b}[2J"), ("odd", "1.0\u{202e}\u{9b}")]),
        )
        .file("var/lib/apt/lists/e\u{1b}[2J\nvil\u{202e}", vec![1; 2_000_000])
        .file("root/.ssh/id_rsa\u{1b}[2J", "-----BEGIN RSA PRIVATE KEY-----\n")
        .file("root/.ssh\u{202e}/id_rsa", "-----BEGIN RSA PRIVATE KEY-----\nMII\n");
    image.layers.truncate(1);
    for key in ["revision", "created", "version", "source", "licenses", "url", "title", EVIL] {
        image = image.label(key, EVIL);
    }
    image.created = EVIL.to_owned();
    image.env("SECRET_\u{1b}[45m\nTOKEN=x").env("API_TOKEN=x").user("0:\u{1b}[45m")
}

/// The program as on a terminal that shows colour, where nothing is filtered any more.
fn run(sandbox: &Sandbox, args: &str) -> Run {
    let mut command = sandbox.command(args);
    sandbox.run_command(command.env_remove("NO_COLOR").env("CLICOLOR_FORCE", "1"))
}

/// Nothing but newlines and our own colours, which no name in these tests uses.
#[track_caller]
fn assert_harmless(text: &str, what: &str) {
    let colours = Regex::new("\u{1b}\\[([012]|3[123])m").unwrap();
    let plain = colours.replace_all(text, "");
    let bad = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let at = plain.find(|c| bad(&c)).unwrap_or(plain.len());
    let near: String = plain[..at].chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect();
    assert!(at == plain.len(), "{what}: {:?} after {near:?}", plain[at..].chars().next());
    assert!(plain.lines().all(|l| !l.trim_start().starts_with("pass: forged")), "{what}");
}

fn stage() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &evil().layout(Packing::Plain));
    sandbox
}

#[test]
fn on_a_terminal() {
    let sandbox = stage();
    for args in ["check oci:app", "check oci:app -v", "inspect oci:app", "inspect oci:app -v", "layers oci:app -v"] {
        let run = run(&sandbox, args);
        assert_harmless(&run.stdout, args);
        assert_harmless(&run.stderr, args);
        assert!(run.stdout.contains("\\x1b") && run.stdout.contains("\\u{202e}"), "{args} shows what it found: {run}");
    }
}

#[test]
fn in_documents() {
    let sandbox = stage();
    for args in [
        "check oci:app --json",
        "check oci:app -o sarif",
        "inspect oci:app --json",
        "layers oci:app --json",
        "layers oci:app oci:app --json",
        "sbom oci:app -o spdx-json",
        "sbom oci:app -o cyclonedx-json",
        "sbom oci:app -o cyclonedx-json --bsi",
    ] {
        let run = run(&sandbox, args);
        assert_harmless(&run.stdout, args);
        assert_harmless(&run.stderr, args);
        assert!(parsed(&run.stdout).is_object());
    }
}

#[test]
fn a_label_is_given_to_programs_as_it_is() {
    let sandbox = stage();
    let image = parsed(&sandbox.run("inspect oci:app --json").stdout);
    assert_eq!(image["labels"]["org.opencontainers.image.title"], EVIL);
}

#[test]
fn in_errors() {
    let sandbox = Sandbox::new();
    let mut image = good().stored(Packing::Plain);
    let mut manifest = image.manifest();
    manifest["platform"] = serde_json::json!({"os": "linux\u{1b}[45m", "architecture": EVIL});
    manifest["annotations"] = serde_json::json!({"org.opencontainers.image.ref.name": EVIL});
    let mut other = good().user("x").stored(Packing::Plain);
    let second = other.manifest();
    image.blobs.extend(other.blobs);
    sandbox.folder("app", &image.layout_of(&[manifest, second]));
    sandbox.folder("typed", &{
        let mut odd = good().stored(Packing::Plain);
        odd.layers[0]["mediaType"] = EVIL.into();
        odd.layout()
    });
    sandbox.write("bad/index.json", format!("{{\"manifests\": \"{}\"}}", "\u{202e}\u{9b}"));
    sandbox.write("bad/oci-layout", "");
    sandbox.write("plimsoll.toml", "");
    sandbox.write("bad.toml", "\"a\u{202e}\u{9b}b\" = 1\n");
    for args in [
        "check oci:app",
        "check oci:app:nothing",
        "check oci:app --platform linux/riscv64",
        "check oci:typed",
        "check oci:bad",
        "check oci:typed --config bad.toml",
    ] {
        let run = run(&sandbox, args);
        assert_ne!(run.code, 0, "{run}");
        assert_harmless(&run.stdout, args);
        assert_harmless(&run.stderr, args);
    }
}

/// A program too large to be read in memory, whole and cut off in the middle: set aside in a file, and gone again.
#[test]
fn no_temporary_file_is_left() {
    let program: Vec<u8> = b"\x7fELF".iter().copied().chain((0..5_000_000_u32).map(|i| (i % 251) as u8)).collect();
    let sandbox = Sandbox::new();
    let image = good().layer(Layer::new("COPY big /").with_mode("usr/local/bin/big", &program, 0o755));
    sandbox.folder("app", &image.layout(Packing::Gzip));
    sandbox.archive("app.tar", &image.layout(Packing::Plain));
    let mut cut = image.stored(Packing::Gzip);
    for blob in cut.blobs.values_mut() {
        blob.truncate(blob.len() * 2 / 3);
    }
    sandbox.folder("cut", &cut.layout());
    std::fs::create_dir(sandbox.path("tmp")).unwrap();
    for (args, codes) in [
        ("check oci:app", &[0, 1][..]),
        ("sbom oci:app -o spdx-json=app.json --bsi", &[0]),
        ("check ./app.tar --no-cache", &[0, 1]),
        ("check oci:cut --no-cache", &[2, 3]),
    ] {
        let mut command = sandbox.command(args);
        let run = sandbox.run_command(command.env("TMPDIR", sandbox.path("tmp")));
        assert!(codes.contains(&run.code), "{args}: {run}");
        assert_eq!(std::fs::read_dir(sandbox.path("tmp")).unwrap().count(), 0, "{args}");
        assert!(sandbox.names().iter().all(|name| !name.starts_with('.')), "{args}: {:?}", sandbox.names());
    }
}

#[test]
fn in_the_names_of_files() {
    let sandbox = Sandbox::new();
    let name = "evil\u{1b}[2J\u{202e}.tar";
    sandbox.archive(name, &good().layout(Packing::Plain));
    sandbox.write("plain\u{1b}[2J.tar", "no tar");
    for target in [
        format!("./{name}"),
        format!("oci-archive:{name}"),
        "./plain\u{1b}[2J.tar".to_owned(),
        "oci:\u{1b}[2J".to_owned(),
    ] {
        for args in [
            format!("check {target}"),
            format!("check --json {target}"),
            format!("inspect {target}"),
            format!("check oci-archive:{name} -o json=out\u{1b}[2J.json"),
            format!("sbom {target} -o spdx-json"),
            format!("check {target} --config \u{1b}[2J"),
        ] {
            let run = run(&sandbox, &args);
            assert_harmless(&run.stdout, &args);
            assert_harmless(&run.stderr, &args);
        }
    }
}
