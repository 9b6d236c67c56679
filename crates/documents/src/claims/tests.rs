use super::*;
use model::{Ecosystem, TreePath};
use proptest::prelude::*;

fn parsed(text: &str) -> Result<Claims, ClaimError> {
    read(text.as_bytes(), &TreePath::clean(b"app.json").unwrap())
}

/// One line a package: what it is judged by, and where it is said to be.
fn lines(claims: &Claims) -> Vec<String> {
    let both = claims.packages.iter().zip(&claims.whereabouts);
    both.map(|(p, at)| {
        let source = p.source.as_ref().map_or(String::new(), |s| format!(" of {} {}", s.name, s.version));
        let layer = at.layer.as_ref().map_or(String::new(), |l| format!(" layer {l}"));
        format!("{} {} {}{source} by {}{layer}", p.ecosystem.word(), p.name, p.version, p.proof().path)
    })
    .collect()
}

fn cyclonedx(components: &str) -> String {
    format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{components}]}}"#)
}

#[test]
fn a_purl_says_what_is_judged() {
    let check = |purl: &str, expected: &str| {
        let claims = parsed(&cyclonedx(&format!(r#"{{"type":"library","name":"x","purl":"{purl}"}}"#))).unwrap();
        assert_eq!(lines(&claims), [format!("{expected} by /app.json")], "{purl}");
    };
    check(
        "pkg:deb/debian/libssl3@3.0.11-1~deb12u1?upstream=openssl&distro=debian-12",
        "dpkg libssl3 3.0.11-1~deb12u1 of openssl ",
    );
    check("pkg:deb/debian/tar@1.34%2Bdfsg-1?upstream=tar%401.34%2Bdfsg-0", "dpkg tar 1.34+dfsg-1 of tar 1.34+dfsg-0");
    check("pkg:deb/debian/login@1:4.13-1?upstream=shadow", "dpkg login 1:4.13-1 of shadow ");
    check("pkg:apk/alpine/libcrypto3@3.1.4-r5?upstream=openssl", "apk libcrypto3 3.1.4-r5 of openssl ");
    check(
        "pkg:rpm/redhat/libuuid@2.32.1-42.el8_8?epoch=1&upstream=util-linux-2.32.1-42.el8_8.src.rpm",
        "rpm libuuid 1:2.32.1-42.el8_8 of util-linux ",
    );
    check("pkg:npm/%40types/node@20.1.0", "npm @types/node 20.1.0");
    check("pkg:pypi/urllib3@2.0.5", "python urllib3 2.0.5");
    check("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", "java log4j-core 2.14.1");
    check("pkg:golang/golang.org/x/net@v0.7.0", "go golang.org/x/net v0.7.0");
    check(
        "pkg:golang/github.com/aws/aws-sdk-go-v2@v1.0.0#service/s3",
        "go github.com/aws/aws-sdk-go-v2/service/s3 v1.0.0",
    );
    check("pkg:composer/symfony/console@v6.0.0", "composer symfony/console v6.0.0");
    check("pkg:gem/rack@2.2.3", "gem rack 2.2.3");
}

#[test]
fn the_words_of_three_tools() {
    let ours = r#"{"type":"library","name":"libssl3","purl":"pkg:deb/debian/libssl3@3.0.11-1?distro=debian-12",
        "properties":[{"name":"plimsoll:layer:index","value":"2"},{"name":"plimsoll:layer:instruction","value":"RUN apt-get"},
        {"name":"plimsoll:source:name","value":"openssl"},{"name":"plimsoll:source:version","value":"3.0.11-1"}],
        "evidence":{"occurrences":[{"location":"/var/lib/dpkg/status"},{"location":"/other"}]},
        "components":[{"type":"library","name":"inside","purl":"pkg:pypi/inside@1"}]}"#;
    let claims = parsed(&cyclonedx(ours)).unwrap();
    assert_eq!(lines(&claims), ["dpkg libssl3 3.0.11-1 of openssl 3.0.11-1 by /var/lib/dpkg/status layer 2"]);
    assert_eq!(claims.whereabouts[0].instruction.as_deref(), Some("RUN apt-get"));
    assert_eq!(claims.distribution, Some(("debian".to_owned(), Some("12".to_owned()))));
    let syft = r#"{"type":"operating-system","name":"Debian","version":"12",
        "properties":[{"name":"syft:distro:id","value":"debian"},{"name":"syft:distro:versionID","value":"12"}]},
        {"type":"file","name":"/a"},{"type":"library","name":"flask","purl":"pkg:pypi/flask@1.0",
        "properties":[{"name":"syft:location:0:path","value":"/usr/lib/flask/METADATA"},
        {"name":"syft:location:0:layerID","value":"sha256:00"}]}"#;
    let claims = parsed(&cyclonedx(syft)).unwrap();
    assert_eq!(lines(&claims), ["python flask 1.0 by /usr/lib/flask/METADATA layer sha256:00"]);
    assert_eq!(claims.distribution, Some(("debian".to_owned(), Some("12".to_owned()))));
    let trivy = r#"{"type":"operating-system","name":"alpine","version":"3.18.4"},
        {"type":"library","name":"libcrypto3","purl":"pkg:apk/alpine/libcrypto3@3.1.4-r5?distro=3.18.4","properties":
        [{"name":"aquasecurity:trivy:SrcName","value":"openssl"},{"name":"aquasecurity:trivy:SrcVersion","value":"3.1.4-r5"},
        {"name":"aquasecurity:trivy:LayerDiffID","value":"sha256:01"}]}"#;
    let claims = parsed(&cyclonedx(trivy)).unwrap();
    assert_eq!(lines(&claims), ["apk libcrypto3 3.1.4-r5 of openssl  by /app.json layer sha256:01"]);
    assert_eq!(claims.distribution, Some(("alpine".to_owned(), Some("3.18.4".to_owned()))));
}

#[test]
fn what_a_document_says_of_itself() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let list = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.4","metadata":{{"timestamp":"2026-01-02T03:04:05Z",
        "tools":[{{"vendor":"v","name":"a","version":"1"}}],"component":{{"type":"container","name":"app","version":"{digest}"}}}}}}"#
    );
    let lists = list.replace("1.4", "1.6").replace(
        r#"[{"vendor":"v","name":"a","version":"1"}]"#,
        r#"{"components":[{"type":"application","name":"a","version":"1"}]}"#,
    );
    for text in [list, lists] {
        let claims = parsed(&text).unwrap();
        assert_eq!(claims.tools, ["a 1"]);
        assert_eq!((claims.made.as_deref(), claims.name.as_deref()), (Some("2026-01-02T03:04:05Z"), Some("app")));
        assert_eq!(claims.subject.map(|s| s.to_string()), Some(digest.clone()));
        assert!(claims.packages.is_empty() && claims.distribution.is_none());
    }
}

