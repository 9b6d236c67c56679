//! Facts of images that no registry has: several ecosystems, overlaps, relations, gaps, and hostile names.

use documents::{Bill, Creator, Options, Tool};
use facts::image::{FileNote, ImageFacts, LayerSummary};
use facts::os::OsRelease;
use model::oci::{Descriptor, ImageConfig};
use model::{
    Digest, Ecosystem, Evidence, Licence, Overlap, Package, PackageId, Platform, Purl, Reference, Relation, Sha256,
    SourcePackage, Subject, TreePath, Trust, Unknown, UnknownKind,
};

/// Everything a [`Bill`] borrows.
pub(crate) struct Sample {
    pub(crate) facts: ImageFacts,
    pub(crate) subject: Option<Subject>,
    pub(crate) name: String,
    pub(crate) reference: Option<Reference>,
    pub(crate) platform: Option<Platform>,
    pub(crate) config: Option<ImageConfig>,
    pub(crate) blobs: Vec<Descriptor>,
    pub(crate) created: Option<String>,
    pub(crate) bsi: bool,
}

impl Sample {
    pub(crate) fn bill(&self) -> Bill<'_> {
        let creator = Creator {
            name: "Example Ltd",
            email: Some("sbom@example.org"),
            url: Some("https://example.org/sbom"),
            person: false,
        };
        Bill {
            facts: &self.facts,
            subject: self.subject,
            name: &self.name,
            reference: self.reference.as_ref(),
            platform: self.platform.as_ref(),
            config: self.config.as_ref(),
            blobs: &self.blobs,
            tool: Tool { name: "plimsoll", version: "0.1.0" },
            created: self.created.as_deref(),
            options: Options { bsi: self.bsi, creator: self.bsi.then_some(creator) },
        }
    }
}

pub(crate) fn path(text: &str) -> TreePath {
    TreePath::clean(text.as_bytes()).expect("a path")
}

fn evidence(at: &str, layer: u32) -> Evidence {
    Evidence { path: path(at), member: None, layer, sha256: Some(Sha256::of(at.as_bytes())) }
}

fn licence(expression: &str, stated: &[&str]) -> Licence {
    Licence {
        expression: Some(expression.to_owned()).filter(|e| !e.is_empty()),
        stated: stated.iter().map(|s| (*s).to_owned()).collect(),
    }
}

fn layer(name: &str) -> LayerSummary {
    LayerSummary {
        diff_id: Digest::of(name.as_bytes()),
        plain_size: 1000,
        entries: 10,
        file_bytes: 900,
        hidden_bytes: 0,
        changes: Default::default(),
    }
}

fn deb(name: &str, version: &str, at: u32) -> Package {
    let purl = Purl::builder("deb", name).namespace("debian").version(version).qualifier("arch", "amd64").build();
    Package {
        architecture: Some("amd64".into()),
        supplier: Some("GNU Libc Maintainers <debian-glibc@lists.debian.org>".into()),
        licence: licence("GPL-2.0-or-later AND LicenseRef-public-domain", &["GPL-2+", "public-domain"]),
        summary: Some("GNU C Library: Shared libraries".into()),
        homepage: Some("https://www.gnu.org/software/libc/libc.html".into()),
        ..Package::new(Ecosystem::Dpkg, purl, name, version, evidence("var/lib/dpkg/status", at))
    }
}

fn debian_packages() -> Vec<Package> {
    let mut libc = deb("libc6", "2.36-9+deb12u9", 0);
    libc.source = Some(SourcePackage { name: "glibc".into(), version: "2.36-9+deb12u9".into() });
    let mut six = deb("python3-six", "1.16.0-4", 1);
    six.supplier = Some("Debian Python Team <team+python@tracker.debian.org>".into());
    six.licence = licence("", &["Expat", "PSF\n2"]);
    six.relations = vec![Relation::DependsOn(PackageId(0))];
    six.overlaps = vec![Overlap {
        purl: Purl::builder("pypi", "six").version("1.16.0").build(),
        ecosystem: Ecosystem::Python,
        name: "six".into(),
        version: "1.16.0".into(),
        evidence: evidence("usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO", 1),
    }];
    vec![libc, six]
}

