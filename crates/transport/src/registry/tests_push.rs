//! Pushing to a registry that keeps to the specification, to one like docker-registry 2.8, and to many that fail in
//! the midst.

use super::ask::Source;
use super::referrers::{Memory, fallback_tag};
use super::testing::client;
use super::upload::Sent;
use super::{Attachment, Part, Remote};
use crate::written::bare;
use crate::{Credential, TransportError};
use model::oci::{Descriptor, Document, MANIFEST_LIMIT, media};
use model::{Algorithm, Digest, Hasher};
use serde_json::{Value, json};
use std::sync::Arc;
use testkit::{Fault, Features, Registry, Reply, Seen};

const CHUNK: usize = 8 << 20;

fn remote(registry: &Registry, name: &str) -> Remote {
    signed(registry, name, None)
}

fn signed(registry: &Registry, name: &str, credential: Option<Credential>) -> Remote {
    let host = registry.host();
    let (client, _) = client(credential.map(|c| (host.as_str(), c)));
    client.remote(&format!("{host}/{name}").parse().unwrap()).unwrap()
}

/// Not compressible, not periodic in any chunk.
fn content(size: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let word = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..size).map(word).collect()
}

fn source(bytes: &[u8]) -> Arc<dyn Source> {
    Arc::new(Memory(bytes.to_vec()))
}

fn blob(bytes: &[u8]) -> Descriptor {
    bare("application/octet-stream", bytes)
}

/// Pushes `bytes` to `app` and holds the registry to it; what it took, or the error without the host.
fn push(registry: &Registry, bytes: &[u8]) -> Result<Sent, String> {
    push_from(registry, bytes, None)
}

fn push_from(registry: &Registry, bytes: &[u8], mount: Option<&str>) -> Result<Sent, String> {
    let sent = remote(registry, "app").put_blob(&blob(bytes), mount, &source(bytes));
    assert_eq!(registry.unfinished(), 0, "an upload is left behind");
    let sent = sent.map_err(|e| e.to_string().replace(&registry.host(), "HOST"))?;
    assert_eq!(registry.blob("app", &Digest::of(bytes)).as_deref(), Some(bytes));
    Ok(sent)
}

/// The methods of all requests so far, in order.
fn methods(registry: &Registry) -> String {
    registry.lines().iter().filter_map(|line| line.split(' ').next().map(str::to_owned)).collect::<Vec<_>>().join(" ")
}

fn nth(method: &'static str, number: usize, fault: impl Fn() -> Fault + Send + Sync + 'static) -> Registry {
    let registry = Registry::default();
    let count = std::sync::atomic::AtomicUsize::new(0);
    registry.misbehave(move |seen: &Seen| {
        let is_meant = seen.method == method && seen.path.contains("/blobs/uploads/");
        let is_now = is_meant && count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == number;
        is_now.then(&fault)
    });
    registry
}

#[test]
fn a_blob_goes_in_one_stream_and_not_twice() {
    for features in [Features::default(), Features::classic()] {
        let registry = Registry::new(features);
        for size in [0, 1, 100_000, CHUNK + 1] {
            let bytes = content(size);
            assert_eq!(push(&registry, &bytes), Ok(Sent::Written));
            assert_eq!(methods(&registry), if size > 1 << 20 { "HEAD POST PATCH PUT" } else { "HEAD POST PUT" });
            assert_eq!(push(&registry, &bytes), Ok(Sent::Present));
            assert_eq!(methods(&registry), "HEAD");
        }
    }
}

#[test]
fn a_blob_is_mounted_from_a_neighbour() {
    let registry = Registry::default();
    let bytes = content(1000);
    let digest = registry.put_blob("base", bytes.clone());
    assert_eq!(push_from(&registry, &bytes, Some("base")), Ok(Sent::Mounted));
    let expected = format!("POST /v2/app/blobs/uploads/?mount={}&from=base", digest.to_string().replace(':', "%3A"));
    assert_eq!(registry.lines()[1], expected);
    // Where the neighbour does not have it, the upload that was begun in its place is used.
    let other = content(2000);
    assert_eq!(push_from(&registry, &other, Some("base")), Ok(Sent::Written));
    assert_eq!(methods(&registry), "HEAD POST PUT");
}

