//! `plimsoll resolve`: which image, exactly, and how that is known.

use crate::fixture::{Packing, Registry, Sandbox, Stored, good, parsed};
use crate::formats::fits;
use insta::assert_snapshot;
use model::Digest;
use serde_json::{Value, json};

/// A registry whose `app:1` is an index of two platforms and an attestation; its address reads `HOST`.
fn stage() -> (Registry, Sandbox, Digest) {
    let registry = Registry::new();
    let mut sandbox = Sandbox::new();
    sandbox.filter(&registry.host(), "HOST");
    let digest = push(&registry, "1", "amd64");
    (registry, sandbox, digest)
}

fn push(registry: &Registry, tag: &str, first: &str) -> Digest {
    let on = |architecture: &str| {
        let mut image = good();
        image.architecture = architecture.to_owned();
        image.stored(Packing::Plain)
    };
    let platform = |architecture: &str| json!({"os": "linux", "architecture": architecture});
    let attested = json!({"os": "unknown", "architecture": "unknown"});
    let children = vec![(on(first), platform(first)), (on("arm64"), platform("arm64")), (on("unknown"), attested)];
    let (all, index) = Stored::index(children);
    registry.push_document("app", tag, &all, &index)
}

fn app(registry: &Registry, rest: &str) -> String {
    format!("{}/app{rest}", registry.host())
}

/// The time of asking, which is now.
fn timeless(text: &str) -> String {
    regex::Regex::new(r"\[TODAY\]T[0-9:.]+Z").unwrap().replace_all(text, "[NOW]").into_owned()
}

#[test]
fn an_index_for_people() {
    let (registry, sandbox, _) = stage();
    let run = sandbox.run(&format!("resolve {}", app(&registry, ":1")));
    assert_eq!(registry.asked(), ["app/manifests/1"]);
    assert_snapshot!(timeless(&run.to_string()), @"
    exit: 0
    ----- stdout -----
    HOST/app:1
      index     sha256:4ad0050d66dc1913572276d11aba34c1428d3ef3b99174dc48b57d336ba642a1
      platforms linux/amd64, linux/arm64
      seen      [NOW] by registry HOST
      pin       HOST/app:1@sha256:4ad0050d66dc1913572276d11aba34c1428d3ef3b99174dc48b57d336ba642a1
      proved:      sha256:4ad0050d66dc1913572276d11aba34c1428d3ef3b99174dc48b57d336ba642a1 is an index of 3 manifests
                   its 697 bytes were fetched and hashed
      claimed:     tag `1` names sha256:4ad0050d66dc1913572276d11aba34c1428d3ef3b99174dc48b57d336ba642a1 now
                   registry HOST says so; no signature ties a tag to a digest
    ----- stderr -----
    ");
}

#[test]
fn a_platforms_image() {
    let (registry, sandbox, _) = stage();
    let run = sandbox.run(&format!("resolve --platform linux/arm64 {}", app(&registry, ":1")));
    assert_eq!(registry.asked(), ["app/manifests/1"], "the index alone tells");
    let found = run.data(0);
    assert!(found.contains("is its image for linux/arm64"), "{found}");
    let run = sandbox.run(&format!("resolve --platform linux/s390x {}", app(&registry, ":1")));
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("has no image for linux/s390x; it has linux/amd64, linux/arm64"), "{run}");
}

#[test]
fn pins_are_lines() {
    let (registry, sandbox, digest) = stage();
    let (plain, pinned) = (app(&registry, ":1"), app(&registry, &format!(":1@{digest}")));
    let lines = sandbox.run(&format!("resolve -o pin {plain} {pinned}")).data(0);
    assert_eq!(lines, format!("HOST/app:1@{digest}\nHOST/app:1@{digest}\n"));
    push(&registry, "latest", "amd64");
    let lines = sandbox.run(&format!("resolve -o pin {}", app(&registry, ""))).data(0);
    assert_eq!(lines, format!("HOST/app@{digest}\n"));
}

