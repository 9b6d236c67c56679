//! What a tag names, asked once and hashed: answers that are true, that lie, and that state little.

use super::testing::{Reply, Sample, Seen, Server, client, document};
use super::tests::{reference, registry};
use super::{Registry, Sighting};
use crate::TransportError;
use model::oci::{Document, media};
use model::{Digest, Platform};

pub(super) fn sight(server: &Server, name: &str) -> Result<Sighting, String> {
    let (registry, _) = client(None);
    let reference = reference(server, name);
    registry.sight(&reference, &reference.wanted()).map_err(|e| shown(&e, server))
}

fn shown(error: &TransportError, server: &Server) -> String {
    error.to_string().replace(&server.host, "HOST")
}

#[test]
fn one_request_and_the_digest_of_its_bytes() {
    let (server, sample) = registry(|_, _| None);
    let seen = sight(&server, "app:1").unwrap();
    assert_eq!(seen.digest, Digest::of(&sample.index));
    assert_eq!(seen.raw(), sample.index);
    assert_eq!(seen.media_type(), media::OCI_INDEX);
    assert_eq!(seen.stated.digest.unwrap(), seen.digest.to_string());
    assert_eq!(server.paths(), ["GET /v2/app/manifests/1"]);
}

#[test]
fn without_helpful_headers_the_bytes_decide() {
    for media_type in ["", "application/json", "application/vnd.oci.image.index.v1+json; charset=utf-8"] {
        let (server, sample) = registry(move |sample, _| {
            let reply = Reply::new(200).body(sample.index.clone());
            Some(if media_type.is_empty() { reply } else { reply.header("content-type", media_type) })
        });
        let seen = sight(&server, "app:1").unwrap();
        assert_eq!(seen.digest, Digest::of(&sample.index), "{media_type}");
        assert_eq!(seen.media_type(), media::OCI_INDEX);
    }
}

#[test]
fn the_document_counts_where_the_header_calls_it_something_else() {
    let (server, sample) = registry(|sample, _| Some(document(media::DOCKER_MANIFEST, &sample.manifest)));
    let seen = sight(&server, "app:1").unwrap();
    assert_eq!(seen.media_type(), media::OCI_MANIFEST);
    assert_eq!(seen.stated.plain_type().as_deref(), Some(media::DOCKER_MANIFEST));
    assert_eq!(seen.digest, Digest::of(&sample.manifest));
}

#[test]
fn a_lie_about_the_digest_is_no_answer() {
    let (server, _) = registry(|sample, _| {
        let zeros = format!("sha256:{}", "0".repeat(64));
        Some(Reply::new(200).header("docker-content-digest", &zeros).body(sample.index.clone()))
    });
    assert!(sight(&server, "app:1").unwrap_err().contains("Docker-Content-Digest of the manifest should be sha256:"));
}

