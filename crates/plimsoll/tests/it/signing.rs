//! `plimsoll sign`, `attest` and `verify`: what a key says of an image, and what is believed of what hangs to it.

use crate::fixture::{Packing, Sandbox, good, parsed};
use crate::formats::fits;
use serde_json::{Value, json};
use testkit::{Features, Registry};

/// By `openssl genpkey`: P-256 and Ed25519.
const RELEASE: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVEZdNmcS74dFtb+R
QrbRSykdBdgMLy2GdpQuLKkMajShRANCAAQjEUmfSbvnTNDROkBatTfous0PaxxK
0gxV0FLsQsOaBVbvnrGa8LB5pInU1/SZam5uVKr+zuJBTkbUm2Qt48TM
-----END PRIVATE KEY-----
";
const RELEASE_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIxFJn0m750zQ0TpAWrU36LrND2sc
StIMVdBS7ELDmgVW756xmvCweaSJ1Nf0mWpublSq/s7iQU5G1JtkLePEzA==
-----END PUBLIC KEY-----
";
const STRANGER: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIEuvN4BJpPmC2FD/Gw67rATc910B+KFV7f/IgbjU8mIA
-----END PRIVATE KEY-----
";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// A registry with two images, `app:1` and `app:2`, and a folder with the keys.
fn stage(features: Features) -> (Sandbox, Registry, String) {
    let mut sandbox = Sandbox::new();
    let registry = Registry::new(features);
    for (version, label) in [("1", "one"), ("2", "two")] {
        sandbox.folder("layout", &good().label("version", label).layout(Packing::Gzip));
        sandbox.run(&format!("copy oci:layout {}/app:{version}", registry.host())).data(0);
        std::fs::remove_dir_all(sandbox.path("layout")).unwrap();
    }
    sandbox.write("release.key", RELEASE);
    sandbox.write("release.pub", RELEASE_PUBLIC);
    sandbox.write("stranger.key", STRANGER);
    let app = format!("{}/app", registry.host());
    sandbox.filter(&registry.host(), "R");
    (sandbox, registry, app)
}

/// What `verify` says of an image, as JSON, and its exit code.
fn verified(sandbox: &Sandbox, words: &str) -> (i32, Value) {
    let run = sandbox.run(&format!("verify {words} -o json"));
    assert_eq!(run.stderr, "", "{run}");
    let document = parsed(&run.stdout);
    fits(include_str!("../../../../docs/formats/verify-v1.schema.json"), &document);
    (run.code, document)
}

fn standings(document: &Value) -> Vec<&str> {
    document["entries"].as_array().unwrap().iter().map(|entry| entry["standing"].as_str().unwrap()).collect()
}

#[test]
fn who_signed_is_found_with_and_without_a_list_of_referrers() {
    for features in [Features::default(), Features::classic()] {
        let (sandbox, registry, app) = stage(features);
        let (code, document) = verified(&sandbox, &format!("{app}:1 --key release.pub"));
        assert_eq!((code, standings(&document)), (1, vec![]));
        let signed = parsed(&sandbox.run(&format!("sign {app}:1 --key release.key --json")).data(0));
        fits(include_str!("../../../../docs/formats/sign-v1.schema.json"), &signed);
        let digest = registry.tags("app").iter().find(|(tag, _)| tag == "1").unwrap().1;
        assert_eq!(signed["subject"], digest.to_string());
        let run = sandbox.run(&format!("verify {app}:1 --key release.pub"));
        assert_eq!(run.code, 0, "{run}");
        assert!(run.stdout.contains("verified signature\n           by release.pub (sha256:"), "{run}");
        assert!(run.stdout.ends_with("pass: signed by a key that is trusted: signature\n"), "{run}");
        // The other image of the repository is signed by nobody.
        assert_eq!(verified(&sandbox, &format!("{app}:2 --key release.pub")).0, 1);
    }
}

#[test]
fn what_a_stranger_signs_is_listed_and_counts_for_nothing() {
    let (sandbox, _registry, app) = stage(Features::default());
    sandbox.run(&format!("sign {app}:1 --key stranger.key")).data(0);
    let (code, document) = verified(&sandbox, &format!("{app}:1 --key release.pub"));
    assert_eq!((code, standings(&document)), (1, vec!["unknown-key"]));
    sandbox.run(&format!("sign {app}:1 --key release.key")).data(0);
    let (code, document) = verified(&sandbox, &format!("{app}:1 --key release.pub"));
    let mut found = standings(&document);
    found.sort_unstable();
    assert_eq!((code, found), (0, vec!["unknown-key", "verified"]));
}

#[test]
fn an_attestation_is_no_signature_and_the_other_way_round() {
    let (sandbox, _registry, app) = stage(Features::default());
    sandbox.write("built.json", json!({"builder": {"id": "ci"}}).to_string());
    let attest = format!("attest {app}:1 --key release.key --type slsaprovenance1 --predicate built.json");
    assert!(sandbox.run(&attest).data(0).contains("says       https://slsa.dev/provenance/v1\n"));
    let of = |kind: &str| verified(&sandbox, &format!("{app}:1 --key release.pub {kind}")).0;
    assert_eq!((of(""), of("--type slsaprovenance1"), of("--type signature --type slsaprovenance1")), (1, 0, 1));
    sandbox.run(&format!("sign {app}:1 --key release.key")).data(0);
    assert_eq!((of("--type signature --type slsaprovenance1"), of("--type cyclonedx")), (0, 1));
    for (words, code, said) in [
        ("--type nothing --predicate built.json", 2, "neither the name of a predicate type nor a URI"),
        ("--type cyclonedx --predicate release.key", 2, "is no JSON"),
        ("--type cyclonedx --predicate missing", 2, "cannot read `missing`"),
    ] {
        let run = sandbox.run(&format!("attest {app}:1 --key release.key {words}"));
        assert!(run.code == code && run.stderr.contains(said), "{run}");
    }
}

