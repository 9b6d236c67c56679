//! The client against a registry that behaves, and against many that do not.

use super::open_registry;
use super::testing::{FakePace, Reply, Sample, Seen, Server, client, descriptor, document};
use crate::{Compression, Credential, Image, TransportError};
use model::oci::{MANIFEST_LIMIT, media};
use model::{Digest, Platform, Reference, Subject};
use std::io::Read as _;
use std::sync::Arc;

pub(super) fn reference(server: &Server, name: &str) -> Reference {
    format!("{}/{name}", server.host).parse().unwrap()
}

pub(super) fn amd64() -> Platform {
    Platform::linux("amd64")
}

/// Opens `name` on `server` and reads its first layer; the error in words if there is one. The server's address is
/// written `HOST`.
pub(super) fn pull_with(
    server: &Server,
    name: &str,
    credential: Option<Credential>,
) -> (Result<Image, String>, Arc<FakePace>) {
    let (registry, pace) = client(credential.map(|c| (server.host.as_str(), c)));
    let result = open_registry(&reference(server, name), &amd64(), &registry).and_then(|image| {
        let mut bytes = Vec::new();
        let read = image.bytes.open(0)?.read_to_end(&mut bytes);
        read.map_err(|source| TransportError::File { path: "layer".to_owned(), source })?;
        assert_eq!(Digest::of(&bytes), image.layers[0].blob.as_ref().unwrap().digest);
        Ok(image)
    });
    let shown = |e: TransportError| e.to_string().replace(&server.host, "HOST");
    (result.map_err(shown), pace)
}

pub(super) fn pull(server: &Server, name: &str) -> Result<Image, String> {
    pull_with(server, name, None).0
}

pub(super) fn error_of(server: &Server, name: &str) -> String {
    pull(server, name).err().unwrap_or_else(|| "no error".to_owned())
}

/// A registry with the sample, except where `odd` answers.
pub(super) fn registry(odd: impl Fn(&Sample, &Seen) -> Option<Reply> + Send + Sync + 'static) -> (Server, Sample) {
    let sample = Sample::default();
    let served = sample.clone();
    (Server::start(move |seen| odd(&served, seen).unwrap_or_else(|| served.reply(seen))), sample)
}

pub(super) fn is_layer(sample: &Sample, seen: &Seen) -> bool {
    seen.path.ends_with(&Digest::of(&sample.layer).to_string())
}

#[test]
fn an_image_out_of_an_index() {
    let (server, sample) = registry(|_, _| None);
    let image = pull(&server, "app:1").unwrap();
    assert_eq!(image.subject, Some(Subject::Manifest(Digest::of(&sample.manifest))));
    assert_eq!(image.index.unwrap().digest(), Digest::of(&sample.index));
    assert_eq!(image.config.unwrap().digest(), Digest::of(&sample.config));
    assert_eq!(image.platform, amd64());
    assert_eq!(image.layers[0].compression, Compression::Gzip);
    assert_eq!(image.unknowns, []);
    let (manifest, config, layer) =
        (Digest::of(&sample.manifest), Digest::of(&sample.config), Digest::of(&sample.layer));
    let expected = [
        "GET /v2/app/manifests/1".to_owned(),
        format!("GET /v2/app/manifests/{manifest}"),
        format!("GET /v2/app/blobs/{config}"),
        format!("GET /v2/app/blobs/{layer}"),
    ];
    assert_eq!(server.paths(), expected);
}

#[test]
fn all_four_formats_are_always_accepted() {
    let (server, _) = registry(|_, _| None);
    pull(&server, "app:1").unwrap();
    let seen = server.seen();
    for manifest in &seen[..2] {
        for format in [media::OCI_INDEX, media::OCI_MANIFEST, media::DOCKER_LIST, media::DOCKER_MANIFEST] {
            assert!(manifest.header("accept").split(", ").any(|a| a == format), "{format}");
        }
    }
    assert!(seen[0].header("user-agent").starts_with("plimsoll/"));
}

#[test]
fn a_digest_is_asked_for_and_held_to() {
    let (server, sample) = registry(|_, _| None);
    let digest = Digest::of(&sample.manifest);
    let image = pull(&server, &format!("app:whatever@{digest}")).unwrap();
    assert!(image.index.is_none());

    let other = Digest::of(b"other");
    let (liar, _) = registry(move |sample, seen| {
        seen.path.ends_with(&other.to_string()).then(|| Reply::new(200).body(sample.manifest.clone()))
    });
    let expected = format!("manifest should be {other} but is {digest}; do not trust this copy");
    assert!(error_of(&liar, &format!("app@{other}")).ends_with(&expected));
}

