//! `plimsoll tags`: listed, watched, told, judged.

use crate::fixture::{Image, Packing, Registry, Sandbox, Stored, good, list, parsed};
use crate::formats::fits;
use insta::assert_snapshot;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

/// The same app with another revision.
fn other() -> Image {
    good().unlabelled("revision").unlabelled("source")
}

/// A registry with `app`, looked at once.
fn stage() -> (Registry, Sandbox) {
    let registry = Registry::new();
    let mut sandbox = Sandbox::new();
    sandbox.filter(&registry.host(), "r.example");
    registry.push("app", "1.4.2", good().stored(Packing::Plain));
    registry.push("app", "latest", good().stored(Packing::Plain));
    watch(&sandbox, &registry, "app");
    (registry, sandbox)
}

/// One round, which has to succeed; what changed.
#[track_caller]
fn watch(sandbox: &Sandbox, registry: &Registry, what: &str) -> String {
    sandbox.run(&format!("tags watch --once --quiet {}/{what}", registry.host())).data(0)
}

#[test]
fn a_version_tag_that_is_pushed_again_fails_the_audit_with_both_digests() {
    let (registry, sandbox) = stage();
    let first = good().stored(Packing::Plain).manifest()["digest"].as_str().unwrap().to_owned();
    let second = registry.push("app", "1.4.2", other().stored(Packing::Plain)).to_string();
    assert_eq!(watch(&sandbox, &registry, "app"), format!("moved     r.example/app:1.4.2 {first} -> {second}\n"));
    let audit = sandbox.run("tags audit");
    assert_eq!(audit.code, 1, "{audit}");
    for text in [&*first, &second, "PL105 version-tag-reused", "labels: org.opencontainers.image.revision", "is gone"] {
        assert!(audit.stdout.contains(text), "{text}: {audit}");
    }
    assert!(audit.stdout.ends_with("fail: 1 finding in 2 tags of 1 repository\n"), "{audit}");
    let only = |what: &str| sandbox.run(&format!("tags audit {}/{what}", registry.host())).code;
    assert_eq!((only("app"), only("app:1.4.2"), only("app:latest")), (1, 1, 0));
    // To know nothing of a tag is not to find nothing.
    assert_eq!(only("other"), 2);
}

/// An index names images, and what changed is inside of those.
#[test]
fn what_changed_inside_of_an_index_is_told_of_one_platform() {
    let registry = Registry::new();
    let sandbox = Sandbox::new();
    let push = |image: fn() -> Image| {
        let images = ["amd64", "arm64", "riscv64"].map(|architecture| {
            let platform = serde_json::json!({"os": "linux", "architecture": architecture});
            (image().on(architecture).stored(Packing::Plain), platform)
        });
        let (stored, document) = Stored::index(images.into());
        registry.push_document("app", "1.4.2", &stored, &document);
    };
    push(good);
    // Seen first by a command that keeps the index alone.
    sandbox.run(&format!("resolve {}/app:1.4.2", registry.host())).data(0);
    push(other);
    watch(&sandbox, &registry, "app");
    let audit = sandbox.run("tags audit").data(1);
    let here = model::Platform::of_this_machine();
    for text in [format!("that for {here}: "), "labels: org.opencontainers.image.revision".to_owned()] {
        assert!(audit.contains(&text), "{text}: {audit}");
    }
    assert!(audit.contains("packages: not known"), "{audit}");
    registry.asked();
    watch(&sandbox, &registry, "app");
    assert_eq!(registry.asked(), ["app/manifests/1.4.2", "app/tags/list"]);
}

#[test]
fn policy_has_the_last_word_on_the_audit() {
    let (registry, sandbox) = stage();
    registry.push("app", "1.4.2", other().stored(Packing::Plain));
    watch(&sandbox, &registry, "app");
    sandbox.write("plimsoll.toml", "[rules]\nversion-tag-reused = \"low\"\n");
    assert_eq!(sandbox.run("tags audit").code, 0);
    sandbox.write("plimsoll.toml", "[rules]\nPL105 = \"off\"\n");
    assert!(sandbox.run("tags audit").data(0).starts_with("pass: 0 findings"));
}

#[test]
fn what_is_unchanged_costs_one_head_a_tag_and_no_row() {
    let (registry, sandbox) = stage();
    registry.asked();
    assert_eq!(watch(&sandbox, &registry, "app"), "");
    assert_eq!(registry.asked(), ["app/manifests/1.4.2", "app/manifests/latest", "app/tags/list"]);
    let status = parsed(&sandbox.run("ledger status --json").data(0));
    assert_eq!(status["observations"], 2);
    watch(&sandbox, &registry, "app:latest");
    assert_eq!(registry.asked(), ["app/manifests/latest"]);
}

#[test]
fn a_tag_that_never_was_is_not_an_unchanged_one() {
    let (registry, sandbox) = stage();
    let run = sandbox.run(&format!("tags watch --once {0}/app:latest {0}/app:misspelt", registry.host()));
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("app:misspelt: ") && run.stderr.contains("MANIFEST_UNKNOWN"), "{run}");
    assert!(run.stderr.contains("2 tags looked at, 1 unchanged, 0 new, moved or gone, 1 not to be had"), "{run}");
    assert_eq!(parsed(&sandbox.run("ledger status --json").data(0))["observations"], 2);
}

