use super::*;

fn digest(n: usize) -> Digest {
    Digest::of(n.to_string().as_bytes())
}

/// A child: `platform`, or `index` for a nested one, `attestation`, or `-` for no platform.
fn child(n: usize, word: &str) -> serde_json::Value {
    let mut json = serde_json::json!({"mediaType": media::OCI_MANIFEST, "digest": digest(n).to_string(), "size": 1});
    let mut parts = word.split('/');
    match word {
        "-" => {}
        "index" => json["mediaType"] = media::OCI_INDEX.into(),
        "attestation" => json["platform"] = serde_json::json!({"os": "unknown", "architecture": "unknown"}),
        _ => {
            json["platform"] = serde_json::json!({"os": parts.next(), "architecture": parts.next()});
            if let Some(variant) = parts.next() {
                json["platform"]["variant"] = variant.into();
            }
        }
    }
    json
}

fn index(children: &[&str]) -> Index {
    let manifests: Vec<_> = children.iter().enumerate().map(|(n, word)| child(n, word)).collect();
    let raw = serde_json::json!({"schemaVersion": 2, "manifests": manifests}).to_string();
    match Document::parse(raw.as_bytes(), None).unwrap() {
        Document::Index(index) => index,
        Document::Manifest(_) => panic!("an index"),
    }
}

fn manifest(layers: &[&str]) -> Manifest {
    let config = "application/vnd.oci.image.config.v1+json";
    let layers: Vec<_> = layers
        .iter()
        .enumerate()
        .map(|(n, t)| serde_json::json!({"mediaType": t, "digest": digest(n).to_string(), "size": 1}))
        .collect();
    let config = serde_json::json!({"mediaType": config, "digest": digest(0).to_string(), "size": 1});
    let raw = serde_json::json!({"schemaVersion": 2, "config": config, "layers": layers}).to_string();
    match Document::parse(raw.as_bytes(), None).unwrap() {
        Document::Manifest(manifest) => manifest,
        Document::Index(_) => panic!("a manifest"),
    }
}

fn config(diff_ids: usize) -> ImageConfig {
    let ids: Vec<String> = (0..diff_ids).map(|n| digest(n).to_string()).collect();
    ImageConfig::parse(serde_json::json!({"rootfs": {"diff_ids": ids}}).to_string().as_bytes()).unwrap()
}

#[track_caller]
fn check(asked: &str, children: &[&str], expected: Result<usize, &str>) {
    let mut loaded = None;
    let mut load = |d: &Descriptor| {
        loaded = Some(d.digest);
        Ok(Document::Manifest(manifest(&[])))
    };
    let found = descend(Document::Index(index(children)), &asked.parse().unwrap(), "app", &mut load);
    match (found, expected) {
        (Ok(_), Ok(n)) => assert_eq!(loaded, Some(digest(n)), "{asked} of {children:?}"),
        (Err(TransportError::NoPlatform { offered, .. }), Err(expected)) => assert_eq!(offered, expected),
        (found, _) => panic!("{asked} of {children:?}: {:?}", found.err()),
    }
}

#[test]
fn the_closest_child_is_chosen() {
    check("linux/amd64", &["linux/arm64", "linux/amd64"], Ok(1));
    check("linux/amd64", &["linux/amd64", "linux/amd64"], Ok(0));
    check("linux/amd64", &["linux/amd64/v3", "linux/amd64"], Ok(1));
    check("linux/amd64", &["linux/amd64/v3", "linux/amd64/v1"], Ok(1));
    check("linux/arm64", &["linux/arm64/v9", "linux/arm64/v8"], Ok(1));
    check("linux/arm", &["linux/arm/v5", "linux/arm/v7", "linux/arm/v6"], Ok(1));
    check("linux/arm/v6", &["linux/arm/v5", "linux/arm/v7", "linux/arm/v6"], Ok(2));
    check("linux/amd64", &["attestation", "-"], Ok(1));
    check("linux/amd64", &["linux/arm64", "index"], Ok(1));
    check("linux/amd64", &["index", "linux/amd64"], Ok(1));
}