#[test]
fn a_tag_beside_a_digest_is_checked() {
    let (registry, sandbox, digest) = stage();
    let verdict = |tag: &str, code: i32| {
        let run = sandbox.run(&format!("resolve --json {}", app(&registry, &format!(":{tag}@{digest}"))));
        let found = parsed(&run.data(code))["resolutions"][0].clone();
        assert_eq!(found["digest"], digest.to_string());
        found
    };
    assert_eq!(verdict("1", 0)["tagAndDigest"], json!({"verdict": "same"}));
    assert_eq!(registry.asked(), ["app/manifests/1"]);

    push(&registry, &digest.to_string(), "amd64");
    let now = push(&registry, "1", "s390x");
    let moved = verdict("1", 1);
    assert_eq!(moved["tagAndDigest"], json!({"verdict": "moved", "now": now.to_string()}));
    let refuted = |found: &Value| {
        let statements = found["statements"].as_array().unwrap();
        statements.iter().find(|s| s["standing"] == "refuted").unwrap()["why"].as_str().unwrap().to_owned()
    };
    assert!(refuted(&moved).starts_with(&format!("it names {now} now")));
    assert_eq!(verdict("2", 1)["tagAndDigest"], json!({"verdict": "gone"}));
}

#[test]
fn a_digest_that_is_not_there_any_more_is_an_error() {
    let (registry, sandbox, _) = stage();
    let run = sandbox.run(&format!("resolve {}", app(&registry, &format!(":1@{}", Digest::of(b"gone")))));
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("has no manifest `sha256:"), "{run}");
}

#[test]
fn proving_looks_at_every_child() {
    let (registry, sandbox, _) = stage();
    let prove = format!("resolve --prove {}", app(&registry, ":1"));
    let found = sandbox.run(&prove).data(0);
    assert_eq!(found.matches("it was fetched and hashed").count(), 3, "{found}");
    assert!(found.contains("claimed:     a HEAD states the same digest, type and size"), "{found}");
    assert_eq!(registry.asked().len(), 5);

    let index = parsed(&sandbox.run(&format!("resolve --json {}", app(&registry, ":1"))).data(0));
    let arm = index["resolutions"][0]["children"][1]["digest"].as_str().unwrap();
    registry.remove("app", arm);
    let found = sandbox.run(&prove).data(1);
    assert!(found.contains(&format!("refuted:     manifest {arm} for linux/arm64 is there")), "{found}");
}

#[test]
fn one_that_fails_takes_no_other_along() {
    let (registry, sandbox, digest) = stage();
    let run = sandbox.run(&format!("resolve --json {} {}", app(&registry, ":nope"), app(&registry, ":1")));
    assert!(run.stderr.contains("HOST has no manifest `nope` in `app`"), "{run}");
    let found = parsed(&run.data(2));
    assert!(found["resolutions"][0]["error"].as_str().unwrap().contains("has no manifest `nope`"));
    assert_eq!(found["resolutions"][1]["digest"], digest.to_string());
}

#[test]
fn many_are_asked_once_each_and_answered_in_order() {
    let (registry, sandbox, digest) = stage();
    for tag in 0..40 {
        push(&registry, &format!("t{tag}"), if tag % 2 == 0 { "amd64" } else { "s390x" });
    }
    registry.asked();
    let names: Vec<String> = (0..40).map(|tag| app(&registry, &format!(":t{tag}"))).collect();
    let lines = sandbox.run(&format!("resolve -o pin {}", names.join(" "))).data(0);
    assert_eq!(registry.asked().len(), 40);
    for (at, line) in lines.lines().enumerate() {
        assert!(line.starts_with(&format!("HOST/app:t{at}@")), "{line}");
        assert_eq!(line.ends_with(&digest.to_string()), at % 2 == 0, "{line}");
    }
}

#[test]
fn a_host_that_is_not_there_is_not_asked_again_and_again() {
    let (registry, sandbox, _) = stage();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let names: Vec<String> = (0..30).map(|tag| format!("{free}/app:{tag}")).collect();
    let run = sandbox.run(&format!("resolve -o pin {} {}", names.join(" "), app(&registry, ":1")));
    assert_eq!((run.code, run.stdout.lines().count()), (2, 1), "{run}");
    assert_eq!(run.stderr.matches("cannot reach").count(), 1, "{run}");
    assert_eq!(run.stderr.matches("was not asked for").count(), 29, "{run}");
}

