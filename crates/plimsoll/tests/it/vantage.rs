//! From where an answer was seen: mirrors, proxies, and what they are and are not told.

use crate::fixture::{Packing, Registry, Sandbox, good, parsed};
use serde_json::json;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

/// A registry `HOST`, its mirror `MIRROR` with an older `app:1`, and a policy that names it.
fn stage(more: &str) -> (Registry, Registry, Sandbox) {
    let (registry, mirror) = (Registry::new(), Registry::new());
    registry.push("app", "1", good().stored(Packing::Plain));
    mirror.push("app", "1", good().user("older").stored(Packing::Plain));
    let mut sandbox = Sandbox::new();
    sandbox.filter(&registry.host(), "HOST");
    sandbox.filter(&mirror.host(), "MIRROR");
    let (host, mirrors) = (registry.host(), mirror.host());
    sandbox.write("plimsoll.toml", format!("[[registries]]\nhost = \"{host}\"\nmirrors = [\"{mirrors}\"]\n{more}"));
    (registry, mirror, sandbox)
}

#[test]
fn a_mirror_is_named_and_only_claims() {
    let (registry, mirror, sandbox) = stage("");
    let run = sandbox.run(&format!("resolve {}/app:1", registry.host())).data(0);
    assert!(run.contains("by mirror MIRROR of HOST"), "{run}");
    assert!(run.contains("seen through a cache, it cannot be told from fresh"), "{run}");
    assert_eq!((registry.asked().len(), mirror.asked().len()), (0, 1));

    let found = parsed(&sandbox.run(&format!("resolve --json --prove {}/app:1", registry.host())).data(1));
    let found = &found["resolutions"][0];
    assert_eq!(found["vantage"], json!({"kind": "mirror", "host": "MIRROR"}));
    let statements = found["statements"].as_array().unwrap();
    let other = statements.iter().find(|s| s["standing"] == "refuted").unwrap();
    assert_eq!(other["what"], "registry HOST says the same of tag `1`");
    assert!(other["why"].as_str().unwrap().starts_with("it names sha256:"));
}

#[test]
fn a_mirror_for_digests_alone_never_answers_for_a_tag() {
    let (registry, mirror, sandbox) = stage("by-digest-only = true");
    let run = sandbox.run(&format!("resolve {}/app:1", registry.host())).data(0);
    assert!(run.contains("by registry HOST") && mirror.asked().is_empty(), "{run}");
}

#[test]
fn a_policy_that_is_misspelt_is_an_error_with_its_place() {
    let (registry, _, sandbox) = stage("miror = 1");
    let run = sandbox.run(&format!("resolve {}/app:1", registry.host()));
    assert!(run.code == 2 && run.stderr.contains("plimsoll.toml:4:1: unknown key `miror`"), "{run}");
}

/// A proxy that answers each connection with `reply` and tells what it was asked.
fn proxy(reply: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let _ = sender.send(head.join("\n").to_ascii_lowercase());
            let _ = stream.write_all(reply.as_bytes());
        }
    });
    (address, receiver)
}

#[test]
fn a_proxy_is_used_and_its_password_is_not_shown() {
    let (address, asked) = proxy("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let sandbox = Sandbox::new();
    let mut command = sandbox.command("resolve registry.invalid/app:1");
    command.env("HTTPS_PROXY", format!("http://ann:hunter2@{address}"));
    let run = sandbox.run_command(&mut command);
    let head = asked.recv().unwrap();
    assert!(head.starts_with("connect registry.invalid:443 http/1.1"), "{head}");
    assert!(head.contains("proxy-authorization: basic yw5uomh1bnrlcji="), "{head}");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("cannot reach https://registry.invalid/v2/app/manifests/1"), "{run}");
    assert!(!run.to_string().contains("hunter2"), "{run}");

    let (address, asked) = proxy("");
    let mut command = sandbox.command("resolve registry.invalid/app:1");
    command.env("HTTPS_PROXY", format!("http://{address}")).env("NO_PROXY", "other.example,.invalid");
    let run = sandbox.run_command(&mut command);
    assert!(run.code == 2 && asked.try_recv().is_err(), "{run}");
}

#[test]
fn loopback_needs_no_proxy() {
    let (address, asked) = proxy("");
    let registry = Registry::new();
    registry.push("app", "1", good().stored(Packing::Plain));
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&format!("resolve {}/app:1", registry.host()));
    command.env("HTTP_PROXY", format!("http://{address}")).env("http_proxy", format!("http://{address}"));
    sandbox.run_command(&mut command).data(0);
    assert!(asked.try_recv().is_err());
}
