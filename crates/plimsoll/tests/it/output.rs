//! Where output goes, and what happens when it cannot.

use crate::fixture::{Packing, Sandbox, good};
use insta::assert_snapshot;

fn stage() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().layout(Packing::Plain));
    sandbox
}

#[test]
fn quiet_says_nothing_but_the_result() {
    let sandbox = stage();
    for args in ["check oci:app", "sbom oci:app -o spdx-json", "inspect oci:app", "sbom oci:app -o spdx-json=x"] {
        let run = sandbox.run(&format!("{args} -q"));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run}");
        assert_eq!(run.stdout, sandbox.run(args).stdout);
    }
    assert_snapshot!(sandbox.run("-q check oci:missing"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read `missing`: No such file or directory (os error 2)
    hint: look at the path; it is read from the current folder
    ");
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let sandbox = stage();
    for args in ["check oci:app", "sbom oci:app -o spdx-json", "inspect --json oci:app", "completions zsh", "--help"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = sandbox.command(args);
        let output = command.stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_verdict_survives_a_reader_that_went_away() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().env("API_TOKEN=x").layout(Packing::Plain));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(sandbox.command("check oci:app").stdout(writer).status().unwrap().code(), Some(1));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let sandbox = stage();
    for args in ["check oci:app", "sbom oci:app -o spdx-json", "inspect oci:app", "--help"] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = sandbox.command(args).stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args}: {said}");
        assert!(said.contains("cannot write the output: No space left on device"), "{args}: {said}");
    }
}

#[test]
fn a_file_that_cannot_be_written() {
    let sandbox = stage();
    assert_snapshot!(sandbox.run("check oci:app -o json=nowhere/out.json"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot write `nowhere/out.json`: No such file or directory (os error 2)
    hint: make its folder first
    ");
    sandbox.write("folder/kept", "");
    let run = sandbox.run("check oci:app -o json=folder");
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("cannot write `folder`"), "{run}");
}

#[test]
fn a_failure_leaves_the_old_file() {
    let sandbox = stage();
    sandbox.write("out.json", "the old one");
    assert_eq!(sandbox.run("check oci:missing -o json=out.json").code, 2);
    assert_eq!(sandbox.read("out.json"), "the old one");
    assert_eq!(sandbox.run("sbom oci:missing -o spdx-json=out.json").code, 2);
    assert_eq!(sandbox.read("out.json"), "the old one");
    sandbox.run("check oci:app -o json=out.json").data(0);
    assert!(sandbox.read("out.json").starts_with('{'));
    assert_eq!(sandbox.names(), ["app", "out.json"]);
}

#[test]
fn a_device_is_written_to_and_not_replaced() {
    let sandbox = stage();
    let run = sandbox.run("check oci:app -o json=/dev/stdout -q");
    assert_eq!(run.stdout, sandbox.run("check oci:app --json").stdout);
    assert_eq!(run.code, 0);
}

#[test]
fn a_link_is_followed_and_not_replaced() {
    let sandbox = stage();
    sandbox.write("reports/old.json", "the old one");
    std::os::unix::fs::symlink("reports/old.json", sandbox.path("out.json")).unwrap();
    sandbox.run("check oci:app -o json=out.json").data(0);
    assert!(sandbox.path("out.json").is_symlink());
    assert!(sandbox.read("reports/old.json").starts_with('{'));
}

#[test]
fn a_file_has_no_colour() {
    let sandbox = stage();
    let mut command = sandbox.command("check oci:app -o terminal=out.txt");
    let run = sandbox.run_command(command.env_remove("NO_COLOR").env("CLICOLOR_FORCE", "1"));
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(sandbox.read("out.txt"), sandbox.run("check oci:app").stdout);
}

#[test]
fn colour_only_where_it_is_wanted() {
    let sandbox = stage();
    let coloured = |name: &str, value: &str| {
        let mut command = sandbox.command("check oci:app");
        command.env_remove("NO_COLOR").env(name, value);
        sandbox.run_command(&mut command).stdout.contains('\u{1b}')
    };
    assert!(!coloured("TERM", "xterm"), "a pipe is no terminal");
    assert!(coloured("CLICOLOR_FORCE", "1"));
}

#[test]
fn two_documents_in_one_place_are_refused() {
    let sandbox = stage();
    for args in [
        "check oci:app -o terminal -o json",
        "check oci:app -o sarif --json",
        "inspect oci:app -o json -o terminal",
        "sbom oci:app -o spdx-json -o cyclonedx-json",
    ] {
        assert_eq!(
            sandbox.run(args).to_string(),
            "exit: 2\n----- stdout -----\n----- stderr -----\nerror: two documents would go to stdout\n\
             hint: give each a place of its own, as in `-o json=FILE`\n",
            "{args}"
        );
    }
    let run = sandbox.run("check oci:app -o json=x -o sarif=x");
    assert!(run.code == 2 && run.stderr.starts_with("error: two documents would go to `x`\n"), "{run}");
    assert!(!sandbox.path("x").exists());
}

#[test]
fn two_documents_for_one_place_are_refused_before_any_work() {
    let sandbox = stage();
    sandbox.write("Dockerfile", "FROM scratch\n");
    for command in ["check oci:app", "inspect oci:app", "copy oci:app oci:b", "pin .", "lint", "resolve a"] {
        let run = sandbox.run(&format!("{command} -o json -o terminal"));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run}");
        assert!(run.stderr.contains("two documents"), "{run}");
    }
    assert!(!sandbox.path("b").exists());
}

#[test]
fn a_dash_is_stdout() {
    let sandbox = stage();
    let dash = sandbox.run("sbom oci:app -q -o spdx-json=-");
    assert_eq!(dash.stdout, sandbox.run("sbom oci:app -q -o spdx-json").stdout);
    assert!(dash.code == 0 && dash.stdout.starts_with('{'), "{dash}");
    let twice = sandbox.run("sbom oci:app -o spdx-json=- -o cyclonedx-json");
    assert!(twice.code == 2 && twice.stderr.starts_with("error: two documents would go to stdout\n"), "{twice}");
}