#[test]
fn a_sha512_digest_is_computed_too() {
    let (server, sample) =
        registry(|sample, seen| seen.path.contains("sha512:").then(|| document(media::OCI_MANIFEST, &sample.manifest)));
    let mut hasher = model::Hasher::new(model::Algorithm::Sha512);
    hasher.update(&sample.manifest);
    pull(&server, &format!("app@{}", hasher.finish())).unwrap();
    let wrong = model::Hasher::new(model::Algorithm::Sha512).finish();
    assert!(error_of(&server, &format!("app@{wrong}")).contains("manifest should be sha512:cf83e135"));
}

#[test]
fn a_lying_digest_header_is_found_out() {
    let claim = |claimed: &'static str| {
        let (server, _) = registry(move |sample, seen| {
            let body = sample.index.clone();
            let reply = Reply::new(200).header("content-type", media::OCI_INDEX).body(body);
            seen.path.ends_with("/1").then(|| reply.header("docker-content-digest", claimed))
        });
        error_of(&server, "app:1")
    };
    let zeros = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    assert!(claim(zeros).contains(&format!("but is {zeros}; do not trust this copy")));
    assert!(claim("sha256:beef").contains("but is sha256:beef"));
    assert_eq!(claim("blake3:00"), "no error");
}

#[test]
fn a_child_or_config_that_is_another_is_refused() {
    let (server, sample) = registry(|sample, seen| {
        let digest = Digest::of(&sample.manifest).to_string();
        seen.path.ends_with(&digest).then(|| document(media::OCI_MANIFEST, &sample.index))
    });
    assert!(error_of(&server, "app:1").contains("manifest should be sha256:"));

    let (server, _) = registry(|sample, seen| {
        let digest = Digest::of(&sample.config).to_string();
        let forged = String::from_utf8_lossy(&sample.config).replace("amd64", "arm64").into_bytes();
        seen.path.ends_with(&digest).then(|| Reply::new(200).body(forged))
    });
    let expected = format!("config should be {} but is sha256:", Digest::of(&sample.config));
    assert!(error_of(&server, "app:1").contains(&expected));
}

#[test]
fn documents_that_are_no_image() {
    let answer = |media_type: &'static str, body: &'static str| {
        let server = Server::start(move |_| document(media_type, body.as_bytes()));
        error_of(&server, "app:1")
    };
    assert!(answer(media::DOCKER_SCHEMA1_SIGNED, "{}").contains("schema 1"));
    assert!(answer("application/json", r#"{"schemaVersion":1,"fsLayers":[]}"#).contains("schema 1"));
    assert!(answer("application/json; charset=utf-8", "{}").contains("neither an image manifest nor an index"));
    assert!(answer("text/html", "<html>").contains("the manifest is not valid"));
    let chart = format!(
        r#"{{"schemaVersion":2,"config":{},"layers":[]}}"#,
        descriptor("application/vnd.cncf.helm.config.v1+json", b"{}", "")
    );
    let server = Server::start(move |_| document(media::OCI_MANIFEST, chart.as_bytes()));
    assert!(error_of(&server, "app:1").contains("helm"));
}

#[test]
fn a_huge_manifest_is_not_read_to_its_end() {
    let server = Server::start(|_| Reply::new(200).body(vec![b' '; MANIFEST_LIMIT + (1 << 20)]).chunked());
    assert_eq!(
        error_of(&server, "app:1"),
        "`HOST/app:1`: http://HOST/v2/app/manifests/1 sends more than 4194304 bytes of manifest"
    );
    assert_eq!(server.paths().len(), 1);
}

#[test]
fn a_platform_that_is_not_there_lists_those_that_are() {
    let (server, _) = registry(|_, _| None);
    let (registry, _) = client(None);
    let error = open_registry(&reference(&server, "app:1"), &Platform::linux("s390x"), &registry).err().unwrap();
    assert!(error.to_string().ends_with("has no image for linux/s390x; it has linux/arm64, linux/amd64"), "{error}");
}

#[test]
fn what_is_not_there() {
    let (server, _) = registry(|_, _| None);
    assert_eq!(
        error_of(&server, "app:2"),
        "`HOST/app:2`: HOST has no manifest `2` in `app`: MANIFEST_UNKNOWN manifest unknown"
    );
    assert_eq!(error_of(&server, "b:2"), "`HOST/b:2`: HOST has no manifest `2` in `b`: 404 page not found");
    let said = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"OCI manifest found, but accept header does not support OCI manifests"}]}"#;
    let server = Server::start(move |_| Reply::new(404).body(said));
    assert!(error_of(&server, "app:1").contains("only in a format that no current client reads"));
    let server = Server::start(move |_| Reply::new(400).body("a\x1b[31mred").header("content-length-x", "1"));
    assert_eq!(error_of(&server, "app:1"), "`HOST/app:1`: http://HOST/v2/app/manifests/1 answered 400: a\\x1b[31mred");
}