#[test]
fn without_a_network_nothing_is_asked() {
    let (registry, sandbox, _) = stage();
    let run = sandbox.run(&format!("resolve --offline {}", app(&registry, ":1")));
    assert_eq!((run.code, registry.asked().len()), (2, 0), "{run}");
    assert!(run.stderr.contains("`--offline` was asked for"), "{run}");
}

#[test]
fn the_json_is_as_its_schema_says() {
    let (registry, sandbox, digest) = stage();
    let names = [":1", &format!(":1@{digest}"), ":nope"].map(|rest| app(&registry, rest)).join(" ");
    let document = parsed(&sandbox.run(&format!("resolve --json --platform linux/arm64 {names}")).data(2));
    fits(include_str!("../../../../docs/formats/resolve-v1.schema.json"), &document);
    assert_eq!(document["resolutions"][0]["platform"]["platform"], "linux/arm64");
    assert_eq!(document["resolutions"][0]["vantage"], json!({"kind": "registry", "host": "HOST"}));
}

#[test]
fn every_answer_is_remembered_and_the_past_can_be_asked() {
    let (registry, sandbox, first) = stage();
    sandbox.run(&format!("resolve {}", app(&registry, ":1"))).data(0);
    push(&registry, "1", "s390x");
    sandbox.run(&format!("resolve {}", app(&registry, ":1"))).data(0);
    let third = push(&registry, "1", "riscv64");

    // What the tag named once is known, though it names another now; and what it names now is remembered.
    push(&registry, &first.to_string(), "amd64");
    let moved = sandbox.run(&format!("resolve {}", app(&registry, &format!(":1@{first}")))).data(1);
    assert!(moved.contains(&format!("proved:      tag `1` named {first} once")), "{moved}");
    let never = Digest::of(b"never");
    registry.asked();

    let future = sandbox.run(&format!("resolve --as-of 2100-01-01 {}", app(&registry, ":1")));
    assert!(future.code == 2 && future.stderr.contains("has not been yet"), "{future}");
    let today = jiff::Timestamp::now().to_string()[..10].to_owned();
    let past = sandbox.run(&format!("resolve -o pin --as-of {today} {}", app(&registry, ":1"))).data(0);
    assert_eq!(past, format!("HOST/app:1@{third}\n"));
    assert!(registry.asked().is_empty(), "the ledger alone is asked");
    let before = sandbox.run(&format!("resolve --as-of 2001-01-01 {}", app(&registry, ":1")));
    assert_eq!(before.code, 3, "{before}");
    assert!(before.stderr.contains("the ledger did not see what `HOST/app:1` named at 2001-01-01T23:59:59.999Z"));
    assert!(!past.contains(&never.to_string()));

    let document = parsed(&sandbox.run(&format!("resolve --json --as-of {today} {}", app(&registry, ":1"))).data(0));
    fits(include_str!("../../../../docs/formats/resolve-v1.schema.json"), &document);
    assert_eq!(
        document["resolutions"][0]["statements"][0]["standing"], "claimed",
        "nobody has looked at the end of this day yet"
    );
}

