//! Images that a real engine built, each with a waste that is known to the byte; and the same built again from the mended
//! Dockerfile.
//!
//! The engine's own builder is asked (`DOCKER_BUILDKIT=0`), which needs no plugin; the lines of BuildKit's own images
//! are held in unit tests against what it wrote (`testdata/buildkit`).

use crate::parts;
use crate::program::{Plimsoll, array, text};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

/// 20 MiB, the size of every file.
const F: u64 = 20_971_520;
const MAKE: &str = "RUN mkdir -p /opt/dir && head -c 20971520 /dev/urandom > /opt/dir/f";

/// Builds images on one base and asks what is wasted in them.
struct Bench {
    folder: PathBuf,
    base: String,
    program: Plimsoll,
}

impl Bench {
    fn new(test: &str) -> Self {
        let folder = parts::folder(test);
        let base = format!("e2e/{test}-base:1");
        let rootfs = parts::image().join("rootfs.tar").display().to_string();
        parts::docker(&["import", &rootfs, &base]);
        let program = Plimsoll::cold(&folder);
        Self { folder, base, program }
    }

    /// Builds `FROM base` and these lines in a context with `tool` and `other`, 20 MiB each; gives the image's name.
    fn build(&self, name: &str, lines: &str) -> String {
        let context = self.folder.join(name);
        std::fs::create_dir_all(&context).expect("a context");
        for (file, period) in [("tool", 251), ("other", 241)] {
            let content: Vec<u8> = (0..F).map(|at| (at % period) as u8).collect();
            std::fs::write(context.join(file), &content).expect("a file to copy");
            std::fs::create_dir_all(context.join("tree/in")).expect("a folder to copy");
            std::fs::write(context.join("tree/in").join(file), content.repeat(2)).expect("a file in a folder");
        }
        std::fs::write(context.join("Dockerfile"), format!("FROM {}\n{lines}\n", self.base)).expect("a Dockerfile");
        self.rebuild(name)
    }

