//! What rules are tried on: an image made after the guide's good examples, to be broken one thing at a time.

use crate::eol::EolTable;
use crate::evidence::Evidence;
use crate::past::{Contents, Past, Span};
use crate::rule::{Checked, Hit};
use crate::scanning::decisions::Decided;
use crate::waste::Budget;
use advisories::scan::Scan;
use facts::image::{Cause, FileNote, ImageFacts, LayerSummary, Residue, WasteGroup};
use facts::os::OsRelease;
use jiff::civil::{Date, date};
use model::oci::{Document, ImageConfig, Index, Manifest};
use model::{Digest, Ecosystem, Package, Purl, Reference, Subject, TreePath, Unknown};

/// Everything an [`Evidence`] borrows.
pub(crate) struct Bench {
    pub(crate) target: String,
    pub(crate) reference: Option<Reference>,
    pub(crate) subject: Option<Subject>,
    pub(crate) index: Option<Index>,
    pub(crate) manifest: Option<Manifest>,
    pub(crate) config: Option<ImageConfig>,
    pub(crate) facts: ImageFacts,
    pub(crate) has_facts: bool,
    pub(crate) scan: Option<Scan>,
    pub(crate) decided: Option<Decided>,
    pub(crate) unknowns: Vec<Unknown>,
    pub(crate) past: Option<Past>,
    pub(crate) max_waste: Option<Budget>,
    pub(crate) scanning: crate::policy::ScanningPolicy,
    pub(crate) today: Date,
}

const CONFIG: &str = r#"{
  "os": "linux", "architecture": "amd64", "created": "2024-06-01T12:00:00Z",
  "config": {
    "User": "node",
    "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "NODE_VERSION=20.14.0", "YARN_VERSION=1.22.22"],
    "Labels": {
      "org.opencontainers.image.revision": "a1b2c3d4",
      "org.opencontainers.image.created": "2024-06-01T12:00:00Z",
      "org.opencontainers.image.version": "1.4.2",
      "org.opencontainers.image.source": "https://example.com/my-api"
    }
  },
  "history": [
    {"created_by": "/bin/sh -c #(nop) ADD file:b0 in / "},
    {"created_by": "/bin/sh -c #(nop)  CMD [\"bash\"]", "empty_layer": true},
    {"created_by": "RUN /bin/sh -c apt-get update &&     apt-get install -y curl ca-certificates &&     rm -rf /var/lib/apt/lists/* # buildkit"},
    {"created_by": "COPY . /app # buildkit"}
  ]
}"#;

impl Bench {
    /// `my-api`, on `node:20-slim` of June 2024, deployed by digest on the next day.
    pub(crate) fn good() -> Self {
        let digest = Digest::of(b"my-api");
        let mut bench = Self {
            target: String::new(),
            reference: None,
            subject: Some(Subject::Manifest(digest)),
            index: None,
            manifest: None,
            config: Some(ImageConfig::parse(CONFIG.as_bytes()).unwrap()),
            facts: facts(),
            has_facts: true,
            scan: None,
            decided: None,
            unknowns: Vec::new(),
            past: None,
            max_waste: None,
            scanning: crate::policy::ScanningPolicy::default(),
            today: date(2024, 6, 2),
        };
        bench.ask_for(&format!("my-api@{digest}"));
        bench
    }

    pub(crate) fn ask_for(&mut self, text: &str) {
        self.target = text.to_owned();
        self.reference = Some(text.parse().unwrap());
    }

    /// `my-api:TAG`, which named on each day what `days` say; nothing is "gone".
    pub(crate) fn with_past(tag: &str, days: &[&str]) -> Self {
        let mut bench = Self::good();
        bench.ask_for(&format!("my-api:{tag}"));
        let day = |n: usize, hours: i64| jiff::Timestamp::from_second(1_717_000_000 + n as i64 * 86_400 + hours * 3600);
        let span = |(n, name): (usize, &&str)| Span {
            digest: (!name.is_empty()).then(|| Digest::of(name.as_bytes())),
            from: day(n, 0).unwrap(),
            to: day(n, 12).unwrap(),
            proved: true,
            contents: Contents { labels: Some([("version".to_owned(), n.to_string())].into()), ..Contents::default() },
        };
        let spans = days.iter().enumerate().map(span).collect();
        let (repository, tag) = ("docker.io/library/my-api".to_owned(), tag.to_owned());
        bench.past = Some(Past { repository, tag, vantage: "direct".to_owned(), spans });
        bench
    }