#[test]
fn spdx() {
    let package = |name: &str, source: &str, purl: &str| {
        format!(
            r#"{{"name":"{name}","SPDXID":"SPDXRef-{name}","sourceInfo":"{source}","externalRefs":[
            {{"referenceCategory":"SECURITY","referenceType":"cpe23Type","referenceLocator":"cpe:2.3:a:x:x"}},
            {{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"{purl}"}}]}}"#
        )
    };
    let text = format!(
        r#"{{"spdxVersion":"SPDX-2.3","name":"app:1.4","creationInfo":{{"created":"2026-01-02T03:04:05Z",
        "creators":["Organization: O","Tool: a-1"]}},"packages":[{},{},{},{{"name":"bare","SPDXID":"SPDXRef-bare"}}]}}"#,
        package(
            "libssl3",
            "dpkg installed; built from source package openssl 3.0.11-1; by /var/lib/dpkg/status",
            "pkg:deb/debian/libssl3@3.0.11-1?distro=debian-12"
        ),
        package("zlib", "built package from: zlib-src 1.2-r0", "pkg:apk/alpine/zlib@1.2-r1"),
        package("part", "part of python3 3.11; by /x", "pkg:pypi/part@1"),
    );
    let claims = parsed(&text).unwrap();
    assert_eq!(
        lines(&claims),
        ["dpkg libssl3 3.0.11-1 of openssl 3.0.11-1 by /app.json", "apk zlib 1.2-r1 of zlib-src 1.2-r0 by /app.json"]
    );
    assert_eq!((claims.form.as_str(), claims.tools.as_slice()), ("SPDX-2.3", ["a-1".to_owned()].as_slice()));
    assert_eq!(claims.distribution, Some(("debian".to_owned(), Some("12".to_owned()))));
    assert_eq!(claims.left_out, [("without a purl", 1)]);
}