fn language_packages() -> Vec<Package> {
    let npm = |name: &str, at: &str| {
        let (scope, bare) = name.split_once('/').unwrap_or(("", name));
        let purl = Purl::builder("npm", bare).namespace(scope).version("1.2.3").build();
        Package::new(Ecosystem::Npm, purl, name, "1.2.3", evidence(at, 2))
    };
    let mut core = npm("@babel/core", "app/node_modules/@babel/core/package.json");
    core.licence = licence("MIT", &["MIT"]);
    core.relations = vec![Relation::DependsOn(PackageId(3))];
    let mut copy = npm("debug", "app/node_modules/@babel/core/compiled/debug/package.json");
    copy.relations = vec![Relation::BundledIn(PackageId(2))];
    copy.homepage = Some("see the readme".into());
    copy.supplier = Some("Isaac Z. Schlueter <i@izs.me> (http://blog.izs.me)".into());
    let purl = Purl::builder("maven", "commons-io").namespace("org.apache.commons").version("2.11.0").build();
    let mut jar = Package::new(Ecosystem::Java, purl, "commons-io", "2.11.0", evidence("app/lib/commons-io.jar", 2));
    jar.trust = Trust::Embedded;
    jar.licence = licence("Apache-2.0", &["The Apache Software License, Version 2.0"]);
    let purl = Purl::builder("golang", "cobra").namespace("github.com/spf13").version("v1.8.0").build();
    let mut cobra = Package::new(Ecosystem::Go, purl, "github.com/spf13/cobra", "v1.8.0", evidence("usr/bin/tool", 2));
    cobra.trust = Trust::Embedded;
    let purl = Purl::builder("generic", "node").version("20.11.1").build();
    let mut node = Package::new(Ecosystem::Program, purl, "node", "20.11.1", evidence("usr/local/bin/node", 1));
    node.trust = Trust::Recognised;
    vec![core, copy, jar, cobra, node]
}

fn config(layers: &[LayerSummary]) -> ImageConfig {
    let ids: Vec<_> = layers.iter().map(|l| l.diff_id.to_string()).collect();
    let raw = serde_json::json!({
        "os": "linux", "architecture": "amd64", "created": "2024-05-06T07:08:09.123456789Z",
        "config": {"Labels": {
            "org.opencontainers.image.vendor": "Example Ltd",
            "org.opencontainers.image.licenses": "Apache-2.0 OR MIT",
            "note\u{1b}[31m": "a\nPackageName: forged\u{202e}",
        }},
        "rootfs": {"type": "layers", "diff_ids": ids},
        "history": [
            {"created_by": "/bin/sh -c #(nop) ADD file:1 in / "},
            {"created_by": "ENV A=1", "empty_layer": true},
            {"created_by": "RUN /bin/sh -c apt-get install -y python3-six # buildkit\nPackageName: forged"},
            {"created_by": "COPY app /app"},
        ],
    });
    ImageConfig::parse(raw.to_string().as_bytes()).expect("a config")
}

/// A plain image that was read whole, except for one record and one program.
pub(crate) fn web() -> Sample {
    let layers = vec![layer("base"), layer("apt"), layer("app")];
    let config = config(&layers);
    let blobs = layers.iter().map(|l| Descriptor {
        media_type: "application/vnd.oci.image.layer.v1.tar+gzip".into(),
        digest: Digest::of(l.diff_id.bytes()),
        size: 400,
        urls: Vec::new(),
        annotations: Default::default(),
        platform: None,
        artifact_type: None,
    });
    let blobs = blobs.collect();
    let facts = ImageFacts {
        os: Some(OsRelease {
            id: "debian".into(),
            version_id: Some("12".into()),
            pretty_name: Some("Debian GNU/Linux 12 (bookworm)".into()),
            path: "/etc/os-release".into(),
            ..OsRelease::default()
        }),
        packages: debian_packages().into_iter().chain(language_packages()).collect(),
        unidentified: vec![FileNote {
            path: path("opt/odd"),
            layer: 2,
            mode: 0o755,
            size: 4096,
            sha256: Some(Sha256::of(b"odd")),
            what: "ELF executable".into(),
        }],
        unknowns: vec![
            Unknown::new(UnknownKind::BadRecord, "the paragraph has no version").at(&path("var/lib/dpkg/status")),
        ],
        layers,
        ..ImageFacts::default()
    };
    Sample {
        facts,
        subject: Some(Subject::Manifest(Digest::of(b"manifest"))),
        name: "registry.example.org/team/web:1.4".into(),
        reference: Some("registry.example.org/team/web:1.4".parse().expect("a reference")),
        platform: Some(Platform::linux("amd64")),
        config: Some(config),
        blobs,
        created: None,
        bsi: false,
    }
}