    pub(crate) fn evidence(&self) -> Evidence<'_> {
        Evidence {
            target: &self.target,
            reference: self.reference.as_ref(),
            subject: self.subject,
            index: self.index.as_ref(),
            manifest: self.manifest.as_ref(),
            config: self.config.as_ref(),
            facts: self.has_facts.then_some(&self.facts),
            scan: self.scan.as_ref(),
            decided: self.decided.as_ref(),
            baseline: None,
            dockerfile: None,
            unknowns: &self.unknowns,
            past: self.past.as_ref(),
            texts: None,
            max_waste: self.max_waste,
            scanning: &self.scanning,
            eol: EolTable::built_in(),
            today: self.today,
        }
    }

    /// A manifest with these annotations, as JSON.
    pub(crate) fn annotate_manifest(&mut self, annotations: &str) {
        let descriptor = format!(r#"{{"mediaType":"m","digest":"{}","size":1}}"#, Digest::of(b"config"));
        let raw = format!(r#"{{"config":{descriptor},"layers":[],"annotations":{annotations}}}"#);
        let Ok(Document::Manifest(manifest)) = Document::parse(raw.as_bytes(), None) else { panic!("{raw}") };
        self.manifest = Some(manifest);
    }

    /// An index with these annotations, as JSON.
    pub(crate) fn annotate_index(&mut self, annotations: &str) {
        let raw = format!(r#"{{"manifests":[],"annotations":{annotations}}}"#);
        let Ok(Document::Index(index)) = Document::parse(raw.as_bytes(), None) else { panic!("{raw}") };
        self.index = Some(index);
    }

    pub(crate) fn config(&mut self) -> &mut ImageConfig {
        self.config.as_mut().unwrap()
    }

    pub(crate) fn env(&mut self, env: &[&str]) {
        self.config().config.env = env.iter().map(|s| (*s).to_owned()).collect();
    }

    pub(crate) fn label(&mut self, key: &str, value: Option<&str>) {
        let key = format!("org.opencontainers.image.{key}");
        let labels = &mut self.config().config.labels;
        match value {
            Some(value) => labels.insert(key, value.to_owned()),
            None => labels.remove(&key),
        };
    }

    pub(crate) fn os(&mut self, id: &str, version: Option<&str>) {
        self.facts.os = Some(os(id, version));
    }

    pub(crate) fn residue(&mut self, tool: &str, path: &str, layer: u32, bytes: u64, hidden_by: Option<u32>) {
        let path = tree_path(path);
        self.facts.residues.push(Residue { tool: tool.to_owned(), path, layer, files: 3, bytes, hidden_by });
    }

    /// Three files of these bytes in all, `model.bin` the largest.
    pub(crate) fn waste(&mut self, layer: u32, hidden_by: Option<u32>, cause: Cause, bytes: u64) {
        let largest = vec![(tree_path("opt/model.bin"), bytes / 2)];
        self.facts.waste.push(WasteGroup { layer, hidden_by, cause, tool: None, files: 3, bytes, largest });
    }

    pub(crate) fn package(&mut self, ecosystem: Ecosystem, name: &str, version: &str) -> &mut Package {
        self.facts.packages.push(package(ecosystem, name, version));
        self.facts.packages.last_mut().unwrap()
    }

    /// What a rule says, one hit a line.
    pub(crate) fn hits(&self, check: fn(&Evidence<'_>) -> Checked) -> Vec<Hit> {
        check(&self.evidence()).unwrap()
    }

    /// What a rule says, for snapshots.
    pub(crate) fn said(&self, check: fn(&Evidence<'_>) -> Checked) -> String {
        let line = |h: &Hit| {
            let severity = h.severity.map(|s| format!("[{s}] ")).unwrap_or_default();
            format!("{severity}{}\n  proof: {}\n  remedy: {}", h.message, h.proof, h.remedy)
        };
        self.hits(check).iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

pub(crate) fn tree_path(path: &str) -> TreePath {
    TreePath::clean(path.as_bytes()).unwrap()
}

pub(crate) fn note(path: &str, layer: u32, what: &str) -> FileNote {
    FileNote { path: tree_path(path), layer, mode: 0o4755, size: 1000, sha256: None, what: what.to_owned() }
}

fn os(id: &str, version: Option<&str>) -> OsRelease {
    OsRelease {
        id: id.to_owned(),
        version_id: version.map(str::to_owned),
        path: "/usr/lib/os-release".to_owned(),
        ..OsRelease::default()
    }
}

fn package(ecosystem: Ecosystem, name: &str, version: &str) -> Package {
    let evidence = model::Evidence { path: tree_path(&format!("proof/{name}")), member: None, layer: 0, sha256: None };
    let purl = Purl::builder("generic", name).version(version).build();
    Package::new(ecosystem, purl, name, version, evidence)
}

fn facts() -> ImageFacts {
    let layer = |name: &str, bytes| LayerSummary {
        diff_id: Digest::of(name.as_bytes()),
        plain_size: bytes,
        entries: 10,
        file_bytes: bytes,
        hidden_bytes: 200_000,
        changes: Default::default(),
    };
    ImageFacts {
        layers: vec![layer("base", 80_000_000), layer("run", 12_000_000), layer("copy", 300_000)],
        os: Some(os("debian", Some("12"))),
        packages: vec![
            package(Ecosystem::Dpkg, "libc6", "2.36-9+deb12u7"),
            package(Ecosystem::Dpkg, "python3.9", "3.9.2-1"),
            package(Ecosystem::Program, "node", "20.14.0"),
        ],
        privileged: vec![note("usr/bin/passwd", 0, "setuid"), note("usr/bin/su", 0, "setuid")],
        users: vec![("root".to_owned(), 0), ("node".to_owned(), 1000), ("toor".to_owned(), 0)],
        entries: 3000,
        visible_bytes: 90_000_000,
        ..ImageFacts::default()
    }
}
