use crate::fixture::{Sample, bare, clean, large, web, web_bsi};
use crate::{list, parsed, spdx_bytes, text};
use insta::assert_snapshot;
use serde_json::Value;

fn document(sample: &Sample) -> Value {
    parsed(&spdx_bytes(sample))
}

fn short(id: &str) -> String {
    let id = id.trim_start_matches("SPDXRef-").trim_start_matches("Package-");
    id.rsplit_once('-').filter(|(_, hash)| hash.len() == 16).map_or(id, |(name, _)| name).to_owned()
}

fn packages(document: &Value) -> String {
    let row = |p: &Value| {
        let fields = ["/versionInfo", "/supplier", "/licenseConcluded", "/licenseDeclared", "/primaryPackagePurpose"];
        let fields: Vec<_> = fields.iter().map(|f| text(p, f)).collect();
        format!("{}: {}\n", text(p, "/name"), fields.join(" | ").trim_end())
    };
    list(document, "packages").iter().map(row).collect()
}

fn relationships(document: &Value) -> String {
    let row = |r: &Value| {
        let (from, to) = (text(r, "/spdxElementId"), text(r, "/relatedSpdxElement"));
        format!("{} {} {}\n", short(from), text(r, "/relationshipType"), short(to))
    };
    list(document, "relationships").iter().map(row).collect()
}

