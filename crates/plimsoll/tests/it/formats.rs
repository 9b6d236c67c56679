//! The program's own JSON against its schemas in `docs/formats`: nothing of another shape, and nothing undescribed.

use crate::fixture::{Layer, Packing, Registry, Sandbox, dpkg, good, parsed};
use regex::Regex;
use serde_json::Value;

/// The keywords of JSON Schema 2020-12 that the schemas use. Any other is refused, so that none is ever passed over.
fn check(schema: &Value, root: &Value, value: &Value, at: &str) {
    for (keyword, rule) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "properties" => {}
            "$ref" => check(root.pointer(&rule.as_str().unwrap()[1..]).unwrap(), root, value, at),
            "type" => assert!(is_a(value, rule.as_str().unwrap()), "{at} is no {rule}: {value}"),
            "const" => assert_eq!(value, rule, "{at}"),
            "enum" => assert!(rule.as_array().unwrap().contains(value), "{at} is none of {rule}: {value}"),
            "pattern" => {
                let pattern = Regex::new(rule.as_str().unwrap()).unwrap();
                assert!(pattern.is_match(value.as_str().unwrap()), "{at} is not {rule}: {value}");
            }
            "minimum" => assert!(value.as_i64().unwrap() >= rule.as_i64().unwrap(), "{at}: {value}"),
            "minLength" => assert!(value.as_str().unwrap().len() as u64 >= rule.as_u64().unwrap(), "{at}"),
            "minItems" => assert!(value.as_array().unwrap().len() as u64 >= rule.as_u64().unwrap(), "{at}"),
            "maxItems" => assert!(value.as_array().unwrap().len() as u64 <= rule.as_u64().unwrap(), "{at}"),
            "required" => {
                let missing = rule.as_array().unwrap().iter().find(|k| value.get(k.as_str().unwrap()).is_none());
                assert!(missing.is_none(), "{at} has no {}", missing.unwrap());
            }
            "items" => each(value).for_each(|(i, item)| check(rule, root, item, &format!("{at}/{i}"))),
            "additionalProperties" => {
                value.as_object().unwrap().iter().for_each(|(k, v)| check(rule, root, v, &format!("{at}/{k}")));
            }
            other => panic!("the schema uses `{other}`, which this test does not know"),
        }
    }
    if let (Some(fields), None) = (value.as_object(), schema.get("additionalProperties")) {
        // A schema that only refers has its fields described there.
        for (key, field) in fields.iter().filter(|_| schema.get("$ref").is_none()) {
            let place = format!("{at}/{key}");
            let described = &schema["properties"][key];
            assert!(described.is_object(), "{place} is not described");
            check(described, root, field, &place);
        }
    }
}

fn each(value: &Value) -> impl Iterator<Item = (usize, &Value)> {
    value.as_array().unwrap().iter().enumerate()
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        other => panic!("the schema uses the type `{other}`, which this test does not know"),
    }
}

/// Holds a document against a schema, both ways.
pub(crate) fn fits(schema: &str, value: &Value) {
    let schema = parsed(schema);
    check(&schema, &schema, value, "");
}

/// Images that between them fill every field.
fn stage(registry: &Registry) -> (Sandbox, Vec<String>) {
    let sandbox = Sandbox::new();
    sandbox.folder("good", &good().layout(Packing::Plain));
    let status = format!("{}Package: no name\nStatus: install ok installed\n\n", dpkg(&[("libc6", "")]));
    let odd = Layer::new("RUN |1 NPM_TOKEN=x /bin/sh -c npm ci # buildkit")
        .file("var/lib/dpkg/status", status)
        .with_mode("usr/bin/odd", "#!/bin/sh\n", 0o4755)
        .file("root/.ssh/id_rsa", "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\n");
    let bad = good().layer(odd).env("API_TOKEN=x").user("").unlabelled("revision");
    sandbox.folder("bad", &bad.layout(Packing::Gzip));
    let mut locked = good().stored(Packing::Zstd);
    locked.layers[1]["mediaType"] = "application/vnd.oci.image.layer.v1.tar+zstd+encrypted".into();
    sandbox.folder("locked", &locked.layout());
    sandbox.archive("saved.tar", &good().stored(Packing::Plain).docker_save("my-api:1.4.2"));
    good().rootfs(&sandbox.path("root"));
    registry.push("my-api", "latest", good().stored(Packing::Plain));
    let reference = format!("{}/my-api:latest", registry.host());
    let targets = ["oci:good", "oci:bad", "oci:locked", "saved.tar", "dir:root", &reference];
    (sandbox, targets.map(str::to_owned).to_vec())
}