#[test]
fn a_mount_that_is_refused_is_no_error() {
    for status in [400, 401, 403, 404, 405, 500] {
        let registry = nth("POST", 0, move || Fault::Instead(Reply::error(status, "DENIED", "no mounts here")));
        assert_eq!(push_from(&registry, b"abc", Some("base")), Ok(Sent::Written), "{status}");
    }
}

#[test]
fn a_mount_asks_for_leave_to_read_its_source() {
    let sign_in = Some(("ann".to_owned(), "secret".to_owned()));
    let registry = Registry::new(Features { sign_in, ..Features::default() });
    let bytes = content(1000);
    registry.put_blob("base", bytes.clone());
    let remote = signed(&registry, "app", Some(Credential::password("ann", "secret")));
    let sent = remote.put_blob(&blob(&bytes), Some("base"), &source(&bytes));
    assert_eq!(sent.unwrap(), Sent::Mounted);
    let lines = registry.lines();
    let tokens: Vec<_> = lines.iter().filter(|line| line.starts_with("GET /token")).collect();
    let last = tokens.last().unwrap();
    assert!(
        last.contains("scope=repository%3Aapp%3Apull%2Cpush") && last.contains("scope=repository%3Abase%3Apull"),
        "{last}"
    );
    // Leave to push is asked for once, whatever comes after.
    remote.put_blob(&blob(b"x"), None, &source(b"x")).unwrap();
    assert_eq!(methods(&registry), "HEAD POST PUT");
}

#[test]
fn who_may_only_read_is_told_so() {
    let sign_in = Some(("ann".to_owned(), "secret".to_owned()));
    let features = Features { sign_in, read_only: Some("app".to_owned()), ..Features::default() };
    let registry = Registry::new(features);
    let remote = signed(&registry, "app", Some(Credential::password("ann", "secret")));
    let error = remote.put_blob(&blob(b"x"), None, &source(b"x")).unwrap_err().to_string();
    assert!(
        error.contains("refuses access to a place for blob sha256:") && error.contains("with the stored sign-in"),
        "{error}"
    );
}

#[test]
fn a_broken_upload_goes_on_where_the_registry_stands() {
    let bytes = content(2 * CHUNK + 12_345);
    for taken in [0, 1, 100_000, CHUNK as u64 + 5] {
        let registry = nth("PATCH", 0, move || Fault::CloseAt(taken));
        assert_eq!(push(&registry, &bytes), Ok(Sent::Written), "{taken}");
        let lines = registry.lines();
        assert!(lines[3].starts_with("GET /v2/app/blobs/uploads/"), "{lines:?}");
        let chunks = lines.iter().filter(|line| line.starts_with("PATCH")).count() - 1;
        // One byte is told in the same words as none, so one chunk too many is offered.
        let expected = match taken {
            0 => 3,
            1 => 4,
            _ => 2,
        };
        assert_eq!(chunks, expected, "{taken}");
    }
}

#[test]
fn chunks_break_too() {
    let bytes = content(2 * CHUNK + 12_345);
    let registry = Registry::default();
    registry.misbehave(|seen| match (seen.method.as_str(), seen.nth) {
        ("PATCH", 0) => Some(Fault::CloseAt(1000)),
        ("PATCH", 2) => Some(Fault::CloseAt(5000)),
        ("PATCH", 3) => Some(Fault::Silent),
        ("PATCH", 4) => Some(Fault::Instead(Reply::error(502, "UNKNOWN", "bad gateway"))),
        _ => None,
    });
    assert_eq!(push(&registry, &bytes), Ok(Sent::Written));
}

