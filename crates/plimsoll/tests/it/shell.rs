//! What shells, `man` and a user without a manual see.

use crate::fixture::Sandbox;
use insta::assert_snapshot;

#[test]
fn completions_for_every_shell() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = sandbox.run(&format!("completions {shell}")).data(0);
        for word in ["check", "inspect", "sbom", "cache", "explain", "platform"] {
            assert!(text.contains(word), "{shell} does not complete {word}");
        }
    }
    assert_snapshot!(sandbox.run("completions tcsh"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value 'tcsh' for '<SHELL>'
      [possible values: bash, elvish, fish, powershell, zsh]

      tip: a similar value exists: 'zsh'

    For more information, try '--help'.
    ");
}

/// The names of the commands that a help lists, in its order.
fn commands(help: &str) -> Vec<&str> {
    let list = help.lines().skip_while(|line| *line != "Every practice:").take_while(|line| *line != "Options:");
    let names = list.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).collect()
}

#[test]
fn man_pages() {
    let sandbox = Sandbox::new();
    let run = sandbox.run("man --to pages");
    assert_eq!((run.code, run.stderr.as_str()), (0, "wrote the man pages to pages\n"), "{run}");
    for command in commands(&sandbox.run("-h").data(0)) {
        let page = sandbox.read(&format!("pages/plimsoll-{command}.1"));
        assert!(page.contains(&format!("plimsoll\\-{command}")), "{command}: {page}");
    }
    for page in ["plimsoll.1", "plimsoll-cache-verify.1"] {
        assert!(sandbox.path("pages").join(page).exists(), "{page}");
    }
    assert!(sandbox.read("pages/plimsoll-check.1").starts_with(".ie"));
}

#[test]
fn help() {
    let sandbox = Sandbox::new();
    let help = sandbox.run("-h").data(0);
    let named = commands(&help);
    assert!(["check", "inspect", "sbom", "cache", "completions"].iter().all(|name| named.contains(name)), "{help}");
    assert!(help.contains("--cache-limit <SIZE>"), "{help}");
    let own = help.lines().take_while(|line| !line.starts_with("TARGETS"));
    let headings = own.filter(|line| line.ends_with(':') && !line.starts_with(' ')).collect::<Vec<_>>();
    let expected =
        ["Every practice:", "Tagging:", "Layers:", "Scanning:", "SBOM:", "Provenance:", "This program:", "Options:"];
    assert_eq!(headings, expected, "{help}");
    assert!(help.lines().all(|line| line.chars().count() <= 110), "{help}");
    assert_snapshot!(&help[help.find("TARGETS").unwrap()..], @"
    TARGETS, the same for every command:
      REF                         an image in a registry: app:1.4, r.example/app@sha256:…
      docker:REF                  an image in Docker's engine
      oci:DIR[:TAG|@DIGEST]       an OCI image layout
      oci-archive:FILE[:TAG]      a layout in a tar file
      docker-archive:FILE[:REF]   what `docker save` wrote
      dir:PATH                    a root filesystem
    A bare path is recognised by its content.

    EXIT CODES: 0 pass, 1 fail, 2 the tool could not do its work, 3 inconclusive:
    something could not be read, or policy requires what was not checked.
    ");
    assert_eq!(sandbox.run("--version").data(0), format!("plimsoll {}\n", env!("CARGO_PKG_VERSION")));
    let none = sandbox.run("");
    assert_eq!((none.code, none.stdout.as_str()), (2, ""));
    assert!(none.stderr.contains("Usage: plimsoll"), "{none}");
    assert_snapshot!(sandbox.run("chekc oci:app"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: unrecognized subcommand 'chekc'

      tip: a similar subcommand exists: 'check'

    Usage: plimsoll [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn every_command_has_help_with_its_targets() {
    let sandbox = Sandbox::new();
    for command in ["check", "inspect", "sbom"] {
        let text = sandbox.run(&format!("{command} --help")).data(0);
        assert!(text.contains("TARGET") && text.contains("--platform"), "{text}");
    }
}

#[test]
fn help_as_a_command_says_where_help_is() {
    let run = Sandbox::new().run("help");
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("tip: `plimsoll --help` lists the commands"), "{run}");
}
