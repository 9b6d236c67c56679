use super::*;

const CONFIG: &str = r#"{"architecture":"arm64","variant":"v8","os":"linux","created":"2024-05-01T10:00:00.120000000+00:00","author":"ann",
"docker_version":"20.10.24","container":"","config":{"User":"app","Env":["PATH=/bin","A=b <c>"],"Cmd":["serve"],
"ExposedPorts":{"80/tcp":{},"53/udp":{}},"Labels":{"org.opencontainers.image.revision":"abc","b":"\u2028"},
"Healthcheck":{"Test":["CMD","true"],"Interval":30000000000},"Shell":["/bin/sh","-c"],"WorkingDir":"/srv","StopTimeout":5},
"rootfs":{"type":"layers","diff_ids":["sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]},
"history":[{"created_by":"RUN x","comment":"buildkit.dockerfile.v0"}]}"#;

fn document() -> Document {
    let config = ImageConfig::parse(CONFIG.as_bytes()).unwrap();
    let named = Named { tags: vec!["app:1.4".to_owned()], digests: vec!["app@sha256:00".to_owned()] };
    Document::of_image(&config, &named)
}

fn format(template: &str) -> String {
    match Template::parse(template).and_then(|template| document().format(&template)) {
        Ok(written) => written.text,
        Err(error) => format!("ERROR {error}"),
    }
}

#[test]
fn the_document_is_dockers() {
    insta::assert_snapshot!(Document::list(&[document()]));
}

#[test]
fn templates_see_the_types_of_a_docker_client() {
    let cases = [
        ("{{.ID}}", document().format(&Template::parse("{{.Id}}").unwrap()).unwrap().text),
        ("{{.Config.Labels}}", "map[b:\u{2028} org.opencontainers.image.revision:abc]".to_owned()),
        (r#"{{index .Config.Labels "org.opencontainers.image.revision"}}"#, "abc".to_owned()),
        (r#"{{index .Config.Labels "nope"}}"#, String::new()),
        ("{{.Config.Labels.missing}}", "<no value>".to_owned()),
        ("{{.Config.Labels.org.opencontainers.image.revision}}", "<no value>".to_owned()),
        ("{{.Config.ExposedPorts}}", "map[53/udp:{} 80/tcp:{}]".to_owned()),
        ("{{range $p, $x := .Config.ExposedPorts}}{{$p.Port}}-{{$p.Proto}} {{end}}", "53-udp 80-tcp ".to_owned()),
        // `.Id` fits no Docker client, so the whole template falls back to the plain document.
        ("{{len .Id}} {{.Config.ExposedPorts}}", "71 map[53/udp:map[] 80/tcp:map[]]".to_owned()),
        (r#"{{join .Config.Env ","}}"#, "PATH=/bin,A=b <c>".to_owned()),
        (r#"{{join .Config.Cmd ","}}"#, "serve".to_owned()),
        ("{{json .Config.Env}}", r#"["PATH=/bin","A=b <c>"]"#.to_owned()),
        ("{{.Config.Healthcheck.Interval}}", "30s".to_owned()),
        ("{{json .Config.Healthcheck}}", r#"{"Test":["CMD","true"],"Interval":30000000000}"#.to_owned()),
        ("{{.Created}} {{.Comment}}", "2024-05-01T10:00:00.12Z buildkit.dockerfile.v0".to_owned()),
        ("{{.Os}}/{{.Architecture}}/{{.Variant}}", "linux/arm64/v8".to_owned()),
        ("{{.Config.Volumes}} {{json .Config.Volumes}} {{.Config.OnBuild}}", "map[] null []".to_owned()),
        ("{{.RootFS.Type}} {{len .RootFS.Layers}}", "layers 1".to_owned()),
        ("{{.Size}} {{.GraphDriver.Name}}", "<no value> <no value>".to_owned()),
        ("{{.NoSuch}}", "ERROR template: :1:2: executing \"\" at <.NoSuch>: map has no entry for key \"NoSuch\"".to_owned()),
        (
            "{{index .RepoDigests 1}}",
            "ERROR template: :1:2: executing \"\" at <index .RepoDigests 1>: error calling index: reflect: slice index out of range".to_owned(),
        ),
    ];
    for (template, expected) in cases {
        assert_eq!(format(template), expected, "{template}");
    }
}

#[test]
fn what_an_engine_would_know_is_named() {
    let template = Template::parse("{{.Size}}{{.Os}}").unwrap();
    let written = document().format(&template).unwrap();
    assert_eq!(written.elsewhere.into_iter().collect::<Vec<_>>(), ["Size"]);
    assert!(document().left_out().contains(&"Size"));
}

#[test]
fn an_engines_answer_is_printed_as_it_came() {
    let answer = br#"{"Id":"sha256:1","B":[],"A":{},"Size":5,"T":"a\"[{,:","N":[1,{"x":null}]}"#;
    let document = Document::of_engine(answer).unwrap();
    insta::assert_snapshot!(Document::list(&[document]), @r#"
    [
        {
            "Id": "sha256:1",
            "B": [],
            "A": {},
            "Size": 5,
            "T": "a\"[{,:",
            "N": [
                1,
                {
                    "x": null
                }
            ]
        }
    ]
    "#);
    assert!(Document::of_engine(b"[]").is_err());
}