/// The same with what the stricter guideline asks for.
pub(crate) fn web_bsi() -> Sample {
    Sample { bsi: true, created: Some("2025-01-02T03:04:05+01:00".into()), ..web() }
}

/// A distribution's image without a gap, known by its config alone.
pub(crate) fn clean() -> Sample {
    let web = web();
    let packages = debian_packages().into_iter().map(|mut p| {
        p.licence = licence("GPL-2.0-or-later", &["GPL-2+"]);
        p
    });
    let packages = packages.collect();
    let facts = ImageFacts { packages, unidentified: Vec::new(), unknowns: Vec::new(), ..web.facts };
    Sample { facts, subject: Some(Subject::Config(Digest::of(b"config"))), reference: None, ..web }
}

/// Nothing is known but that it is an image.
pub(crate) fn bare() -> Sample {
    Sample {
        facts: ImageFacts::default(),
        subject: None,
        name: "dir:./rootfs".into(),
        reference: None,
        platform: None,
        config: None,
        blobs: Vec::new(),
        created: None,
        bsi: false,
    }
}

/// Texts that have forged lines, terms, paths or displays somewhere.
pub(crate) const HOSTILE: [&str; 14] = [
    "",
    " ",
    "a\nPackageName: forged\nSPDXID: SPDXRef-Image",
    "x\r\n\u{1b}[2J\u{1b}]0;t\u{7}",
    "evil\u{202e}gpj.exe\u{2066}",
    "</text>\nRelationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-x",
    "<text>",
    "\"}]}\\",
    "../../etc/passwd?a=b#c",
    "Tool: x",
    "NOASSERTION",
    "Org (a (b) c) <x@y",
    "\u{feff}\u{200b}\u{7f}\u{85}\u{2028}",
    "名前-é-\u{1f4a9}",
];

/// A package made of one hostile text everywhere.
pub(crate) fn hostile_package(text: &str, relations: Vec<Relation>) -> Package {
    let purl = Purl::builder("npm", text).namespace(text).version(text).qualifier("arch", text).build();
    let at = TreePath::clean(format!("app/{}", text.replace(['\0', '.'], "_")).as_bytes()).expect("a path");
    let proof = Evidence { path: at, member: Some(text.into()), layer: 7, sha256: None };
    Package {
        architecture: Some(text.into()),
        source: Some(SourcePackage { name: text.into(), version: text.into() }),
        supplier: Some(text.into()),
        licence: Licence { expression: Some(text.into()), stated: vec![text.into(), text.into()] },
        summary: Some(text.into()),
        homepage: Some(format!("https://{text}")),
        overlaps: vec![Overlap {
            purl: purl.clone(),
            ecosystem: Ecosystem::Python,
            name: text.into(),
            version: text.into(),
            evidence: proof.clone(),
        }],
        relations,
        ..Package::new(Ecosystem::Npm, purl, text, text, proof)
    }
}

/// An image in which these texts stand wherever a text can stand; each package is there twice, and they are
/// bundled in and depend on each other in a circle, and on one that is not there.
pub(crate) fn hostile(texts: &[&str]) -> Sample {
    let count = texts.len() as u32 * 2;
    let circle = |at: u32| {
        let next = PackageId((at + 1) % count);
        vec![
            Relation::BundledIn(next),
            Relation::DependsOn(next),
            Relation::DependsOn(next),
            Relation::DependsOn(PackageId(count)),
        ]
    };
    let twice = texts.iter().chain(texts).zip(0..);
    let packages = twice.map(|(text, at)| hostile_package(text, circle(at))).collect();
    let first = texts.first().copied().unwrap_or_default();
    let mut sample = web();
    sample.facts.packages = packages;
    sample.facts.os = Some(OsRelease {
        id: first.into(),
        version_id: Some(first.into()),
        pretty_name: Some(first.into()),
        path: first.into(),
        ..OsRelease::default()
    });
    sample.facts.unknowns = vec![Unknown::new(UnknownKind::Damaged, first)];
    sample.name = first.into();
    sample.reference = None;
    sample.created = Some(first.into());
    sample
}

/// An image of a real size.
pub(crate) fn large(packages: u32) -> Sample {
    let mut sample = web();
    sample.facts.packages = (0..packages)
        .map(|at| {
            let mut package = deb(&format!("package-{at}"), "1.2.3-4", at % 3);
            package.relations = (1..5).map(|n| Relation::DependsOn(PackageId((at + n * 7) % packages))).collect();
            package
        })
        .collect();
    sample
}