#[test]
fn an_upload_that_never_comes_further_is_given_up_and_cancelled() {
    let registry = Registry::default();
    registry.misbehave(|seen| matches!(seen.method.as_str(), "PUT" | "PATCH").then(|| Fault::CloseAt(0)));
    assert!(push(&registry, &content(1000)).unwrap_err().contains("cannot reach http://HOST/v2/app/blobs/uploads/"));
    assert!(registry.lines().last().unwrap().starts_with("DELETE "));
}

#[test]
fn a_registry_that_finds_one_request_too_large_gets_chunks() {
    let bytes = content(3 * CHUNK);
    let check = |least: Option<u64>, chunks: usize| {
        let registry = Registry::new(Features { least_chunk: least, ..Features::default() });
        registry.misbehave(|seen| {
            let large = seen.header("transfer-encoding") == "chunked";
            large.then(|| Fault::Abrupt(Reply::error(413, "SIZE_INVALID", "too large")))
        });
        assert_eq!(push(&registry, &bytes), Ok(Sent::Written));
        assert_eq!(registry.lines().iter().filter(|line| line.starts_with("PATCH")).count(), chunks + 1);
    };
    check(None, 3);
    check(Some(1000), 3);
    check(Some(12 << 20), 2);
}

#[test]
fn a_blob_whose_answer_was_lost_is_not_sent_again() {
    let registry = nth("PUT", 0, || Fault::Silent);
    assert_eq!(push(&registry, &content(1000)), Ok(Sent::Written));
    assert_eq!(methods(&registry), "HEAD POST PUT GET HEAD");
}

#[test]
fn an_upload_that_the_registry_has_lost_begins_anew() {
    let registry = nth("PUT", 0, || Fault::Instead(Reply::error(404, "BLOB_UPLOAD_UNKNOWN", "unknown")));
    let sent = remote(&registry, "app").put_blob(&blob(b"abc"), None, &source(b"abc"));
    assert_eq!(sent.unwrap(), Sent::Written);
    assert_eq!(methods(&registry), "HEAD POST PUT HEAD POST PUT");
}

#[test]
fn a_registry_that_asks_for_patience_gets_it() {
    for method in ["HEAD", "POST", "PUT"] {
        let registry = Registry::default();
        registry.misbehave(move |seen| {
            let busy = || Fault::Instead(Reply::error(429, "TOOMANYREQUESTS", "slow down").header("Retry-After", "7"));
            (seen.method == method && seen.nth == 0).then(busy)
        });
        let (client, pace) = client(None);
        let remote = client.remote(&format!("{}/app", registry.host()).parse().unwrap()).unwrap();
        assert_eq!(remote.put_blob(&blob(b"abc"), None, &source(b"abc")).unwrap(), Sent::Written);
        assert_eq!(pace.waits(), [7], "{method}");
    }
}

#[test]
fn uploads_may_go_on_elsewhere() {
    let registry = Registry::new(Features { absolute: true, ..Features::default() });
    assert_eq!(push(&registry, b"abc"), Ok(Sent::Written));
    let put = registry.lines().into_iter().find(|line| line.starts_with("PUT")).unwrap();
    assert!(put.contains("?_state=0&digest=sha256%3A"), "{put}");

    let check = |location: &'static str, expected: &str| {
        let registry = nth("POST", 0, move || {
            Fault::Changed(Box::new(move |reply| reply.without("location").header("Location", location)))
        });
        let error = remote(&registry, "app").put_blob(&blob(b"x"), None, &source(b"x")).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check("ftp://127.0.0.1/x", "redirects where it must not: to something other than HTTP");
    check("http://169.254.169.254/x", "redirects where it must not: to a link-local address");
    check("http://[", "redirects where it must not: it names no address for the upload");
}

#[test]
fn bytes_that_are_not_what_was_promised_are_not_put_there() {
    let registry = Registry::default();
    for (promised, found) in [(&b"abc"[..], &b"abd"[..]), (b"abc", b"ab"), (b"abc", b"abcd")] {
        let error = remote(&registry, "app").put_blob(&blob(promised), None, &source(found)).unwrap_err().to_string();
        assert!(error.contains("do not trust this copy"), "{error}");
    }
    assert_eq!(registry.unfinished(), 0);
    assert_eq!(registry.blob("app", &Digest::of(b"abc")), None);
}