/// Hangs a bundle that was made for another image, or a changed one, to `app:2`.
fn hang(registry: &Registry, bundle: &[u8]) {
    let subject = registry.tags("app").iter().find(|(tag, _)| tag == "2").unwrap().1;
    let (media_type, raw) = registry.manifest("app", "2").unwrap();
    let empty = registry.put_blob("app", b"{}".to_vec());
    let blob = registry.put_blob("app", bundle.to_vec());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "artifactType": BUNDLE,
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": empty.to_string(), "size": 2},
        "layers": [{"mediaType": BUNDLE, "digest": blob.to_string(), "size": bundle.len()}],
        "subject": {"mediaType": media_type, "digest": subject.to_string(), "size": raw.len()},
    });
    registry.put_manifest("app", None, "application/vnd.oci.image.manifest.v1+json", manifest.to_string());
}

#[test]
fn a_signature_of_another_image_or_a_changed_one_is_none() {
    let (sandbox, registry, app) = stage(Features::default());
    let signed = parsed(&sandbox.run(&format!("sign {app}:1 --key release.key --json")).data(0));
    let (_, manifest) = registry.manifest("app", signed["attachment"].as_str().unwrap()).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let bundle = registry.blob("app", &manifest["layers"][0]["digest"].as_str().unwrap().parse().unwrap()).unwrap();
    // As it is: the key is trusted, but it spoke of `app:1`.
    hang(&registry, &bundle);
    let two = format!("{app}:2 --key release.pub");
    let (code, document) = verified(&sandbox, &two);
    assert_eq!((code, standings(&document)), (1, vec!["other-subject"]));
    // With the digest of `app:2` written over that of `app:1`: signed by nobody.
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD;
    let mut forged: Value = serde_json::from_slice(&bundle).unwrap();
    let payload = base64.decode(forged["dsseEnvelope"]["payload"].as_str().unwrap()).unwrap();
    let of =
        |tag: &str| registry.tags("app").iter().find(|(t, _)| t == tag).unwrap().1.to_string().replace("sha256:", "");
    let payload = String::from_utf8(payload).unwrap().replace(&of("1"), &of("2"));
    forged["dsseEnvelope"]["payload"] = base64.encode(payload).into();
    hang(&registry, forged.to_string().as_bytes());
    // And what is no bundle at all.
    hang(&registry, b"\x1b[2Jno bundle");
    let (code, document) = verified(&sandbox, &two);
    let mut found = standings(&document);
    found.sort_unstable();
    assert_eq!((code, found), (1, vec!["other-subject", "unknown-key", "unreadable"]));
    let run = sandbox.run(&format!("verify {two}"));
    assert!(!run.stdout.contains('\x1b'), "{run}");
}

#[test]
fn the_policy_names_keys_and_what_must_be_signed() {
    let (sandbox, registry, app) = stage(Features::default());
    let run = sandbox.run(&format!("verify {app}:1"));
    assert!(run.code == 2 && run.stderr.contains("no key says whose signature of `R/app:1` counts"), "{run}");
    let policy = |require: &str| {
        let pattern = format!("{}/**", registry.host());
        sandbox.write(
            "plimsoll.toml",
            format!("[[signatures]]\npattern = \"{pattern}\"\nkeys = [\"release.pub\"]\n{require}"),
        );
    };
    policy("");
    assert_eq!(verified(&sandbox, &format!("{app}:1")).0, 1);
    sandbox.run(&format!("sign {app}:1 --key release.key")).data(0);
    assert_eq!(verified(&sandbox, &format!("{app}:1")).0, 0);
    policy("require = [\"signature\", \"slsaprovenance1\"]");
    let (code, document) = verified(&sandbox, &format!("{app}:1"));
    let met: Vec<bool> = document["required"].as_array().unwrap().iter().map(|r| r["met"] == true).collect();
    assert_eq!((code, met), (1, vec![true, false]));
}

#[test]
fn keys_that_cannot_be_used() {
    let (sandbox, _registry, app) = stage(Features::default());
    sandbox.write(
        "sealed.key",
        "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\ne30=\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n",
    );
    for (words, said) in [
        ("sign APP:1 --key release.pub", "`release.pub`: it is no key in PEM"),
        ("sign APP:1 --key sealed.key", "`sealed.key` is encrypted, and there is no password for it"),
        ("sign APP:1 --key missing.key", "cannot read `missing.key`"),
        ("verify APP:1 --key release.key", "`release.key`: it is no key in PEM"),
        ("sign APP:9 --key release.key", "has no manifest `9`"),
        ("--offline sign APP:1 --key release.key", "leave out `--offline`"),
        ("--offline verify APP:1 --key release.pub", "leave out `--offline`"),
    ] {
        let run = sandbox.run(&words.replace("APP", &app));
        assert!(run.code == 2 && run.stderr.contains(said), "{words}: {run}");
        assert!(!format!("{run}").contains("MIGHAgEA"), "a key is shown: {run}");
    }
}
