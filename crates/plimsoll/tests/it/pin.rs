//! `plimsoll pin`: digests put where images are named, from a registry or from a list.

use crate::fixture::{Packing, Registry, Sandbox, good, parsed};
use crate::formats::fits;
use insta::assert_snapshot;
use model::Digest;

/// A registry with `my-api:1.4.2`; its address reads `HOST`.
fn stage() -> (Registry, Sandbox, Digest) {
    let registry = Registry::new();
    let mut sandbox = Sandbox::new();
    sandbox.filter(&registry.host(), "HOST");
    let digest = registry.push("my-api", "1.4.2", good().stored(Packing::Plain));
    sandbox.filter(&digest.to_string(), "DIGEST");
    (registry, sandbox, digest)
}

fn compose(registry: &Registry) -> String {
    format!(
        "# ä\nservices:\n  api:\n    image: {host}/my-api:1.4.2 # keep\n  job: {{image: \"${{IMG}}\"}}\n  own:\n    build: .\n    image: own:dev\n",
        host = registry.host()
    )
}

#[test]
fn a_folder_is_pinned() {
    let (registry, sandbox, digest) = stage();
    sandbox.write("compose.yaml", compose(&registry));
    assert_snapshot!(sandbox.run("pin"), @r"
    exit: 0
    ----- stdout -----
    compose.yaml
         4:12  pinned   HOST/my-api:1.4.2 to DIGEST
         5:17  left     ${IMG}: the variable `IMG` has no value here
         8:12  left     own:dev: a build gives its result this name

    1 pinned in 1 file, 2 left alone
    ----- stderr -----
    ");
    let pinned = compose(&registry).replace("1.4.2 #", &format!("1.4.2@{digest} #"));
    assert_eq!(sandbox.read("compose.yaml"), pinned);
    assert_eq!(registry.asked(), ["my-api/manifests/1.4.2"]);
    assert_eq!(sandbox.names(), ["compose.yaml"]);
}

#[test]
fn a_check_does_not_pass_what_it_cannot_read_out_of_the_text() {
    let (_registry, sandbox, digest) = stage();
    let pinned = format!("r.example/x:1@{digest}");
    let check = |text: String, expected: i32| {
        sandbox.write("compose.yaml", &text);
        let run = sandbox.run("pin --check --offline");
        assert_eq!(run.code, expected, "{text}{run}");
        run.stdout
    };
    check(format!("services: {{a: {{image: '{pinned}'}}, b: {{build: ., image: 'own:dev'}}}}\n"), 0);
    let said = check(format!("services: {{a: {{image: '{pinned}'}}, b: {{image: '${{IMG}}'}}}}\n"), 3);
    assert!(said.contains("cannot be told: the variable `IMG` has no value here"), "{said}");
    check("services: {a: {image: '${IMG}'}, b: {image: 'redis:7'}}\n".to_owned(), 1);
    // A reference that the text does name is unpinned, whatever keeps us from editing it.
    check("services:\n  a:\n    image: |-\n      redis:7\n".to_owned(), 1);
}

#[test]
fn a_check_fails_on_an_action_without_its_commit() {
    let sandbox = Sandbox::new();
    let workflow = |version: &str| {
        let text = format!("jobs: {{a: {{steps: [{{uses: actions/checkout@{version}}}]}}}}\n");
        sandbox.write(".github/workflows/ci.yml", text);
        sandbox.run("pin --check --offline .github/workflows/ci.yml").code
    };
    assert_eq!(workflow("v4"), 1);
    assert_eq!(workflow("0123456789abcdef0123456789abcdef01234567"), 0);
}

#[test]
fn a_check_of_nothing_is_no_pass() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run("pin --check"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: no file in `.` is of a kind that names images
    hint: `plimsoll pin --help` says which files are looked for
    ");
    assert_eq!(sandbox.run("pin").code, 0);
}

#[test]
fn a_diff_is_a_patch_and_writes_nothing() {
    let (registry, sandbox, _) = stage();
    sandbox.write("compose.yaml", compose(&registry));
    assert_snapshot!(sandbox.run("pin compose.yaml --diff"), @r#"
    exit: 0
    ----- stdout -----
    --- a/compose.yaml
    +++ b/compose.yaml
    @@ -1,7 +1,7 @@
     # ä
     services:
       api:
    -    image: HOST/my-api:1.4.2 # keep
    +    image: HOST/my-api:1.4.2@DIGEST # keep
       job: {image: "${IMG}"}
       own:
         build: .
    ----- stderr -----
    compose.yaml
         4:12  pinned   HOST/my-api:1.4.2 to DIGEST
         5:17  left     ${IMG}: the variable `IMG` has no value here
         8:12  left     own:dev: a build gives its result this name

    1 would be pinned in 1 file, 2 left alone
    "#);
    assert_eq!(sandbox.read("compose.yaml"), compose(&registry));
}

#[test]
fn a_check_fails_on_what_is_not_pinned_and_on_what_is_not_there() {
    let (registry, sandbox, digest) = stage();
    let host = registry.host();
    let gone = Digest::of(b"gone");
    let text = format!(
        "services:\n  a: {{image: \"{host}/my-api:1.4.2@{digest}\"}}\n  b: {{image: \"{host}/my-api:1.4.2@{gone}\"}}\n  c: {{image: \"{host}/my-api:1.4.2\"}}\n"
    );
    sandbox.write("compose.yaml", text);
    let run = sandbox.run("pin --check --json");
    let report = parsed(&run.data(1));
    let outcomes: Vec<&str> =
        report["files"][0]["references"].as_array().unwrap().iter().map(|r| r["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["kept", "broken", "unpinned"]);
    assert_eq!(sandbox.run("pin --check --offline").code, 1);
}

#[test]
fn a_registry_that_does_not_answer_is_exit_2_and_the_rest_is_done() {
    let (registry, sandbox, digest) = stage();
    let host = registry.host();
    sandbox.write(
        "compose.yaml",
        format!("services:\n  a: {{image: \"{host}/none:1\"}}\n  b: {{image: \"{host}/my-api:1.4.2\"}}\n"),
    );
    let run = sandbox.run("pin");
    assert_eq!(run.code, 2);
    assert!(sandbox.read("compose.yaml").contains(&format!("my-api:1.4.2@{digest}")));
    assert!(run.stdout.contains("failed"), "{}", run.stdout);
}

#[test]
fn a_list_of_digests_needs_no_network() {
    let sandbox = Sandbox::new();
    let digest = Digest::of(b"x");
    sandbox.write("compose.yaml", "services: {a: {image: 'nginx:1.27'}, b: {image: 'redis:7'}}\n");
    sandbox.write("digests", format!("# known\ndocker.io/library/nginx:1.27@{digest}\n"));
    let run = sandbox.run("pin --offline --digests digests");
    assert_eq!(run.code, 2);
    let text = sandbox.read("compose.yaml");
    assert_eq!(text, format!("services: {{a: {{image: 'nginx:1.27@{digest}'}}, b: {{image: 'redis:7'}}}}\n"));
    sandbox.write("digests", "nginx:1.27\n");
    let run = sandbox.run("pin --offline --digests digests");
    assert!(run.code == 2 && run.stderr.contains("digests:1: `nginx:1.27` has no digest"), "{}", run.stderr);
}

#[test]
fn the_document_fits_its_schema() {
    let registry = Registry::new();
    let sandbox = Sandbox::new();
    let digest = registry.push("my-api", "1.4.2", good().stored(Packing::Plain));
    sandbox.write("compose.yaml", compose(&registry).replace("${IMG}", &format!("r.example/x@{digest}")));
    sandbox.write("values.yaml", "a: [\n");
    sandbox.write(
        "docker-compose.yml",
        format!("services: {{a: {{image: \"{}/none:1\", platform: linux/arm64}}}}\n", registry.host()),
    );
    for args in ["pin --diff --json", "pin --check --json", "pin --update --json", "pin --json"] {
        let run = sandbox.run(args);
        let start = run.stdout.find("{\n").unwrap_or_else(|| panic!("{args}: {}", run.stdout));
        fits(include_str!("../../../../docs/formats/pin-v1.schema.json"), &parsed(&run.stdout[start..]));
    }
}

#[test]
fn it_says_what_it_cannot_do() {
    let sandbox = Sandbox::new();
    sandbox.write("notes.txt", "image: x\n");
    let run = sandbox.run("pin notes.txt none.yaml");
    assert_snapshot!(run, @r"
    exit: 2
    ----- stdout -----
    notes.txt
      not read: no kind of text that is known: give it a pattern in `plimsoll.toml`
    none.yaml
      not read: No such file or directory (os error 2)

    0 pinned in 0 files, 2 files not done
    ----- stderr -----
    ");
}

#[test]
fn an_update_goes_to_a_newer_version_of_the_same_variant() {
    let (registry, sandbox, digest) = stage();
    let other = registry.push("my-api", "1.5.0", good().env("NEW=1").stored(Packing::Plain));
    registry.push("my-api", "1.6.0-slim", good().env("NEW=2").stored(Packing::Plain));
    let image = |tag: &str, digest: &Digest| {
        format!("services: {{a: {{image: \"{}/my-api:{tag}@{digest}\"}}}}\n", registry.host())
    };
    sandbox.write("compose.yaml", image("1.4.2", &digest));
    assert_eq!(sandbox.run("pin --update").code, 0);
    assert_eq!(sandbox.read("compose.yaml"), image("1.4.2", &digest));
    assert_eq!(sandbox.run("pin --update --allow patch").code, 0);
    assert_eq!(sandbox.read("compose.yaml"), image("1.4.2", &digest));
    let run = sandbox.run("pin --update --allow minor");
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(sandbox.read("compose.yaml"), image("1.5.0", &other));
}

#[test]
fn the_ledger_knows_what_a_tag_named_once() {
    let (registry, sandbox, digest) = stage();
    sandbox.write("compose.yaml", format!("services: {{a: {{image: \"{}/my-api:1.4.2\"}}}}\n", registry.host()));
    assert_eq!(sandbox.run("pin").code, 0);
    registry.push("my-api", "1.4.2", good().env("NEW=1").stored(Packing::Plain));
    let run = sandbox.run("pin --check");
    assert!(run.code == 0 && run.stdout.contains("the ledger saw that it named this digest"), "{run}");
    let run = sandbox.run("pin --check --no-ledger");
    assert!(run.code == 3 && run.stdout.contains("whether it ever named this digest is not known"), "{run}");
    assert!(sandbox.read("compose.yaml").contains(&digest.to_string()));
}

#[test]
fn a_base_is_pinned_where_its_argument_gets_its_value() {
    let (registry, sandbox, digest) = stage();
    let text = format!("ARG BASE={}/my-api:1.4.2\nFROM ${{BASE}} AS a\nFROM a\n", registry.host());
    sandbox.write("Dockerfile", &text);
    let run = sandbox.run("pin");
    assert!(run.stdout.contains("${BASE} (HOST/my-api:1.4.2) to DIGEST"), "{run}");
    assert_eq!(sandbox.read("Dockerfile"), text.replace("1.4.2", &format!("1.4.2@{digest}")));
}

#[test]
fn an_action_is_pinned_by_the_commit_that_the_git_server_names() {
    let (sandbox, server) = (Sandbox::new(), testkit::Files::default());
    let (tag, branch) = ("1".repeat(40), "2".repeat(40));
    let packet = |line: &str| format!("{:04x}{line}\n", line.len() + 5);
    let list: String = [
        packet("# service=git-upload-pack"),
        "0000".to_owned(),
        packet(&format!("{branch} HEAD\0symref=HEAD:refs/heads/main")),
        packet(&format!("{branch} refs/heads/main")),
        packet(&format!("{} refs/tags/v4", "3".repeat(40))),
        packet(&format!("{tag} refs/tags/v4^{{}}")),
        "0000".to_owned(),
    ]
    .concat();
    server.put("actions/checkout/info/refs", list, testkit::Tag::None);
    let steps = "steps: [{uses: actions/checkout@v4}, {uses: 'actions/checkout@main'}, {uses: actions/gone@v1}]";
    sandbox.write(".github/workflows/ci.yml", format!("jobs: {{a: {{{steps}}}}}\n"));
    let run = sandbox.run(&format!("pin --git-server {} .github/workflows/ci.yml", server.url()));
    assert_eq!(run.code, 2, "{run}");
    let gone = "the git server shows nobody a repository `actions/gone`";
    assert!(run.stdout.contains(gone) && run.stdout.contains("--actions FILE"), "{run}");
    let pinned = steps
        .replace("checkout@v4", &format!("checkout@{tag}"))
        .replace("checkout@main", &format!("checkout@{branch}"));
    assert_eq!(sandbox.read(".github/workflows/ci.yml"), format!("jobs: {{a: {{{pinned}}}}}\n"));
    assert_eq!(server.lines().len(), 2, "each repository is asked once");
}

#[test]
fn a_git_server_is_asked_by_tls_or_on_this_machine() {
    let sandbox = Sandbox::new();
    sandbox.write(".github/workflows/ci.yml", "jobs: {a: {steps: [{uses: o/r@v1}]}}\n");
    let run = sandbox.run("pin --git-server http://git.example .github");
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("without TLS anybody on the way could name a commit"), "{run}");
}