#[test]
fn a_registry_that_names_another_digest_is_not_believed() {
    let registry = nth("PUT", 0, || {
        let other = Digest::of(b"other").to_string();
        Fault::Changed(Box::new(move |reply| {
            reply.without("docker-content-digest").header("Docker-Content-Digest", &other)
        }))
    });
    let error = remote(&registry, "app").put_blob(&blob(b"x"), None, &source(b"x")).unwrap_err().to_string();
    assert!(error.contains(&format!("should be {} but is {}", Digest::of(b"x"), Digest::of(b"other"))), "{error}");
}

#[test]
fn a_sha512_blob_is_pushed_by_its_own_digest() {
    let registry = Registry::default();
    let mut hasher = Hasher::new(Algorithm::Sha512);
    hasher.update(b"abc");
    let digest = hasher.finish();
    let descriptor = Descriptor { digest, ..blob(b"abc") };
    assert_eq!(remote(&registry, "app").put_blob(&descriptor, None, &source(b"abc")).unwrap(), Sent::Written);
    assert!(registry.blob("app", &digest).is_some());
}

#[test]
fn a_stop_cancels_what_is_on_its_way() {
    let registry = Registry::default();
    let (client, _) = client(None);
    let remote = client.remote(&format!("{}/app", registry.host()).parse().unwrap()).unwrap();
    let stopping = client.clone();
    registry.misbehave(move |seen| {
        if seen.method == "POST" {
            stopping.stop();
        }
        None
    });
    for bytes in [content(3), content(2 * CHUNK)] {
        let error = remote.put_blob(&blob(&bytes), None, &source(&bytes)).unwrap_err().to_string();
        assert!(error.ends_with("stopped before it was done"), "{error}");
        assert_eq!(registry.unfinished(), 0);
        assert!(registry.lines().last().unwrap().starts_with("DELETE "));
    }
}

fn image(registry: &Registry, name: &str) -> (Document, Value) {
    let config = registry.put_blob(name, b"{}".to_vec());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": media::OCI_MANIFEST,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config.to_string(), "size": 2},
        // Blanks and order must survive.
        "layers":   [],
    });
    let raw = manifest.to_string().replace("\"layers\":", "\"layers\" : ");
    (Document::parse(raw.as_bytes(), None).unwrap(), manifest)
}

#[test]
fn a_manifest_is_put_as_it_is_and_read_back() {
    let registry = Registry::default();
    let (document, _) = image(&registry, "app");
    let remote = remote(&registry, "app");
    remote.put_document(&document, "1.4").unwrap();
    assert_eq!(registry.lines(), ["PUT /v2/app/manifests/1.4", "GET /v2/app/manifests/1.4"]);
    let (media_type, raw) = registry.manifest("app", "1.4").unwrap();
    assert_eq!((media_type.as_str(), raw.as_slice()), (media::OCI_MANIFEST, super::remote::raw_of(&document).0));
    assert!(remote.has_manifest(&document.digest()).unwrap() && !remote.has_manifest(&Digest::of(b"x")).unwrap());
}

#[test]
fn a_tag_that_somebody_else_moves_at_the_same_time_is_reported() {
    let registry = Registry::default();
    let (document, _) = image(&registry, "app");
    let other = format!("{} ", String::from_utf8_lossy(super::remote::raw_of(&document).0));
    let theirs = Digest::of(other.as_bytes());
    registry.misbehave(move |seen| {
        let theirs = other.clone();
        (seen.method == "GET")
            .then(|| Fault::Instead(Reply::new(200).header("Content-Type", media::OCI_MANIFEST).body(theirs)))
    });
    let error = remote(&registry, "app").put_document(&document, "1.4").unwrap_err().to_string();
    let expected = format!("is {theirs} right after {} was written to it", document.digest());
    assert!(error.contains(&expected), "{error}");
}