#[test]
fn an_age_says_where_it_comes_from() {
    let (registry, sandbox, _) = stage();
    let ask =
        |age: &str, rest: &str| sandbox.run(&format!("resolve --json --min-age {age} {rest} {}", app(&registry, ":1")));
    let found = |text: &str| parsed(text)["resolutions"][0].clone();
    let last = |found: &Value| found["statements"].as_array().unwrap().last().unwrap().clone();

    // The image alone tells a date: weak.
    let weak = found(&ask("7d", "--no-ledger").data(3));
    assert_eq!(weak["age"], json!({"since": "2024-06-01T12:00:00Z", "source": "image"}));
    assert_eq!(last(&weak)["standing"], "weak");
    let young = found(&ask("3650d", "--no-ledger").data(1));
    assert_eq!(last(&young)["standing"], "refuted");

    // The registry tells one: claimed.
    registry.date("app", "1", "Tue, 02 Jan 2024 03:04:05 GMT");
    let claimed = found(&ask("7d", "--no-ledger").data(0));
    assert_eq!(claimed["age"], json!({"since": "2024-01-02T03:04:05Z", "source": "registry"}));
    assert_eq!(last(&claimed)["standing"], "claimed");

    // The ledger has seen it: proved, as far back as it has.
    sandbox.run(&format!("resolve {}", app(&registry, ":1"))).data(0);
    let proved = found(&ask("0s", "").data(0));
    assert_eq!((&proved["age"]["source"], &last(&proved)["standing"]), (&json!("ledger"), &json!("proved")));
    fits(include_str!("../../../../docs/formats/resolve-v1.schema.json"), &parsed(&ask("7d", "").data(0)));
    // A digest that the ledger sees arrive under a tag is young, whatever dates it may bear.
    registry.date("app", "1", "Tue, 02 Jan 2999 03:04:05 GMT");
    push(&registry, "1", "s390x");
    sandbox.run(&format!("resolve {}", app(&registry, ":1"))).data(0);
    let young = found(&ask("3650d", "").data(1));
    let why = last(&young)["why"].as_str().unwrap().to_owned();
    assert!(last(&young)["standing"] == "refuted", "{why}");
    let wrong = ask("soon", "");
    assert_eq!(wrong.code, 2, "{wrong}");
}

/// A registry whose `app:1` is an index of an index of one manifest; gives the digests of the inner two.
fn nested(missing: bool) -> (testkit::Registry, Digest, Digest) {
    const INDEX: &str = "application/vnd.oci.image.index.v1+json";
    const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    let registry = testkit::Registry::new(testkit::Features::default());
    let config = registry.put_blob("app", b"{}".to_vec());
    let config =
        json!({"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config.to_string(), "size": 2});
    let image = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []}).to_string();
    let image_digest = match missing {
        true => Digest::of(image.as_bytes()),
        false => registry.put_manifest("app", None, MANIFEST, image.clone()),
    };
    let index_of = |kind: &str, digest: &Digest, size: usize| {
        let child = json!({"mediaType": kind, "digest": digest.to_string(), "size": size});
        json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [child]}).to_string()
    };
    let inner = index_of(MANIFEST, &image_digest, image.len());
    let inner_digest = registry.put_manifest("app", None, INDEX, inner.clone());
    registry.put_manifest("app", Some("1"), INDEX, index_of(INDEX, &inner_digest, inner.len()));
    (registry, inner_digest, image_digest)
}

#[test]
fn a_proof_goes_down_to_the_images_and_what_nobody_could_look_at_is_no_pass() {
    let sandbox = Sandbox::new();
    let prove = |registry: &testkit::Registry| sandbox.run(&format!("resolve --prove {}/app:1", registry.host()));
    let (registry, inner, image) = nested(false);
    let run = prove(&registry);
    assert!(run.code == 0 && run.stdout.contains(&format!("manifest {image} is there")), "{run}");
    // A child that cannot be had for now, and one with other bytes.
    registry.misbehave(move |seen| {
        seen.path.ends_with(&image.to_string()).then(|| testkit::Fault::Instead(testkit::Reply::new(403)))
    });
    assert_eq!(prove(&registry).code, 3);
    registry.misbehave(move |seen| {
        let reply = || testkit::Reply::new(200).body("{\"schemaVersion\": 2}");
        seen.path.ends_with(&inner.to_string()).then(|| testkit::Fault::Instead(reply()))
    });
    let run = prove(&registry);
    assert!(run.code == 1 && run.stdout.contains("refuted"), "{run}");
    let (registry, _, image) = nested(true);
    let run = prove(&registry);
    assert!(run.code == 1 && run.stdout.contains(&format!("manifest {image} is there")), "{run}");
}