    /// The same from the Dockerfile as it is now.
    fn rebuild(&self, name: &str) -> String {
        let tag = format!("{}-{name}", self.base.trim_end_matches(":1"));
        let mut command = Command::new("docker");
        command.args(["build", "--quiet", "--no-cache", "--network=none", "--tag", &tag]).arg(self.folder.join(name));
        let output = command.env("DOCKER_BUILDKIT", "0").output().expect("docker starts");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        tag
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name).join("Dockerfile")
    }

    /// What `layers` says of a built image.
    fn ask(&self, name: &str, tag: &str) -> Value {
        let file = self.file(name).display().to_string();
        self.program.json(&["layers", &format!("docker:{tag}"), "--dockerfile", &file, "--json"])
    }

    /// Cause, line of the Dockerfile and bytes of all waste above the base of at least 1 kB.
    fn check(&self, name: &str, lines: &str, expected: &[(&str, u64, u64)]) {
        let tag = self.build(name, lines);
        let document = self.ask(name, &tag);
        assert_eq!(document["base"]["layers"], 1, "{name}: {document}");
        assert!(document["lines"]["misfit"].is_null(), "{name}: {document}");
        let line = |waste: &Value| {
            let layer = waste["layer"].as_u64().expect("a number") as usize;
            document["layers"][layer - 1]["where"]["line"].as_u64().unwrap_or(0)
        };
        let one = |waste: &Value| (text(&waste["cause"]).to_owned(), line(waste), waste["bytes"].as_u64().unwrap_or(0));
        let found: Vec<(String, u64, u64)> =
            array(&document["waste"]).iter().filter(|w| w["base"] == false).map(one).filter(|w| w.2 >= 1000).collect();
        let expected: Vec<_> =
            expected.iter().map(|(cause, line, bytes)| ((*cause).to_owned(), *line, *bytes)).collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn known_waste_to_the_byte() {
    let bench = Bench::new("waste");
    let check = |name: &str, lines: &str, expected: &[(&str, u64, u64)]| bench.check(name, lines, expected);
    check("rm-dir", &format!("{MAKE}\nRUN rm -rf /opt/dir"), &[("deleted", 2, F)]);
    let refilled = "RUN rm -rf /opt/dir && mkdir /opt/dir && echo x > /opt/dir/y";
    check("refilled", &format!("{MAKE}\n{refilled}"), &[("deleted", 2, F)]);
    check("moved", &format!("{MAKE}\nRUN mv /opt/dir /opt/dir2"), &[("moved", 2, F)]);
    check("copied", "COPY tool /opt/f\nRUN cp /opt/f /opt/g", &[("copied", 3, F)]);
    check("rm", &format!("{MAKE}\nRUN rm /opt/dir/f"), &[("deleted", 2, F)]);
    for command in ["chmod 600", "chown 1:1", "touch"] {
        let name = command.split(' ').next().unwrap_or_default();
        let run = format!("{MAKE}\nRUN {command} /opt/dir/f");
        check(name, &run, &[("metadata-only", 2, F)]);
    }
    check(
        "twice",
        &format!("{MAKE}\nRUN chmod 600 /opt/dir/f\nRUN echo x > /opt/dir/f"),
        &[("metadata-only", 2, F), ("overwritten", 3, F)],
    );
    let linked = format!("{MAKE} && ln /opt/dir/f /opt/g");
    check("one-of-two-names", &format!("{linked}\nRUN rm /opt/g"), &[]);
    check("both-names", &format!("{linked}\nRUN rm /opt/g\nRUN rm /opt/dir/f"), &[("deleted", 2, F)]);
    let lists = "RUN head -c 20971520 /dev/urandom > /var/lib/apt/lists/mirror_Packages";
    check("lists", &format!("{lists}\nRUN rm -rf /var/lib/apt/lists/*"), &[("package-cache", 2, F)]);
    check("nothing", &format!("{MAKE}\nCOPY tool /opt/tool\nENV A=b\nRUN echo x > /opt/x"), &[]);
}

/// Path, type, mode, owner and content of everything in an image; times are nobody's.
fn tree(tag: &str, folder: &Path) -> BTreeMap<String, String> {
    let container = String::from_utf8(parts::docker(&["create", tag, "/bin/true"]).stdout).expect("an id");
    let file = folder.join("export.tar");
    parts::docker(&["export", "--output", &file.display().to_string(), container.trim()]);
    parts::docker(&["rm", container.trim()]);
    let mut archive = tar::Archive::new(std::fs::File::open(&file).expect("the export"));
    let mut found = BTreeMap::new();
    for entry in archive.entries().expect("a tar") {
        let mut entry = entry.expect("an entry");
        let header = entry.header();
        let (mode, owner) = (header.mode().unwrap_or(0), (header.uid().unwrap_or(0), header.gid().unwrap_or(0)));
        let kind = format!("{:?} {mode:o} {owner:?}", header.entry_type());
        let path = entry.path().expect("a path").display().to_string();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("its content");
        found.insert(path, format!("{kind} {}", model::Sha256::of(&content).hex()));
    }
    std::fs::remove_file(file).expect("the export is there");
    found
}

/// The mended Dockerfile builds an image with the same files, without the waste.
#[test]
fn mended_and_built_again() {
    let bench = Bench::new("mended");
    // Content that is the same in both builds, so that files can be compared.
    let fill = "head -c 20971520 /dev/zero";
    let lines = format!(
        "RUN {fill} > /var/lib/apt/lists/mirror_Packages && \\\n    echo installed > /opt/done\n\
         COPY tool /usr/local/bin/tool\nRUN chmod 750 /usr/local/bin/tool\nCOPY other /opt/other\nLABEL a=b\n\
         RUN chown 12:34 /opt/other\nCOPY tree /opt/tree\nRUN chown -R 56:78 /opt/tree\nRUN mkdir -p /root/.cache/pip && {fill} > /root/.cache/pip/x\n\
         RUN rm -rf /root/.cache/pip\nCMD [\"sh\"]"
    );
    let before = bench.build("app", &lines);
    let document = bench.ask("app", &before);
    let mendable = array(&document["waste"]).iter().filter(|waste| waste["mendable"] == true);
    let saved: u64 = mendable.filter_map(|waste| waste["bytes"].as_u64()).sum();
    assert_eq!((saved, &document["totals"]["wastedBytes"]), (8 * F, &(8 * F).into()), "{document}");
    let (file, old) = (bench.file("app"), tree(&before, &bench.folder));
    let name = file.display().to_string();
    let answer = bench.program.ask(&["layers", &format!("docker:{before}"), "--dockerfile", &name, "--fix"]);
    assert_eq!(answer.code, 0, "{}", answer.talk);
    let mended = std::fs::read_to_string(&file).expect("the mended file");
    assert!(mended.contains("echo installed > /opt/done \\\n    && rm -rf /var/lib/apt/lists/*\n"), "{mended}");
    assert!(mended.contains("COPY --chmod=750 tool /usr/local/bin/tool\nCOPY --chown=12:34 other"), "{mended}");
    assert!(mended.contains("COPY --chown=56:78 tree /opt/tree\nRUN mkdir"), "{mended}");
    // The engine's own builder has no `--chmod`; the file's own mode is what it takes instead.
    std::fs::write(&file, mended.replace("--chmod=750 ", "")).expect("the file for that builder");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o750);
    std::fs::set_permissions(bench.folder.join("app/tool"), mode).expect("the mode");
    let after = bench.rebuild("app");
    let new = tree(&after, &bench.folder);
    let differ: Vec<&String> = old.keys().chain(new.keys()).filter(|path| old.get(*path) != new.get(*path)).collect();
    assert!(differ.iter().all(|path| path.starts_with("var/lib/apt/lists/")) && !differ.is_empty(), "{differ:?}");
    assert_eq!(bench.ask("app", &after)["totals"]["wastedBytes"], 0);
}