#[test]
fn what_is_there_is_listed_when_nothing_fits() {
    check("linux/s390x", &["linux/arm/v7", "attestation", "linux/amd64"], Err("linux/arm/v7, linux/amd64"));
    check("linux/s390x", &["-", "-"], Err("unstated"));
    check("linux/s390x", &["attestation"], Err("no image at all"));
    check("linux/s390x", &["linux/\u{1b}[2J"], Err("linux/\\x1b[2J"));
}

#[test]
fn a_long_list_of_platforms_is_cut() {
    let children: Vec<String> = (0..500).map(|n| format!("linux/a{n}")).collect();
    let children: Vec<&str> = children.iter().map(String::as_str).collect();
    let nothing = &mut |_: &Descriptor| panic!("nothing fits");
    let error = descend(Document::Index(index(&children)), &Platform::linux("amd64"), "app", nothing);
    let error = error.unwrap_err().to_string();
    assert!(error.ends_with("linux/a18, linux/a19, more"), "{error}");
}

#[test]
fn every_nested_index_is_searched_and_the_top_one_kept() {
    let top = index(&["index", "index"]);
    let mut load = |d: &Descriptor| {
        Ok(if d.digest == digest(0) {
            Document::Index(index(&["linux/s390x"]))
        } else if d.digest == digest(1) {
            Document::Index(index(&["attestation", "-", "linux/amd64"]))
        } else {
            Document::Manifest(manifest(&[]))
        })
    };
    let amd64 = Platform::linux("amd64");
    let (found, _) = descend(Document::Index(top.clone()), &amd64, "app", &mut load).unwrap();
    assert_eq!(found.unwrap().digest(), top.digest());
    let error = descend(Document::Index(top), &Platform::linux("mips"), "app", &mut load).unwrap_err();
    assert_eq!(error.to_string(), "`app` has no image for linux/mips; it has linux/s390x, unstated, linux/amd64");
}

#[test]
fn nesting_and_fan_out_end() {
    let amd64 = Platform::linux("amd64");
    let deep =
        descend(Document::Index(index(&["index"])), &amd64, "app", &mut |_| Ok(Document::Index(index(&["index"]))));
    assert_eq!(deep.unwrap_err().to_string(), "`app`: more than 8 indexes nested in indexes");
    let wide =
        descend(Document::Index(index(&["index"; 100])), &amd64, "app", &mut |_| Ok(Document::Index(index(&[]))));
    assert_eq!(wide.unwrap_err().to_string(), "`app`: more than 64 manifests read to find one image");
}

/// As [`config`], with diffIDs that are no layer's digest.
fn packed(diff_ids: usize) -> ImageConfig {
    let ids: Vec<String> = (0..diff_ids).map(|n| digest(n + 1000).to_string()).collect();
    ImageConfig::parse(serde_json::json!({"rootfs": {"diff_ids": ids}}).to_string().as_bytes()).unwrap()
}

#[test]
fn a_layer_is_what_its_bytes_are() {
    let layer = "application/vnd.oci.image.layer.v1.tar";
    let cases = [
        (layer.to_owned(), packed(1), Compression::Sniff),
        (format!("{layer}+gzip"), config(1), Compression::Plain),
        (format!("{layer}+zstd"), config(1), Compression::Plain),
    ];
    for (media_type, config, expected) in cases {
        let (layers, unknowns) = layers_of(&manifest(&[&media_type]), &config);
        assert_eq!(layers[0].compression, expected, "{media_type}");
        assert_eq!(unknowns.iter().map(|u| u.kind).collect::<Vec<_>>(), [UnknownKind::Mislabelled]);
        assert!(unknowns[0].why.contains(&media_type) && !unknowns[0].kind.blocks(), "{}", unknowns[0]);
    }
}

