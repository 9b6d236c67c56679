//! `plimsoll tag`, `promote` and `untag`: tags moved safely, finished or taken back after a killed run.

use crate::fixture::{Packing, Run, Sandbox, good, parsed};
use crate::formats::fits;
use serde_json::Value;
use testkit::{Fault, Features, Registry, Reply};

/// A registry with two images in `test/app`, `1.4.2` and `1.4.3`.
fn stage() -> (Sandbox, Registry) {
    let mut sandbox = Sandbox::new();
    let registry = Registry::new(Features::default());
    for version in ["1.4.2", "1.4.3"] {
        sandbox.folder("layout", &good().label("org.opencontainers.image.version", version).layout(Packing::Gzip));
        sandbox.run(&format!("copy oci:layout {}/test/app:{version}", registry.host())).data(0);
        std::fs::remove_dir_all(sandbox.path("layout")).unwrap();
    }
    sandbox.filter(&registry.host(), "R");
    (sandbox, registry)
}

/// The words with the registry's address for `R`.
fn run(sandbox: &Sandbox, registry: &Registry, words: &str) -> Run {
    sandbox.run(&words.replace("R/", &format!("{}/", registry.host())))
}

/// What `words` say as JSON, and their exit code.
fn told(sandbox: &Sandbox, registry: &Registry, words: &str) -> (i32, Value) {
    let run = run(sandbox, registry, &format!("{words} -o json"));
    let document = parsed(&run.stdout);
    fits(include_str!("../../../../docs/formats/promote-v1.schema.json"), &document);
    (run.code, document)
}

fn outcomes(document: &Value) -> Vec<(String, String)> {
    let word = |tag: &Value, key: &str| tag[key].as_str().unwrap().to_owned();
    let tag = |tag: &Value| (word(tag, "reference").rsplit(':').next().unwrap().to_owned(), word(tag, "outcome"));
    document["tags"].as_array().unwrap().iter().map(tag).collect()
}

fn names(registry: &Registry, repository: &str, tag: &str) -> Option<String> {
    registry.tags(repository).into_iter().find(|(name, _)| name == tag).map(|(_, digest)| digest.to_string())
}

#[test]
fn the_version_first_and_what_may_move_last() {
    let (sandbox, registry) = stage();
    let words = "promote R/test/app:1.4.2 R/app:latest R/app:1.4 R/app:1.4.2";
    let (code, document) = told(&sandbox, &registry, &format!("{words} --dry-run"));
    assert_eq!((code, registry.tags("app").len()), (0, 0));
    assert!(outcomes(&document).iter().all(|(_, outcome)| outcome == "planned"));
    let (code, document) = told(&sandbox, &registry, words);
    let moved = |tag: &str| (tag.to_owned(), "moved".to_owned());
    assert_eq!((code, outcomes(&document)), (0, ["1.4.2", "1.4", "latest"].map(moved).to_vec()));
    let digest = names(&registry, "test/app", "1.4.2");
    for tag in ["1.4.2", "1.4", "latest"] {
        assert_eq!(names(&registry, "app", tag), digest, "{tag}");
    }
    let puts: Vec<String> =
        registry.lines().into_iter().filter(|l| l.starts_with("PUT") && l.contains("/v2/app/manifests/")).collect();
    let tags: Vec<&str> =
        puts.iter().map(|line| line.rsplit('/').next().unwrap()).filter(|t| !t.starts_with("sha256")).collect();
    assert_eq!(tags, ["1.4.2", "1.4", "latest"]);
    // Once more there is nothing to do, and nothing is asked for but what the tags name.
    let (code, document) = told(&sandbox, &registry, words);
    assert!(code == 0 && outcomes(&document).iter().all(|(_, outcome)| outcome == "same"));
    // What was read back is in the ledger.
    assert!(run(&sandbox, &registry, "tags history R/app:1.4.2").data(0).contains("sha256:"));
}

#[test]
fn a_version_that_names_something_else_stays_unless_a_reason_is_given() {
    let (sandbox, registry) = stage();
    let before = names(&registry, "test/app", "1.4.2");
    let refused = run(&sandbox, &registry, "tag R/test/app:1.4.3 R/test/app:1.4.2 R/test/app:latest");
    assert_eq!(refused.code, 1, "{refused}");
    assert!(refused.stdout.contains("refused  R/test/app:1.4.2 names sha256:"), "{refused}");
    assert!(refused.stdout.contains("nothing was changed"), "{refused}");
    assert_eq!((names(&registry, "test/app", "1.4.2"), names(&registry, "test/app", "latest")), (before, None));
    let forced = "tag R/test/app:1.4.3 R/test/app:1.4.2 --force";
    assert_eq!(run(&sandbox, &registry, forced).code, 2, "a reason is needed");
    assert_eq!(run(&sandbox, &registry, &format!("{forced} --reason=broken")).code, 0);
    assert_eq!(names(&registry, "test/app", "1.4.2"), names(&registry, "test/app", "1.4.3"));
}

