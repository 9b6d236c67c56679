//! The engine's client against scripted engines.

use super::*;
use crate::registry::testing::{Reply, Seen, Server};

fn id() -> Digest {
    Digest::of(b"config")
}

/// An engine with one image, `app:1`, whose archive is `archive`.
fn answers(seen: &Seen, archive: &Reply) -> Reply {
    match seen.path.as_str() {
        "/images/app:1/json" => Reply::new(200).body(format!(r#"{{"Id":"{}","RepoTags":["app:1"],"Size":1}}"#, id())),
        path if path == format!("/images/{}/get", id()) => archive.clone(),
        _ => Reply::new(404).body(r#"{"message":"No such image"}"#),
    }
}

fn engine(server: &Server, folder: &std::path::Path, quota: u64) -> Engine {
    Engine::new(EngineAddress::Loopback(server.host.clone()), folder.to_owned(), quota).unwrap()
}

/// What `docker save` gives for `app:1`, or the error in words.
fn saved(archive: Reply, quota: u64) -> Result<Vec<u8>, String> {
    let server = Server::start(move |seen| answers(seen, &archive));
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&server, folder.path(), quota);
    let file = engine.identify("app:1").and_then(|id| engine.spool(&id));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
    let mut bytes = Vec::new();
    file.map_err(|e| e.to_string())?.read_to_end(&mut bytes).unwrap();
    Ok(bytes)
}

#[test]
fn an_archive_is_kept_whole() {
    let archive = vec![7; 1 << 20];
    assert_eq!(saved(Reply::new(200).body(archive.clone()).chunked(), 1 << 20), Ok(archive));
}

#[test]
fn an_archive_that_is_not_whole_is_none() {
    let error = saved(Reply::new(200).body(vec![7; 5000]).cut(4096).chunked(), 1 << 20).unwrap_err();
    assert!(error.starts_with("the Docker engine's archive broke off at byte 4096: "), "{error}");
    let error = saved(Reply::new(200).body(vec![7; 5000]).cut(100), 1 << 20).unwrap_err();
    assert!(error.contains("broke off at byte 100: "), "{error}");
    let error = saved(Reply::new(200).body(vec![7; 5000]).chunked(), 4999).unwrap_err();
    assert_eq!(error, "the Docker engine's archive is larger than the 4999 bytes that may be kept of it");
    let error = saved(Reply::new(500).body(r#"{"message":"disk full"}"#), 1 << 20).unwrap_err();
    assert_eq!(error, "the Docker engine answered 500: disk full");
}

#[test]
fn over_a_socket() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    let server = Server::on_socket(&socket, |seen| answers(seen, &Reply::new(200).body("tar")));
    let engine = Engine::new(EngineAddress::Unix(socket), folder.path().to_owned(), 100).unwrap();
    assert_eq!(engine.identify("app:1").unwrap(), id());
    let mut text = String::new();
    engine.spool(&id()).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "tar");
    assert_eq!(server.paths(), ["GET /images/app:1/json".to_owned(), format!("GET /images/{}/get", id())]);
}

#[test]
fn no_engine_no_image_no_sense() {
    let folder = tempfile::tempdir().unwrap();
    let absent =
        Engine::new(EngineAddress::Unix(folder.path().join("none.sock")), folder.path().to_owned(), 1).unwrap();
    let error = absent.identify("app:1").unwrap_err();
    assert!(error.to_string().starts_with("cannot reach the Docker engine at unix:///"), "{error}");
    assert_eq!(error.hint(), Some("is Docker running, and may you use its socket?"));

    let server = Server::start(|seen| match seen.path.as_str() {
        "/images/odd/json" => Reply::new(200).body(r#"{"Id":"x\u001b"}"#),
        "/images/html/json" => Reply::new(200).body("<html>"),
        seen => answers(&Seen { path: seen.to_owned(), ..Seen::default() }, &Reply::new(200)),
    });
    let engine = engine(&server, folder.path(), 1);
    let check = |name: &str, expected: &str| {
        let error = engine.identify(name).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check("app:2", "the Docker engine has no image `app:2`");
    check("odd", "is not understood: `x\\x1b` is not a digest");
    check("html", "is not understood: expected value");
}

#[test]
fn names_that_an_engine_may_know() {
    let long = id().hex();
    for name in
        ["app", "app:1", "r.io:5000/a/b@sha256", &long, &long[..12], &format!("a:1@{}", id()), &id().to_string()]
    {
        let valid = check_name(name).is_ok();
        assert_eq!(valid, !name.ends_with("@sha256"), "{name}");
    }
    for name in ["", "../x", "a/../../v1.41/info", "a?b", "a#b", "a%2f", "A", "a b"] {
        assert!(check_name(name).is_err(), "{name}");
    }
}

#[test]
fn addresses() {
    let check = |text: &str, expected: Option<EngineAddress>| {
        assert_eq!(EngineAddress::parse(text).ok(), expected, "{text}");
        if let Some(address) = expected {
            assert_eq!(EngineAddress::parse(&address.to_string()).unwrap(), address);
        }
    };
    check("unix:///var/run/docker.sock", Some(EngineAddress::Unix("/var/run/docker.sock".into())));
    check("tcp://127.0.0.1:2375", Some(EngineAddress::Loopback("127.0.0.1:2375".to_owned())));
    check("tcp://localhost:2375/", Some(EngineAddress::Loopback("localhost:2375".to_owned())));
    check("tcp://[::1]:2375", Some(EngineAddress::Loopback("[::1]:2375".to_owned())));
    for text in [
        "",
        "unix://relative",
        "tcp://10.0.0.1:2375",
        "ssh://me@host",
        "tcp://127.0.0.1@evil:1",
        "tcp://",
        "fd://",
        "tcp://127.0.0.1:1/x",
    ] {
        check(text, None);
    }
}

/// Opens `docker:app:1` of an engine that calls it `id` and saves these files for it.
fn opened(id: Digest, files: &[(&str, &[u8])]) -> Result<Image, String> {
    let archive = crate::fixture::tar(files);
    let server = Server::start(move |seen| match seen.path.as_str() {
        "/images/app:1/json" => Reply::new(200).body(format!(r#"{{"Id":"{id}"}}"#)),
        _ => Reply::new(200).body(archive.clone()).chunked(),
    });
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&server, folder.path(), 1 << 20);
    open_engine("app:1", &Platform::linux("amd64"), &engine).map_err(|e| e.to_string())
}

#[test]
fn an_image_of_the_classic_store_is_known_by_its_config() {
    let layer = crate::fixture::tar(&[("hello", b"hi")]);
    let config = format!(
        r#"{{"os":"linux","architecture":"amd64","rootfs":{{"type":"layers","diff_ids":["{}"]}}}}"#,
        Digest::of(&layer)
    );
    let id = Digest::of(config.as_bytes());
    let name = format!("{}.json", id.hex());
    let manifest = format!(r#"[{{"Config":"{name}","RepoTags":null,"Layers":["x/layer.tar"]}}]"#);
    let files: [(&str, &[u8]); 3] =
        [(&name, config.as_bytes()), ("x/layer.tar", &layer), ("manifest.json", manifest.as_bytes())];
    let image = opened(id, &files).unwrap();
    assert_eq!(image.subject, Some(model::Subject::Config(id)));
    assert_eq!((image.target.as_str(), image.reference.unwrap().as_typed()), ("docker:app:1", "app:1"));
    let mut bytes = Vec::new();
    image.bytes.open(0).unwrap().read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, layer);

    let error = opened(Digest::of(b"another"), &files).err().unwrap();
    assert!(error.starts_with("`docker:app:1` has no image `sha256:"), "{error}");
    let error = opened(id, &files[..2]).err().unwrap();
    assert!(error.contains("`manifest.json` is missing"), "{error}");
}

#[test]
fn an_image_of_containerds_store_is_known_by_its_manifest() {
    let mut layout = crate::fixture::Layout::default();
    let descriptor = layout.image("hello", "amd64");
    let id: Digest = descriptor["digest"].as_str().unwrap().parse().unwrap();
    let index = serde_json::json!({"schemaVersion": 2, "manifests": [descriptor]}).to_string();
    let config = layout.files.keys().next().unwrap().clone();
    let manifest = serde_json::json!([{"Config": config, "RepoTags": ["app:1"], "Layers": []}]).to_string();
    let mut files: Vec<(&str, &[u8])> = layout.files.iter().map(|(n, c)| (n.as_str(), c.as_slice())).collect();
    files.push(("index.json", index.as_bytes()));
    files.push(("manifest.json", manifest.as_bytes()));
    let image = opened(id, &files).unwrap();
    assert_eq!(image.subject, Some(model::Subject::Manifest(id)));
}