#[track_caller]
fn check_type(media_type: &str, expected: &str) {
    // The digest of a plain layer is its diffID; that of a packed one is another.
    let config = if expected == "Plain" { config(1) } else { packed(1) };
    let (layers, unknowns) = layers_of(&manifest(&[media_type]), &config);
    assert!(unknowns.is_empty());
    let found = match &layers[0].compression {
        Compression::Unreadable(unknown) => unknown.kind.word().to_owned(),
        other => format!("{other:?}"),
    };
    assert_eq!(found, expected, "{media_type}");
}

#[test]
fn media_types_say_how_a_layer_is_stored() {
    check_type("application/vnd.oci.image.layer.v1.tar", "Plain");
    check_type("application/vnd.oci.image.layer.v1.tar+gzip", "Gzip");
    check_type("application/vnd.oci.image.layer.v1.tar+gzip; charset=utf-8", "Gzip");
    check_type("application/vnd.oci.image.layer.v1.tar+zstd", "Zstd");
    check_type("application/vnd.docker.image.rootfs.diff.tar", "Plain");
    check_type("application/vnd.docker.image.rootfs.diff.tar.gzip", "Gzip");
    check_type("application/vnd.docker.image.rootfs.diff.tar.zstd", "Zstd");
    check_type("", "Sniff");
}

#[test]
fn what_cannot_be_read_says_why() {
    check_type("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "unreadable-layer");
    check_type("application/vnd.oci.image.layer.v1.tar+xz", "unreadable-layer");
    check_type("application/vnd.in-toto+json", "unreadable-layer");
    check_type("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", "foreign-layer");
    check_type("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "foreign-layer");
}

#[test]
fn layers_and_diff_ids_must_agree_in_number() {
    let tar = "application/vnd.oci.image.layer.v1.tar";
    for (layers, diff_ids) in [(2, 1), (1, 2)] {
        let (found, unknowns) = layers_of(&manifest(&vec![tar; layers]), &config(diff_ids));
        assert_eq!(found.len(), layers);
        assert_eq!(found.iter().filter(|l| l.diff_id.is_some()).count(), layers.min(diff_ids));
        assert_eq!(unknowns.iter().map(|u| u.kind).collect::<Vec<_>>(), [UnknownKind::Mismatch]);
    }
}

#[test]
fn too_many_layers_are_cut_and_block() {
    let tar = "application/vnd.oci.image.layer.v1.tar";
    let (found, unknowns) = layers_of(&manifest(&vec![tar; LAYERS_LIMIT + 1]), &config(LAYERS_LIMIT + 1));
    assert_eq!(found.len(), LAYERS_LIMIT);
    assert_eq!(unknowns.iter().map(|u| u.kind).collect::<Vec<_>>(), [UnknownKind::Limit]);
}

#[test]
fn an_artefact_is_no_image() {
    let raw = serde_json::json!({"schemaVersion": 2, "layers": [], "artifactType": "application/x.sbom",
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest(0).to_string(), "size": 2}});
    let Document::Manifest(manifest) = Document::parse(raw.to_string().as_bytes(), None).unwrap() else { panic!() };
    let error = expect_image(&manifest, "app").unwrap_err();
    assert!(
        matches!(error, TransportError::Document { source: OciError::NotAnImage(t), .. } if t == "application/x.sbom")
    );
}

#[test]
fn size_and_digest_are_both_compared() {
    let promised = |size: u64, content: &[u8]| Descriptor {
        media_type: String::new(),
        digest: Digest::of(content),
        size,
        urls: vec![],
        annotations: Default::default(),
        platform: None,
        artifact_type: None,
    };
    assert!(verify(b"abc", &promised(3, b"abc"), "manifest", "app").is_ok());
    let error = verify(b"abc", &promised(4, b"abc"), "manifest", "app").unwrap_err().to_string();
    assert_eq!(error, "`app`: manifest should be 4 bytes long but is 3 bytes long; do not trust this copy");
    assert!(matches!(verify(b"abc", &promised(3, b"abd"), "config", "app"), Err(TransportError::Mismatch { .. })));
}