#[test]
fn every_package_with_who_and_what() {
    assert_snapshot!(packages(&document(&web())), @r#"
    registry.example.org/team/web: sha256:05b3abf2579a5eb66403cd78be557fd860633a1fe2103c7642030defe32c657f | Organization: Example Ltd | NOASSERTION | Apache-2.0 OR MIT | CONTAINER
    debian: 12 | Organization: debian | NOASSERTION | NOASSERTION | OPERATING-SYSTEM
    libc6: 2.36-9+deb12u9 | Organization: GNU Libc Maintainers (debian-glibc@lists.debian.org) | GPL-2.0-or-later AND LicenseRef-public-domain | GPL-2.0-or-later AND LicenseRef-public-domain |
    python3-six: 1.16.0-4 | Organization: Debian Python Team (team+python@tracker.debian.org) | NOASSERTION | LicenseRef-stated-Expat--PSF-n2-6b4febfc618bebc1 |
    six: 1.16.0 | Organization: Debian Python Team (team+python@tracker.debian.org) | NOASSERTION | LicenseRef-stated-Expat--PSF-n2-6b4febfc618bebc1 | LIBRARY
    @babel/core: 1.2.3 | Organization: @babel | MIT | MIT | LIBRARY
    debug: 1.2.3 | Person: Isaac Z. Schlueter (i@izs.me) | NOASSERTION | NOASSERTION | LIBRARY
    commons-io: 2.11.0 | Organization: org.apache.commons | Apache-2.0 | Apache-2.0 | LIBRARY
    github.com/spf13/cobra: v1.8.0 | Organization: github.com/spf13 | NOASSERTION | NOASSERTION | LIBRARY
    node: 20.11.1 | NOASSERTION | NOASSERTION | NOASSERTION | APPLICATION
    "#);
}

#[test]
fn relationships_say_what_is_inside_what() {
    assert_snapshot!(relationships(&document(&web())), @r#"
    DOCUMENT DESCRIBES Image
    Image CONTAINS OperatingSystem
    Image CONTAINS dpkg-libc6
    Image CONTAINS dpkg-python3-six
    dpkg-python3-six CONTAINS python-six
    dpkg-python3-six DEPENDS_ON dpkg-libc6
    Image CONTAINS npm--babel-core
    npm--babel-core DEPENDS_ON npm-debug
    Image CONTAINS npm-debug
    npm--babel-core CONTAINS npm-debug
    Image CONTAINS java-commons-io
    Image CONTAINS go-github.com-spf13-cobra
    Image CONTAINS program-node
    "#);
}

#[test]
fn the_stricter_guideline_states_what_is_complete() {
    let document = document(&web_bsi());
    let last: Vec<_> = relationships(&document).lines().filter(|l| l.contains(" NO")).map(str::to_owned).collect();
    assert_snapshot!(last.join("\n"), @r#"
    dpkg-libc6 DEPENDS_ON NOASSERTION
    dpkg-python3-six DEPENDS_ON NOASSERTION
    npm--babel-core DEPENDS_ON NOASSERTION
    npm-debug DEPENDS_ON NOASSERTION
    java-commons-io DEPENDS_ON NOASSERTION
    go-github.com-spf13-cobra DEPENDS_ON NOASSERTION
    program-node DEPENDS_ON NOASSERTION
    "#);
    assert_eq!(text(&document, "/creationInfo/creators/1"), "Organization: Example Ltd (sbom@example.org)");
    assert_eq!(text(&document, "/creationInfo/created"), "2025-01-02T02:04:05Z");
}

#[test]
fn a_distribution_read_whole_needs_nothing_unlisted() {
    let sample = Sample { bsi: true, ..clean() };
    let document = document(&sample);
    let needs: Vec<_> = relationships(&document).lines().filter(|l| l.contains("DEPENDS")).map(str::to_owned).collect();
    assert_eq!(needs, ["dpkg-libc6 DEPENDS_ON NONE", "dpkg-python3-six DEPENDS_ON dpkg-libc6"]);
}

#[test]
fn a_package_names_its_evidence_layer_and_instruction() {
    let document = document(&web());
    assert_snapshot!(text(&document, "/packages/2/sourceInfo"), @"dpkg installed, architecture amd64; built from source package glibc 2.36-9+deb12u9; by /var/lib/dpkg/status (sha256:1c866f1e2588c78f67f41d86ab5592da5a22f4c403f0624467997fe1e90b68af) in layer 1 sha256:cae662172fd450bb0cd710a769079c05bfc5d8e35efa6576edc7d0377afdd4a2, made by: /bin/sh -c #(nop) ADD file:1 in /");
    assert_snapshot!(text(&document, "/packages/3/sourceInfo"), @r#"dpkg installed, architecture amd64; by /var/lib/dpkg/status (sha256:1c866f1e2588c78f67f41d86ab5592da5a22f4c403f0624467997fe1e90b68af) in layer 2 sha256:5009a047a11fbd680bb40d2f23cd3fcd626ac2d672c38e16f53bd622c3961534, made by: RUN /bin/sh -c apt-get install -y python3-six # buildkit\nPackageName: forged"#);
}

#[test]
fn what_could_not_be_read_is_there() {
    let document = document(&web());
    let notes: Vec<_> = list(&document, "annotations").iter().map(|a| text(a, "/comment")).collect();
    assert_snapshot!(notes.join("\n"), @r#"
    not read (one record or file): bad-record: the paragraph has no version in /var/lib/dpkg/status
    in no package: ELF executable /opt/odd, 4096 bytes, sha256:990cb8ebd0afb7150da453a213036a92f2c05e091df0d803e62d257ea7796c27, layer 3
    "#);
    assert_snapshot!(text(&document, "/comment"), @"This list is incomplete. Not read: 1, of which 0 may hide packages; programs in no package: 1. Each is an annotation of this document.");
}

#[test]
fn an_image_read_whole_has_no_remark() {
    let document = document(&clean());
    assert!(document.get("comment").is_none() && list(&document, "annotations").is_empty());
}

#[test]
fn words_that_are_no_expression_are_extracted_once() {
    let document = document(&web());
    let row = |e: &Value| format!("{} = {}\n", text(e, "/licenseId"), text(e, "/extractedText"));
    assert_snapshot!(list(&document, "hasExtractedLicensingInfos").iter().map(row).collect::<String>(), @r#"
    LicenseRef-public-domain = public-domain
    LicenseRef-stated-Expat--PSF-n2-6b4febfc618bebc1 = Expat; PSF\n2
    "#);
}

#[test]
fn the_same_facts_give_the_same_bytes() {
    assert_eq!(spdx_bytes(&web()), spdx_bytes(&web()));
}

#[test]
fn other_content_has_another_namespace() {
    let mut other = web();
    other.facts.packages[0].version.push('1');
    let namespace = |sample: &Sample| text(&document(sample), "/documentNamespace").to_owned();
    assert_ne!(namespace(&web()), namespace(&other));
    assert_eq!(namespace(&web()).split_at(109).0, namespace(&other).split_at(109).0, "the subject is in both");
}

/// Remembers the longest piece it was handed.
struct Pieces(usize, usize);

impl std::io::Write for Pieces {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        *self = Self(self.0.max(piece.len()), self.1 + piece.len());
        Ok(piece.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_large_document_is_a_stream() {
    let mut pieces = Pieces(0, 0);
    documents::spdx::write(&large(500).bill(), &mut pieces).expect("it takes everything");
    assert!(pieces.0 <= 64 << 10 && pieces.1 > 500_000, "{} of {}", pieces.0, pieces.1);
}

#[test]
fn nothing_known_is_still_a_document() {
    let document = document(&bare());
    assert_eq!(packages(&document), "dir:./rootfs:  | NOASSERTION | NOASSERTION | NOASSERTION | CONTAINER\n");
    assert_eq!(text(&document, "/creationInfo/created"), "1970-01-01T00:00:00Z");
    assert!(text(&document, "/creationInfo/comment").contains("No date was given"));
}