#[test]
fn a_tag_that_is_gone_and_comes_back() {
    let (registry, sandbox) = stage();
    registry.remove("app", "1.4.2");
    assert!(watch(&sandbox, &registry, "app").starts_with("vanished  r.example/app:1.4.2 sha256:"));
    assert_eq!(watch(&sandbox, &registry, "app"), "");
    let audit = sandbox.run("tags audit --json");
    let document = parsed(&audit.stdout);
    assert_eq!(document["tags"][0]["findings"][0]["code"], "PL108", "{audit}");
    registry.push("app", "1.4.2", good().stored(Packing::Plain));
    assert!(watch(&sandbox, &registry, "app").starts_with("back      r.example/app:1.4.2 sha256:"));
    assert_eq!(sandbox.run("tags audit").code, 0);
}

#[test]
fn the_table_tells_what_the_ledger_knows() {
    let (registry, sandbox) = stage();
    registry.push("app", "new", good().stored(Packing::Plain));
    registry.push("app", "latest", other().stored(Packing::Plain));
    watch(&sandbox, &registry, "app:latest");
    registry.remove("app", "1.4.2");
    let flags = |document: &serde_json::Value| {
        let flags = |tag: &serde_json::Value| format!("{} {}", tag["tag"].as_str().unwrap(), tag["flags"]);
        list(document, "tags").iter().map(flags).collect::<Vec<_>>()
    };
    let table = parsed(&sandbox.run(&format!("tags {}/app --json", registry.host())).data(0));
    assert_eq!(flags(&table), [r#"1.4.2 ["gone"]"#, r#"latest ["moved"]"#, r#"new ["new"]"#]);
    registry.asked();
    let offline = parsed(&sandbox.run(&format!("tags {}/app --json --offline", registry.host())).data(0));
    assert_eq!(flags(&offline), ["1.4.2 []", r#"latest ["moved"]"#]);
    assert_eq!(registry.asked(), [""; 0]);
    let shown = sandbox.run(&format!("tags {}/app", registry.host())).data(0);
    assert!(shown.contains("not looked at yet") && shown.ends_with("3 tags\n"), "{shown}");
}

#[test]
fn documents_have_the_shape_of_their_schemas() {
    let (registry, sandbox) = stage();
    registry.push("app", "1.4.2", other().stored(Packing::Plain));
    registry.push("app", "new", good().stored(Packing::Plain));
    watch(&sandbox, &registry, "app:1.4.2");
    registry.remove("app", "latest");
    watch(&sandbox, &registry, "app:latest");
    let app = format!("{}/app", registry.host());
    let document = |args: String, code| parsed(&sandbox.run(&args).data(code));
    fits(include_str!("../../../../docs/formats/tags-v1.schema.json"), &document(format!("tags {app} --json"), 0));
    fits(
        include_str!("../../../../docs/formats/tags-history-v1.schema.json"),
        &document(format!("tags history {app}:latest --json"), 0),
    );
    let audit = document("tags audit --json".to_owned(), 1);
    fits(include_str!("../../../../docs/formats/tags-audit-v1.schema.json"), &audit);
    assert_eq!(list(&audit, "tags").len(), 2);
}

#[test]
fn history_is_told() {
    let (registry, mut sandbox) = stage();
    let second = registry.push("app", "1.4.2", other().stored(Packing::Plain));
    watch(&sandbox, &registry, "app");
    let first = good().stored(Packing::Plain).manifest()["digest"].as_str().unwrap().to_owned();
    sandbox.filter(&first, "[FIRST]");
    sandbox.filter(&second.to_string(), "[SECOND]");
    let told = sandbox.run(&format!("tags history {}/app:1.4.2", registry.host())).data(0);
    let times = regex::Regex::new(r"\[TODAY\]T[0-9:]+Z").unwrap();
    assert_snapshot!(times.replace_all(&told, "[TIME]"), @"
    r.example/app:1.4.2
    seen from: direct
      [TIME] .. [TIME]  [FIRST]  proved, seen once
      [TIME] .. [TIME]  [SECOND]  proved, seen once
    ");
    let nothing = sandbox.run(&format!("tags history {}/app:2", registry.host()));
    assert_snapshot!(nothing, @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the ledger knows nothing of r.example/app:2
    hint: `plimsoll tags watch` looks at tags and records what they name
    ");
}

#[test]
fn a_history_without_a_tag_says_which_tags_there_are() {
    let (registry, sandbox) = stage();
    let run = sandbox.run(&format!("tags history {}/none", registry.host()));
    assert!(run.code == 2 && run.stderr.contains("the ledger knows nothing of"), "{run}");
    let run = sandbox.run(&format!("tags history {}/app", registry.host()));
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("names no tag whose history could be told") && run.stdout.is_empty(), "{run}");
    assert!(run.stderr.contains("hint: the ledger knows `"), "{run}");
}

#[test]
fn a_check_looks_at_the_past_where_there_is_one() {
    let (registry, sandbox) = stage();
    let check = || parsed(&sandbox.run(&format!("check {}/app:1.4.2 --json", registry.host())).stdout);
    let codes = |report: &serde_json::Value| {
        list(report, "findings").iter().map(|f| f["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&check()), ["PL104"]);
    registry.push("app", "1.4.2", other().stored(Packing::Plain));
    watch(&sandbox, &registry, "app");
    assert!(codes(&check()).contains(&"PL105".to_owned()));
}

#[test]
fn a_registry_that_cannot_be_asked_is_no_empty_one() {
    let (registry, sandbox) = stage();
    let host = registry.host();
    drop(registry);
    let run = sandbox.run(&format!("tags watch --once {host}/app"));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run}");
    let tags = parsed(&sandbox.run(&format!("tags {host}/app --json --offline")).data(0));
    assert!(list(&tags, "tags").iter().all(|tag| tag["digest"].is_string()), "nothing has vanished");
}

#[test]
fn without_a_ledger_there_is_no_past() {
    let sandbox = Sandbox::new();
    for args in ["tags audit", "tags history a/b:1", "tags a/b --offline", "ledger verify", "ledger status"] {
        let run = sandbox.run(args);
        assert_eq!(run.code, 2, "{args}: {run}");
        assert!(run.stderr.contains("there is no ledger at `sqlite:[DIR]/home/ledger.db` yet"), "{run}");
    }
    assert!(!sandbox.path("../home").exists(), "and none is made");
}

/// A watch in the background, its stdout and stderr.
struct Running(Child, BufReader<std::process::ChildStdout>, BufReader<std::process::ChildStderr>);

fn start(sandbox: &Sandbox, args: &str) -> Running {
    let mut child =
        sandbox.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let out = BufReader::new(child.stdout.take().unwrap());
    let talk = BufReader::new(child.stderr.take().unwrap());
    Running(child, out, talk)
}

impl Running {
    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.1.read_line(&mut line).unwrap() > 0, "it has ended");
        line
    }

    /// Asks it to end, and what it ended with.
    fn end(mut self) -> (Option<i32>, String) {
        kill(Pid::from_raw(i32::try_from(self.0.id()).unwrap()), Signal::SIGTERM).unwrap();
        let status = self.0.wait().unwrap();
        let mut talk = String::new();
        self.2.read_to_string(&mut talk).unwrap();
        (status.code(), talk)
    }
}

#[test]
fn a_watch_ends_when_it_is_told_to() {
    let (registry, sandbox) = stage();
    registry.push("app", "new", good().stored(Packing::Plain));
    let mut running = start(&sandbox, &format!("tags watch --interval 1h {}/app", registry.host()));
    assert!(running.line().starts_with("new       "));
    let (code, talk) = running.end();
    assert_eq!(code, Some(0), "{talk}");
    assert!(talk.ends_with("stopped\n"), "{talk}");
    assert!(sandbox.run("ledger verify --quiet").data(0).contains("as they were written"));
}

/// Posts a notification and gives the status line.
fn notify(address: &str, token: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(stream, "POST / HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n{body}")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_notification_is_looked_into_at_once_and_never_believed() {
    let (registry, sandbox) = stage();
    registry.push("app", "seen", good().stored(Packing::Plain));
    let args = format!("tags watch --interval 1h --listen 127.0.0.1:0 --listen-token s3cret {}/app", registry.host());
    let mut running = start(&sandbox, &args);
    assert!(running.line().contains("app:seen"));
    let mut said = String::new();
    while !said.contains("listening at ") {
        said.clear();
        assert!(running.2.read_line(&mut said).unwrap() > 0);
    }
    let address = said.trim().rsplit(' ').next().unwrap().to_owned();
    let event = |repository: &str, tag: &str, digest: &str| {
        format!(
            r#"{{"events":[{{"action":"push","target":{{"mediaType":"application/vnd.oci.image.manifest.v1+json","repository":"{repository}","tag":"{tag}","digest":"{digest}"}}}}]}}"#
        )
    };
    let lie = model::Digest::of(b"a lie").to_string();
    let truth = registry.push("app", "1.4.2", other().stored(Packing::Plain)).to_string();
    assert!(notify(&address, "wrong", &event("app", "1.4.2", &truth)).contains("401"));
    assert!(notify(&address, "s3cret", "{").contains("400"));
    assert!(notify(&address, "s3cret", &event("other", "1", &lie)).contains("200"));
    assert!(notify(&address, "s3cret", &event("app", "1.4.2", &lie)).contains("200"));
    let line = running.line();
    assert!(line.starts_with("moved     ") && line.trim_end().ends_with(&truth), "{line}");
    assert_eq!(running.end().0, Some(0));
    assert!(!sandbox.run("ledger export").data(0).contains(&lie));
}

#[test]
fn beyond_loopback_a_token_is_needed() {
    let sandbox = Sandbox::new();
    let run = sandbox.run("tags watch --listen 0.0.0.0:0 127.0.0.1:1/app");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("`0.0.0.0:0` can be reached from other machines, and no token is asked for"), "{run}");
}