/// Holds a document of another test against the schema of this name.
pub(crate) fn described(name: &str, document: &Value) {
    let path = format!("{}/../../docs/formats/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema = schema(&std::fs::read_to_string(path).unwrap());
    check(&schema, &schema, document, "");
}

fn schema(text: &str) -> Value {
    parsed(text)
}

#[test]
fn reports() {
    let registry = Registry::new();
    let (sandbox, targets) = stage(&registry);
    let schema = schema(include_str!("../../../../docs/formats/report-v1.schema.json"));
    let report = parsed(&sandbox.run(&format!("check --json {}", targets.join(" "))).data(1));
    check(&schema, &schema, &report, "");
    assert!(report["findings"].as_array().unwrap().len() > 5 && report["unknowns"].as_array().unwrap().len() > 1);
}

#[test]
fn a_target_that_cannot_be_opened_takes_no_other_along() {
    let sandbox = stage(&Registry::new()).0;
    let schema = schema(include_str!("../../../../docs/formats/report-v1.schema.json"));
    let report = parsed(&sandbox.run("check --json oci:missing oci:good").data(2));
    check(&schema, &schema, &report, "");
    assert_eq!(report["targets"][0]["target"], "oci:good");
    assert_eq!(report["errors"][0]["target"], "oci:missing");
    assert_eq!(report["verdict"], "inconclusive");
}

#[test]
fn inspections() {
    let registry = Registry::new();
    let (sandbox, targets) = stage(&registry);
    let schema = schema(include_str!("../../../../docs/formats/inspect-v1.schema.json"));
    for target in targets {
        let run = sandbox.run(&format!("inspect --json {target}"));
        check(&schema, &schema, &parsed(&run.stdout), &target);
    }
}

#[test]
fn scans() {
    let sandbox = Sandbox::new();
    let feeds = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/advisories");
    sandbox.run(&format!("db update osv={feeds} kev={feeds}/kev.json epss={feeds}/epss.csv")).data(0);
    let image = good().layer(
        Layer::new("RUN /bin/sh -c pip install urllib3 # buildkit")
            .file(
                "usr/lib/python3/urllib3-2.0.5.dist-info/METADATA",
                "Metadata-Version: 2.1\nName: urllib3\nVersion: 2.0.5\n",
            )
            .file("usr/lib/python3/odd-x.dist-info/METADATA", "Metadata-Version: 2.1\nName: odd\nVersion: 1\n"),
    );
    sandbox.folder("image", &image.layout(Packing::Plain));
    let schema = schema(include_str!("../../../../docs/formats/scan-v1.schema.json"));
    let run = sandbox.run("scan --json oci:image");
    let document = parsed(&run.stdout);
    check(&schema, &schema, &document, "");
    let found = document["targets"][0]["vulnerabilities"].as_array().unwrap();
    assert_eq!(found[0]["packages"][0]["instruction"], "RUN pip install urllib3");
    sandbox.run("sbom oci:image -o cyclonedx-json=image.cdx.json").data(0);
    check(&schema, &schema, &parsed(&sandbox.run("scan --json sbom:image.cdx.json").stdout), "sbom");
    let affected = parsed(include_str!("../../../../docs/formats/affected-v1.schema.json"));
    for asked in ["CVE-2023-43804", "CVE-1999-0001", "pkg:pypi/urllib3@<3"] {
        check(&affected, &affected, &parsed(&sandbox.run(&format!("affected {asked} --json")).stdout), asked);
    }
}

#[test]
#[should_panic(expected = "/verdict is none of")]
fn another_shape_is_noticed() {
    let schema = schema(include_str!("../../../../docs/formats/report-v1.schema.json"));
    let mut report = parsed(&stage(&Registry::new()).0.run("check --json oci:good").data(0));
    report["verdict"] = "maybe".into();
    check(&schema, &schema, &report, "");
}

#[test]
#[should_panic(expected = "/targets/0/mood is not described")]
fn an_undescribed_field_is_noticed() {
    let schema = schema(include_str!("../../../../docs/formats/report-v1.schema.json"));
    let mut report = parsed(&stage(&Registry::new()).0.run("check --json oci:good").data(0));
    report["targets"][0]["mood"] = "good".into();
    check(&schema, &schema, &report, "");
}
