//! `plimsoll login` and `logout`: tried at the registry, kept where Docker keeps it, never shown.

use crate::fixture::{Packing, Registry, Run, Sandbox, good, parsed};
use std::io::Write as _;
use std::process::Stdio;

const ANN: &str = "Basic YW5uOmh1bnRlcjI=";

/// A registry that knows ann by `hunter2`, and a home for `config.json`; its address reads `HOST`.
fn stage() -> (Registry, Sandbox) {
    let registry = Registry::new();
    registry.demand(ANN);
    registry.push("app", "1", good().stored(Packing::Plain));
    let mut sandbox = Sandbox::new();
    sandbox.filter(&registry.host(), "HOST");
    (registry, sandbox)
}

fn run(sandbox: &Sandbox, words: &str, stdin: &str) -> Run {
    let mut command = sandbox.command(words);
    command.env("DOCKER_CONFIG", sandbox.path("docker"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    sandbox.ended(child)
}

#[test]
fn in_and_out() {
    let (registry, sandbox) = stage();
    let app = format!("{}/app:1", registry.host());
    assert_eq!(run(&sandbox, &format!("resolve {app}"), "").code, 2);

    let login = run(&sandbox, &format!("login {} -u ann --password-stdin", registry.host()), "hunter2\n");
    assert_eq!((login.code, login.stdout.as_str()), (0, ""), "{login}");
    let expected = "HOST took the sign-in of ann\nkept in [DIR]/work/docker/config.json, which is not encrypted\n";
    assert_eq!(login.stderr, expected);
    run(&sandbox, &format!("resolve {app}"), "").data(0);

    let logout = run(&sandbox, &format!("logout {}", registry.host()), "");
    assert_eq!(logout.stderr, "forgotten: the sign-in to HOST in [DIR]/work/docker/config.json\n");
    assert_eq!(run(&sandbox, &format!("resolve {app}"), "").code, 2);
    let again = run(&sandbox, &format!("logout {}", registry.host()), "");
    assert_eq!((again.code, again.stderr.as_str()), (0, "there was no sign-in to HOST\n"));
}

#[test]
fn what_is_refused_is_not_kept() {
    let (registry, sandbox) = stage();
    let login = run(&sandbox, &format!("login {} -u ann --password-stdin", registry.host()), "wrong-secret");
    assert_eq!(login.code, 2, "{login}");
    assert!(login.stderr.contains("HOST does not take this user name and password"), "{login}");
    assert!(!login.stderr.contains("wrong-secret") && !sandbox.path("docker").exists());
}

#[test]
fn a_registry_that_asks_for_nothing_is_said() {
    let registry = Registry::new();
    let mut sandbox = Sandbox::new();
    sandbox.filter(&registry.host(), "HOST");
    let login = run(&sandbox, &format!("login {} -u ann --password-stdin", registry.host()), "hunter2");
    assert!(login.code == 0 && login.stderr.starts_with("note: HOST asked for no sign-in"), "{login}");
    let config = parsed(&sandbox.read("docker/config.json"));
    assert_eq!(config["auths"][registry.host()]["auth"], "YW5uOmh1bnRlcjI=");
}

#[test]
fn command_lines_that_make_no_sense() {
    let (registry, sandbox) = stage();
    let check = |words: &str, stdin: &str, expected: &str| {
        let said = run(&sandbox, words, stdin);
        assert!(said.code == 2 && said.stderr.contains(expected), "{said}");
        assert!(!sandbox.path("docker").exists());
    };
    let host = registry.host();
    check(&format!("login {host} -u ann"), "hunter2", "there is no password: stdin is not a terminal");
    check(&format!("login {host} --password-stdin"), "hunter2", "--user <NAME>");
    check(&format!("login {host} -u ann --password-stdin"), "\n", "the password is empty");
    check("login registry -u ann --password-stdin", "hunter2", "`registry` is no registry's host");
    check(&format!("login --offline {host} -u ann --password-stdin"), "hunter2", "`--offline` was asked for");
    assert!(registry.asked().is_empty());
}