#[test]
fn schema_1_is_never_an_answer() {
    for media_type in [media::DOCKER_SCHEMA1_SIGNED, media::DOCKER_SCHEMA1, "application/json"] {
        let server = Server::start(move |_| document(media_type, br#"{"schemaVersion":1,"name":"app","tag":"1"}"#));
        assert!(sight(&server, "app:1").unwrap_err().contains("schema 1"), "{media_type}");
    }
}

#[test]
fn a_digest_in_sha512_is_the_answer_in_sha512() {
    let (server, sample) = registry(|sample, _| Some(document(media::OCI_MANIFEST, &sample.manifest)));
    let mut hasher = model::Hasher::new(model::Algorithm::Sha512);
    hasher.update(&sample.manifest);
    let digest = hasher.finish();
    assert_eq!(sight(&server, &format!("app@{digest}")).unwrap().digest, digest);
}

fn choose(server: &Server, platform: &str) -> (Result<String, String>, usize) {
    let (registry, _): (Registry, _) = client(None);
    let reference = reference(server, "app:1");
    let seen = registry.sight(&reference, "1").unwrap();
    let platform: Platform = platform.parse().unwrap();
    let chosen = registry.choose(&reference, &seen.document, &platform);
    let words = chosen.map(|c| format!("{} fetched: {}", c.descriptor.digest, c.fetched));
    (words.map_err(|e| shown(&e, server)), server.seen().len())
}

#[test]
fn a_platform_is_chosen_from_the_index_alone() {
    let (server, sample) = registry(|_, _| None);
    let expected = format!("{} fetched: false", Digest::of(&sample.manifest));
    assert_eq!(choose(&server, "linux/amd64"), (Ok(expected), 1));
    let (error, requests) = choose(&server, "linux/s390x");
    assert!(error.unwrap_err().ends_with("has no image for linux/s390x; it has linux/arm64, linux/amd64"));
    assert_eq!(requests, 2);
}

#[test]
fn a_single_manifest_is_for_the_platform_that_its_config_says() {
    let single = |sample: &Sample, seen: &Seen| {
        seen.path.ends_with("/1").then(|| document(media::OCI_MANIFEST, &sample.manifest))
    };
    let (server, sample) = registry(single);
    let expected = format!("{} fetched: true", Digest::of(&sample.manifest));
    assert_eq!(choose(&server, "linux/amd64"), (Ok(expected), 2));
    assert!(
        choose(&server, "linux/arm64").0.unwrap_err().ends_with("has no image for linux/arm64; it has linux/amd64")
    );
}

#[test]
fn an_index_in_an_index_is_searched() {
    let (server, sample) = registry(|sample, seen| {
        let inner = super::testing::descriptor(media::OCI_INDEX, &sample.index, "");
        let outer = format!(r#"{{"schemaVersion":2,"manifests":[{inner}]}}"#);
        seen.path.ends_with("/1").then(|| document(media::OCI_INDEX, outer.as_bytes()))
    });
    let expected = format!("{} fetched: true", Digest::of(&sample.manifest));
    assert_eq!(choose(&server, "linux/amd64"), (Ok(expected), 3));
    let seen = sight(&server, "app:1").unwrap();
    assert!(matches!(seen.document, Document::Index(_)));
}

#[test]
fn only_a_registrys_own_words_say_that_a_tag_is_gone() {
    let certain = |reply: Reply| {
        let server = Server::start(move |_| reply.clone());
        let (registry, _) = client(None);
        match registry.sight(&reference(&server, "app:1"), "1") {
            Err(TransportError::Registry { source, .. }) => match *source {
                super::RegistryError::NotFound { certain, .. } => Some(certain),
                _ => None,
            },
            _ => panic!("an error of the registry"),
        }
    };
    let said = |code: &str| Reply::new(404).body(format!(r#"{{"errors":[{{"code":"{code}","message":"m"}}]}}"#));
    assert_eq!(certain(said("MANIFEST_UNKNOWN")), Some(true));
    assert_eq!(certain(said("NAME_UNKNOWN")), Some(true));
    assert_eq!(certain(said("NOT_FOUND")), Some(true));
    assert_eq!(certain(said("UNKNOWN")), Some(false));
    assert_eq!(certain(Reply::new(404)), Some(false));
    assert_eq!(certain(Reply::new(404).header("content-type", "text/plain").body("404 page not found\n")), Some(false));
    assert_eq!(certain(Reply::new(404).body("<html>MANIFEST_UNKNOWN</html>")), Some(false));
    // There, but not for us: no absence at all.
    let hidden = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"OCI manifest found, but accept header does not support OCI manifests"}]}"#;
    assert_eq!(certain(Reply::new(404).body(hidden)), None);
    assert_eq!(certain(Reply::new(403)), None);
}

#[test]
fn what_the_headers_state_is_kept_and_not_believed() {
    let (server, sample) = registry(|sample, seen| {
        let dated = sample.reply(seen).header("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT").header("age", "60");
        Some(dated.header("ratelimit-limit", "100;w=21600").header("ratelimit-remaining", "99;w=21600"))
    });
    let seen = sight(&server, "app:1").unwrap();
    assert_eq!(seen.digest, Digest::of(&sample.index));
    assert_eq!((seen.stated.age, seen.stated.allowance.map(|a| a.remaining)), (Some(60), Some(99)));
    assert_eq!(seen.stated.modified.unwrap().to_string(), "1994-11-06T08:49:37Z");
}

#[test]
fn a_manifest_may_lie_behind_a_redirect_on_its_own_registry() {
    let (server, sample) = registry(|sample, seen| {
        let moved = Reply::new(301).header("location", "/v2/app/manifests/moved");
        match seen.path.rsplit('/').next() {
            Some("1") => Some(moved),
            Some("moved") => Some(document(media::OCI_INDEX, &sample.index)),
            _ => None,
        }
    });
    assert_eq!(sight(&server, "app:1").unwrap().digest, Digest::of(&sample.index));
}
