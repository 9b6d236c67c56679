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

#[test]
fn man_pages() {
    let sandbox = Sandbox::new();
    let run = sandbox.run("man --to pages");
    assert_eq!((run.code, run.stderr.as_str()), (0, "wrote the man pages to pages\n"), "{run}");
    let mut names: Vec<String> =
        sandbox.path("pages").read_dir().unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_snapshot!(names.join("\n"), @"
    plimsoll-cache-clear.1
    plimsoll-cache-trim.1
    plimsoll-cache-usage.1
    plimsoll-cache-verify.1
    plimsoll-cache.1
    plimsoll-check.1
    plimsoll-completions.1
    plimsoll-inspect.1
    plimsoll-ledger-backup.1
    plimsoll-ledger-checkpoint.1
    plimsoll-ledger-export.1
    plimsoll-ledger-status.1
    plimsoll-ledger-verify.1
    plimsoll-ledger.1
    plimsoll-resolve.1
    plimsoll-sbom.1
    plimsoll-tags-audit.1
    plimsoll-tags-history.1
    plimsoll-tags-watch.1
    plimsoll-tags.1
    plimsoll.1
    ");
    assert!(sandbox.read("pages/plimsoll-check.1").starts_with(".ie"));
}

#[test]
fn help() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run("-h"), @"
    exit: 0
    ----- stdout -----
    Puts a container image's whole lifecycle under deliberate, informed control

    Usage: plimsoll [OPTIONS] <COMMAND>

    Commands:
      check        Judge images by the practices of the guide: one verdict, each finding with its proof
                   and its remedy.
      inspect      Show what an image is: digests, platform, sizes, layers with their instructions,
                   labels
      resolve      Say exactly which image a reference names: its digest, proved by its bytes
      sbom         List exactly what an image holds, as SPDX or CycloneDX.
      tags         See what tags name, what they named before, and which of them moved that must not
      ledger       Tend the record of what tags were seen to name, and prove that nobody changed it
      cache        See and tend the cache of layers that were read
      completions  Print completions for a shell

    Options:
          --config <FILE>           Read the policy from this file instead of the nearest
                                    `plimsoll.toml` [env: PLIMSOLL_CONFIG=]
          --platform <OS/ARCH>      The platform of the image, such as `linux/arm64`; this machine's
                                    unless given [env: PLIMSOLL_PLATFORM=]
          --offline                 Do not use the network [env: PLIMSOLL_OFFLINE=]
          --insecure <HOST[:PORT]>  Speak plain HTTP to this registry; may be repeated. Loopback needs
                                    no leave [env: PLIMSOLL_INSECURE=]
          --no-cache                Neither use nor fill the cache of layers
          --cache-limit <BYTES>     The most bytes that the cache may take [env: PLIMSOLL_CACHE_LIMIT=]
                                    [default: 4294967296]
          --ledger <URL>            The ledger of tags: a file of SQLite's or `postgres://…`; one in the
                                    state folder unless given [env: PLIMSOLL_LEDGER]
          --no-ledger               Neither ask nor fill the ledger
      -q, --quiet                   Say nothing but the result and errors
      -v, --verbose                 Show more: every proof, every path
      -h, --help                    Print help (see more with '--help')
      -V, --version                 Print version

    TARGETS, the same for every command:
      REF                         an image in a registry, without a daemon: app:1.4,
      r.example/app@sha256:…
      docker:REF                  an image in Docker's engine
      oci:DIR[:TAG|@DIGEST]       an OCI image layout
      oci-archive:FILE[:TAG]      a layout in a tar file
      docker-archive:FILE[:REF]   what `docker save` wrote
      dir:PATH                    a root filesystem
    A bare path is recognised by its content.

    EXIT CODES: 0 pass, 1 fail, 2 the tool could not do its work, 3 inconclusive: something could not be
    read.
    ----- stderr -----
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