#[test]
fn what_cannot_be_judged_is_counted() {
    let claims = parsed(&cyclonedx(
        r#"{"type":"library","name":"a"},{"type":"library","name":"b","purl":"pkg:hex/b@1"},
        {"type":"library","name":"c","purl":"no purl"},{"type":"library","name":"d","purl":""},
        {"type":"library","name":"e","purl":"pkg:npm/e@1"},{"type":"library","name":"e","purl":"pkg:npm/e@1"}"#,
    ))
    .unwrap();
    assert_eq!(lines(&claims), ["npm e 1 by /app.json"]);
    assert_eq!(
        claims.left_out,
        [("with a purl of a kind that is not judged", 1), ("with a purl that is none", 1), ("without a purl", 2)]
    );
}

#[test]
fn what_is_no_sbom() {
    let check = |text: &str, part: &str| {
        let error = parsed(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    };
    check("", "at line 1, column 0");
    check("{\n\"bomFormat\": \u{1b}}", "line 2");
    check("[]", "neither CycloneDX nor SPDX");
    check("7", "it is no SBOM in JSON");
    check("{}", "neither CycloneDX nor SPDX");
    check(r#"{"bomFormat":"CycloneDX","specVersion":"9.9"}"#, "CycloneDX 9.9, which is not read");
    check(r#"{"spdxVersion":"SPDX-3.0"}"#, "SPDX-3.0, which is not read");
    check(r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":7}"#, "invalid type");
    let deep =
        (0..40).fold(String::new(), |inner, _| format!(r#"{{"type":"library","name":"n","components":[{inner}]}}"#));
    check(&cyclonedx(&deep), "more than 32 components inside each other");
    let deeper = "[".repeat(100_000);
    check(&deeper, "it is no SBOM in JSON");
}

#[test]
fn where_the_version_of_a_distribution_begins() {
    let check = |text: &str, id: &str, version: Option<&str>| {
        assert_eq!(distribution(text), (id.to_owned(), version.map(str::to_owned)), "{text}");
    };
    check("debian-12", "debian", Some("12"));
    check("opensuse-leap-15.6", "opensuse-leap", Some("15.6"));
    check("opensuse-tumbleweed", "opensuse-tumbleweed", None);
    check("Wolfi", "wolfi", None);
    // Trivy leaves the name out; then the document's component of the operating system says it.
    check("3.18.4", "3.18.4", None);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        let _ = parsed(&text);
        let _ = parsed(&cyclonedx(&text));
        let _ = parsed(&format!(r#"{{"spdxVersion":"SPDX-2.3","packages":[{text}]}}"#));
    }

    #[test]
    fn any_purl_is_judged_or_counted(purl in "pkg:(deb|rpm|golang|npm|x)/[a-z@%/.?&=#0-9:-]{0,40}") {
        let claims = parsed(&cyclonedx(&serde_json::json!({"type": "library", "name": "n", "purl": purl}).to_string())).unwrap();
        let left: usize = claims.left_out.iter().map(|(_, count)| count).sum();
        prop_assert_eq!(claims.packages.len() + left, 1);
        prop_assert!(claims.packages.iter().all(|p| p.ecosystem != Ecosystem::Program));
    }
}