#[test]
fn a_manifest_that_no_registry_takes() {
    let registry = Registry::default();
    let (_, mut manifest) = image(&registry, "app");
    let size = MANIFEST_LIMIT - 1000;
    manifest["annotations"] = json!({"pad": "x".repeat(size)});
    let raw = manifest.to_string();
    let error = remote(&registry, "app").put(raw.as_bytes(), media::OCI_MANIFEST, "1").err();
    assert!(error.is_none(), "{error:?}");
    manifest["annotations"] = json!({"pad": "x".repeat(MANIFEST_LIMIT)});
    let raw = manifest.to_string();
    let error = remote(&registry, "app").put(raw.as_bytes(), media::OCI_MANIFEST, "1").err().unwrap().to_string();
    assert!(
        error.contains("refuses a manifest of 4194") && error.ends_with("registries take at most 4194304"),
        "{error}"
    );
}

#[test]
fn a_tag_is_removed_alone_or_not_at_all() {
    let registry = Registry::default();
    let (document, _) = image(&registry, "app");
    let there = remote(&registry, "app");
    there.put_document(&document, "1").unwrap();
    there.put_document(&document, "2").unwrap();
    there.untag("1").unwrap();
    assert_eq!(registry.tags("app").iter().map(|(tag, _)| tag.as_str()).collect::<Vec<_>>(), ["2"]);
    assert!(matches!(there.untag("1"), Err(TransportError::Registry { .. })));

    let classic = Registry::new(Features::classic());
    let (document, _) = image(&classic, "app");
    let there = remote(&classic, "app");
    there.put_document(&document, "1").unwrap();
    there.put_document(&document, "2").unwrap();
    let error = there.untag("1").unwrap_err();
    assert!(error.to_string().contains("cannot remove the tag `1` alone: DIGEST_INVALID"), "{error}");
    assert!(error.hint().unwrap().contains("all its tags"));
    assert_eq!(classic.tags("app").len(), 2);
    there.delete_manifest(&document.digest()).unwrap();
    assert_eq!(classic.tags("app"), []);
}

fn sbom(text: &str) -> Attachment {
    Attachment {
        artifact_type: "application/spdx+json".to_owned(),
        parts: vec![Part {
            media_type: "application/spdx+json".to_owned(),
            bytes: text.as_bytes().to_vec(),
            annotations: Vec::new(),
        }],
        annotations: vec![("made.by".to_owned(), "tests".to_owned())],
    }
}

/// A subject on `registry` and how to speak of it.
fn subject(registry: &Registry) -> (Remote, Descriptor) {
    let (document, _) = image(registry, "app");
    let there = remote(registry, "app");
    there.put_document(&document, "1").unwrap();
    registry.lines();
    (there, bare(media::OCI_MANIFEST, super::remote::raw_of(&document).0))
}

#[test]
fn attachments_are_listed_by_the_registry_or_under_the_fallback_tag() {
    for features in [Features::default(), Features { page: 1, ..Features::default() }, Features::classic()] {
        let has_api = features.referrers;
        let registry = Registry::new(features);
        let (there, subject) = subject(&registry);
        assert_eq!(there.referrers(&subject.digest, None).unwrap(), []);
        let first = there.attach(&subject, &sbom("one")).unwrap();
        let second = there.attach(&subject, &sbom("two")).unwrap();
        assert_eq!(there.attach(&subject, &sbom("two")).unwrap(), second, "the same again is the same");
        let signature = Attachment { artifact_type: "application/x.signature".to_owned(), ..sbom("three") };
        there.attach(&subject, &signature).unwrap();
        let all = there.referrers(&subject.digest, None).unwrap();
        assert_eq!(all.len(), 3);
        let found = there.referrers(&subject.digest, Some("application/spdx+json")).unwrap();
        let mut digests: Vec<Digest> = found.iter().map(|d| d.digest).collect();
        let mut expected = vec![first, second];
        digests.sort();
        expected.sort();
        assert_eq!(digests, expected);
        assert_eq!(found[0].annotations.get("made.by").map(String::as_str), Some("tests"));
        let tag = fallback_tag(&subject.digest);
        assert_eq!(registry.tags("app").iter().any(|(name, _)| *name == tag), !has_api);

        there.detach(&subject.digest, &first).unwrap();
        assert_eq!(there.referrers(&subject.digest, None).unwrap().len(), 2);
        assert!(registry.manifest("app", &first.to_string()).is_none());
    }
}