#[test]
fn an_error_document_that_breaks_off_is_still_that_error() {
    let server = Server::start(|_| Reply::new(404).body(vec![b'x'; 5000]).cut(33));
    assert_eq!(
        error_of(&server, "app:1"),
        format!("`HOST/app:1`: HOST has no manifest `1` in `app`: {}", "x".repeat(33))
    );
}

#[test]
fn a_busy_registry_is_waited_for() {
    let busy = |after: &'static str| {
        let (server, _) = registry(move |_, seen| {
            let reply = Reply::new(429).header("date", "Sun, 06 Nov 1994 08:49:37 GMT");
            let reply = if after.is_empty() { reply } else { reply.header("retry-after", after) };
            (seen.path.ends_with("/1") && seen.nth < 2).then_some(reply)
        });
        let (result, pace) = pull_with(&server, "app:1", None);
        result.unwrap();
        pace.waits()
    };
    assert_eq!(busy("7"), [7, 7]);
    assert_eq!(busy("0"), [0, 0]);
    assert_eq!(busy("Sun, 06 Nov 1994 08:50:07 GMT"), [30, 30]);
    assert_eq!(busy("880.092us"), [1, 2]);
    assert_eq!(busy(""), [1, 2]);
}

#[test]
fn patience_has_an_end() {
    let server = Server::start(|_| Reply::new(429).header("retry-after", "3"));
    let (result, pace) = pull_with(&server, "app:1", None);
    assert_eq!(result.err().unwrap(), "`HOST/app:1`: HOST asks for fewer requests, and to come back in 3 s");
    assert_eq!(pace.waits(), [3, 3, 3, 3]);

    let server = Server::start(|_| Reply::new(429).header("retry-after", "3600"));
    let (result, pace) = pull_with(&server, "app:1", None);
    assert!(result.err().unwrap().ends_with("to come back in 3600 s"));
    assert_eq!((pace.waits().len(), server.paths().len()), (0, 1));
}

#[test]
fn failures_that_pass_are_tried_again() {
    for reply in [Reply::new(500), Reply::new(502), Reply::new(503), Reply::reset()] {
        let (server, _) = registry(move |_, seen| (seen.path.ends_with("/1") && seen.nth < 2).then(|| reply.clone()));
        let (result, pace) = pull_with(&server, "app:1", None);
        result.unwrap();
        assert_eq!(pace.waits(), [1, 2]);
    }
    let server = Server::start(|_| Reply::new(503).body("down for repair"));
    let (result, pace) = pull_with(&server, "app:1", None);
    assert!(result.err().unwrap().ends_with("answered 503: down for repair"));
    assert_eq!(pace.waits(), [1, 2, 4, 8]);
}

#[test]
fn a_manifest_that_breaks_off_is_asked_for_again() {
    let (server, _) =
        registry(|sample, seen| (seen.path.ends_with("/1") && seen.nth < 2).then(|| sample.reply(seen).cut(100)));
    let (result, pace) = pull_with(&server, "app:1", None);
    result.unwrap();
    assert_eq!(pace.waits(), [1, 2]);
    let server = Server::start(|_| document(media::OCI_INDEX, &[b' '; 200]).cut(100));
    let error = error_of(&server, "app:1");
    assert!(error.contains("the manifest at http://HOST/v2/app/manifests/1 broke off at byte 100"), "{error}");
    assert_eq!(server.paths().len(), 5);
}

#[test]
fn nobody_there_is_said_at_once() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (registry, pace) = client(None);
    let reference = format!("{free}/app:1").parse().unwrap();
    let error = open_registry(&reference, &amd64(), &registry).err().unwrap().to_string();
    assert!(error.contains("cannot reach http://127.0.0.1:") && error.contains("refused"), "{error}");
    assert!(pace.waits().is_empty());
}

#[test]
fn a_broken_download_is_taken_up_where_it_broke() {
    let (server, sample) = registry(|sample, seen| {
        let cut = [30_000, 20_000, 0].get(seen.nth)?;
        is_layer(sample, seen).then(|| sample.reply(seen).cut(*cut))
    });
    let (result, pace) = pull_with(&server, "app:1", None);
    result.unwrap();
    let ranges: Vec<String> =
        server.seen().iter().filter(|s| is_layer(&sample, s)).map(|s| s.header("range").to_owned()).collect();
    assert_eq!(ranges, ["", "bytes=30000-", "bytes=50000-", "bytes=50000-"]);
    assert_eq!(pace.waits(), [1, 2, 4]);
}

