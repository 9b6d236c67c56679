//! Real registries that demand a sign-in or stand before another one, with skopeo as the second reader.

mod server;
mod token;

use crate::parts;
use crate::program::{Answer, Plimsoll, parse, text};
use serde_json::Value;
use server::{Server, layout};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Of `hunter2`, as `htpasswd -B` writes it.
const HTPASSWD: &str = "ann:$2b$05$DBazv7VUz54p8vhriyLrJ.OOj52UtiTYUVxhzEsjoB/h6aIAlRDUa\n";

/// A folder with the program's home and Docker's configuration.
struct Home {
    folder: PathBuf,
    plimsoll: Plimsoll,
}

impl Home {
    fn new(test: &str) -> Self {
        let folder = parts::folder(test);
        Self { plimsoll: Plimsoll::cold(&folder), folder }
    }

    fn auth_file(&self) -> PathBuf {
        self.folder.join("docker/config.json")
    }

    /// Runs the program here, with `stdin`.
    fn run(&self, words: &[&str], stdin: &str) -> Answer {
        let mut command = self.plimsoll.command(words);
        command.env("DOCKER_CONFIG", self.folder.join("docker")).current_dir(&self.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        child.stdin.take().expect("piped").write_all(stdin.as_bytes()).expect("it listens");
        let output = child.wait_with_output().expect("it ends");
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        Answer { code: output.status.code().unwrap_or(-1), out: output.stdout, talk }
    }

    fn login(&self, host: &str, password: &str) -> Answer {
        self.run(&["login", host, "-u", "ann", "--password-stdin"], password)
    }

    /// The one resolution of a reference.
    fn resolve(&self, reference: &str, words: &[&str], code: i32) -> Value {
        let answer = self.run(&[&["resolve", "--json", reference], words].concat(), "");
        assert_eq!(answer.code, code, "{reference}: {}", answer.talk);
        parse(&answer.out)["resolutions"][0].clone()
    }
}

/// Puts a small image there and gives its manifest's digest, as skopeo says it.
fn push(folder: &Path, to: &str, note: &str, sign_in: &[&str]) -> String {
    let from = format!("oci:{}:latest", layout(folder, note).display());
    let to = format!("docker://{to}");
    parts::skopeo(&[&["copy", "--quiet", "--dest-tls-verify=false"], sign_in, &[&from, &to]].concat());
    let reader: Vec<&str> = sign_in.iter().map(|word| if *word == "--dest-creds" { "--creds" } else { word }).collect();
    let shown = parts::skopeo(&[&["inspect", "--tls-verify=false"], &reader[..], &[&to]].concat());
    text(&parse(&shown.stdout)["Digest"]).to_owned()
}

/// What skopeo reads with the sign-in that the program has kept.
fn second_reader(home: &Home, reference: &str) -> String {
    let file = home.auth_file().display().to_string();
    let target = format!("docker://{reference}");
    let shown = parts::skopeo(&["inspect", "--tls-verify=false", "--authfile", &file, &target]);
    text(&parse(&shown.stdout)["Digest"]).to_owned()
}

/// In, read, out; a wrong password is not kept.
fn signs_in(home: &Home, host: &str) {
    let reference = format!("{host}/e2e/app:1");
    let digest = push(&home.folder, &reference, "guarded", &["--dest-creds", "ann:hunter2"]);
    assert_eq!(home.run(&["resolve", &reference], "").code, 2);
    let wrong = home.login(host, "hunter3");
    assert!(wrong.code == 2 && wrong.talk.contains("does not take this user name and password"), "{}", wrong.talk);
    assert!(!home.auth_file().exists());
    let right = home.login(host, "hunter2\n");
    assert!(right.code == 0 && right.talk.contains("took the sign-in of ann"), "{}", right.talk);
    assert_eq!(text(&home.resolve(&reference, &["--prove"], 0)["digest"]), digest);
    assert_eq!(second_reader(home, &reference), digest);
    assert_eq!(home.run(&["logout", host], "").code, 0);
    assert_eq!(home.run(&["resolve", &reference], "").code, 2);
}

#[test]
fn a_registry_with_passwords() {
    let home = Home::new("htpasswd");
    let file = home.folder.join("htpasswd");
    std::fs::write(&file, HTPASSWD).expect("written");
    let auth = format!("auth: {{htpasswd: {{realm: e2e, path: {}}}}}\n", file.display());
    let registry = Server::start(&home.folder.join("registry"), &auth);
    signs_in(&home, &registry.address);
}

#[test]
fn a_registry_with_a_token_server() {
    let home = Home::new("token");
    let tokens = token::Server::start(&home.folder, "ann", "hunter2");
    let registry = Server::start(&home.folder.join("registry"), &tokens.configuration());
    signs_in(&home, &registry.address);
    let asked = tokens.asked();
    assert!(asked.iter().any(|query| query.contains("scope=repository%3Ae2e%2Fapp%3Apull")), "{asked:?}");
}

#[test]
fn a_cache_cannot_be_told_from_fresh() {
    let home = Home::new("proxy");
    let upstream = Server::start(&home.folder.join("upstream"), "");
    let reference = format!("{}/e2e/app:1", upstream.address);
    let digest = push(&home.folder, &reference, "old", &[]);
    let cache =
        Server::start(&home.folder.join("cache"), &format!("proxy: {{remoteurl: \"http://{}\"}}\n", upstream.address));
    let policy = format!("[[registries]]\nhost = \"{}\"\nmirrors = [\"{}\"]\n", upstream.address, cache.address);
    std::fs::write(home.folder.join("plimsoll.toml"), policy).expect("written");

    let check = |found: &Value| {
        assert_eq!(text(&found["digest"]), digest);
        assert_eq!(text(&found["vantage"]["host"]), cache.address);
        let claimed = found["statements"][1]["why"].as_str().expect("a reason").to_owned();
        assert!(claimed.ends_with("seen through a cache, it cannot be told from fresh"), "{claimed}");
    };
    check(&home.resolve(&reference, &[], 0));
    check(&home.resolve(&reference, &["--prove"], 0));

    // The registry is gone; the cache serves on as if nothing had happened, and the answer says what it is.
    drop(upstream);
    check(&home.resolve(&reference, &[], 0));
    // Asked to prove it, the program says that the registry could not be asked: no pass.
    let proved = home.resolve(&reference, &["--prove"], 3);
    let last = crate::program::array(&proved["statements"]).last().expect("statements").clone();
    assert_eq!(text(&last["standing"]), "not checked", "{last}");
    assert!(text(&last["why"]).contains("cannot reach"), "{last}");
}