#[test]
fn the_list_under_the_fallback_tag_is_kept_whole_against_a_second_writer() {
    let registry = Registry::new(Features::classic());
    let (there, subject) = subject(&registry);
    there.attach(&subject, &sbom("one")).unwrap();
    let tag = fallback_tag(&subject.digest);
    let (_, theirs) = registry.manifest("app", &tag).unwrap();
    // Right after our write somebody writes what they had read before it.
    let path = format!("/v2/app/manifests/{tag}");
    let wrote = std::sync::atomic::AtomicBool::new(false);
    registry.misbehave(move |seen| {
        if seen.method == "PUT" && seen.path == path {
            wrote.store(true, std::sync::atomic::Ordering::SeqCst);
        } else if seen.path == path && wrote.swap(false, std::sync::atomic::Ordering::SeqCst) && seen.nth < 4 {
            return Some(Fault::Instead(Reply::new(200).header("Content-Type", media::OCI_INDEX).body(theirs.clone())));
        }
        None
    });
    there.attach(&subject, &sbom("two")).unwrap();
    assert_eq!(there.referrers(&subject.digest, None).unwrap().len(), 2);
    let writes = registry.lines().iter().filter(|line| line.starts_with("PUT") && line.contains(&tag)).count();
    assert!(writes >= 1, "{writes}");
}

#[test]
fn a_fallback_tag_that_is_an_image_is_left_alone() {
    let registry = Registry::new(Features::classic());
    let (there, subject) = subject(&registry);
    let (document, _) = image(&registry, "app");
    let tag = fallback_tag(&subject.digest);
    there.put_document(&document, &tag).unwrap();
    for result in [there.attach(&subject, &sbom("x")).map(drop), there.referrers(&subject.digest, None).map(drop)] {
        let error = result.unwrap_err().to_string();
        assert!(error.contains("is no list of referrers but an image"), "{error}");
    }
    let (_, raw) = registry.manifest("app", &tag).unwrap();
    assert_eq!(Digest::of(&raw), document.digest());
}

#[test]
fn a_filter_that_was_not_applied_is_applied_here() {
    let registry = Registry::default();
    let (there, subject) = subject(&registry);
    there.attach(&subject, &sbom("one")).unwrap();
    there.attach(&subject, &Attachment { artifact_type: "application/x.other".to_owned(), ..sbom("two") }).unwrap();
    let entries: Vec<Value> = there
        .referrers(&subject.digest, None)
        .unwrap()
        .iter()
        .map(|d| {
            let (digest, kind) = (d.digest.to_string(), d.artifact_type.clone());
            json!({"mediaType": d.media_type, "digest": digest, "size": d.size, "artifactType": kind})
        })
        .collect();
    let list = json!({"schemaVersion": 2, "mediaType": media::OCI_INDEX, "manifests": entries}).to_string();
    registry.misbehave(move |seen| {
        let reply = Reply::new(200).header("Content-Type", media::OCI_INDEX).body(list.clone());
        seen.path.contains("/referrers/").then_some(Fault::Instead(reply))
    });
    assert_eq!(there.referrers(&subject.digest, Some("application/spdx+json")).unwrap().len(), 1);
    assert_eq!(there.referrers(&subject.digest, None).unwrap().len(), 2);
}

#[test]
fn names_of_fallback_tags() {
    let digest = Digest::of(b"");
    assert_eq!(fallback_tag(&digest), format!("sha256-{}", digest.hex()));
    let long = Hasher::new(Algorithm::Sha512).finish();
    assert_eq!(fallback_tag(&long), format!("sha512-{}", &long.hex()[..64]));
}
