//! Mirrors: asked first, named in every answer, passed over where they cannot answer, and given no sign-in but
//! their own.

use super::testing::{Reply, Sample, Seen, Server, client_of};
use super::tests::{amd64, reference, registry};
use super::{Mirrors, Registry, RegistryOptions, Vantage, open_registry};
use crate::{Credential, CredentialStore};
use model::Digest;

/// A client for `server` with `mirrors`, and a sign-in for each host that is named.
fn client(server: &Server, mirrors: &[&Server], by_digest_only: bool, signed_in: &[&Server]) -> Registry {
    let hosts = mirrors.iter().map(|m| m.host.clone()).collect();
    let mirrors = vec![Mirrors { registry: server.host.clone(), hosts, by_digest_only }];
    let store = signed_in
        .iter()
        .fold(CredentialStore::default(), |store, s| store.with(&s.host, Credential::password("ann", "secret")));
    client_of(RegistryOptions { mirrors, ..RegistryOptions::default() }, store).0
}

/// A mirror that has moved the tag to another image.
fn stale() -> (Server, Sample) {
    registry(|sample, seen| {
        let old = String::from_utf8_lossy(&sample.index).replace("arm64", "armel");
        seen.path
            .starts_with("/v2/app/manifests/1?")
            .then(|| super::testing::document(model::oci::media::OCI_INDEX, old.as_bytes()))
    })
}

#[test]
fn a_mirrors_answer_is_the_mirrors() {
    let (server, sample) = registry(|_, _| None);
    let (mirror, _) = stale();
    let client = client(&server, &[&mirror], false, &[]);
    let app = reference(&server, "app:1");
    let seen = client.sight(&app, "1").unwrap();
    assert_eq!(seen.vantage, Vantage::Mirror(mirror.host.clone()));
    assert_ne!(seen.digest, Digest::of(&sample.index));
    assert_eq!(mirror.paths(), [format!("GET /v2/app/manifests/1?ns={}", server.host.replace(':', "%3A"))]);
    assert!(server.seen().is_empty());
    assert_eq!(client.vantages(&app), [Vantage::Mirror(mirror.host.clone()), Vantage::Direct]);
    let direct = client.sight_at(&app, "1", &Vantage::Direct).unwrap();
    assert_eq!((direct.digest, direct.vantage), (Digest::of(&sample.index), Vantage::Direct));
    let nobody = client.sight_at(&app, "1", &Vantage::Mirror("x".to_owned())).unwrap_err();
    assert!(nobody.to_string().contains("no mirror of this registry"), "{nobody}");
}

#[test]
fn a_mirror_for_digests_is_not_asked_for_tags() {
    let (server, sample) = registry(|_, _| None);
    let (mirror, _) = registry(|_, _| None);
    let client = client(&server, &[&mirror], true, &[]);
    let app = reference(&server, "app:1");
    assert_eq!(client.sight(&app, "1").unwrap().vantage, Vantage::Direct);
    assert!(mirror.seen().is_empty());
    let digest = Digest::of(&sample.index).to_string();
    assert_eq!(client.sight(&app, &digest).unwrap().vantage, Vantage::Mirror(mirror.host.clone()));
}

#[test]
fn a_mirror_that_cannot_answer_is_passed_over_and_named() {
    for reply in [Reply::new(404), Reply::new(403), Reply::new(400), Reply::new(429).header("retry-after", "999")] {
        let (server, sample) = registry(|_, _| None);
        let mirror = Server::start(move |_| reply.clone());
        let client = client(&server, &[&mirror], false, &[]);
        let seen = client.sight(&reference(&server, "app:1"), "1").unwrap();
        assert_eq!((seen.vantage, seen.digest), (Vantage::Direct, Digest::of(&sample.index)));
        assert_eq!(seen.passed_over[0].0, Vantage::Mirror(mirror.host.clone()));
        assert!(seen.passed_over[0].1.contains(&mirror.host), "{}", seen.passed_over[0].1);
    }
}

#[test]
fn a_mirror_that_lies_about_a_digest_is_passed_over() {
    let (server, sample) = registry(|_, _| None);
    let (mirror, _) = registry(|_, _| Some(Reply::new(200).body(r#"{"schemaVersion":2,"manifests":[]}"#)));
    let client = client(&server, &[&mirror], false, &[]);
    let digest = Digest::of(&sample.index).to_string();
    let seen = client.sight(&reference(&server, "app:1"), &digest).unwrap();
    assert_eq!(seen.vantage, Vantage::Direct);
    assert!(seen.passed_over[0].1.contains("do not trust this copy"));
}

#[test]
fn where_nobody_answers_the_registrys_error_counts() {
    let (server, _) = registry(|_, _| Some(Reply::new(403)));
    let mirror = Server::start(|_| Reply::new(404));
    let client = client(&server, &[&mirror], false, &[]);
    let error = client.sight(&reference(&server, "app:1"), "1").unwrap_err().to_string();
    assert!(error.contains(&format!("{} refuses access", server.host)), "{error}");
}

#[test]
fn a_sign_in_for_the_registry_never_goes_to_its_mirror() {
    let demand = |_: &Sample, _: &Seen| Some(Reply::new(401).header("www-authenticate", "Basic realm=x"));
    let (server, _) = registry(demand);
    let (mirror, _) = registry(demand);
    let client = client(&server, &[&mirror], false, &[&server]);
    client.sight(&reference(&server, "app:1"), "1").unwrap_err();
    assert!(mirror.seen().iter().all(|s| s.header("authorization").is_empty()) && !mirror.seen().is_empty());
    assert!(server.seen().iter().any(|s| s.header("authorization") == "Basic YW5uOnNlY3JldA=="));
}

#[test]
fn a_mirror_gets_the_sign_in_that_is_stored_for_it() {
    let (server, _) = registry(|_, _| None);
    let (mirror, _) = registry(|_, seen| {
        let known = seen.header("authorization") == "Basic YW5uOnNlY3JldA==";
        (!known).then(|| Reply::new(401).header("www-authenticate", "Basic realm=x"))
    });
    let client = client(&server, &[&mirror], false, &[&mirror]);
    let seen = client.sight(&reference(&server, "app:1"), "1").unwrap();
    assert_eq!(seen.vantage, Vantage::Mirror(mirror.host.clone()));
}

#[test]
fn whole_images_come_from_a_mirror_too() {
    let (server, _) = registry(|_, _| None);
    let (mirror, sample) = registry(|_, _| None);
    let client = client(&server, &[&mirror], false, &[]);
    let image = open_registry(&reference(&server, "app:1"), &amd64(), &client).unwrap();
    let mut layer = Vec::new();
    std::io::Read::read_to_end(&mut image.bytes.open(0).unwrap(), &mut layer).unwrap();
    assert!(layer == sample.layer && server.seen().is_empty());
}

#[test]
fn a_layer_that_a_mirror_lacks_comes_from_the_registry() {
    let (server, sample) = registry(|_, _| None);
    let (mirror, _) =
        registry(|sample, seen| seen.path.contains(&Digest::of(&sample.layer).to_string()).then(|| Reply::new(404)));
    let client = client(&server, &[&mirror], false, &[]);
    let image = open_registry(&reference(&server, "app:1"), &amd64(), &client).unwrap();
    let mut layer = Vec::new();
    std::io::Read::read_to_end(&mut image.bytes.open(0).unwrap(), &mut layer).unwrap();
    assert!(layer == sample.layer);
    assert_eq!(server.paths(), [format!("GET /v2/app/blobs/{}", Digest::of(&sample.layer))]);
}