#[test]
fn a_download_is_taken_up_only_of_the_same_bytes() {
    let tags = |first: &'static str, then: &'static str| {
        let (server, sample) = registry(move |sample, seen| {
            let tag = if seen.nth == 0 { first } else { then };
            let reply = sample.reply(seen).header("etag", tag);
            is_layer(sample, seen).then(|| if seen.nth == 0 { reply.cut(10) } else { reply })
        });
        let result = pull(&server, "app:1").map(drop);
        let layers = server.seen().into_iter().filter(|s| is_layer(&sample, s)).skip(1);
        (result, layers.map(|s| s.header("if-range").to_owned()).collect::<Vec<_>>())
    };
    let (result, asked) = tags("\"a\"", "\"a\"");
    result.unwrap();
    assert_eq!(asked, ["\"a\""]);
    let (result, asked) = tags("W/\"a\"", "W/\"b\"");
    result.unwrap();
    assert_eq!(asked, [""], "a weak one is no name for bytes");
    let (result, _) = tags("\"a\"", "\"b\"");
    assert!(result.err().unwrap().contains("other bytes now than those that came first"));
}

#[test]
fn a_server_that_ignores_the_range_is_passed_over() {
    let (server, _) = registry(|sample, seen| {
        is_layer(sample, seen).then(|| {
            let whole = Reply::new(200).body(sample.layer.clone());
            if seen.nth == 0 { whole.cut(60_000) } else { whole }
        })
    });
    pull(&server, "app:1").unwrap();
}

#[test]
fn a_download_that_always_breaks_is_given_up() {
    let (server, sample) = registry(|sample, seen| {
        is_layer(sample, seen).then(|| sample.reply(seen).cut(usize::from(seen.nth == 0) * 10))
    });
    let (result, pace) = pull_with(&server, "app:1", None);
    let error = result.err().unwrap();
    assert!(error.contains("broke off at byte 10"), "{error}");
    assert_eq!(pace.waits(), [1, 2, 4, 8, 8]);
    assert_eq!(server.seen().iter().filter(|s| is_layer(&sample, s)).count(), 6);
}

#[test]
fn another_part_than_asked_for_is_refused() {
    for range in ["bytes 0-99999/100000", "bytes 10-99999/100001", "bytes 10-50/100000", "nonsense"] {
        let (server, _) = registry(move |sample, seen| {
            let answer = match seen.nth {
                0 => sample.reply(seen).cut(10),
                _ => Reply::new(206).header("content-range", range).body(&sample.layer[10..]),
            };
            is_layer(sample, seen).then_some(answer)
        });
        assert!(error_of(&server, "app:1").contains("another part than was asked for"), "{range}");
    }
}

#[test]
fn a_blob_of_another_size_is_refused() {
    let (server, _) = registry(|sample, seen| is_layer(sample, seen).then(|| Reply::new(200).body(vec![0; 100_001])));
    assert!(error_of(&server, "app:1").contains("the size of a blob should be 100000 but is 100001"));
    // Without a stated length, the excess shows at the end.
    let (server, _) = registry(|sample, seen| {
        let longer = [sample.layer.as_slice(), b"more"].concat();
        is_layer(sample, seen).then(|| Reply::new(200).body(longer).chunked())
    });
    assert!(error_of(&server, "app:1").contains("should be 100000 but is more than 100000"));
}

#[test]
fn a_missing_layer_is_an_error_of_that_layer() {
    let (server, sample) = registry(|sample, seen| is_layer(sample, seen).then(|| Reply::new(404)));
    let expected = format!("`HOST/app:1`: HOST has no blob {}", Digest::of(&sample.layer));
    assert_eq!(error_of(&server, "app:1"), expected);
}

#[test]
fn a_range_that_cannot_be_satisfied_ends_the_download() {
    // As docker-registry answers: a length of 5000, and 33 bytes.
    let (server, sample) = registry(|sample, seen| {
        let answer = match seen.nth {
            0 => sample.reply(seen).cut(10),
            _ => Reply::new(416).body(vec![b'x'; 5000]).cut(33),
        };
        is_layer(sample, seen).then_some(answer)
    });
    let error = error_of(&server, "app:1");
    assert!(error.contains("answered 416"), "{error}");
    assert_eq!(server.seen().iter().filter(|s| is_layer(&sample, s)).count(), 2);
}