#[test]
fn a_bare_404_frees_no_tag() {
    let (sandbox, registry) = stage();
    registry.misbehave(|seen| {
        (seen.method == "GET" && seen.path.ends_with("/manifests/1.4.2")).then(|| Fault::Instead(Reply::new(404)))
    });
    let before = names(&registry, "test/app", "1.4.2");
    let refused = run(&sandbox, &registry, "tag R/test/app:1.4.3 R/test/app:1.4.2 R/test/app:1.4.2");
    assert_eq!((refused.code, names(&registry, "test/app", "1.4.2")), (2, before), "{refused}");
}

#[test]
fn what_a_killed_run_left_is_finished_or_taken_back() {
    for (flag, expected) in [("--resume", "1.4.3"), ("--undo", "1.4.2")] {
        let (sandbox, registry) = stage();
        run(&sandbox, &registry, "tag R/test/app:1.4.2 R/test/app:1.4 R/test/app:latest").data(0);
        registry.misbehave(|seen| {
            (seen.method == "PUT" && seen.path.ends_with("/latest")).then(|| Fault::Instead(Reply::new(403)))
        });
        let broken = run(&sandbox, &registry, "tag R/test/app:1.4.3 R/test/app:1.4 R/test/app:latest");
        assert_eq!(broken.code, 2, "{broken}");
        assert!(broken.stderr.contains("1 tag half moved: `plimsoll promote --resume` finishes it"), "{broken}");
        assert_eq!(names(&registry, "test/app", "1.4"), names(&registry, "test/app", "1.4.3"));
        assert_eq!(names(&registry, "test/app", "latest"), names(&registry, "test/app", "1.4.2"));
        registry.misbehave(|_| None);
        let (code, document) = told(&sandbox, &registry, &format!("promote {flag}"));
        // The first was done and ended; what was left open is the other.
        assert_eq!((code, outcomes(&document).len()), (0, 1));
        assert_eq!(names(&registry, "test/app", "latest"), names(&registry, "test/app", expected));
        assert_eq!(run(&sandbox, &registry, "promote --resume").data(0), "no move is open\n");
    }
}

#[test]
fn what_somebody_else_moved_meanwhile_stays() {
    let (sandbox, registry) = stage();
    registry.misbehave(|seen| {
        (seen.method == "PUT" && seen.path.ends_with("/latest")).then(|| Fault::Instead(Reply::new(403)))
    });
    assert_eq!(run(&sandbox, &registry, "tag R/test/app:1.4.3 R/test/app:latest").code, 2);
    registry.misbehave(|_| None);
    sandbox.folder("other", &good().layout(Packing::Gzip));
    run(&sandbox, &registry, "copy oci:other R/test/app:latest").data(0);
    let theirs = names(&registry, "test/app", "latest");
    let (code, document) = told(&sandbox, &registry, "promote --undo");
    assert_eq!((code, outcomes(&document)[0].1.as_str()), (1, "lost"));
    assert_eq!(document["tags"][0]["found"].as_str(), theirs.as_deref());
    assert_eq!(names(&registry, "test/app", "latest"), theirs);
}

#[test]
fn what_cannot_be_tagged() {
    let (sandbox, registry) = stage();
    for (words, said) in [
        ("tag R/test/app:1.4.2 R/app:1.4.2", "is in another repository than the image"),
        ("tag R/test/app:9 R/test/app:latest", "has no manifest `9`"),
        ("promote R/test/app:1.4.2 R/app", "names no tag that could be moved"),
        ("promote R/test/app:1.4.2", "required"),
        ("--offline tag R/test/app:1.4.2 R/test/app:latest", "leave out `--offline`"),
        ("untag R/test/app", "names no tag that could be moved"),
    ] {
        let run = run(&sandbox, &registry, words);
        assert!(run.code == 2 && run.stderr.contains(said), "{words}: {run}");
    }
    assert_eq!(run(&sandbox, &registry, "untag R/test/app:1.4.2").data(0), "untagged R/test/app:1.4.2\n");
    assert_eq!(names(&registry, "test/app", "1.4.2"), None);
}
